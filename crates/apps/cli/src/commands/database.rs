//! `bulkhead db`.

mod keys;
mod pull;
mod push;

use std::fmt::Write as _;
use std::path::Path;

use bulkhead_advisories::{BuildOptions, BuildSummary, build};
use bulkhead_report::printable;

use super::databases;
use crate::arguments::{Build, Database};
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::terminal::Terminal;

/// Problems and files that are listed one by one.
const SHOWN: usize = 10;

pub(crate) fn run(command: Database, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Database::Build(arguments) => make(arguments, terminal),
        Database::Keygen(arguments) => keys::generate(&arguments),
        Database::Sign(arguments) => keys::sign(&arguments, terminal),
        Database::Verify(arguments) => keys::verify(&arguments),
        Database::Push(arguments) => push::run(&arguments, terminal),
        Database::Pull(arguments) => pull::run(&arguments, terminal),
    }
}

fn make(arguments: Build, terminal: Terminal) -> Result<u8, Failure> {
    let Some(file) = arguments.output.or_else(databases::default_file) else {
        return Err(Failure::new(
            "there is no data folder to put the database",
            "name it: -o FILE",
        ));
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs_err::create_dir_all(folder)?;
    }
    let options = BuildOptions {
        built_at: arguments.built_at,
        expires_at: arguments.expires_at,
        ..BuildOptions::default()
    };
    let bar = Bar::files(terminal);
    let built =
        build(&arguments.feeds, &arguments.advisories, &file, &options, &|path, done, of| {
            bar.step(done, of, &path.display().to_string());
        });
    bar.clear();
    let summary = built?;
    warn(&summary, terminal);
    output::standard(&describe(&summary, &file))?;
    Ok(0)
}

/// What went into the database, feed by feed.
fn describe(summary: &BuildSummary, file: &Path) -> String {
    let mut text = String::new();
    let width = summary.feeds.iter().map(|feed| feed.id.len()).max().unwrap_or(4).max(4);
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "{:width$}  {:10}  {:>8}  {:>9}", "FEED", "NEWEST", "RECORDS", "WITHDRAWN");
    for feed in &summary.feeds {
        let date = feed.date.as_deref().unwrap_or("undated");
        let _ = writeln!(
            text,
            "{:width$}  {:10}  {:>8}  {:>9}",
            printable(&feed.id),
            printable(date),
            feed.records,
            feed.dropped
        );
    }
    let digest = summary.digest.as_ref().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(
        text,
        "\n{}: {} rows about packages, {} bytes\n{digest}",
        file.display(),
        summary.affected_rows,
        summary.size
    );
    text
}

/// What did not go into it.
fn warn(summary: &BuildSummary, terminal: Terminal) {
    for (feed, reason) in &summary.postponed {
        terminal.warning(&format!("the feed {feed} is not read: {}", printable(reason)), None);
    }
    let files: Vec<String> =
        summary.unknown.iter().map(|file| file.display().to_string()).collect();
    list(&files, "no feed names the file", terminal);
    let problems: Vec<String> = summary
        .problems
        .iter()
        .map(|problem| match &problem.location {
            Some(location) => format!("{location}: {}", problem.message),
            None => problem.message.clone(),
        })
        .collect();
    list(&problems, "not read", terminal);
    if summary.further_problems > 0 {
        terminal.warning(&format!("{} further problems", summary.further_problems), None);
    }
}

fn list(lines: &[String], what: &str, terminal: Terminal) {
    for line in lines.iter().take(SHOWN) {
        terminal.warning(&format!("{what}: {}", printable(line)), None);
    }
    if lines.len() > SHOWN {
        terminal.warning(&format!("{what}: {} more", lines.len() - SHOWN), None);
    }
}
