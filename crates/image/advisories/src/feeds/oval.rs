//! Debian's OVAL definitions (OVAL 5, a standard of MITRE, as Debian's generator writes it).
//!
//! A definition says of one vulnerability and one **source** package that versions earlier than one
//! are vulnerable; "earlier than 0" means that there is no fix. The release is that of the
//! definition's platform. Definitions refer to tests, tests to an object (the name) and a state (the
//! version), which stand after them, so that the definitions of one file are held until its end.
//!
//! Definitions of class `patch` are bulletins (DSA). Those that name CVEs are left out: each of the
//! CVEs that concern the release has a definition of class `vulnerability`, which tells more (a later
//! fix where the first was incomplete), while bulletins also list CVEs of the same upload that do
//! not concern the package. A bulletin without CVEs is a record of its own.

mod definition;
mod document;

use bulkhead_model::{FixState, PackageKey, Scope};
use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};

use super::reading::Reading;
use super::{names, texts};
use crate::{Affected, FeedError, Record};
use definition::Definition;
use document::{Document, Operation};

/// The version that stands for "no fix".
const NO_FIX: &str = "0";

pub(super) fn read(
    input: impl std::io::BufRead,
    reading: &mut Reading<'_>,
) -> Result<(), FeedError> {
    let document = Document::read(input, reading.budget)?;
    for definition in &document.definitions {
        let cves = definition.cves();
        if definition.is_bulletin() && !cves.is_empty() {
            continue;
        }
        match affected(definition, &document) {
            Ok(affected) => reading.record(record(definition, cves, affected)),
            Err(cause) => reading.problem(definition.name(), cause),
        }
    }
    reading.dated(document.timestamp.as_deref());
    Ok(())
}

fn record(definition: &Definition, cves: Vec<String>, affected: Vec<Affected>) -> Record {
    let mut cves = cves.into_iter();
    let day = definition.date.as_deref().and_then(texts::day);
    Record {
        id: cves.next().unwrap_or_else(|| definition.title_word().to_owned()),
        aliases: cves.collect(),
        published: day.clone(),
        modified: day,
        description: texts::description(definition.text()),
        references: texts::references(
            definition
                .bulletins
                .iter()
                .map(|bulletin| format!("https://security-tracker.debian.org/tracker/{bulletin}")),
        ),
        affected,
        ..Record::default()
    }
}

/// The rows of a definition, or what in it is not of the shape that Debian writes.
fn affected(definition: &Definition, document: &Document) -> Result<Vec<Affected>, String> {
    let scopes: Vec<Scope> = definition
        .platforms
        .iter()
        .map(|platform| {
            scope(platform).ok_or_else(|| format!("unknown platform {}", texts::quote(platform)))
        })
        .collect::<Result<_, _>>()?;
    if names::canonical(definition.title_word()).is_none() && definition.cves().is_empty() {
        return Err("without the name of a vulnerability".to_owned());
    }
    let mut rows = Vec::new();
    for criterion in &definition.criteria {
        let Some((object, state)) = document.package_test(&criterion.test)? else { continue };
        if criterion.negated || state.operation != Operation::LessThan {
            return Err("a criterion that is not \"earlier than\"".to_owned());
        }
        // Where the tracker did not know the package of a bulletin the object is empty; the
        // product is not.
        let name = match (object, definition.products.as_slice()) {
            ("", [product]) => product.as_str(),
            ("", _) => return Err("a criterion without a package".to_owned()),
            (name, _) => name,
        };
        rows.extend(scopes.iter().map(|scope| row(scope, name, &state.version)));
    }
    if rows.is_empty() { Err("no criterion is about a package".to_owned()) } else { Ok(rows) }
}

fn row(scope: &Scope, name: &str, version: &str) -> Affected {
    // The generator writes the epoch 0 out, which Debian's own texts never do.
    let version = version.strip_prefix("0:").unwrap_or(version);
    let (state, high) = match version {
        NO_FIX => (FixState::Affected, Bound::Unbounded),
        _ => (FixState::Fixed, Bound::Exclusive(version.to_owned())),
    };
    let versions = RangeSet::new(vec![Interval { low: Bound::Unbounded, high }], Vec::new());
    Affected {
        key: PackageKey::new(scope.clone(), name),
        scheme: Scheme::Dpkg,
        state,
        versions,
        fixed: Vec::new(),
        architectures: Vec::new(),
        module: None,
        severity: None,
    }
}

/// `Debian GNU/Linux 12`.
fn scope(platform: &str) -> Option<Scope> {
    let release = platform.strip_prefix("Debian GNU/Linux ")?.trim();
    let plain = !release.is_empty() && release.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| Scope::distribution("debian", release))
}
