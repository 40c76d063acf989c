//! CycloneDX by the schema that its project publishes.

use bulkhead_sbom::{Contents, cyclonedx};
use jsonschema::Resource;
use serde_json::Value;

use crate::python;
use crate::samples::{empty, example};

/// The package of the Python index by which the CycloneDX project ships its schemas.
const PUBLISHED: &str = "cyclonedx-python-lib==11.12.0";

#[test]
fn a_report_with_everything_is_valid() {
    let Some(schema) = Schema::published() else { return };
    let report = example();
    schema.check(&cyclonedx::write(Contents::from(&report)).unwrap());
}

#[test]
fn an_empty_report_is_valid() {
    let Some(schema) = Schema::published() else { return };
    schema.check(&cyclonedx::write(Contents::from(&empty())).unwrap());
}

/// The check itself works: the schema refuses what the specification refuses.
#[test]
fn the_schema_refuses_invalid_documents() {
    let Some(schema) = Schema::published() else { return };
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}"#;
    assert_ne!(schema.errors(text), Vec::<String>::new());
}

struct Schema(jsonschema::Validator);

impl Schema {
    /// The schema of CycloneDX 1.6 with those that it refers to.
    fn published() -> Option<Self> {
        let schemas = python::package(PUBLISHED, &["--no-deps"])?.join("cyclonedx/schema/_res");
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
