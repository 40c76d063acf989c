//! From JSON to a document.

use std::collections::BTreeMap;
use std::sync::Arc;

use bulkhead_limits::Budget;
use bulkhead_model::{Problem, ProblemKind};

use super::{
    Branch, Document, Flag, Note, Product, Products, Publisher, Reference, Relationship,
    Remediation, Score, Selection, Status, Threat, Tracking, Vulnerability, raw,
};
use crate::lenient::{List, Object, Text};
use crate::{SbomError, json};

const EXPECTED: &str = "CSAF";

/// Reads a CSAF 2.0 or 2.1 document. Fails where the bytes are no such document; what of it is broken is
/// left out and told as a problem.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let file: raw::File = json::parse(bytes, budget, EXPECTED)?;
    let head = file.head.0.unwrap_or_default();
    if head.csaf_version.as_str().is_empty() {
        let found = "a JSON object without csaf_version";
        return Err(SbomError::Format { expected: EXPECTED, found });
    }
    let mut problems = Problems { list: Vec::new(), limit: budget.limits().problems };
    if !matches!(head.csaf_version.as_str(), "2.0" | "2.1") {
        let version = head.csaf_version.as_str();
        problems.add(ProblemKind::Ambiguous, format!("CSAF {version:?} is read as 2.0"));
    }
    let products = products(file.product_tree.0.unwrap_or_default(), budget, &mut problems)?;
    if file.vulnerabilities.others > 0 {
        let count = file.vulnerabilities.others;
        let message = format!("{count} vulnerabilities are no JSON objects");
        problems.add(ProblemKind::Malformed, message);
    }
    let mut vulnerabilities = Vec::new();
    for (index, part) in file.vulnerabilities.values.into_iter().enumerate() {
        budget.charge_entry()?;
        vulnerabilities.extend(vulnerability(part, index, &products, &mut problems));
    }
    Ok(Document {
        category: text(head.category),
        csaf_version: text(head.csaf_version),
        title: text(head.title),
        publisher: publisher(head.publisher.0.unwrap_or_default()),
        tracking: tracking(head.tracking.0.unwrap_or_default()),
        aggregate_severity: head.aggregate_severity.0.and_then(|severity| severity.text.filled()),
        notes: notes(head.notes),
        references: references(head.references),
        products,
        vulnerabilities,
        problems: problems.list,
    })
}

/// The problems, as many as the budget wants told.
struct Problems {
    list: Vec<Problem>,
    limit: usize,
}

impl Problems {
    fn add(&mut self, kind: ProblemKind, message: String) {
        if self.list.len() < self.limit {
            self.list.push(Problem::general(kind, message));
        }
    }
}

fn publisher(publisher: raw::Publisher) -> Publisher {
    Publisher {
        name: text(publisher.name),
        namespace: text(publisher.namespace),
        category: text(publisher.category),
    }
}

fn tracking(tracking: raw::Tracking) -> Tracking {
    Tracking {
        id: text(tracking.id),
        aliases: tracking.aliases.texts().collect(),
        status: text(tracking.status),
        version: text(tracking.version),
        initial_release_date: tracking.initial_release_date.filled(),
        current_release_date: tracking.current_release_date.filled(),
    }
}

/// Products of every part of the tree. A branch's inner ones are read after it, from a list: the
/// depth is the JSON reader's, but no stack of ours need grow with it.
fn products(
    tree: raw::ProductTree,
    budget: &Budget,
    problems: &mut Problems,
) -> Result<Products, SbomError> {
    let mut by_id: BTreeMap<String, Product> = BTreeMap::new();
    let is_same = |one: &Product, other: &Product| {
        (&one.name, &one.purl, &one.cpe, &one.relationship)
            == (&other.name, &other.purl, &other.cpe, &other.relationship)
    };
    let mut add = |product: Product, problems: &mut Problems| -> Result<(), SbomError> {
        budget.charge_entry()?;
        if product.id.is_empty() {
            let message = format!("the product {:?} has no id", shortened(&product.name));
            problems.add(ProblemKind::Malformed, message);
        } else if let Some(known) = by_id.get(&product.id) {
            // SUSE's generator repeats platforms, and says the same of them.
            if is_same(known, &product) {
                return Ok(());
            }
            let message = format!("a second product has the id {:?}", shortened(&product.id));
            problems.add(ProblemKind::Ambiguous, message);
        } else {
            by_id.insert(product.id.clone(), product);
        }
        Ok(())
    };
    let mut pending: Vec<(raw::Branch, Option<Arc<Branch>>)> =
        tree.branches.objects().map(|branch| (branch, None)).collect();
    pending.reverse();
    while let Some((inner, parent)) = pending.pop() {
        let branch =
            Arc::new(Branch { category: text(inner.category), name: text(inner.name), parent });
        if let Some(named) = inner.product.0 {
            let branch = Some(Arc::clone(&branch));
            add(Product { branch, ..product(named) }, problems)?;
        }
        let before = pending.len();
        pending.extend(inner.branches.objects().map(|inner| (inner, Some(Arc::clone(&branch)))));
        if let Some(added) = pending.get_mut(before..) {
            added.reverse();
        }
    }
    for named in tree.full_product_names.objects() {
        add(product(named), problems)?;
    }
    for relation in tree.relationships.objects() {
        let relationship = Some(Relationship {
            category: text(relation.category),
            product: text(relation.product_reference),
            relates_to: text(relation.relates_to_product_reference),
        });
        let named = relation.full_product_name.0.unwrap_or_default();
        add(Product { relationship, ..product(named) }, problems)?;
    }
    let groups = tree
        .product_groups
        .objects()
        .filter_map(|group| Some((group.group_id.filled()?, group.product_ids.texts().collect())));
    Ok(Products { by_id, groups: groups.collect() })
}

fn product(product: raw::Product) -> Product {
    let helper = product.helper.0.unwrap_or_default();
    let hashes = helper.hashes.objects().flat_map(|hashes| hashes.file_hashes.objects());
    Product {
        id: text(product.id),
        name: text(product.name),
        branch: None,
        purl: helper.purl.filled().or_else(|| helper.purls.texts().next()),
        cpe: helper.cpe.filled(),
        hashes: hashes
            .filter_map(|hash| {
                Some(format!("{}:{}", hash.algorithm.filled()?, hash.value.filled()?))
            })
            .collect(),
        relationship: None,
    }
}

/// One vulnerability, unless nobody could tell which it is.
fn vulnerability(
    part: raw::Vulnerability,
    index: usize,
    products: &Products,
    problems: &mut Problems,
) -> Option<Vulnerability> {
    let cve = part.cve.filled();
    let ids: Vec<(String, String)> = part
        .ids
        .objects()
        .filter_map(|id| Some((text(id.system_name), id.text.filled()?)))
        .collect();
    let title = part.title.filled();
    if cve.is_none() && ids.is_empty() && title.is_none() {
        let message = format!("vulnerability {index} has neither an id nor a title");
        problems.add(ProblemKind::Malformed, message);
        return None;
    }
    let name = cve.as_deref().or(ids.first().map(|(_, id)| id.as_str())).or(title.as_deref());
    let name = shortened(name.unwrap_or_default());
    let weaknesses = part.cwe.0.into_iter().chain(part.cwes.objects());
    let product_status =
        product_status(part.product_status.0.unwrap_or_default(), &name, products, problems);
    Some(Vulnerability {
        cwes: weaknesses.filter_map(|weakness| cwe(weakness.id.as_str())).collect(),
        release_date: part.release_date.filled(),
        discovery_date: part.discovery_date.filled(),
        notes: notes(part.notes),
        references: references(part.references),
        product_status,
        flags: part.flags.objects().map(flag).collect(),
        remediations: part.remediations.objects().map(remediation).collect(),
        scores: part.scores.objects().map(score).collect(),
        threats: part.threats.objects().map(threat).collect(),
        cve,
        ids,
        title,
    })
}

fn product_status(
    status: BTreeMap<String, List<Text>>,
    vulnerability: &str,
    products: &Products,
    problems: &mut Problems,
) -> BTreeMap<Status, Vec<String>> {
    let mut known: BTreeMap<Status, Vec<String>> = BTreeMap::new();
    let mut lost: usize = 0;
    for (name, ids) in status {
        let Some(status) = Status::of(&name) else {
            let message = format!("{vulnerability}: status {:?} is not known", shortened(&name));
            problems.add(ProblemKind::Malformed, message);
            continue;
        };
        let ids: Vec<String> = ids.texts().collect();
        lost = lost.saturating_add(ids.iter().filter(|id| products.get(id).is_none()).count());
        known.entry(status).or_default().extend(ids);
    }
    if lost > 0 {
        let message = format!("{vulnerability}: {lost} product ids stand for no product");
        problems.add(ProblemKind::Malformed, message);
    }
    known
}

fn flag(flag: raw::Flag) -> Flag {
    Flag { label: text(flag.label), selection: selection(flag.product_ids, flag.group_ids) }
}

fn remediation(remediation: raw::Remediation) -> Remediation {
    Remediation {
        category: text(remediation.category),
        details: text(remediation.details),
        url: remediation.url.filled(),
        selection: selection(remediation.product_ids, remediation.group_ids),
    }
}

fn score(score: raw::Score) -> Score {
    let vectors = [score.cvss_v2, score.cvss_v3, score.cvss_v4].into_iter();
    Score {
        vectors: vectors
            .filter_map(|vector| vector.0)
            .filter_map(|vector| Some((vector.vector_string.filled()?, vector.base_score.0)))
            .collect(),
        selection: selection(score.products, List::default()),
    }
}

fn threat(threat: raw::Threat) -> Threat {
    Threat {
        category: text(threat.category),
        details: threat.details.filled().unwrap_or_else(|| text(threat.description)),
        selection: selection(threat.product_ids, threat.group_ids),
    }
}

fn selection(products: List<Text>, groups: List<Text>) -> Selection {
    Selection { products: products.texts().collect(), groups: groups.texts().collect() }
}

fn notes(notes: List<Object<raw::Note>>) -> Vec<Note> {
    let note = |note: raw::Note| Note {
        category: text(note.category),
        title: note.title.filled(),
        text: text(note.text),
    };
    notes.objects().map(note).collect()
}

fn references(references: List<Object<raw::Reference>>) -> Vec<Reference> {
    let reference = |reference: raw::Reference| Reference {
        category: text(reference.category),
        summary: text(reference.summary),
        url: text(reference.url),
    };
    references.objects().map(reference).collect()
}

fn cwe(id: &str) -> Option<u32> {
    id.trim().strip_prefix("CWE-")?.parse().ok()
}

fn text(text: Text) -> String {
    text.0.unwrap_or_default()
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}
