//! `bulkhead`: reads arguments, calls the crates that do the work, writes results.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 clean, 1 the tool
//! failed, 2 a gate was hit, 3 something was not assessed, 4 a signature was refused; where several
//! hold, 1, then 4, 2, 3.

mod allocator;
mod arguments;
mod commands;
mod failure;
mod output;
mod progress;
mod terminal;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use bulkhead_settings::Settings;
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The argument that makes this program a worker. It is no command of the command line: a worker
/// reads no settings.
const WORKER: &str = "worker";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).map(OsString::as_os_str) == Some(OsStr::new(WORKER)) {
        return bulkhead_scan::worker(&bulkhead_scan::detectors());
    }
    if let Some(ended) = commands::sensor::part(arguments.get(1)) {
        return ended;
    }
    let (arguments, settings) = match parse(&arguments) {
        Ok(parsed) => parsed,
        Err(Stop::Shown(code)) => return code,
        Err(Stop::Failed(failure)) => return failure.report(Terminal::default()),
    };
    let terminal = Terminal::new(&arguments.common);
    match run(arguments, &settings, terminal) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failure.report(terminal),
    }
}

fn run(arguments: Arguments, settings: &Settings, terminal: Terminal) -> Result<u8, Failure> {
    match arguments.command {
        Command::Scan(scan) => commands::scan::run(&scan, terminal),
        Command::Sbom(sbom) => commands::sbom::run(&sbom, terminal),
        Command::Explain(explain) => commands::explain::run(&explain, terminal),
        Command::Db(database) => commands::database::run(database, terminal),
        Command::Rules(command) => commands::rules::run(&command, terminal),
        Command::Sensor(command) => commands::sensor::run(&command, terminal),
        Command::K8s(command) => commands::k8s::run(&command, terminal),
        Command::Config(_) => commands::config::run(settings),
        Command::Version => commands::version::run(),
    }
}

/// Why there is nothing to run.
enum Stop {
    /// Help was shown, or clap's own message.
    Shown(ExitCode),
    Failed(Failure),
}

/// Reads the arguments, with what environment and settings file say. The file is named by an
/// argument itself, so that is looked for first.
fn parse(arguments: &[OsString]) -> Result<(Arguments, Settings), Stop> {
    let file = settings_file(arguments);
    let settings = Settings::find(file.as_deref()).map_err(|error| Stop::Failed(error.into()))?;
    let command = bulkhead_settings::apply(Arguments::command(), &settings)
        .map_err(|error| Stop::Failed(error.into()))?;
    let parsed = command
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| Stop::Shown(failure::usage(&error)))?;
    Ok((parsed, settings))
}

fn settings_file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter();
    let named = rest.find_map(|argument| {
        let text = argument.to_str()?;
        text.strip_prefix("--config").map(|value| value.strip_prefix('=').map(PathBuf::from))
    });
    match named {
        Some(Some(path)) => Some(path),
        Some(None) => rest.next().map(PathBuf::from),
        None => std::env::var_os("BULKHEAD_CONFIG").map(PathBuf::from),
    }
}
