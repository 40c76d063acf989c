//! What other tools say in texts of documents: Syft 1.x in comments, Trivy in annotations and before
//! that in attribution texts.

use std::collections::HashMap;

use bulkhead_model::{Location, SourcePackage};

use super::lenient::{File, Relationship};
use crate::parts::{Property, foreign};

/// What Trivy's properties are called in its CycloneDX documents.
const TRIVY: &str = "aquasecurity:trivy:";

/// The property of a text such as `LayerDiffID: sha256:…`, as Trivy writes one for each.
pub(super) fn property(text: &str) -> Option<Property> {
    let (name, value) = text.split_once(": ")?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| Property::new(format!("{TRIVY}{name}"), value))
}

/// The source package of a text such as `built package from: glibc 2.36-9`, as Trivy writes it.
pub(super) fn source(information: &str) -> Option<SourcePackage> {
    let (name, version) = information.strip_prefix("built package from: ")?.split_once(' ')?;
    Some(SourcePackage { name: name.to_owned(), version: version.to_owned() })
}

/// Whether a relation says that the package owns the other one's files, as Syft writes it.
pub(super) fn is_ownership(relationship: &Relationship) -> bool {
    says(relationship, "ownership-by-file-overlap")
}

/// The files by which Syft knew packages, by the packages' references.
pub(super) fn evidence(
    files: &[File],
    relationships: &[Relationship],
) -> HashMap<String, Vec<Location>> {
    let files: HashMap<&str, &File> = files.iter().map(|file| (file.id.as_str(), file)).collect();
    let mut evidence: HashMap<String, Vec<Location>> = HashMap::new();
    for relationship in relationships.iter().filter(|one| says(one, "evident-by")) {
        let Some(file) = files.get(relationship.related_spdx_element.as_str()) else { continue };
        let layer = file.comment.as_str().strip_prefix("layerID: ");
        let location = foreign::location(file.file_name.as_str(), layer);
        let package = relationship.spdx_element_id.as_str().to_owned();
        evidence.entry(package).or_default().push(location);
    }
    evidence
}

fn says(relationship: &Relationship, what: &str) -> bool {
    relationship.relationship_type.as_str() == "OTHER"
        && relationship.comment.as_str().starts_with(what)
}
