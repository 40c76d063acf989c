//! The values of rows: fields in the order given here, in the wire format of `postcard` (numbers
//! with seven bits a byte, texts and lists behind their length, 0 or 1 before an optional field).
//!
//! A reader ignores what follows the fields it knows, so that fields can be added at the end.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

use crate::custom;

/// Of section `feeds`; key: the feed's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FeedValue {
    pub(crate) address: String,
    pub(crate) terms: String,
    /// The day of its newest statement.
    pub(crate) date: Option<String>,
    pub(crate) records: u64,
    pub(crate) scopes: Vec<String>,
    pub(crate) silent_about: Vec<String>,
    /// After how many days without news it counts as outdated.
    pub(crate) pace_days: Option<u32>,
    /// `sha256:…` over what was read: the file, or a list of the files with their digests.
    pub(crate) digest: Option<String>,
    /// The files that could not be read to their ends, each with the reason: what the feed says in them
    /// is missing.
    pub(crate) incomplete: BTreeSet<String>,
}

/// Of section `scopes`; key: the scope's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScopeValue {
    /// The orders of versions that its rows use.
    pub(crate) schemes: Vec<u8>,
    /// 0: rows name source packages; 1: the packages as they are installed.
    pub(crate) names: u8,
    /// The feeds that speak about it.
    pub(crate) feeds: Vec<String>,
    /// How many packages have rows.
    pub(crate) packages: u64,
    /// When its publisher's support ends. A scope may have this alone, without a feed that speaks about
    /// its packages.
    pub(crate) end_of_life: Option<EndOfLifeValue>,
}

/// The end of a scope, and the feed that tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct EndOfLifeValue {
    /// `2026-07-11`.
    pub(crate) day: String,
    pub(crate) feed: String,
}

impl ScopeValue {
    /// Whether a feed other than the users' own advisories speaks about it.
    pub(crate) fn is_assessed(&self) -> bool {
        self.feeds.iter().any(|feed| feed != custom::FEED)
    }

    /// Of several statements about its end the latest counts: until then somebody looks after it.
    pub(crate) fn keep_latest(&mut self, end: EndOfLifeValue) {
        self.end_of_life = self.end_of_life.take().max(Some(end));
    }
}

/// Of section `affected`; key: scope, name, feed, record, and four bytes of a number, high first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AffectedValue<'a> {
    /// The vulnerabilities it is about, canonical; none where the record's id is the one.
    #[serde(borrow)]
    pub(crate) vulnerabilities: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) statement: AffectedStatement<'a>,
}

/// What remains of an affected row without what only the whole database knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AffectedStatement<'a> {
    pub(crate) scheme: u8,
    pub(crate) state: u8,
    /// The text form of a set of versions.
    pub(crate) versions: &'a str,
    #[serde(borrow)]
    pub(crate) fixed: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) architectures: Vec<&'a str>,
    pub(crate) module: Option<&'a str>,
    pub(crate) severity: u8,
}

/// Of section `advisories`; key: record, feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct AdvisoryValue {
    pub(crate) aliases: Vec<String>,
    pub(crate) covers: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) severity: u8,
    pub(crate) cvss: Vec<CvssValue>,
    /// Numbers of the CWE list.
    pub(crate) cwes: Vec<u32>,
}

/// A vector of an advisory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CvssValue {
    pub(crate) source: String,
    pub(crate) version: String,
    pub(crate) vector: String,
    /// Tenths of the base score.
    pub(crate) tenths: u16,
}

/// Of section `aliases`; key: an id. Ids that only their own record names have no row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct AliasValue {
    /// What the id stands for, canonical, sorted.
    pub(crate) vulnerabilities: Vec<String>,
    /// The other names of a canonical id, sorted.
    pub(crate) names: Vec<String>,
    /// The records that name the id, sorted.
    pub(crate) records: Vec<RecordReference>,
}

/// A record that names an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct RecordReference {
    pub(crate) record: String,
    pub(crate) feed: String,
    /// Whether the record is about several vulnerabilities, so that what it says in general (its
    /// vectors) is not said of this one.
    pub(crate) bulletin: bool,
}

/// Of section `scores`; key: a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ScoreValue {
    pub(crate) exploited: Vec<ExploitedValue>,
    #[serde(deserialize_with = "absent_at_end")]
    pub(crate) predicted: Option<PredictedValue>,
}

/// A field that was added at the end: none in a row that was written before.
#[expect(clippy::unnecessary_wraps, reason = "serde wants this shape")]
fn absent_at_end<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer).unwrap_or_default())
}

/// How likely a vulnerability is to be exploited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PredictedValue {
    pub(crate) date: Option<String>,
    pub(crate) source: String,
    /// In steps of 0.00001, in which it is published.
    pub(crate) score: u32,
    pub(crate) percentile: Option<u32>,
}

/// An entry of a catalogue of exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ExploitedValue {
    pub(crate) added: String,
    pub(crate) source: String,
    pub(crate) due: Option<String>,
    pub(crate) ransomware: bool,
}

/// Of section `details`; key: record, feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DetailValue {
    pub(crate) title: Option<String>,
    pub(crate) references: Vec<String>,
}

/// Of section `descriptions`; key: record, feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DescriptionValue {
    /// Scope and name of the packages it has rows for.
    pub(crate) packages: Vec<(String, String)>,
    pub(crate) text: Option<String>,
}
