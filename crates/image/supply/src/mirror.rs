//! A mirror folder: the publishers' feeds as they serve them, and what is remembered of fetching them.
//!
//! [`Mirror::update`] fetches what changed. A file takes the place of the one before only when it
//! came whole, has the digest that its publisher tells, where one is told, and is what its name
//! says; until then the old one stands. What failed is named, feed by feed, and keeps nothing else
//! from being fetched.
//!
//! Beside the publishers' folders lies `bulkhead/`: `mirror.json`, which has the validators, the size
//! and the digest of each file that was fetched, and is at the same time the listing with which one
//! mirror folder is copied from another over HTTP; the lock; and what broke off, to go on with.

mod content;
mod error;
mod fetch;
mod folder;
mod partial;
mod plan;
mod server;
mod state;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bulkhead_advisories::{Catalogue, FeedSource};
use bulkhead_http::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use error::MirrorError;
pub use server::Server;
pub use state::{FileState, State};

use fetch::Done;
use folder::Folder;

/// A mirror folder that nobody else changes as long as this value lives.
#[derive(Debug)]
pub struct Mirror {
    folder: Folder,
    state: State,
}

/// What to fetch, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The feeds, by id. None means each that can be fetched and that no other supersedes.
    pub feeds: Vec<String>,
    /// A server with the layout of a mirror folder, to be asked instead of the publishers.
    pub from: Option<Server>,
    /// Files that are fetched at the same time.
    pub parallel: usize,
    /// Bytes that a file may have.
    pub file_bytes: u64,
    /// Bytes of the disk that are left free.
    pub free_bytes: u64,
    /// The present moment, RFC 3339.
    pub now: String,
}

/// Who looks on. Called from any thread.
pub trait Watch: Send + Sync {
    /// So many further files are looked at.
    fn found(&self, files: u64);
    /// So many bytes came.
    fn received(&self, bytes: u64);
    /// One file is done with.
    fn done(&self, path: &str);
}

/// What became of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The feed.
    pub id: String,
    /// Files that are as they were.
    pub unchanged: u64,
    /// Files that came.
    pub fetched: u64,
    /// Files that the publisher does not have any more.
    pub removed: u64,
    /// Bytes of what came.
    pub bytes: u64,
    /// Files that were not as they had been fetched, and were fetched anew.
    pub mended: Vec<String>,
    /// What could not be had. What lay there before is still there.
    pub failures: Vec<Failure>,
}

/// A file or listing that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why, with its address.
    pub message: String,
    /// What a person can do about it.
    pub hint: Option<String>,
}

impl Outcome {
    /// Whether there is anything of it at all.
    pub fn is_absent(&self) -> bool {
        self.failures.is_empty() && self.unchanged == 0 && self.fetched == 0
    }

    fn count(&mut self, path: &str, done: Result<Done, MirrorError>) {
        match done {
            Ok(Done::Absent) => {}
            Ok(Done::Unchanged) => self.unchanged += 1,
            Ok(Done::Fetched { bytes, mended }) => {
                self.fetched += 1;
                self.bytes += bytes;
                self.mended.extend(mended.then(|| path.to_owned()));
            }
            Err(error) => self.failures.push(Failure::from(&error)),
        }
    }
}

impl From<&MirrorError> for Failure {
    fn from(error: &MirrorError) -> Self {
        Self { message: error.to_string(), hint: error.hint() }
    }
}

impl Mirror {
    /// Opens the folder, and makes it where there is none.
    pub fn open(path: &Path) -> Result<Self, MirrorError> {
        let folder = Folder::open(path)?;
        let state = State::read(&folder.state_file())?;
        Ok(Self { folder, state })
    }

    /// What is remembered of a folder, which others may change meanwhile; nothing where it was never
    /// updated.
    pub fn remembered(path: &Path) -> Result<State, MirrorError> {
        State::read(&folder::state_file(path))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.root()
    }

    /// Fetches the feeds that are wanted, in the catalogue's order. An error means that nothing could
    /// be begun; what fails afterwards is in the outcomes.
    pub fn update(
        &mut self,
        catalogue: &Catalogue,
        client: &Client,
        options: &Options,
        watch: Arc<dyn Watch>,
    ) -> Result<Vec<Outcome>, MirrorError> {
        let feeds = selected(catalogue, options)?;
        let session = Arc::new(Session {
            client: client.clone(),
            folder: self.folder.clone(),
            state: Mutex::new(std::mem::take(&mut self.state)),
            permits: Semaphore::new(options.parallel.max(1)),
            pages: Mutex::default(),
            options: options.clone(),
            watch,
        });
        let outcomes = client.wait(all(&session, feeds));
        self.state.clone_from(&session.state());
        outcomes
    }
}

/// The feeds that are asked for; by default all that can be had and that no other of them supersedes:
/// what it alone would bring is not worth its bytes.
fn selected(catalogue: &Catalogue, options: &Options) -> Result<Vec<FeedSource>, MirrorError> {
    for id in &options.feeds {
        let feed = catalogue.feed(id).ok_or_else(|| MirrorError::UnknownFeed { id: id.clone() })?;
        if let (Some(reason), None) = (&feed.by_hand, &options.from) {
            return Err(MirrorError::ByHand { id: id.clone(), reason: reason.clone() });
        }
    }
    let can_be_had = |feed: &&FeedSource| options.from.is_some() || !feed.fetches.is_empty();
    let superseded: BTreeSet<&String> = match options.from {
        Some(_) => BTreeSet::new(),
        None => catalogue.feeds.iter().filter(can_be_had).flat_map(|it| &it.supersedes).collect(),
    };
    let is_wanted = |feed: &&FeedSource| match options.feeds.as_slice() {
        [] => !superseded.contains(&feed.id),
        named => named.contains(&feed.id),
    };
    Ok(catalogue.feeds.iter().filter(can_be_had).filter(is_wanted).cloned().collect())
}

/// One update while it runs.
struct Session {
    client: Client,
    folder: Folder,
    state: Mutex<State>,
    /// One for each request that is under way.
    permits: Semaphore,
    /// Listings of a server that were read, by its folders.
    pages: Mutex<plan::Pages>,
    options: Options,
    watch: Arc<dyn Watch>,
}

impl Session {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes what was fetched so far outlast this run.
    fn remember(&self) -> Result<(), MirrorError> {
        let state = self.state().clone();
        state.write(&self.folder.state_file())
    }
}

async fn all(session: &Arc<Session>, feeds: Vec<FeedSource>) -> Result<Vec<Outcome>, MirrorError> {
    let listing = match &session.options.from {
        Some(server) => server.listing(&session.client).await?.map(Arc::new),
        None => None,
    };
    let mut tasks = JoinSet::new();
    for (position, feed) in feeds.into_iter().enumerate() {
        let (session, listing) = (Arc::clone(session), listing.clone());
        tasks.spawn(async move { (position, one(&session, &feed, listing.as_deref()).await) });
    }
    let mut outcomes = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        outcomes.push(ended.map_err(|error| MirrorError::Task(error.to_string()))?);
    }
    outcomes.sort_by_key(|(position, _)| *position);
    session.remember()?;
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Fetches one feed.
async fn one(session: &Arc<Session>, feed: &FeedSource, listing: Option<&State>) -> Outcome {
    let mut outcome = Outcome { id: feed.id.clone(), ..Outcome::default() };
    let (wanted, failures) = plan::of(session, feed, listing).await;
    outcome.failures.extend(failures.iter().map(Failure::from));
    session.watch.found(wanted.len() as u64);
    let paths: BTreeSet<String> = wanted.iter().map(|file| file.path.clone()).collect();
    let mut tasks = JoinSet::new();
    for file in wanted {
        let session = Arc::clone(session);
        tasks.spawn(async move {
            let done = fetch::file(&session, &file).await;
            session.watch.done(&file.path);
            (file.path, done)
        });
    }
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok((path, done)) => outcome.count(&path, done),
            Err(error) => outcome.count("", Err(MirrorError::Task(error.to_string()))),
        }
    }
    outcome.failures.sort_by(|one, other| one.message.cmp(&other.message));
    outcome.mended.sort();
    if outcome.failures.is_empty() && !outcome.is_absent() {
        match remove_others(session, feed, &paths) {
            Ok(removed) => outcome.removed = removed,
            Err(error) => outcome.failures.push(Failure::from(&error)),
        }
    }
    if let Err(error) = session.remember() {
        outcome.failures.push(Failure::from(&error));
    }
    outcome
}

/// Removes what was fetched for the feed before and is not listed any more: its statements would
/// stand for ever. What somebody else put there is never touched.
fn remove_others(
    session: &Session,
    feed: &FeedSource,
    listed: &BTreeSet<String>,
) -> Result<u64, MirrorError> {
    let mut state = session.state();
    let gone: Vec<String> = state
        .files
        .keys()
        .filter(|path| feed.holds(path) && !listed.contains(*path))
        .cloned()
        .collect();
    for path in &gone {
        session.folder.remove(path)?;
        state.files.remove(path);
    }
    Ok(gone.len() as u64)
}
