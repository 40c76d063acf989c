//! Parts as packages of a document.

use super::NO_ASSERTION;
use super::document::{Annotation, Checksum, ExternalReference, Package};
use super::licences::Extracted;
use crate::SbomError;
use crate::parts::{CONTAINER, OPERATING_SYSTEM, Part, Property, names};
use crate::purl::Purl;

/// Who annotates, and when.
pub(super) struct Annotator {
    /// `Tool: bulkhead-0.1.0` (SPDX 2.3, 12.1).
    pub(super) name: String,
    pub(super) date: String,
}

impl Annotator {
    /// The annotation that carries properties; none where there are none.
    pub(super) fn annotations(
        &self,
        properties: &[Property],
    ) -> Result<Vec<Annotation>, SbomError> {
        if properties.is_empty() {
            return Ok(Vec::new());
        }
        let comment = serde_json::to_string(properties)
            .map_err(|error| SbomError::Write { cause: error.to_string() })?;
        Ok(vec![Annotation {
            annotation_date: self.date.clone(),
            annotation_type: "OTHER",
            annotator: self.name.clone(),
            comment,
        }])
    }
}

/// The package of a part.
pub(super) fn package(
    mut part: Part,
    extracted: &mut Extracted,
    annotator: &Annotator,
) -> Result<Package, SbomError> {
    complete(&mut part);
    let url = Some(part.purl).filter(|purl| is_locator(purl)).map(|purl| ExternalReference {
        reference_category: "PACKAGE-MANAGER",
        reference_type: "purl",
        reference_locator: purl,
        comment: None,
    });
    let files = Some(part.occurrences.join(", ")).filter(|files| !files.is_empty());
    Ok(Package {
        name: part.name,
        id: part.reference,
        checksums: checksum(&part.version).into_iter().collect(),
        version_info: part.version,
        primary_package_purpose: match part.kind.as_str() {
            CONTAINER => "CONTAINER",
            OPERATING_SYSTEM => "OPERATING-SYSTEM",
            "library" => "LIBRARY",
            _ => "APPLICATION",
        },
        supplier: NO_ASSERTION,
        download_location: NO_ASSERTION,
        files_analyzed: false,
        description: Some(part.description).filter(|text| !text.is_empty()),
        source_info: files.map(|files| format!("found in {files}")),
        license_concluded: NO_ASSERTION,
        license_declared: extracted.expression(&part.licences),
        copyright_text: NO_ASSERTION,
        external_refs: url.into_iter().collect(),
        annotations: annotator.annotations(&part.properties)?,
    })
}

/// Adds to the properties what SPDX has no field for and CycloneDX has.
fn complete(part: &mut Part) {
    let mut add = |name: &str, value: &str| part.properties.push(Property::new(name, value));
    if !part.group.is_empty() {
        add(names::GROUP, &part.group);
    }
    if !part.purl.is_empty() && !is_locator(&part.purl) {
        add(names::PURL, &part.purl);
    }
    if part.licences.len() > 1 {
        part.licences.iter().for_each(|licence| add(names::LICENCE, licence));
    }
    part.occurrences.iter().for_each(|file| add(names::OCCURRENCE, file));
}

/// Whether a package URL is what locators of the category are (SPDX 2.3, F.3.5).
fn is_locator(purl: &str) -> bool {
    purl.starts_with("pkg:")
        && purl.bytes().all(|byte| byte.is_ascii_graphic())
        && Purl::parse(purl).is_ok()
}

/// The digest that the version of an image is.
fn checksum(version: &str) -> Option<Checksum> {
    let value = version.strip_prefix("sha256:")?;
    let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| Checksum { algorithm: "SHA256", checksum_value: value.to_owned() })
}
