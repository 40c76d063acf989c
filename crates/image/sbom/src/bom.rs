//! What a bill of materials says, in whatever form, and what one is made of.

use bulkhead_limits::Budget;
use bulkhead_model::{Finding, Inventory, NotAssessed, Problem, Report, Suppressed, Target};

use crate::lenient::{Object, Text};
use crate::{SbomError, cyclonedx, json, spdx, syft};

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bom {
    /// What it describes, where it says so. Its kind is the one that it was made of.
    pub target: Option<Target>,
    /// The packages in it.
    pub inventory: Inventory,
    /// What it cannot say, and what had not been assessed when it was made.
    pub not_assessed: Vec<NotAssessed>,
    /// What in it is broken or doubtful.
    pub problems: Vec<Problem>,
}

/// What a document is made of.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// What was looked at.
    pub target: &'a Target,
    /// The software of it.
    pub inventory: &'a Inventory,
    /// Its vulnerabilities; empty for a bill of materials alone.
    pub findings: &'a [Finding],
    /// Vulnerabilities that somebody answered.
    pub suppressed: &'a [Suppressed],
    /// What was not assessed of it.
    pub not_assessed: &'a [NotAssessed],
    /// Name and version of the program, `bulkhead 0.1.0`.
    pub tool: &'a str,
    /// When it was made, RFC 3339; empty to leave it out.
    pub created: &'a str,
}

impl<'a> From<&'a Report> for Contents<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            target: &report.target,
            inventory: &report.inventory,
            findings: &report.findings,
            suppressed: &report.suppressed,
            not_assessed: &report.not_assessed,
            tool: &report.tool,
            created: &report.created,
        }
    }
}

/// Reads a document of any form that is known here: CycloneDX, SPDX or Syft's own in JSON, or SPDX of
/// tags and values.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    if spdx::tagged(bytes).is_some() {
        return spdx::read(bytes, budget);
    }
    let marks: Marks = json::glance(bytes, budget, "bill of materials")?;
    if marks.is_cyclonedx() {
        cyclonedx::read(bytes, budget)
    } else if marks.is_spdx() {
        spdx::read(bytes, budget)
    } else if marks.is_syft() {
        syft::read(bytes, budget)
    } else {
        let found = "a JSON object with neither bomFormat nor spdxVersion, nor Syft's schema";
        Err(SbomError::Format { expected: "bill of materials", found })
    }
}

/// What tells the forms apart.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Marks {
    bom_format: Text,
    spdx_version: Text,
    #[serde(rename = "@context")]
    context: Text,
    /// The answer of GitHub's dependency graph has the document inside.
    sbom: Object<Wrapped>,
    schema: Object<Schema>,
    descriptor: Object<Descriptor>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Wrapped {
    spdx_version: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Schema {
    url: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Descriptor {
    name: Text,
}

impl Marks {
    fn is_cyclonedx(&self) -> bool {
        !self.bom_format.as_str().is_empty()
    }

    fn is_spdx(&self) -> bool {
        let wrapped = self.sbom.0.as_ref().map_or("", |document| document.spdx_version.as_str());
        !self.spdx_version.as_str().is_empty()
            || !wrapped.is_empty()
            || spdx::is_version_3(self.context.as_str())
    }

    fn is_syft(&self) -> bool {
        let url = self.schema.0.as_ref().map_or("", |schema| schema.url.as_str());
        let name = self.descriptor.0.as_ref().map_or("", |descriptor| descriptor.name.as_str());
        name == "syft" || url.contains("/anchore/syft/")
    }
}
