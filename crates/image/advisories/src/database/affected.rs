//! Rows about packages.

use bulkhead_model::{AdvisoryMatch, FixState, PackageKey, Severity};
use bulkhead_versions::{RangeSet, Scheme};

use super::error::Defect;
use super::rows::AffectedValue;
use super::{codes, keys};

/// What one record says of one package, as the database has it.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedRow {
    /// The feed.
    pub feed: String,
    /// The record's id in that feed.
    pub record: String,
    /// The vulnerabilities it is about: CVEs where there are any, sorted.
    pub vulnerabilities: Vec<String>,
    /// The order of the versions.
    pub scheme: Scheme,
    /// What the record says of `versions`.
    pub state: FixState,
    /// The versions concerned.
    pub versions: RangeSet,
    /// Versions that carry a fix, beside the ends of `versions`.
    pub fixed: Vec<String>,
    /// Architectures that the statement is limited to; empty for all.
    pub architectures: Vec<String>,
    /// RPM module and stream.
    pub module: Option<String>,
    /// The publisher's severity for this package.
    pub severity: Option<Severity>,
}

impl AffectedRow {
    /// The row as evidence of how a version compares with it.
    pub fn evidence(&self, key: &PackageKey, version: &str) -> AdvisoryMatch {
        AdvisoryMatch {
            feed: self.feed.clone(),
            record: self.record.clone(),
            key: key.clone(),
            version: version.to_owned(),
            scheme: self.scheme.name().to_owned(),
            range: self.versions.to_string(),
            inside: self.versions.contains(self.scheme, version.as_bytes()),
            state: self.state,
            severity: self.severity,
        }
    }

    /// Reads a row whose key begins with that of its package.
    pub(crate) fn decode(key: &[u8], value: &[u8]) -> Result<Self, Defect> {
        let parts = keys::split::<4>(key);
        let ([_, _, feed, record], _) =
            parts.ok_or_else(|| Defect::damage("a key of affected packages"))?;
        let value: AffectedValue<'_> = postcard::from_bytes(value)?;
        let statement = value.statement;
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
        Ok(Self {
            feed: feed.to_owned(),
            record: record.to_owned(),
            vulnerabilities: match value.vulnerabilities {
                own if own.is_empty() => vec![record.to_owned()],
                named => owned(named),
            },
            scheme: codes::scheme(statement.scheme)?,
            state: codes::state(statement.state)?,
            versions: versions(statement.versions)?,
            fixed: owned(statement.fixed),
            architectures: owned(statement.architectures),
            module: statement.module.map(str::to_owned),
            severity: codes::severity(statement.severity)?,
        })
    }
}

/// Reads the stored form of a set of versions.
fn versions(text: &str) -> Result<RangeSet, Defect> {
    text.parse().map_err(|_| Defect::damage(format!("{text:?} is no set of versions")))
}
