//! `bulkhead db`.

mod build;
mod diff;
mod keys;
mod pull;
mod push;
mod search;
mod status;
mod update;

use serde::Serialize;

use crate::arguments::Database;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The version of the JSON that these commands write.
const SCHEMA_VERSION: &str = "1.0";

pub(crate) fn run(command: Database, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Database::Build(arguments) => build::run(arguments, terminal),
        Database::Update(arguments) => update::run(arguments, terminal),
        Database::Status(arguments) => status::run(&arguments, terminal),
        Database::Diff(arguments) => diff::run(&arguments),
        Database::Search(arguments) => search::run(&arguments, terminal),
        Database::Keygen(arguments) => keys::generate(&arguments),
        Database::Sign(arguments) => keys::sign(&arguments, terminal),
        Database::Verify(arguments) => keys::verify(&arguments),
        Database::Push(arguments) => push::run(&arguments, terminal),
        Database::Pull(arguments) => pull::run(&arguments, terminal),
    }
}

/// Writes a result for programs.
fn write_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    output::standard(&format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, Schema};

    use super::{diff, search, status};

    /// `BULKHEAD_UPDATE_SCHEMAS=1` writes the files anew after a change of the types.
    #[test]
    fn the_committed_schemas_are_those_of_the_types() -> Result<(), Box<dyn std::error::Error>> {
        let schemas: [(&str, Schema); 3] = [
            ("db-diff-1.json", schema::<diff::Document<'_>>()),
            ("db-search-1.json", schema::<search::Answer>()),
            ("db-status-1.json", schema::<status::Standing>()),
        ];
        let folder = bulkhead_testing::repository().join("content/schemas");
        for (name, schema) in schemas {
            let text = serde_json::to_string_pretty(&schema)? + "\n";
            let path = folder.join(name);
            if std::env::var_os("BULKHEAD_UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
                fs_err::write(&path, &text)?;
            }
            assert!(
                fs_err::read_to_string(&path)? == text,
                "the types of {name} have changed: run again with BULKHEAD_UPDATE_SCHEMAS=1 and raise \
                 SCHEMA_VERSION where readers must know"
            );
        }
        Ok(())
    }

    /// Of what is written: fields that may be left out are not required.
    fn schema<T: JsonSchema>() -> Schema {
        SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
    }
}
