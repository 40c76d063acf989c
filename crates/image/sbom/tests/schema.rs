//! What is written is valid by the publisher's own schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_model::Report;
use bulkhead_sbom::cyclonedx::{self, Contents};
use jsonschema::Resource;
use serde_json::Value;

/// The package of the Python index by which the CycloneDX project ships its schemas.
const PUBLISHED: &str = "cyclonedx-python-lib==11.12.0";

#[test]
fn a_report_with_everything_is_valid() {
    let Some(schema) = Schema::published() else { return };
    let text = fs_err::read_to_string(example()).unwrap();
    let report: Report = serde_json::from_str(&text).unwrap();
    schema.check(&cyclonedx::write(Contents::from(&report)).unwrap());
}

#[test]
fn an_empty_report_is_valid() {
    let Some(schema) = Schema::published() else { return };
    let contents = Contents {
        target: &bulkhead_model::Target::default(),
        inventory: &bulkhead_model::Inventory::default(),
        findings: &[],
        suppressed: &[],
        not_assessed: &[],
        tool: "bulkhead 0.1.0",
        created: "",
    };
    schema.check(&cyclonedx::write(contents).unwrap());
}

/// The check itself works: the schema refuses what the specification refuses.
#[test]
fn the_schema_refuses_invalid_documents() {
    let Some(schema) = Schema::published() else { return };
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}"#;
    assert_ne!(schema.errors(text), Vec::<String>::new());
}

/// The example of the report's own schema, which has every kind of statement in it.
fn example() -> PathBuf {
    bulkhead_testing::repository().join("content/schemas/examples/report-1.json")
}

struct Schema(jsonschema::Validator);

impl Schema {
    /// The schema of CycloneDX 1.6 with those that it refers to.
    fn published() -> Option<Self> {
        let python = bulkhead_testing::tool("python3")?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PUBLISHED);
        let schemas = folder.join("cyclonedx/schema/_res");
        if !schemas.try_exists().unwrap() {
            // Unpacked beside and renamed, because tests run at the same time.
            let fresh = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let status = Command::new(python)
                .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
                .arg(fresh.path())
                .args(["--disable-pip-version-check", "--root-user-action=ignore", PUBLISHED])
                .status()
                .unwrap();
            if !status.success() {
                bulkhead_testing::skip("the published CycloneDX schema could not be installed");
                return None;
            }
            let _ = fs_err::rename(fresh.path(), &folder);
        }
        let read = |name: &str| -> Value {
            let text = fs_err::read_to_string(schemas.join(name)).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let mut registry = jsonschema::Registry::new();
        for name in ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"] {
            let address = format!("http://cyclonedx.org/schema/{name}");
            registry = registry.add(address, Resource::from_contents(read(name))).unwrap();
        }
        let registry = registry.prepare().unwrap();
        let validator = jsonschema::options()
            .with_registry(&registry)
            .should_validate_formats(true)
            .build(&read("bom-1.6.SNAPSHOT.schema.json"))
            .unwrap();
        Some(Self(validator))
    }

    fn errors(&self, text: &str) -> Vec<String> {
        let document: Value = serde_json::from_str(text).unwrap();
        self.0
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    #[track_caller]
    fn check(&self, text: &str) {
        assert_eq!(self.errors(text), Vec::<String>::new(), "{text}");
    }
}
