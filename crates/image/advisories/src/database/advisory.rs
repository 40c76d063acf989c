//! Records, and everything that is known about an id.

use bulkhead_model::{Cvss, ExploitPrediction, KnownExploitation, PackageKey, Severity};

use super::AffectedRow;
use super::codes;
use super::error::Defect;
use super::rows::{
    AdvisoryValue, CvssValue, DescriptionValue, DetailValue, ExploitedValue, PredictedValue,
};

/// A record of a feed, as the database has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Advisory {
    /// The feed.
    pub feed: String,
    /// The record's own id.
    pub id: String,
    /// Other names of the same vulnerability.
    pub aliases: Vec<String>,
    /// Vulnerabilities that it is about without being their name.
    pub covers: Vec<String>,
    /// The day of publication.
    pub published: Option<String>,
    /// The day of the last change.
    pub modified: Option<String>,
    /// The publisher's word for the severity of the whole record.
    pub severity: Option<Severity>,
    /// Vectors.
    pub cvss: Vec<Cvss>,
    /// Numbers of the CWE list.
    pub cwes: Vec<u32>,
    /// A line for people.
    pub title: Option<String>,
    /// The publisher's text.
    pub description: Option<String>,
    /// Addresses, the most useful first.
    pub references: Vec<String>,
    /// The packages that it has rows for.
    pub packages: Vec<PackageKey>,
}

/// Everything a database knows about an id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Knowledge {
    /// The id that was asked for.
    pub id: String,
    /// What it stands for: CVEs where there are any, sorted.
    pub vulnerabilities: Vec<String>,
    /// Other names of these, sorted.
    pub names: Vec<String>,
    /// The records about them, by id and feed.
    pub advisories: Vec<Advisory>,
    /// Entries of catalogues of exploited vulnerabilities.
    pub exploited: Vec<KnownExploitation>,
    /// How likely it is to be exploited.
    pub epss: Option<ExploitPrediction>,
    /// What the records say of packages.
    pub affected: Vec<(PackageKey, AffectedRow)>,
}

impl Advisory {
    /// The record without its description and packages.
    pub(crate) fn new(
        id: &str,
        feed: &str,
        value: AdvisoryValue,
        detail: DetailValue,
    ) -> Result<Self, Defect> {
        Ok(Self {
            feed: feed.to_owned(),
            id: id.to_owned(),
            aliases: value.aliases,
            covers: value.covers,
            published: value.published,
            modified: value.modified,
            severity: codes::severity(value.severity)?,
            cvss: value.cvss.into_iter().map(Cvss::from).collect(),
            cwes: value.cwes,
            title: detail.title,
            references: detail.references,
            description: None,
            packages: Vec::new(),
        })
    }

    /// Adds what only explanations need.
    pub(crate) fn describe(&mut self, value: DescriptionValue) {
        self.description = value.text;
        let key =
            |(scope, name): (String, String)| Some(PackageKey::new(scope.parse().ok()?, &name));
        self.packages = value.packages.into_iter().filter_map(key).collect();
    }
}

/// Steps of a published share.
const STEPS: f64 = 100_000.0;

impl From<PredictedValue> for ExploitPrediction {
    fn from(value: PredictedValue) -> Self {
        let share = |steps| f64::from(steps) / STEPS;
        Self {
            source: value.source,
            score: share(value.score),
            percentile: value.percentile.map(share),
            date: value.date,
        }
    }
}

impl From<&ExploitPrediction> for PredictedValue {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    fn from(entry: &ExploitPrediction) -> Self {
        let steps = |share: f64| (share.clamp(0.0, 1.0) * STEPS).round() as u32;
        Self {
            date: entry.date.clone(),
            source: entry.source.clone(),
            score: steps(entry.score),
            percentile: entry.percentile.map(steps),
        }
    }
}

impl From<CvssValue> for Cvss {
    fn from(value: CvssValue) -> Self {
        Self {
            source: value.source,
            version: value.version,
            vector: value.vector,
            score: f64::from(value.tenths) / 10.0,
        }
    }
}

impl From<&Cvss> for CvssValue {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    fn from(cvss: &Cvss) -> Self {
        Self {
            source: cvss.source.clone(),
            version: cvss.version.clone(),
            vector: cvss.vector.clone(),
            tenths: (cvss.score * 10.0).round().clamp(0.0, 100.0) as u16,
        }
    }
}

impl From<ExploitedValue> for KnownExploitation {
    fn from(value: ExploitedValue) -> Self {
        Self {
            source: value.source,
            added: value.added,
            due: value.due,
            ransomware: value.ransomware,
        }
    }
}
