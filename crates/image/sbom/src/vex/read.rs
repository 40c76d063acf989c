//! Which form a document has.

use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{Document, csaf, openvex};
use crate::lenient::{Object, Text};
use crate::{SbomError, cyclonedx, json};

/// What tells the forms apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Probe {
    #[serde(rename = "@context")]
    context: Text,
    #[serde(rename = "bomFormat")]
    bom_format: Text,
    document: Object<Head>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Head {
    csaf_version: Text,
}

/// Reads an OpenVEX, CSAF or CycloneDX document in its JSON form. `name` is the file's: the
/// document's id where it has none. Fails where the bytes are none of these; what of it is broken
/// is left out and told as a problem.
pub fn read(name: &str, bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let probe: Probe = json::parse(bytes, budget, "VEX").map_err(|error| match error {
        SbomError::Format { found, .. } => SbomError::Vex { found },
        other => other,
    })?;
    let is_open_vex = probe.context.as_str().contains("openvex");
    let mut document = if is_open_vex {
        openvex::read(bytes, budget)?
    } else if probe.bom_format.as_str() == "CycloneDX" {
        cyclonedx::read_statements(bytes, budget)?
    } else if probe.document.0.is_some_and(|head| !head.csaf_version.as_str().is_empty()) {
        csaf::read(bytes, budget)?
    } else {
        let found = "JSON without an @context of OpenVEX, a csaf_version or a bomFormat";
        return Err(SbomError::Vex { found });
    };
    if document.id.is_empty() {
        name.clone_into(&mut document.id);
    }
    Ok(document)
}
