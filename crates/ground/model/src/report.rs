//! The result of one run over one target, as every output shows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Answer, Digest, Finding, Inventory, NotAssessed, Posture, Problem, Scope, Suppressed};

/// Everything that one scan found out. Serialised as it is by `-o json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this form: the first number changes when a reader must.
    pub schema_version: String,
    /// Name and version of the program.
    pub tool: String,
    /// When the scan ended, RFC 3339 in UTC.
    pub created: String,
    /// What was scanned.
    pub target: Target,
    /// The advisory databases that were asked, in order.
    #[serde(default)]
    pub databases: Vec<DatabaseStatement>,
    /// The exit code and what it is made of.
    pub outcome: Outcome,
    /// The findings that passed the display filters, worst first.
    pub findings: Vec<Finding>,
    /// How many findings the display filters (`--severity`, `--only-fixed`) left out.
    #[serde(default)]
    pub filtered: u64,
    /// Rows that matched a package and were overruled, with the reason: what `explain` answers from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<Finding>,
    /// Findings that an ignore file or a VEX statement answers. They are in no other list and hit
    /// no gate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Suppressed>,
    /// What ignore files and VEX documents say, and what came of it: `explain` answers from it, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The releases in the target whose end of support a database knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub end_of_life: Vec<EndOfLife>,
    /// What was not assessed.
    pub not_assessed: Vec<NotAssessed>,
    /// What was broken or odd.
    pub problems: Vec<Problem>,
    /// The software of the target.
    pub inventory: Inventory,
    /// What was judged, where the target is Kubernetes objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posture: Option<Posture>,
}

impl Report {
    /// The version of the form that this program writes.
    pub const SCHEMA_VERSION: &str = "1.0";
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// As the user named it.
    pub name: String,
    /// The scheme: `oci-dir`, `oci-archive`, `docker-archive`, `rootfs`, `dir`, `sbom`, `purl`; of
    /// Kubernetes objects `manifests`, `snapshot` or `cluster`.
    pub kind: String,
    /// The image, where the target is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageStatement>,
}

/// An image that was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ImageStatement {
    /// Tags under which the source knows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The manifest's digest, where the source has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// The configuration's digest, computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Digest>,
    /// `linux/amd64`, `linux/arm64/v8`.
    pub platform: String,
    /// The layers, bottom first.
    pub layers: Vec<LayerStatement>,
}

/// A layer that was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerStatement {
    /// The digest by which the manifest names the stored blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The digest of the uncompressed content, computed; none where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_id: Option<Digest>,
    /// Bytes as stored.
    pub size: u64,
    /// The command of the build history that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

/// Until when the publisher supports a release that was found in the target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct EndOfLife {
    /// The release: `debian:10`.
    pub scope: Scope,
    /// The last day of support, `2024-06-30`.
    pub day: String,
    /// The feed that says so.
    pub source: String,
    /// Whether that day lay in the past when the scan ran.
    pub ended: bool,
}

/// A database that findings rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseStatement {
    /// The file, or `embedded starter set`.
    pub name: String,
    /// The digest of its root, which covers every page.
    pub digest: Digest,
    /// When it was built, RFC 3339, where the builder was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<String>,
    /// The feeds in it.
    pub feeds: Vec<FeedStatement>,
}

/// A feed as it stood when the database was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedStatement {
    /// The id in `content/feeds.yaml`.
    pub id: String,
    /// The date of its newest statement, `2024-12-03`; none where nothing in it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How many records were read from it.
    pub records: u64,
    /// The scopes it speaks about.
    pub scopes: Vec<String>,
    /// What it cannot tell, by the names in `content/feeds.yaml`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent_about: Vec<String>,
    /// The files of it that could not be read to their ends when the database was built, each with the
    /// reason: what it says in them is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// Whether it is older, at the time of the scan, than its publisher's pace allows.
    #[serde(default)]
    pub outdated: bool,
}

/// The exit code, and everything that held (exit codes tell only the strongest).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// 0 clean, 2 gate hit, 3 incomplete.
    pub exit_code: u8,
    /// The conditions of `--fail-on` that held, with the number of findings each.
    pub gates: Vec<String>,
    /// Whether something was not assessed (or, with `--strict`, was broken).
    pub incomplete: bool,
}
