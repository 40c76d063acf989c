//! `bulkhead db build`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bulkhead_advisories::{BuildOptions, BuildSummary, build};
use bulkhead_report::printable;

use crate::arguments::Build;
use crate::commands::databases;
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::terminal::Terminal;

/// The exit code where a feed broke off: the database is there, and something is missing in it.
const INCOMPLETE: u8 = 3;

/// Problems and files that are listed one by one.
const SHOWN: usize = 10;

pub(crate) fn run(arguments: Build, terminal: Terminal) -> Result<u8, Failure> {
    let file = file(arguments.output)?;
    let options = BuildOptions {
        built_at: arguments.built_at,
        expires_at: arguments.expires_at,
        ..BuildOptions::default()
    };
    let summary = make(&arguments.feeds, &arguments.advisories, &file, &options, terminal)?;
    output::standard(&describe(&summary, &file))?;
    Ok(if is_whole(&summary) { 0 } else { INCOMPLETE })
}

/// Whether every file of every feed was read to its end.
pub(super) fn is_whole(summary: &BuildSummary) -> bool {
    summary.feeds.iter().all(|feed| !feed.incomplete)
}

/// The database that is named, else the one that scans use by themselves. Its folder is there then.
pub(super) fn file(named: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let Some(file) = named.or_else(databases::default_file) else {
        return Err(Failure::new(
            "there is no data folder to put the database",
            "name it: -o FILE",
        ));
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs_err::create_dir_all(folder)?;
    }
    Ok(file)
}

/// Builds a database, with a bar for those who wait, and says what did not go into it.
pub(super) fn make(
    feeds: &Path,
    advisories: &[PathBuf],
    file: &Path,
    options: &BuildOptions,
    terminal: Terminal,
) -> Result<BuildSummary, Failure> {
    let bar = Bar::files(terminal);
    let built = build(feeds, advisories, file, options, &|path, done, of| {
        bar.step(done, of, &path.display().to_string());
    });
    bar.clear();
    let summary = built?;
    warn(&summary, terminal);
    Ok(summary)
}

/// What went into the database, feed by feed.
pub(super) fn describe(summary: &BuildSummary, file: &Path) -> String {
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
