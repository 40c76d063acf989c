//! A whole mirror folder into a database file.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{Digest, Location, Problem, ProblemKind};
use rayon::prelude::*;

use super::{BuildError, BuildOptions, Builder, FeedDescription, digests};
use crate::feeds::{self, FeedSummary};
use crate::{Catalogue, FeedSource, Item, custom};

/// What went into a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildSummary {
    /// The feeds that were read, in the catalogue's order, then users' own advisories.
    pub feeds: Vec<FeedCount>,
    /// Feeds that are there and that this version does not read, with the reason.
    pub postponed: Vec<(String, String)>,
    /// Files of the folder that belong to no known feed.
    pub unknown: Vec<PathBuf>,
    /// Rows about packages.
    pub affected_rows: u64,
    /// Bytes of the database.
    pub size: u64,
    /// The digest of its root.
    pub digest: Option<Digest>,
    /// Records and files that could not be read. What was read of them before stands.
    pub problems: Vec<Problem>,
    /// Problems that were only counted.
    pub further_problems: u64,
}

/// What was read of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedCount {
    /// The feed.
    pub id: String,
    /// Files.
    pub files: u64,
    /// Records that were taken.
    pub records: u64,
    /// What they say of packages, each of one package in one release.
    pub statements: u64,
    /// Records that their publisher withdrew, or that are about no vulnerability.
    pub dropped: u64,
    /// The day of the newest statement.
    pub date: Option<String>,
    /// Whether a file of it could not be read to its end.
    pub incomplete: bool,
}

/// Reads the feeds of a mirror folder, and users' own advisories, and writes the database of them.
///
/// The output appears whole or not at all: it is written beside its place and moved there.
/// `progress` is told of each file when it has been read, from any thread: how many of how many.
pub fn build(
    feeds: &Path,
    custom: &[PathBuf],
    output: &Path,
    options: &BuildOptions,
    progress: &(dyn Fn(&Path, usize, usize) + Sync),
) -> Result<BuildSummary, BuildError> {
    let catalogue = Catalogue::embedded()?;
    let mirror = feeds::locate(&catalogue, feeds)?;
    if mirror.feeds.is_empty() && custom.is_empty() {
        return Err(BuildError::Empty { folder: feeds.to_owned() });
    }
    let files: Vec<(&FeedSource, &PathBuf)> = mirror
        .feeds
        .iter()
        .flat_map(|located| located.files.iter().map(|file| (located.feed, file)))
        .collect();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let parts: Vec<Part> = by_size(files.clone())
        .into_par_iter()
        .with_max_len(1)
        .map(|(feed, file)| {
            let part = Part::read(feed, file, feeds);
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed).saturating_add(1);
            progress(file, done, files.len());
            part
        })
        .collect();

    let mut summary = BuildSummary {
        unknown: mirror.unknown,
        postponed: mirror
            .postponed
            .iter()
            .map(|located| {
                (located.feed.id.clone(), located.feed.postponed.clone().unwrap_or_default())
            })
            .collect(),
        ..BuildSummary::default()
    };
    summary.feeds = mirror
        .feeds
        .iter()
        .map(|located| FeedCount { id: located.feed.id.clone(), ..FeedCount::default() })
        .collect();
    let mut builder = Builder::new();
    let mut digests = BTreeMap::new();
    for part in parts {
        summary.count(&part);
        builder.absorb(part.builder);
        digests.extend(part.digest.map(|digest| (part.file, digest)));
    }
    for located in &mirror.feeds {
        let own = located.files.iter().filter_map(|file| {
            let (file, digest) = digests.get_key_value(file)?;
            Some((file.as_path(), digest.as_str()))
        });
        builder.digest(&located.feed.id, digests::of_feed(feeds, own));
    }
    for file in custom {
        custom::add(file, &mut builder, &mut summary)?;
    }
    let bytes = builder.finish(options)?;
    summary.problems.extend_from_slice(builder.problems());
    summary.problems.sort();
    write(output, &bytes, &mut summary)?;
    Ok(summary)
}

/// The largest files first, so that no core is left with one at the end.
fn by_size<'a>(
    mut files: Vec<(&'a FeedSource, &'a PathBuf)>,
) -> Vec<(&'a FeedSource, &'a PathBuf)> {
    files.sort_by_cached_key(|(_, file)| {
        std::cmp::Reverse(fs_err::metadata(file).map_or(0, |metadata| metadata.len()))
    });
    files
}

/// What one file gave.
struct Part {
    feed: String,
    file: PathBuf,
    /// None where the file cannot be read, which the problems tell.
    digest: Option<String>,
    builder: Builder,
    /// Statements about packages.
    statements: u64,
    /// Whether it could not be read to its end.
    incomplete: bool,
    summary: FeedSummary,
}

impl Part {
    fn read(feed: &FeedSource, file: &Path, folder: &Path) -> Self {
        let mut builder = Builder::new();
        let budget = Budget::new(Limits::DEFAULT);
        let (mut records, mut statements) = (0_u64, 0_u64);
        let read = feeds::read(feed, file, &budget, &mut |item| {
            records = records.saturating_add(1);
            if let Item::Record(record) = &item {
                statements = statements.saturating_add(record.affected.len() as u64);
            }
            builder.push(&feed.id, item);
        });
        let name = file.strip_prefix(folder).unwrap_or(file).display().to_string();
        let incomplete = read.is_err();
        let mut summary = read.unwrap_or_else(|error| {
            let cause = match error {
                crate::Error::Feed { cause, .. } => cause.to_string(),
                error => error.to_string(),
            };
            builder.incomplete(&feed.id, format!("{name}: {cause}"));
            let message = format!("cannot be read (mirror it again): {cause}");
            let problem = Problem::general(ProblemKind::Unreadable, message);
            // What came before the break stands.
            FeedSummary { problems: vec![problem], records, ..FeedSummary::default() }
        });
        for problem in &mut summary.problems {
            place(problem, &name);
        }
        builder.feed(FeedDescription {
            id: feed.id.clone(),
            address: feed.addresses.first().cloned().unwrap_or_default(),
            terms: feed.terms.clone(),
            date: summary.date.clone(),
            scopes: summary.scopes.clone(),
            silent_about: feed.silent_about.clone(),
            pace_days: Some(feed.pace_days),
            supersedes: feed.supersedes.clone(),
            digest: None,
        });
        Self {
            feed: feed.id.clone(),
            file: file.to_owned(),
            digest: digests::of_file(file).ok(),
            builder,
            statements,
            incomplete,
            summary,
        }
    }
}

/// Puts a problem of a record to the file that the record is in.
fn place(problem: &mut Problem, file: &str) {
    if let Some(record) = problem.location.replace(Location::of(file)) {
        problem.message = format!("{record}: {}", problem.message);
    }
}

impl BuildSummary {
    fn count(&mut self, part: &Part) {
        self.problems.extend_from_slice(&part.summary.problems);
        self.further_problems = self.further_problems.saturating_add(part.summary.further_problems);
        if let Some(count) = self.feeds.iter_mut().find(|count| count.id == part.feed) {
            count.files = count.files.saturating_add(1);
            count.records = count.records.saturating_add(part.summary.records);
            count.statements = count.statements.saturating_add(part.statements);
            count.dropped = count.dropped.saturating_add(part.summary.dropped);
            count.date = count.date.take().max(part.summary.date.clone());
            count.incomplete |= part.incomplete;
        }
    }
}

/// Writes the bytes beside the output, makes them durable, and moves them to their place.
fn write(output: &Path, bytes: &[u8], summary: &mut BuildSummary) -> Result<(), BuildError> {
    let mut name = std::ffi::OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    let partial = output.with_file_name(name);
    let written = (|| {
        let mut file = fs_err::File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs_err::rename(&partial, output)
    })();
    if let Err(error) = written {
        // The reason of the failure matters, not whether its remains could be removed.
        let _ = fs_err::remove_file(&partial);
        return Err(BuildError::Output(error));
    }
    let database = crate::Database::open(output)
        .map_err(|error| BuildError::Output(std::io::Error::other(error)))?;
    summary.size = bytes.len() as u64;
    summary.digest = Some(database.digest().clone());
    summary.affected_rows = database.affected_rows();
    Ok(())
}
