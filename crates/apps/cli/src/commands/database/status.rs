//! `bulkhead db status`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use bulkhead_advisories::{Catalogue, Database};
use bulkhead_report::printable;
use bulkhead_supply::mirror::{Mirror, State};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::SCHEMA_VERSION;
use crate::arguments::{Databases, Form, Status};
use crate::commands::{databases, survey};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit code where something is outdated.
const OUTDATED: u8 = 3;

/// The state of a database and of the mirror that it may have been built from.
#[derive(Serialize, JsonSchema)]
pub(super) struct Standing {
    schema_version: &'static str,
    database: DatabaseStanding,
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror: Option<MirrorStanding>,
}

#[derive(Serialize, JsonSchema)]
struct DatabaseStanding {
    name: String,
    digest: String,
    sequence: u64,
    built: Option<String>,
    expires: Option<String>,
    expired: bool,
    /// Whether it is the set inside the binary, for the lack of another.
    starter: bool,
    statements: u64,
    feeds: Vec<FeedStanding>,
}

#[derive(Serialize, JsonSchema)]
struct FeedStanding {
    id: String,
    /// Of its newest statement.
    date: Option<String>,
    age_days: Option<i64>,
    records: u64,
    outdated: bool,
    scopes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct MirrorStanding {
    folder: PathBuf,
    feeds: Vec<MirroredFeed>,
}

#[derive(Serialize, JsonSchema, Default)]
struct MirroredFeed {
    id: String,
    files: u64,
    bytes: u64,
    /// When all of its files were last known to be what the server has.
    confirmed: Option<String>,
}

pub(crate) fn run(arguments: &Status, terminal: Terminal) -> Result<u8, Failure> {
    let wanted = Databases { db: arguments.db.clone(), advisories: Vec::new() };
    let opened = databases::open(&wanted)?;
    opened.warn(terminal, survey::now());
    let [database, ..] = opened.databases.as_slice() else { return Ok(OUTDATED) };
    let standing = Standing {
        schema_version: SCHEMA_VERSION,
        database: of_database(database, opened.is_starter, survey::now())?,
        mirror: of_mirror(arguments.mirror_dir.clone())?,
    };
    match arguments.output {
        Form::Json => output::json(&standing)?,
        Form::Table => output::standard(&table(&standing))?,
    }
    let database = &standing.database;
    let is_old = database.expired || database.feeds.iter().any(|feed| feed.outdated);
    Ok(if is_old || database.starter { OUTDATED } else { 0 })
}

fn of_database(
    database: &Database,
    starter: bool,
    now: Timestamp,
) -> Result<DatabaseStanding, Failure> {
    let today = survey::day(now);
    let statement = database.statement(&today)?;
    let day: Option<Date> = today.parse().ok();
    let age = |date: &Option<String>| {
        let date: Date = date.as_deref()?.parse().ok()?;
        Some(day?.duration_since(date).as_hours() / 24)
    };
    Ok(DatabaseStanding {
        name: statement.name,
        digest: statement.digest.to_string(),
        sequence: database.sequence(),
        built: statement.built,
        expires: database.expires_at().map(|moment| moment.to_string()),
        expired: database.expires_at().is_some_and(|moment| moment < now),
        starter,
        statements: database.affected_rows(),
        feeds: statement
            .feeds
            .into_iter()
            .map(|feed| FeedStanding {
                age_days: age(&feed.date),
                id: feed.id,
                date: feed.date,
                records: feed.records,
                outdated: feed.outdated,
                scopes: feed.scopes,
            })
            .collect(),
    })
}

/// The mirror that is named, else the one in the user's data folder, if it is there.
fn of_mirror(named: Option<PathBuf>) -> Result<Option<MirrorStanding>, Failure> {
    let default = || databases::default_mirror().filter(|folder| folder.is_dir());
    let Some(folder) = named.or_else(default) else { return Ok(None) };
    let State { files, .. } = Mirror::remembered(&folder)?;
    let catalogue = Catalogue::embedded()?;
    let mut feeds: BTreeMap<&str, MirroredFeed> = BTreeMap::new();
    for (path, file) in &files {
        let Some(feed) = catalogue.feeds.iter().find(|feed| feed.holds(path)) else { continue };
        let standing = feeds.entry(&feed.id).or_default();
        standing.id.clone_from(&feed.id);
        standing.files += 1;
        standing.bytes += file.size;
        let known = standing.confirmed.take();
        standing.confirmed = Some(
            known.map_or_else(|| file.confirmed.clone(), |known| known.min(file.confirmed.clone())),
        );
    }
    Ok(Some(MirrorStanding { folder, feeds: feeds.into_values().collect() }))
}

fn table(standing: &Standing) -> String {
    let mut text = String::new();
    let database = &standing.database;
    let unstated = || "not stated".to_owned();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", printable(&database.name));
    let _ = writeln!(text, "  digest      {}", database.digest);
    let _ = writeln!(text, "  built       {}", database.built.clone().unwrap_or_else(unstated));
    if let Some(expires) = &database.expires {
        let mark = if database.expired { "  EXPIRED" } else { "" };
        let _ = writeln!(text, "  expires     {expires}{mark}");
    }
    let _ = writeln!(text, "  sequence    {}", database.sequence);
    let _ = writeln!(text, "  statements  {}\n", database.statements);
    let width = database.feeds.iter().map(|feed| feed.id.len()).max().unwrap_or(4).max(4);
    let _ = writeln!(text, "{:width$}  {:10}  {:>8}  {:>9}", "FEED", "NEWEST", "AGE", "RECORDS");
    for feed in &database.feeds {
        let age = feed.age_days.map_or_else(|| "-".to_owned(), |days| format!("{days} d"));
        let mark = if feed.outdated { "  OUTDATED" } else { "" };
        let _ = writeln!(
            text,
            "{:width$}  {:10}  {age:>8}  {:>9}{mark}",
            printable(&feed.id),
            printable(feed.date.as_deref().unwrap_or("undated")),
            feed.records,
        );
    }
    let Some(mirror) = &standing.mirror else { return text };
    let _ = writeln!(text, "\nmirror {}", printable(&mirror.folder.display().to_string()));
    let width = mirror.feeds.iter().map(|feed| feed.id.len()).max().unwrap_or(4).max(4);
    let _ = writeln!(text, "{:width$}  {:>7}  {:>12}  CONFIRMED", "FEED", "FILES", "BYTES");
    for feed in &mirror.feeds {
        let confirmed = feed.confirmed.as_deref().unwrap_or("-");
        let _ = writeln!(
            text,
            "{:width$}  {:>7}  {:>12}  {}",
            feed.id,
            feed.files,
            feed.bytes,
            printable(confirmed)
        );
    }
    text
}
