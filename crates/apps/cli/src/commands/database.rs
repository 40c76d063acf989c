//! `bulkhead db`.

mod build;
mod diff;
mod keys;
mod pull;
mod push;
mod search;
mod status;
mod update;

use crate::arguments::Database;
use crate::failure::Failure;
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

#[cfg(test)]
mod tests {
    use super::{diff, search, status};
    use crate::output::schema;

    #[test]
    fn the_committed_schemas_are_those_of_the_types() -> Result<(), Box<dyn std::error::Error>> {
        schema::check("db-diff-1.json", &schema::of::<diff::Document<'_>>())?;
        schema::check("db-search-1.json", &schema::of::<search::Answer>())?;
        schema::check("db-status-1.json", &schema::of::<status::Standing>())
    }
}
