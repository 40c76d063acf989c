//! Bulletins that tell the standing of products for each of their vulnerabilities: CSAF and CVRF.
//!
//! A product is a component (`openssl-1:3.0.7-24.el9.x86_64`) as it comes with a platform (`Red Hat
//! Enterprise Linux 9`). A component that is fixed names the version that has the fix; one that is
//! affected or not names no version, because the statement is about all. That a build which a bulletin
//! brings is not affected says nothing of older ones, and is not taken. Sources are no packages: their
//! fixed builds are those of the packages that stand beside them, and what is said of a source in all
//! versions is kept under the name of its file, `libtiff.src`.
//!
//! A release has minor ones, of which an old one may stay as it is. Where any has a fix, the packages of
//! the release have one.

mod component;
mod platform;

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{Cvss, FixState, PackageKey, Scope, Severity};
use bulkhead_versions::Scheme;

use super::texts;
use crate::{Affected, FeedSource, Record};
pub(super) use component::{Component, is_package, stream};
pub use platform::scope;

/// The rows of one vulnerability.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: BTreeMap<RowKey, Particulars>,
}

/// What a row tells beside.
#[derive(Debug, Default)]
struct Particulars {
    architectures: BTreeSet<String>,
    /// The publisher's severity of the vulnerability in this package.
    severity: Option<Severity>,
}

/// What makes a row a row of its own.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    scope: Scope,
    name: String,
    module: Option<String>,
    /// The version with the fix, or the standing of every version.
    standing: Result<String, FixState>,
}

impl RowKey {
    fn package(&self) -> (Scope, String, Option<String>) {
        (self.scope.clone(), self.name.clone(), self.module.clone())
    }
}

impl Rows {
    /// Adds what is said of a component in a scope.
    pub(super) fn add(
        &mut self,
        scope: &Scope,
        component: &Component,
        state: FixState,
        severity: Option<Severity>,
    ) {
        if component.name.is_empty() || (component.is_source() && state == FixState::Fixed) {
            return;
        }
        let standing = match (state, &component.version) {
            (FixState::Fixed, Some(version)) => Ok(version.clone()),
            (FixState::NotAffected, Some(_)) | (FixState::Fixed, None) => return,
            (state, _) => Err(state),
        };
        let key = RowKey {
            scope: scope.clone(),
            name: if component.is_source() {
                format!("{}.src", component.name)
            } else {
                component.name.clone()
            },
            module: component.module.clone(),
            standing,
        };
        let limit = component.architecture.clone().filter(|_| !component.is_source());
        let architecture = limit.unwrap_or_default();
        let row = self.rows.entry(key).or_default();
        row.architectures.insert(architecture);
        row.severity = row.severity.max(severity);
    }

    /// The rows in the order of their packages.
    pub(super) fn finish(mut self) -> Vec<Affected> {
        let is_fixed = |key: &RowKey| key.standing.is_ok();
        let fixed: BTreeSet<_> =
            self.rows.keys().filter(|key| is_fixed(key)).map(RowKey::package).collect();
        self.rows.retain(|key, _| is_fixed(key) || !fixed.contains(&key.package()));
        let row = |(key, Particulars { architectures, severity }): (RowKey, Particulars)| {
            let package = PackageKey::new(key.scope, &key.name);
            let row = match key.standing {
                Ok(version) => Affected::below(package, Scheme::Rpm, &version),
                Err(state) => Affected::every(package, Scheme::Rpm, state),
            };
            let everywhere = architectures.iter().any(|one| one.is_empty() || one == "noarch");
            let architectures =
                if everywhere { Vec::new() } else { architectures.into_iter().collect() };
            Affected { module: key.module, architectures, severity, ..row }
        };
        self.rows.into_iter().map(row).collect()
    }
}

/// What a bulletin says of one vulnerability.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Canonical.
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) severity: Option<Severity>,
    pub(super) published: Option<String>,
    pub(super) cvss: Vec<Cvss>,
    pub(super) cwes: Vec<u32>,
    pub(super) references: Vec<String>,
    pub(super) affected: Vec<Affected>,
}

/// The records of a bulletin: of itself, as many pieces as its vulnerabilities have different rows,
/// and of each vulnerability what is said of it alone. A bulletin that is called as its only
/// vulnerability is the record of that.
pub(super) fn records(bulletin: &Record, told: Vec<Told>, source: &FeedSource) -> Vec<Record> {
    let mut pieces: Vec<(Vec<Affected>, Vec<String>)> = Vec::new();
    let mut records = Vec::new();
    for mut one in told {
        one.affected.retain(|row| source.speaks_about(row.key.scope()));
        let is_own = one.id == bulletin.id;
        if !is_own {
            match pieces.iter_mut().find(|(rows, _)| *rows == one.affected) {
                Some((_, covers)) => covers.push(one.id.clone()),
                None => pieces.push((one.affected.clone(), vec![one.id.clone()])),
            }
        }
        let dates = if is_own { bulletin.modified.clone() } else { None };
        records.push(Record {
            published: one.published,
            modified: dates,
            title: one.title.as_deref().and_then(texts::title),
            description: one.description.as_deref().and_then(texts::description),
            severity: one.severity,
            cvss: one.cvss,
            cwes: one.cwes,
            references: texts::references(one.references),
            affected: if is_own { one.affected } else { Vec::new() },
            id: one.id,
            ..Record::default()
        });
    }
    let of_bulletin = pieces.into_iter().map(|(affected, covers)| Record {
        covers,
        affected,
        ..bulletin.clone()
    });
    of_bulletin.chain(records).collect()
}
