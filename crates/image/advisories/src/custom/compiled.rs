//! A database of advisories in the project's own format, made in memory.

use std::path::Path;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Problem;

use super::{FEED, files, read};
use crate::build::FeedCount;
use crate::{
    BuildError, BuildOptions, BuildSummary, Builder, Database, Error, FeedDescription, Item,
};

/// Makes a database of files, each with its name for messages: what `scan --advisories` does.
///
/// Its one feed is [`FEED`], dated by the newest day that the files name.
pub fn compile<N: AsRef<str>, T: AsRef<str>>(
    files: &[(N, T)],
) -> Result<(Database, Vec<Problem>), BuildError> {
    let feed = FeedDescription { id: FEED.to_owned(), ..FeedDescription::default() };
    let (bytes, problems) = compile_as(feed, files)?;
    let database = Database::from_bytes(FEED, bytes)
        .map_err(|error| BuildError::Output(std::io::Error::other(error)))?;
    Ok((database, problems))
}

/// The bytes of the database of such files, as the feed that is described.
pub(crate) fn compile_as<N: AsRef<str>, T: AsRef<str>>(
    feed: FeedDescription,
    files: &[(N, T)],
) -> Result<(Vec<u8>, Vec<Problem>), BuildError> {
    let mut builder = Builder::new();
    let mut problems = push(&mut builder, feed, files).problems;
    let bytes = builder.finish(&BuildOptions::default())?;
    problems.extend_from_slice(builder.problems());
    Ok((bytes, problems))
}

/// Adds the file or folder to a database that is being built from feeds.
pub(crate) fn add(
    path: &Path,
    builder: &mut Builder,
    summary: &mut BuildSummary,
) -> Result<(), Error> {
    let files = files(path)?;
    let feed = FeedDescription { id: FEED.to_owned(), ..FeedDescription::default() };
    let pushed = push(builder, feed, &files);
    let at = summary.feeds.iter().position(|count| count.id == FEED);
    let mut count = at.map_or_else(FeedCount::default, |at| summary.feeds.remove(at));
    FEED.clone_into(&mut count.id);
    count.files = count.files.saturating_add(files.len() as u64);
    count.records = count.records.saturating_add(pushed.records);
    count.date = count.date.max(pushed.date);
    summary.feeds.push(count);
    summary.problems.extend(pushed.problems);
    Ok(())
}

/// What went into a builder.
struct Pushed {
    records: u64,
    date: Option<String>,
    problems: Vec<Problem>,
}

fn push<N: AsRef<str>, T: AsRef<str>>(
    builder: &mut Builder,
    mut feed: FeedDescription,
    files: &[(N, T)],
) -> Pushed {
    let mut pushed = Pushed { records: 0, date: None, problems: Vec::new() };
    for (name, text) in files {
        let (items, problems) = read(name.as_ref(), text.as_ref(), &Budget::new(Limits::DEFAULT));
        pushed.problems.extend(problems);
        for item in items {
            pushed.records = pushed.records.saturating_add(1);
            pushed.date = pushed.date.max(newest_day(&item));
            builder.push(&feed.id, item);
        }
    }
    feed.date.clone_from(&pushed.date);
    builder.feed(feed);
    pushed
}

fn newest_day(item: &Item) -> Option<String> {
    match item {
        Item::Record(record) => record.published.clone().max(record.modified.clone()),
        Item::Exploited(exploited) => Some(exploited.entry.added.clone()),
        Item::Predicted(predicted) => predicted.entry.date.clone(),
        Item::EndOfLife(_) => None,
    }
}
