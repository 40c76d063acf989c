//! The types of the format. Their field names and descriptions are its schema.

use std::collections::BTreeMap;

use bulkhead_model::{FixState, Severity};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Deserialize;
use serde_saphyr::Spanned;

/// The JSON schema of a file of advisories, draft 2020-12.
pub fn schema() -> serde_json::Value {
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Document>().to_value()
}

/// A file of advisories for `bulkhead scan --advisories`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Bulkhead advisories")]
pub(super) struct Document {
    /// The advisories, in any order.
    pub advisories: Vec<Advisory>,
}

/// One vulnerability and the packages that have it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advisory {
    /// A CVE id where there is one, else an id of your own, such as ACME-2026-1.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9.]+)+$"))]
    pub id: Spanned<String>,
    /// Other ids of the very same vulnerability. At most one of id and aliases is a CVE.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub aliases: Vec<Spanned<String>>,
    /// One line for people.
    pub title: Option<String>,
    /// The day of publication, 2026-01-31.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub published: Option<Spanned<String>>,
    /// The day of the last change, 2026-01-31.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub modified: Option<Spanned<String>>,
    /// Set where the vulnerability is known to be exploited.
    pub exploited: Option<Exploitation>,
    /// Your own word for the severity. It decides before any CVSS vector.
    pub severity: Option<Severity>,
    /// CVSS vectors of version 2.0 to 4.0, each under the name of who made it. The scores are
    /// computed from them.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub cvss: BTreeMap<String, Spanned<String>>,
    /// Weaknesses, as numbers of the CWE list.
    #[serde(default)]
    pub cwes: Vec<u32>,
    /// Addresses for further reading, the most useful first.
    #[serde(default)]
    pub references: Vec<String>,
    /// The packages, at least one.
    #[schemars(with = "Vec<AffectedPackage>", length(min = 1))]
    pub affected: Spanned<Vec<AffectedPackage>>,
}

/// What is known about the exploitation of a vulnerability.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Exploitation {
    /// The day since when it is known to be exploited, 2026-01-31.
    #[schemars(with = "String", extend("format" = "date"))]
    pub since: Spanned<String>,
    /// Who says so; the file itself where it is left out.
    pub source: Option<String>,
    /// Whether it is used in ransomware campaigns.
    #[serde(default)]
    pub ransomware: bool,
}

/// A package and its affected versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AffectedPackage {
    /// Scope and name: npm/lodash, maven/group:artifact, golang/module, debian:12/source-package.
    #[schemars(with = "String", regex(pattern = r"^[a-z0-9.-]+(:[^/]+)?/.+$"))]
    pub package: Spanned<String>,
    /// The affected versions; it is enough that one entry holds. An entry is "*", "= 1.2.3", one
    /// comparison such as "< 1.2.3", or two with a comma, ">= 1.0, < 1.2.3".
    #[schemars(with = "Vec<String>", length(min = 1))]
    pub versions: Spanned<Vec<Spanned<String>>>,
    /// Versions that carry the fix, where the upper ends of `versions` do not say it.
    #[serde(default)]
    pub fixed: Vec<String>,
    /// `not_affected` makes `versions` the ones that are not. Left out: fixed where a fixed version
    /// or an open upper end names one, else affected.
    pub state: Option<FixState>,
    /// Architectures that this is limited to, by the distribution's names.
    #[serde(default)]
    pub architectures: Vec<String>,
}
