//! The schemas in `content/schemas` are those of the types that are written.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

/// Of what is written: fields that may be left out are not required.
pub(crate) fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// Holds a committed schema against the type. `BULKHEAD_UPDATE_SCHEMAS=1` writes the file anew after a change.
pub(crate) fn check(name: &str, schema: &Schema) -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_string_pretty(schema)? + "\n";
    let path = bulkhead_testing::repository().join("content/schemas").join(name);
    if std::env::var_os("BULKHEAD_UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
        fs_err::write(&path, &text)?;
    }
    assert!(
        fs_err::read_to_string(&path)? == text,
        "the types of {name} have changed: run again with BULKHEAD_UPDATE_SCHEMAS=1 and raise \
         SCHEMA_VERSION where readers must know"
    );
    Ok(())
}
