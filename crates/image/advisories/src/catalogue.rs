//! The feeds that this project knows: content, not code (`content/feeds.yaml`).

mod fetch;

use std::collections::BTreeMap;

use bulkhead_model::Scope;
use serde::{Deserialize, Serialize};

pub use fetch::{Checksum, DigestOf, Fetch, Listing, Step};

use crate::Error;
use crate::feeds::matches;

/// The text of `content/feeds.yaml`.
const EMBEDDED: &str = include_str!("../../../../content/feeds.yaml");

/// What is known about the feeds: where they come from, where they lie, how they are read, what
/// they cannot tell. The schema is `content/feeds.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What a feed may be silent about: a name for programs, and the sentence for people.
    pub silences: BTreeMap<String, String>,
    /// Files of a mirror folder that are no advisories, and what reads them.
    #[serde(default)]
    pub others: Vec<OtherFiles>,
    /// The feeds, in the order in which they are read.
    pub feeds: Vec<FeedSource>,
}

/// Files of a mirror folder that no database is built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherFiles {
    /// Where they lie, as [`FeedSource::paths`].
    pub paths: Vec<String>,
    /// What they are.
    pub content: String,
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
    /// How `db update` fetches it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Fetch>,
    /// Why `db update` does not, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<String>,
    /// Where it lies in a mirror folder: paths with `/`, in which `*` stands for any text within
    /// one name.
    pub paths: Vec<String>,
    /// How its files are written.
    pub format: Format,
    /// Whom it speaks about: ecosystems, or distributions as `debian:*`. Rows for other scopes are
    /// left out. Empty for feeds about vulnerabilities in general.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What the feed calls a release (`bookworm`), where that is another name than a scope's (`12`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub releases: BTreeMap<String, String>,
    /// Feeds of the same publisher that tell less of the same: where this one speaks about a
    /// vulnerability of a package, their statements are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
    /// Of a feed about products: those that are distributions, by the `ID` of their os-release.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub products: BTreeMap<String, String>,
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
    /// A security database of apk packages: JSON, one file per release and repository.
    AlpineSecdb,
    /// Debian's OVAL definitions: XML, one file per release.
    DebianOval,
    /// Ubuntu's OVAL definitions of its security notices: XML, one file per release.
    UbuntuOval,
    /// Microsoft's OVAL definitions of Azure Linux and CBL-Mariner: XML, one file per release.
    AzureOval,
    /// OVAL definitions of advisories as Red Hat writes them: XML, one file per release.
    RedhatOval,
    /// Open Source Vulnerability records: JSON files in a zip.
    Osv,
    /// GitLab's advisories: YAML files in a tar.
    Gitlab,
    /// `RustSec`'s advisories: Markdown files with a head in TOML in a tar.
    Rustsec,
    /// The advisories of rubysec: YAML files in a tar.
    Rubysec,
    /// The advisories of `FriendsOfPHP`: YAML files in a tar.
    FriendsOfPhp,
    /// Life cycles of products: Markdown files with a head in YAML in a tar.
    Endoflife,
    /// The catalogue of known exploited vulnerabilities: one JSON file.
    Kev,
    /// CVE records, version 5: JSON files in a tar.
    CveRecords,
    /// Debian's security tracker: one JSON document of all releases.
    DebianTracker,
    /// Arch Linux's vulnerability groups: one JSON list.
    ArchSecurity,
    /// Photon OS's list of vulnerabilities: one JSON list per release.
    PhotonCve,
    /// The national vulnerability database of the United States, version 2.0 of its interface.
    NvdCve,
    /// The exploit prediction scoring system: one CSV file.
    Epss,
    /// Update notices of package repositories: XML, one file per repository.
    Updateinfo,
    /// Fedora's updates: JSON pages.
    Bodhi,
    /// Common security advisory framework, 2.0: JSON, one file each or a tar of them.
    Csaf,
    /// Common vulnerability reporting framework: XML, one file each or a tar of them.
    Cvrf,
}

impl Format {
    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlpineSecdb => "a security database of apk packages",
            Self::DebianOval => "Debian OVAL",
            Self::UbuntuOval => "Ubuntu OVAL",
            Self::AzureOval => "OVAL of Azure Linux",
            Self::RedhatOval => "OVAL of Red Hat's kind",
            Self::Osv => "an archive of OSV records",
            Self::Gitlab => "an archive of GitLab advisories",
            Self::Rustsec => "an archive of RustSec advisories",
            Self::Rubysec => "an archive of rubysec advisories",
            Self::FriendsOfPhp => "an archive of FriendsOfPHP advisories",
            Self::Endoflife => "an archive of endoflife.date products",
            Self::Kev => "a catalogue of known exploited vulnerabilities",
            Self::CveRecords => "an archive of CVE records",
            Self::DebianTracker => "the data of Debian's security tracker",
            Self::ArchSecurity => "a list of Arch Linux's vulnerability groups",
            Self::PhotonCve => "a list of vulnerabilities of Photon OS",
            Self::NvdCve => "a page of the national vulnerability database",
            Self::Epss => "a table of the exploit prediction scoring system",
            Self::Updateinfo => "a list of update notices",
            Self::Bodhi => "a page of Fedora's updates",
            Self::Csaf => "CSAF",
            Self::Cvrf => "CVRF",
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
            if let Some(unknown) = feed.supersedes.iter().find(|id| catalogue.feed(id).is_none()) {
                return Err(refused(format!("{} supersedes {unknown}, which is no feed", feed.id)));
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
    /// Whether a file of a mirror folder is one of this feed: its path below the folder, with `/`.
    pub fn holds(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| matches(pattern, path))
    }

    /// The one scope that the feed speaks about, where it has no other: feeds of distributions
    /// without releases.
    pub(crate) fn only_scope(&self) -> Option<Scope> {
        match self.scopes.as_slice() {
            [only] if !only.ends_with('*') => only.parse().ok(),
            _ => None,
        }
    }

    /// Whether the feed's statements about this scope are taken.
    pub fn speaks_about(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|taken| match (taken.strip_suffix(":*"), scope) {
            (Some(family), Scope::Distribution { id, .. }) => family == id,
            (Some(_), Scope::Language(_)) => false,
            (None, _) => *taken == scope.to_string(),
        })
    }
}
