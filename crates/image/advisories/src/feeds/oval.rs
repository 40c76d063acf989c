//! OVAL definitions (OVAL 5, a standard of MITRE) as the publishers' generators write them.
//!
//! A definition is a tree of criteria over tests; a test holds an object (the package) against a
//! state (the version). Tests stand after the definitions that refer to them, so that the definitions
//! of one file are held until its end. What a tree says is read under the assumption that the system
//! is the release which the definition is about: see [`criteria`].
//!
//! Debian and Microsoft write a definition per vulnerability ([`debian`], [`azure`]), Ubuntu and the Red
//! Hat family one per bulletin ([`bulletins`]).

mod azure;
mod bulletins;
mod criteria;
mod debian;
mod definition;
mod document;
mod release;
mod test;

use bulkhead_model::{FixState, PackageKey, Scope};
use bulkhead_versions::{Bound, RangeSet, Scheme};

use super::reading::Reading;
use crate::scope::scheme_of;
use crate::{Affected, FeedError, Format};
use criteria::Demand;
use document::Document;

pub(super) fn read(
    input: impl std::io::BufRead,
    reading: &mut Reading<'_>,
) -> Result<(), FeedError> {
    let document = Document::read(input, reading.source.format, reading.budget)?;
    match reading.source.format {
        Format::DebianOval => debian::deliver(&document, reading),
        Format::AzureOval => azure::deliver(&document, reading),
        _ => bulletins::deliver(&document, reading),
    }
    reading.dated(document.timestamp.as_deref());
    Ok(())
}

/// The order of the versions in all of these scopes, or that there is none.
fn scheme(scopes: &[Scope]) -> Result<Scheme, String> {
    let scope = scopes.first().ok_or_else(|| "about no release".to_owned())?;
    scheme_of(scope).ok_or_else(|| format!("versions of {scope} have no known order"))
}

/// The row of a scope that follows from a demand: below a version means fixed there.
fn row(scope: &Scope, demand: &Demand, scheme: Scheme) -> Affected {
    let is_fixed = matches!(demand.versions.high, Bound::Exclusive(_));
    Affected {
        key: PackageKey::new(scope.clone(), &demand.package),
        scheme,
        state: if is_fixed { FixState::Fixed } else { FixState::Affected },
        versions: RangeSet::new(vec![demand.versions.clone()], Vec::new()),
        fixed: Vec::new(),
        architectures: demand.architectures.iter().cloned().collect(),
        module: None,
        severity: None,
    }
}
