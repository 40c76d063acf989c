//! What a document says about vulnerabilities: CycloneDX as VEX (1.4 and later, `vulnerabilities`
//! with `analysis`).

use std::collections::HashMap;

use bulkhead_limits::Budget;
use bulkhead_model::{Problem, ProblemKind};

use super::lenient::Component;
use super::read::flatten;
use crate::lenient::{List, Object, Text};
use crate::vex::{Document, Identity, Product, Statement, Status, VersionClause};
use crate::{SbomError, json};

/// What begins a link into another document (BOM-Link).
const LINK: &str = "urn:cdx:";

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    serial_number: Text,
    metadata: Object<Metadata>,
    components: List<Object<Component>>,
    vulnerabilities: List<Object<Vulnerability>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Metadata {
    timestamp: Text,
    component: Object<Component>,
    supplier: Object<Named>,
    manufacturer: Object<Named>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Named {
    name: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Vulnerability {
    id: Text,
    references: List<Object<Reference>>,
    analysis: Object<Analysis>,
    affects: List<Object<Affects>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Reference {
    id: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Analysis {
    state: Text,
    justification: Text,
    detail: Text,
    first_issued: Text,
    last_updated: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Affects {
    #[serde(rename = "ref")]
    reference: Text,
    versions: List<Object<Version>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Version {
    #[serde(rename = "version")]
    exact: Text,
    range: Text,
    status: Text,
}

/// Reads the statements of a document. A vulnerability without an analysis says nothing.
pub(crate) fn read(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let file: File = json::parse(bytes, budget, "CycloneDX")?;
    let metadata = file.metadata.0.unwrap_or_default();
    let mut components = file.components.0;
    components.insert(0, metadata.component);
    let components = flatten(components, budget)?;
    let by_reference: HashMap<&str, &Component> = components
        .iter()
        .map(|component| (component.reference.as_str(), component))
        .filter(|(reference, _)| !reference.is_empty())
        .collect();
    let author = [metadata.supplier, metadata.manufacturer]
        .into_iter()
        .find_map(|named| named.0.and_then(|named| named.name.filled()));
    let mut document =
        Document { id: file.serial_number.0.unwrap_or_default(), author, ..Document::default() };
    let time = metadata.timestamp.filled();
    for vulnerability in file.vulnerabilities.objects() {
        budget.charge_entry()?;
        match statement(vulnerability, time.as_deref(), &by_reference) {
            Ok(statement) => document.statements.extend(statement),
            Err(message) if document.problems.len() < budget.limits().problems => {
                document.problems.push(Problem::general(ProblemKind::Malformed, message));
            }
            Err(_) => {}
        }
    }
    Ok(document)
}

fn statement(
    vulnerability: Vulnerability,
    time: Option<&str>,
    components: &HashMap<&str, &Component>,
) -> Result<Option<Statement>, String> {
    let Some(analysis) = vulnerability.analysis.0 else { return Ok(None) };
    let Some(id) = vulnerability.id.filled() else {
        return Err("a vulnerability with an analysis has no id; it is left out".to_owned());
    };
    let status = match analysis.state.as_str() {
        // A reason alone, or what will be done, decides nothing.
        "" => return Ok(None),
        "not_affected" | "false_positive" => Status::NotAffected,
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "exploitable" => Status::Affected,
        "in_triage" => Status::UnderInvestigation,
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(format!("{id}: the state {shown:?} is not known; it is left out"));
        }
    };
    let aliases = vulnerability.references.objects().filter_map(|reference| reference.id.filled());
    let products: Vec<Product> = vulnerability
        .affects
        .objects()
        .filter_map(|affects| product(affects, status, components))
        .collect();
    if products.is_empty() {
        return Err(format!("{id}: its analysis is about no component; it is left out"));
    }
    let own_time = analysis.last_updated.filled().or(analysis.first_issued.filled());
    Ok(Some(Statement {
        vulnerabilities: std::iter::once(id.clone()).chain(aliases).collect(),
        products,
        status,
        justification: analysis.justification.filled(),
        reason: analysis.detail.filled(),
        time: own_time.or_else(|| time.map(str::to_owned)),
    }))
}

fn product(
    affects: Affects,
    status: Status,
    components: &HashMap<&str, &Component>,
) -> Option<Product> {
    let reference = affects.reference.filled()?;
    let mut identity = match components.get(reference.as_str()) {
        Some(component) => of_component(component),
        None => of_link(&reference),
    };
    let mut lost = false;
    for version in affects.versions.0 {
        let version = version.0.unwrap_or_default();
        // Whether the code is in a version is another matter than whether that matters; but what
        // is exploitable is so in affected versions alone.
        if status == Status::Affected && version.status.as_str() == "unaffected" {
            lost = true;
            continue;
        }
        match (version.exact.filled(), version.range.filled()) {
            (Some(version), _) => identity.versions.push(VersionClause::Exactly(version)),
            (None, Some(range)) => identity.versions.push(VersionClause::Range(range)),
            (None, None) => lost = true,
        }
    }
    if lost && identity.versions.is_empty() {
        // Limited to something that cannot be read: to no version rather than to all.
        identity.versions.push(VersionClause::Range(String::new()));
    }
    Some(Product { wholes: vec![identity], parts: Vec::new() })
}

fn of_component(component: &Component) -> Identity {
    let mut identity = Identity::of(component.purl.as_str());
    let name = component.name.as_str();
    identity.name = Some(match component.version.as_str() {
        "" => name.to_owned(),
        version => format!("{name} {version}"),
    });
    // Our own documents describe an image by its name, with its digest as the version.
    if component.kind.as_str() == "container" {
        if component.version.as_str().starts_with("sha256:") {
            identity.hashes.push(component.version.as_str().to_owned());
        } else {
            identity.add(&format!("{name}:{}", component.version.as_str()));
        }
    }
    identity
}

/// A component of another document: its `bom-ref` is often its package URL, which says what it is
/// wherever it lies. Any other name means nothing without that document.
fn of_link(reference: &str) -> Identity {
    let fragment = reference
        .strip_prefix(LINK)
        .and_then(|link| link.split_once('#'))
        .map(|(_, fragment)| fragment);
    let name = Some(reference.to_owned());
    let text = match fragment {
        Some(fragment) if fragment.starts_with("pkg%3A") || fragment.starts_with("pkg%3a") => {
            crate::purl::decode(fragment)
        }
        Some(fragment) => fragment.to_owned(),
        None => reference.to_owned(),
    };
    if text.starts_with("pkg:") {
        Identity { name, ..Identity::of(&text) }
    } else {
        Identity { name, others: vec![reference.to_owned()], ..Identity::default() }
    }
}
