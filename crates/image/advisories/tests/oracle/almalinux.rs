//! The OSV records of `AlmaLinux` as JSON values.

use std::collections::BTreeSet;
use std::path::Path;

use bulkhead_archive::zip;
use bulkhead_limits::{Budget, Limits};
use serde_json::Value;

use super::{Expected, Statement};

pub fn expected(file: &Path) -> Expected {
    let content = fs_err::read(file).unwrap();
    let budget = Budget::new(Limits::DEFAULT);
    let content = content.as_slice();
    let archive = zip::Archive::open(&content, &budget).unwrap();
    let mut expected = Expected::default();
    for entry in archive.entries() {
        let record = archive.read(&entry.unwrap(), 16 << 20).unwrap();
        record_of(&serde_json::from_slice(&record).unwrap(), &mut expected);
    }
    expected
}

fn record_of(record: &Value, expected: &mut Expected) {
    let bulletin = record["id"].as_str().unwrap();
    let empty = Vec::new();
    let related = record["related"].as_array().unwrap_or(&empty);
    // Bug fixes and enhancements are about a vulnerability only where they name one.
    if record["withdrawn"].is_string() || (related.is_empty() && !bulletin.starts_with("ALSA")) {
        return;
    }
    for name in related.iter().map(|name| name.as_str().unwrap()).filter(|name| *name != bulletin) {
        expected.covers.insert((bulletin.to_owned(), name.to_owned()));
    }
    let summary = record["summary"].as_str().unwrap_or_default().replace(',', " ");
    let named: Vec<&str> = summary
        .split_whitespace()
        .filter(|word| word.contains(':') && !word.ends_with(':'))
        .map(|word| word.split_once('/').map_or(word, |(module, _)| module))
        .collect();
    for package in record["affected"].as_array().unwrap_or(&empty) {
        let events = package["ranges"].as_array().unwrap_or(&empty).iter().flat_map(|range| {
            range["events"].as_array().unwrap().iter().filter_map(|event| event["fixed"].as_str())
        });
        for fixed in events {
            let modules = match (fixed.contains(".module_el"), named.as_slice()) {
                (false, _) => vec![""],
                (true, []) => vec!["*"],
                (true, named) => named.to_vec(),
            };
            for module in modules {
                expected.statements.insert(Statement {
                    bulletin: bulletin.to_owned(),
                    release: package["package"]["ecosystem"].as_str().unwrap()[10..].to_owned(),
                    package: package["package"]["name"].as_str().unwrap().to_owned(),
                    fixed: fixed.to_owned(),
                    architectures: BTreeSet::new(),
                    module: module.to_owned(),
                });
            }
        }
    }
}
