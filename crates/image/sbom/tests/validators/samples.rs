//! Reports to write down.

use bulkhead_model::Report;

/// The example of the report's own schema, which has every kind of statement in it.
pub(crate) fn example() -> Report {
    let path = bulkhead_testing::repository().join("content/schemas/examples/report-1.json");
    serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap()
}

/// The same without any package.
pub(crate) fn empty() -> Report {
    let mut report = example();
    report.created.clear();
    report.target = bulkhead_model::Target::default();
    report.inventory = bulkhead_model::Inventory::default();
    report.findings.clear();
    report.not_assessed.clear();
    report
}
