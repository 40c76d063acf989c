//! Writing a document.

use std::collections::BTreeMap;

use bulkhead_model::{Digest, Finding, FixState, Inventory, PackageId, Relation, RelationKind};

use super::document::{CreationInfo, Document, ExternalReference, Package, Relationship};
use super::elements::{self, Annotator};
use super::licences::Extracted;
use super::references::{OPERATING_SYSTEM, References, TARGET, plain};
use super::{DOCUMENT, SPECIFICATION};
use crate::parts::{packages, targets};
use crate::{Contents, SbomError, json};

/// The specification wants a date; documents that must not have one get the first of all.
const NO_DATE: &str = "1970-01-01T00:00:00Z";

const INCOMPLETE: &str =
    "Not everything could be looked at: the annotations of the document tell what is missing.";

/// An SPDX 2.3 document as indented JSON with a final line break. Equal contents give equal bytes: the
/// namespace is made of a digest of the document.
pub fn write(contents: Contents<'_>) -> Result<String, SbomError> {
    let references = References::new(contents.inventory);
    let annotator = annotator(&contents);
    let mut extracted = Extracted::default();
    let packages = packages(&contents, &references, &mut extracted, &annotator)?;
    let lost = contents.not_assessed.iter().any(targets::is_lasting);
    let mut document = Document {
        spdx_version: SPECIFICATION,
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: contents.target.name.clone(),
        document_namespace: String::new(),
        creation_info: CreationInfo {
            created: annotator.date.clone(),
            creators: vec![annotator.name.clone()],
        },
        comment: lost.then_some(INCOMPLETE),
        annotations: annotator.annotations(&targets::of_document(contents.not_assessed))?,
        packages,
        has_extracted_licensing_infos: extracted.into_licences(),
        relationships: relationships(contents.inventory, &references),
    };
    let digest = Digest::of(json::write(&document)?.as_bytes());
    document.document_namespace = namespace(&document.name, &digest);
    json::write(&document)
}

/// An address of its own for each document, below the one that the specification gives to those who
/// have none (SPDX 2.3, 6.5).
fn namespace(name: &str, digest: &Digest) -> String {
    format!("https://spdx.org/spdxdocs/{}-{}", plain(name), json::uuid(digest))
}

fn annotator(contents: &Contents<'_>) -> Annotator {
    let date = if contents.created.is_empty() { NO_DATE } else { contents.created };
    let name = format!("Tool: {}", contents.tool.replacen(' ', "-", 1));
    Annotator { name, date: date.to_owned() }
}

fn packages(
    contents: &Contents<'_>,
    references: &References,
    extracted: &mut Extracted,
    annotator: &Annotator,
) -> Result<Vec<Package>, SbomError> {
    let inventory = contents.inventory;
    let target = targets::to_part(contents.target, TARGET);
    let system = inventory.operating_system.as_ref();
    let system = system.map(|system| targets::system_part(system, OPERATING_SYSTEM));
    let mut packages: Vec<Package> = std::iter::once(target)
        .chain(system)
        .map(|part| elements::package(part, extracted, annotator))
        .collect::<Result<_, _>>()?;
    let mut advisories = advisories(contents.findings);
    for (id, package) in inventory.iter() {
        let Some(reference) = references.get(id) else { continue };
        let part = packages::to_part(package, reference);
        let mut written = elements::package(part, extracted, annotator)?;
        written.external_refs.extend(advisories.remove(&id).unwrap_or_default());
        packages.push(written);
    }
    Ok(packages)
}

/// What is known about the security of each package: the specification has references to advisories
/// (SPDX 2.3, F.2.3), and no vulnerabilities.
fn advisories(findings: &[Finding]) -> BTreeMap<PackageId, Vec<ExternalReference>> {
    let mut advisories: BTreeMap<PackageId, Vec<ExternalReference>> = BTreeMap::new();
    for finding in findings {
        let Some(detail) = finding.vulnerability() else { continue };
        let own = finding
            .rule
            .starts_with("CVE-")
            .then(|| format!("https://www.cve.org/CVERecord?id={}", finding.rule));
        let stated = detail.references.iter().find(|url| is_address(url)).cloned();
        let Some(locator) = own.or(stated) else { continue };
        let state = match detail.state {
            FixState::NotAffected => continue,
            _ if detail.fixed_versions.is_empty() => "no fix known".to_owned(),
            _ => format!("fixed in {}", detail.fixed_versions.join(" or ")),
        };
        advisories.entry(detail.package).or_default().push(ExternalReference {
            reference_category: "SECURITY",
            reference_type: "advisory",
            reference_locator: locator,
            comment: Some(format!("{}: {}, {state}", finding.rule, finding.rating.severity.name())),
        });
    }
    advisories
}

fn is_address(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn relationships(inventory: &Inventory, references: &References) -> Vec<Relationship> {
    let relationship = |from: &str, kind, to: &str| Relationship {
        spdx_element_id: from.to_owned(),
        relationship_type: kind,
        related_spdx_element: to.to_owned(),
    };
    let target = relationship(DOCUMENT, "DESCRIBES", TARGET);
    let system = inventory.operating_system.iter();
    let system = system.map(|_| relationship(TARGET, "CONTAINS", OPERATING_SYSTEM));
    let contents = inventory
        .iter()
        .filter_map(|(id, _)| Some(relationship(TARGET, "CONTAINS", references.get(id)?)));
    let relations = inventory.relations.iter().filter_map(|Relation { from, kind, to }| {
        let (from, to) = (references.get(*from)?, references.get(*to)?);
        Some(match kind {
            RelationKind::DependsOn => relationship(from, "DEPENDS_ON", to),
            RelationKind::ContainedIn => relationship(to, "CONTAINS", from),
            RelationKind::OwnedBy => relationship(from, "PACKAGE_OF", to),
        })
    });
    std::iter::once(target).chain(system).chain(contents).chain(relations).collect()
}
