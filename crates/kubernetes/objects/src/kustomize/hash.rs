//! The hash at the end of generated names.
//!
//! SHA-256 of the object's content as Go's `encoding/json` writes it, ten digits of it in an
//! alphabet without vowels, so that no word appears.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::resource::Resource;
use crate::json;
use crate::node::{Node, Value};

/// Adds the hashes of those resources that ask for one.
pub(super) fn add(resources: &mut [Resource]) {
    for resource in resources.iter_mut().filter(|resource| resource.hashed) {
        let hash = hash(&resource.node);
        resource.remember();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name);
    }
}

fn hash(node: &Node<'_>) -> String {
    let kind = node.text("kind");
    let is_secret = kind == "Secret";
    let second = if is_secret { "stringData" } else { "binaryData" };
    let mut fields: Vec<(&str, String)> =
        // kustomize looks for the name in a field that does not exist.
        vec![("kind", quoted(kind)), ("name", quoted("")), ("data", map(node.get("data")))];
    if node.get(second).is_some_and(|node| matches!(node.value, Value::Map(_))) {
        fields.push((second, map(node.get(second))));
    }
    if is_secret {
        fields.push(("type", quoted(node.text("type"))));
    }
    fields.sort_unstable();
    let fields: Vec<String> =
        fields.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    encode(&format!("{{{}}}", fields.join(",")))
}

/// A map of texts; an empty text where there is none.
fn map(node: Option<&Node<'_>>) -> String {
    let Some(node) = node else { return "\"\"".to_owned() };
    let mut pairs: Vec<(&str, String)> = node
        .entries()
        .iter()
        .map(|entry| (&*entry.key, quoted(entry.node.as_text().unwrap_or_default())))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
    format!("{{{}}}", pairs.join(","))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    json::quote(text, &mut quoted);
    quoted
}

fn encode(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut hexadecimal = String::new();
    for byte in digest.iter().take(5) {
        // Writing to a text cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
        .chars()
        .map(|digit| match digit {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            digit => digit,
        })
        .collect()
}
