//! OpenVEX 0.2.0, and 0.0.x with its plain texts (OpenVEX specification, "The VEX Document").

use std::collections::BTreeMap;

use bulkhead_limits::Budget;
use bulkhead_model::{Problem, ProblemKind};
use serde::Deserialize;

use super::{Document, Identity, Product, Statement, Status};
use crate::lenient::{List, Object, Text, TextOr};
use crate::{SbomError, json};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(rename = "@id")]
    id: Text,
    author: Text,
    timestamp: Text,
    statements: List<Object<RawStatement>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawStatement {
    vulnerability: TextOr<RawVulnerability>,
    timestamp: Text,
    products: List<TextOr<RawProduct>>,
    /// Of 0.0.x: those of every product.
    subcomponents: List<TextOr<RawProduct>>,
    status: Text,
    status_notes: Text,
    justification: Text,
    impact_statement: Text,
    action_statement: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawVulnerability {
    #[serde(rename = "@id")]
    id: Text,
    name: Text,
    aliases: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawProduct {
    #[serde(rename = "@id")]
    id: Text,
    hashes: Object<BTreeMap<String, Text>>,
    identifiers: Object<BTreeMap<String, Text>>,
    subcomponents: List<TextOr<RawProduct>>,
}

pub(super) fn read(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let file: File = json::parse(bytes, budget, "OpenVEX")?;
    let mut document = Document {
        id: file.id.0.unwrap_or_default(),
        author: file.author.filled(),
        ..Document::default()
    };
    let time = file.timestamp.filled();
    let limit = budget.limits().problems;
    for (index, raw) in file.statements.objects().enumerate() {
        budget.charge_entry()?;
        match statement(raw, time.as_deref()) {
            Ok(statement) => document.statements.push(statement),
            Err(cause) if document.problems.len() < limit => {
                let message = format!("statement {index}: {cause}; it is left out");
                document.problems.push(Problem::general(ProblemKind::Malformed, message));
            }
            Err(_) => {}
        }
    }
    Ok(document)
}

fn statement(raw: RawStatement, time: Option<&str>) -> Result<Statement, String> {
    let vulnerabilities = vulnerabilities(raw.vulnerability);
    if vulnerabilities.is_empty() {
        return Err("it names no vulnerability".to_owned());
    }
    let status = match raw.status.as_str() {
        "not_affected" => Status::NotAffected,
        "affected" => Status::Affected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(format!("the status {shown:?} is not known"));
        }
    };
    let common = parts(raw.subcomponents);
    let products: Vec<Product> = raw
        .products
        .0
        .into_iter()
        .filter_map(component)
        .map(|(whole, mut parts)| {
            parts.extend(common.iter().cloned());
            Product { wholes: vec![whole], parts }
        })
        .collect();
    if products.is_empty() {
        return Err("it names no product".to_owned());
    }
    let texts = [raw.impact_statement, raw.action_statement, raw.status_notes];
    Ok(Statement {
        vulnerabilities,
        products,
        status,
        justification: raw.justification.filled(),
        reason: texts.into_iter().find_map(Text::filled),
        time: raw.timestamp.filled().or_else(|| time.map(str::to_owned)),
    })
}

/// The name, the aliases, and of an IRI its last part: `…/vuln/detail/CVE-2021-44228`.
fn vulnerabilities(named: TextOr<RawVulnerability>) -> Vec<String> {
    let (id, texts) = match named {
        TextOr::Nothing => return Vec::new(),
        TextOr::Text(text) => (Some(text), Vec::new()),
        TextOr::Object(raw) => {
            (raw.id.filled(), raw.name.filled().into_iter().chain(raw.aliases.texts()).collect())
        }
    };
    let last = id.and_then(|id| id.rsplit(['/', '#']).next().map(str::to_owned));
    let mut names: Vec<String> = Vec::new();
    for name in texts.into_iter().chain(last) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A component and its subcomponents; none where nothing identifies it.
fn component(named: TextOr<RawProduct>) -> Option<(Identity, Vec<Identity>)> {
    let (identity, parts) = match named {
        TextOr::Nothing => return None,
        TextOr::Text(text) => (Identity::of(&text), Vec::new()),
        TextOr::Object(raw) => {
            let mut identity = Identity::of(raw.id.as_str());
            for (_, text) in raw.identifiers.0.unwrap_or_default() {
                identity.add(text.as_str());
            }
            let hashes = raw.hashes.0.unwrap_or_default();
            identity.hashes = hashes
                .into_iter()
                .filter_map(|(algorithm, value)| Some((algorithm, value.filled()?)))
                // `sha-256` here is `sha256` of image digests.
                .map(|(algorithm, value)| {
                    format!("{}:{value}", algorithm.to_ascii_lowercase().replace("sha-", "sha"))
                })
                .collect();
            (identity, parts(raw.subcomponents))
        }
    };
    (!identity.is_empty()).then_some((identity, parts))
}

/// Packages of a product. One that nothing identifies stays, and is none: left out, it would make
/// the statement one about the whole product.
fn parts(list: List<TextOr<RawProduct>>) -> Vec<Identity> {
    let identity = |named| component(named).map_or_else(Identity::default, |(part, _)| part);
    list.0.into_iter().map(identity).collect()
}
