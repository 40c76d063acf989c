//! The form into which every feed's own format is read.

use bulkhead_model::{
    Cvss, ExploitPrediction, FixState, KnownExploitation, PackageKey, Scope, Severity,
};
use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};
use serde::{Deserialize, Serialize};

/// One piece of a feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A statement about vulnerabilities, in packages or in general.
    Record(Box<Record>),
    /// A vulnerability that is known to be exploited.
    Exploited(Exploited),
    /// How likely it is that a vulnerability will be exploited.
    Predicted(Predicted),
    /// When a release of a distribution ends.
    EndOfLife(EndOfLife),
}

/// What one publisher says in one record. Withdrawn records never become one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// The publisher's own id: `GHSA-…`, `GO-…`, `PYSEC-…`, `DSA-…`, or `CVE-…` itself.
    pub id: String,
    /// Other names of the very same vulnerability. Several CVEs among id and aliases make the record
    /// a bulletin about each of them, never one vulnerability.
    pub aliases: Vec<String>,
    /// Vulnerabilities that the record is about without being another name of them: what a bulletin
    /// such as ALSA fixes.
    pub covers: Vec<String>,
    /// Days, `2021-12-10`.
    pub published: Option<String>,
    /// The day of the last change.
    pub modified: Option<String>,
    /// A line for people.
    pub title: Option<String>,
    /// The publisher's text, cut to a few kilobytes.
    pub description: Option<String>,
    /// The publisher's own word for the severity of the whole record.
    pub severity: Option<Severity>,
    /// Vectors, with `source` set to the feed or to who the feed says made the vector.
    pub cvss: Vec<Cvss>,
    /// Weaknesses, numbers of the CWE list.
    pub cwes: Vec<u32>,
    /// Addresses, the most useful first.
    pub references: Vec<String>,
    /// What it says of packages. Empty for records about a vulnerability in general.
    pub affected: Vec<Affected>,
}

/// What a record says of one package in one scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// Which package.
    pub key: PackageKey,
    /// The order of the versions in `versions`.
    pub scheme: Scheme,
    /// What it says of these versions.
    pub state: FixState,
    /// The versions concerned. For [`FixState::NotAffected`] these are the ones that are not.
    pub versions: RangeSet,
    /// The versions that carry a fix, where the record names them (upper ends of `versions` do so too).
    pub fixed: Vec<String>,
    /// Architectures that the statement is limited to; empty for all.
    pub architectures: Vec<String>,
    /// RPM module and stream, `nodejs:18`.
    pub module: Option<String>,
    /// The publisher's own severity for this package.
    pub severity: Option<Severity>,
}

/// A row of a catalogue of exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploited {
    /// The CVE.
    pub id: String,
    /// The particulars.
    pub entry: KnownExploitation,
}

/// A row of the exploit prediction scoring system.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The CVE.
    pub id: String,
    /// The particulars.
    pub entry: ExploitPrediction,
}

impl Affected {
    /// A statement about these versions on every architecture.
    pub fn new(key: PackageKey, scheme: Scheme, state: FixState, versions: RangeSet) -> Self {
        Self {
            key,
            scheme,
            state,
            versions,
            fixed: Vec::new(),
            architectures: Vec::new(),
            module: None,
            severity: None,
        }
    }

    /// Fixed in `version`: everything before it is affected.
    pub fn below(key: PackageKey, scheme: Scheme, version: &str) -> Self {
        let high = Bound::Exclusive(version.to_owned());
        let below = Interval { low: Bound::Unbounded, high };
        Self::new(key, scheme, FixState::Fixed, RangeSet::new(vec![below], Vec::new()))
    }

    /// A statement about every version.
    pub fn every(key: PackageKey, scheme: Scheme, state: FixState) -> Self {
        let every = Interval { low: Bound::Unbounded, high: Bound::Unbounded };
        Self::new(key, scheme, state, RangeSet::new(vec![every], Vec::new()))
    }
}

/// The day on which a publisher's support of a release ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndOfLife {
    /// The release.
    pub scope: Scope,
    /// The last day of support, `2026-07-11`.
    pub day: String,
}
