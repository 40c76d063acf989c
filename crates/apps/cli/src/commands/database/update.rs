//! `bulkhead db update`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bulkhead_advisories::{BuildOptions, BuildSummary, Catalogue, Database, locate};
use bulkhead_report::printable;
use bulkhead_supply::mirror::{Mirror, MirrorError, Options, Outcome, Server};

use super::build;
use crate::arguments::Update;
use crate::commands::{databases, network, survey};
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::terminal::Terminal;

/// The exit code where a feed could not be brought up to date.
const INCOMPLETE: u8 = 3;

pub(crate) fn run(arguments: Update, terminal: Terminal) -> Result<u8, Failure> {
    let (options, network) = prepared(&arguments)?;
    // Before anything is made: offline there is no client.
    let client = network.client().map_err(MirrorError::from)?;
    let folder = arguments.mirror_dir.clone().or_else(databases::default_mirror);
    let folder = folder.ok_or_else(|| {
        Failure::new("there is no data folder to put the mirror", "name it: --mirror-dir DIR")
    })?;
    let mut mirror = Mirror::open(&folder)?;
    let bar = Arc::new(Bar::transfers(terminal));
    let outcomes = mirror.update(&Catalogue::embedded()?, &client, &options, Arc::clone(&bar) as _);
    bar.clear();
    let outcomes = outcomes?;
    let mut text = describe(&outcomes);
    warn(&outcomes, terminal);
    let mut is_complete = outcomes.iter().all(|outcome| outcome.failures.is_empty());
    if !arguments.no_build {
        // The mirror is held until the database is made of it.
        let file = build::file(arguments.output)?;
        let summary = built(&file, &arguments.advisories, mirror.path(), terminal)?;
        is_complete &= build::is_whole(&summary);
        text = format!("{text}\n{}", build::describe(&summary, &file));
    }
    output::standard(&text)?;
    Ok(if is_complete { 0 } else { INCOMPLETE })
}

fn prepared(arguments: &Update) -> Result<(Options, bulkhead_http::Network), Failure> {
    let insecure = arguments.network.insecure;
    let from = match &arguments.from {
        Some(from) => Some(Server::parse(from.expose(), arguments.from_token.as_ref(), insecure)?),
        None if insecure => {
            return Err(Failure::new(
                "--insecure is for the server that --from names",
                "publishers are asked with TLS only; --cacert FILE trusts a further authority",
            ));
        }
        None => None,
    };
    let mut network = network::of(&arguments.network);
    network.insecure.extend(from.as_ref().filter(|_| insecure).map(Server::authority));
    let options = Options {
        feeds: arguments.feeds.clone(),
        from,
        parallel: usize::from(arguments.parallel),
        file_bytes: arguments.max_file_size.saturating_mul(1 << 20),
        free_bytes: arguments.keep_free.saturating_mul(1 << 20),
        now: survey::now().to_string(),
    };
    Ok((options, network))
}

/// Makes the database, and names feeds that lost much.
fn built(
    file: &Path,
    advisories: &[PathBuf],
    mirror: &Path,
    terminal: Terminal,
) -> Result<BuildSummary, Failure> {
    let has_feeds = !locate(&Catalogue::embedded()?, mirror)?.feeds.is_empty();
    if !has_feeds && advisories.is_empty() {
        return Err(Failure::new(
            "nothing was fetched, and nothing was there before: there is no database to build",
            "see the reasons above; a mirror of the feeds can be asked with --from URL",
        ));
    }
    let before = counts(file);
    let summary = build::make(mirror, advisories, file, &BuildOptions::default(), terminal)?;
    for (feed, was, is) in shrunken(&before, &summary) {
        terminal.warning(
            &format!(
                "the feed {} has {is} records, {was} in the database before",
                printable(&feed)
            ),
            Some("look at what its publisher says before you trust that so much is gone"),
        );
    }
    Ok(summary)
}

/// The records of each feed in the database that is about to be replaced, where there is one.
fn counts(file: &Path) -> BTreeMap<String, u64> {
    let statement = Database::open(file).and_then(|database| database.statement(""));
    let feeds = statement.map(|statement| statement.feeds).unwrap_or_default();
    feeds.into_iter().map(|feed| (feed.id, feed.records)).collect()
}

/// Feeds that lost more than half of what they had.
fn shrunken(before: &BTreeMap<String, u64>, summary: &BuildSummary) -> Vec<(String, u64, u64)> {
    let records = |id: &str| {
        summary.feeds.iter().filter(|feed| feed.id == id).map(|feed| feed.records).sum::<u64>()
    };
    let all = before.iter().map(|(id, was)| (id.clone(), *was, records(id)));
    all.filter(|(_, was, is)| *is < was / 2).collect()
}

/// What became of each feed.
fn describe(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|outcome| outcome.id.len()).max().unwrap_or(4).max(4);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{:width$}  {:>8}  {:>9}  {:>7}  {:>12}",
        "FEED", "FETCHED", "UNCHANGED", "REMOVED", "BYTES"
    );
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_absent()) {
        let mark = if outcome.failures.is_empty() { "" } else { "FAILED: the old is kept" };
        let line = format!(
            "{:width$}  {:>8}  {:>9}  {:>7}  {:>12}  {mark}",
            outcome.id, outcome.fetched, outcome.unchanged, outcome.removed, outcome.bytes
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let absent: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.is_absent())
        .map(|outcome| outcome.id.as_str())
        .collect();
    if !absent.is_empty() {
        let _ = writeln!(text, "\nnot on the server: {}", absent.join(", "));
    }
    text
}

/// Failures that are listed of one feed.
const SHOWN: usize = 3;

fn warn(outcomes: &[Outcome], terminal: Terminal) {
    // The same reason may hold for every feed, and one hint is enough for it.
    let mut hints = BTreeSet::new();
    for outcome in outcomes {
        for path in &outcome.mended {
            let path = printable(path);
            terminal.warning(
                &format!("{path} was not as it had been fetched, and was fetched anew"),
                None,
            );
        }
        for failure in outcome.failures.iter().take(SHOWN) {
            let message = format!("the feed {}: {}", outcome.id, printable(&failure.message));
            let hint = failure.hint.as_deref().filter(|hint| hints.insert(*hint));
            terminal.warning(&message, hint);
        }
        let rest = outcome.failures.len().saturating_sub(SHOWN);
        if rest > 0 {
            terminal.warning(&format!("the feed {}: {rest} further failures", outcome.id), None);
        }
    }
}
