//! CSAF documents as statements (section 4.5, the VEX profile; other profiles are read alike).

use std::collections::BTreeMap;

use bulkhead_limits::Budget;

use super::{Document, Identity, Product, Statement, Status, VersionClause};
use crate::SbomError;
use crate::csaf::{self, Products, Vulnerability};

/// What the statuses of a document mean.
const STATUSES: [(csaf::Status, Status); 6] = [
    (csaf::Status::KnownNotAffected, Status::NotAffected),
    (csaf::Status::Fixed, Status::Fixed),
    (csaf::Status::FirstFixed, Status::Fixed),
    (csaf::Status::KnownAffected, Status::Affected),
    (csaf::Status::FirstAffected, Status::Affected),
    (csaf::Status::UnderInvestigation, Status::UnderInvestigation),
];

pub(super) fn read(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let document = csaf::read(bytes, budget)?;
    let time = document.tracking.current_release_date.as_deref();
    let mut statements = Vec::new();
    for vulnerability in &document.vulnerabilities {
        for (of_document, status) in STATUSES {
            let ids = vulnerability.products(of_document);
            ids.iter().try_for_each(|_| budget.charge_entry())?;
            statements.extend(of_status(vulnerability, ids, status, &document.products, time));
        }
    }
    Ok(Document {
        id: document.tracking.id,
        author: Some(document.publisher.name).filter(|name| !name.is_empty()),
        statements,
        problems: document.problems,
    })
}

/// One statement for all products of which the same is said.
fn of_status(
    vulnerability: &Vulnerability,
    ids: &[String],
    status: Status,
    products: &Products,
    time: Option<&str>,
) -> Vec<Statement> {
    let vulnerabilities: Vec<String> = vulnerability.names().map(str::to_owned).collect();
    if vulnerabilities.is_empty() {
        return Vec::new();
    }
    let mut by_reason: BTreeMap<(Option<&str>, Option<&str>), Vec<Product>> = BTreeMap::new();
    for id in ids {
        let Some(product) = product(&products.resolve(id)) else { continue };
        let reasons = (
            justification(vulnerability, id, status, products),
            reason(vulnerability, id, status, products),
        );
        by_reason.entry(reasons).or_default().push(product);
    }
    by_reason
        .into_iter()
        .map(|((justification, reason), products)| Statement {
            vulnerabilities: vulnerabilities.clone(),
            products,
            status,
            justification: justification.map(str::to_owned),
            reason: reason.map(str::to_owned),
            time: time.map(str::to_owned),
        })
        .collect()
}

/// The component is the part, what it comes with the wholes.
fn product(chain: &[&csaf::Product]) -> Option<Product> {
    let (first, rest) = chain.split_first()?;
    let first = identity(first);
    Some(if rest.is_empty() {
        Product { wholes: vec![first], parts: Vec::new() }
    } else {
        let wholes = rest.iter().map(|product| identity(product)).collect();
        Product { wholes, parts: vec![first] }
    })
}

/// The machine-readable reason why a product is not affected.
fn justification<'a>(
    vulnerability: &'a Vulnerability,
    id: &str,
    status: Status,
    products: &Products,
) -> Option<&'a str> {
    let selected = |flag: &&csaf::Flag| products.selects(&flag.selection, id);
    let flag = vulnerability.flags.iter().find(selected).filter(|_| status.suppresses())?;
    Some(flag.label.as_str())
}

/// What people are told: the impact where there is none, else what to do.
fn reason<'a>(
    vulnerability: &'a Vulnerability,
    id: &str,
    status: Status,
    products: &Products,
) -> Option<&'a str> {
    let text = if status == Status::NotAffected {
        let mut impacts = vulnerability.threats.iter().filter(|it| it.category == "impact");
        impacts.find(|it| products.selects(&it.selection, id))?.details.as_str()
    } else {
        let mut remediations = vulnerability.remediations.iter();
        remediations.find(|it| products.selects(&it.selection, id))?.details.as_str()
    };
    (!text.is_empty()).then_some(text)
}

fn identity(product: &csaf::Product) -> Identity {
    let range = product
        .branch
        .as_ref()
        .filter(|branch| branch.category == "product_version_range")
        .map(|branch| VersionClause::Range(branch.name.clone()));
    Identity {
        name: Some(product.name.clone()).filter(|name| !name.is_empty()),
        purls: product.purl.clone().into_iter().collect(),
        others: Vec::new(),
        hashes: product.hashes.clone(),
        cpes: product.cpe.clone().into_iter().collect(),
        versions: range.into_iter().collect(),
    }
}
