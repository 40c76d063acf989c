//! The feeds that this project knows: content, not code (`content/feeds.yaml`).

use std::collections::BTreeMap;

use bulkhead_model::Scope;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The text of `content/feeds.yaml`.
const EMBEDDED: &str = include_str!("../../../../content/feeds.yaml");

/// What is known about the feeds: where they come from, where they lie, how they are read, what
/// they cannot tell. The schema is `content/feeds.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What a feed may be silent about: a name for programs, and the sentence for people.
    pub silences: BTreeMap<String, String>,
    /// The feeds, in the order in which they are read.
    pub feeds: Vec<FeedSource>,
}

/// One feed of one publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedSource {
    /// The name in reports and in the database.
    pub id: String,
    /// Who makes the statements.
    pub publisher: String,
    /// The feed's name for people.
    pub name: String,
    /// Where the publisher serves it.
    pub addresses: Vec<String>,
    /// Where it lies in a mirror folder: paths with `/`, in which `*` stands for any text within
    /// one name.
    pub paths: Vec<String>,
    /// How its files are written.
    pub format: Format,
    /// Whom it speaks about: ecosystems, or distributions as `debian:*`. Rows for other scopes are
    /// left out. Empty for feeds about vulnerabilities in general.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Under which terms it may be used.
    pub terms: String,
    /// Days after which it counts as old.
    pub pace_days: u32,
    /// What it cannot tell: keys of [`Catalogue::silences`].
    #[serde(default)]
    pub silent_about: Vec<String>,
    /// Set where the feed is known and not read yet: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postponed: Option<String>,
}

/// The publishers' formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Alpine's security database: JSON, one file per release and repository.
    AlpineSecdb,
    /// Debian's OVAL definitions: XML, one file per release.
    DebianOval,
    /// Ubuntu's OVAL definitions of its security notices: XML, one file per release.
    UbuntuOval,
    /// OVAL definitions of advisories as Red Hat writes them: XML, one file per release.
    RedhatOval,
    /// Open Source Vulnerability records: JSON files in a zip.
    Osv,
    /// GitLab's advisories: YAML files in a tar.
    Gitlab,
    /// The catalogue of known exploited vulnerabilities: one JSON file.
    Kev,
    /// CVE records, version 5: JSON files in a tar.
    CveRecords,
}

impl Format {
    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlpineSecdb => "an Alpine security database",
            Self::DebianOval => "Debian OVAL",
            Self::UbuntuOval => "Ubuntu OVAL",
            Self::RedhatOval => "OVAL of Red Hat's kind",
            Self::Osv => "an archive of OSV records",
            Self::Gitlab => "an archive of GitLab advisories",
            Self::Kev => "a catalogue of known exploited vulnerabilities",
            Self::CveRecords => "an archive of CVE records",
        }
    }
}

impl Catalogue {
    /// The catalogue that is compiled in.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse(EMBEDDED)
    }

    /// Reads a catalogue.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        let refused = |cause: String| Error::Catalogue { cause };
        let catalogue: Self =
            serde_saphyr::from_str(yaml).map_err(|error| refused(error.to_string()))?;
        for feed in &catalogue.feeds {
            if catalogue.feed(&feed.id) != Some(feed) {
                return Err(refused(format!("two feeds have the id {}", feed.id)));
            }
            for silence in &feed.silent_about {
                if !catalogue.silences.contains_key(silence) {
                    return Err(refused(format!(
                        "{} is silent about {silence}, which is not explained",
                        feed.id
                    )));
                }
            }
        }
        Ok(catalogue)
    }

    /// The feed of that id.
    pub fn feed(&self, id: &str) -> Option<&FeedSource> {
        self.feeds.iter().find(|feed| feed.id == id)
    }
}

impl FeedSource {
    /// Whether the feed's statements about this scope are taken.
    pub fn speaks_about(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|taken| match (taken.strip_suffix(":*"), scope) {
            (Some(family), Scope::Distribution { id, .. }) => family == id,
            (Some(_), Scope::Language(_)) => false,
            (None, _) => *taken == scope.to_string(),
        })
    }
}
