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
