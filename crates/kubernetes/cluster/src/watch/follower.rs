//! What follows one kind: lists it, watches it, and goes on where that breaks.
//!
//! A watch that breaks goes on from the last version that it saw; bookmarks keep that version young. Where
//! the server has forgotten the version (410), everything is listed again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use kube::Client;
use kube::core::WatchEvent;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::News;
use crate::cluster::{Method, PATIENCE, asked, failed};
use crate::collection::{Pages, Turn};
use crate::{ClusterError, Collection, Listing};

/// After how many seconds the server ends a watch, which is then begun anew. Each kind has its own, so that
/// they do not all begin together: so many more, at most.
const SPAN: (u64, u64) = (270, 60);

/// How long is waited before a server that gave no answer is asked again: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(20));

/// How long a watch that is begun anew has to go on before it is taken for good.
const SURE: Duration = Duration::from_secs(1);

/// How long before a kind that may not be listed, or is not there, is asked for again.
const RETRY: Duration = Duration::from_mins(1);

/// One kind, in the versions that it may have.
pub(super) struct Follower {
    client: Client,
    first: Collection,
    versions: Vec<Collection>,
    news: mpsc::Sender<News>,
    lists: Arc<Semaphore>,
    /// Since when nothing would have been heard of it.
    deaf_since: Option<Instant>,
    is_lost: bool,
    pause: Duration,
}

/// Nobody listens to news any more.
struct Unheard;

/// How a watch ended.
enum Ended {
    /// The server ended it, or it broke off.
    Over,
    /// The server does not know its version any more.
    Expired,
    /// It could not be begun.
    Failed(ClusterError),
}

impl Follower {
    pub(super) fn new(
        client: Client,
        versions: Vec<Collection>,
        news: mpsc::Sender<News>,
        lists: Arc<Semaphore>,
    ) -> Option<Self> {
        let first = *versions.first()?;
        Some(Self {
            client,
            first,
            versions,
            news,
            lists,
            deaf_since: None,
            is_lost: false,
            pause: PAUSES.0,
        })
    }

    pub(super) async fn follow(mut self) {
        // The one way to end: nobody listens.
        let _: Result<std::convert::Infallible, Unheard> = self.go_on().await;
    }

    async fn go_on(&mut self) -> Result<std::convert::Infallible, Unheard> {
        loop {
            match self.list().await? {
                Ok((collection, Some(version))) => self.watch(collection, version).await?,
                Ok((_, None)) => sleep(RETRY).await,
                Err(error) => {
                    self.lose(self.first, &cause(&error)).await?;
                    self.wait().await;
                }
            }
        }
    }

    /// Lists the first version that the server has, and says from where a watch goes on; none where there
    /// is nothing to watch.
    async fn list(
        &mut self,
    ) -> Result<Result<(Collection, Option<String>), ClusterError>, Unheard> {
        let lists = Arc::clone(&self.lists);
        // It is never closed.
        let _turn = lists.acquire().await;
        for collection in self.versions.clone() {
            match self.list_version(collection).await? {
                Ok(Listing::Whole { resource_version }) => {
                    return Ok(Ok((collection, Some(resource_version))));
                }
                Ok(Listing::Forbidden(reason)) => {
                    self.lose(collection, &reason).await?;
                    return Ok(Ok((collection, None)));
                }
                Ok(Listing::Absent) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        if self.first.is_optional() {
            self.tell(News::Begun(self.first)).await?;
            self.tell_listed(self.first).await?;
        } else {
            self.lose(self.first, "the server has none of this version").await?;
        }
        Ok(Ok((self.first, None)))
    }

    /// Hands over one version, page by page.
    async fn list_version(
        &mut self,
        collection: Collection,
    ) -> Result<Result<Listing, ClusterError>, Unheard> {
        let mut pages = Pages::new(collection);
        let mut is_begun = false;
        loop {
            match pages.turn(&self.client).await {
                Ok(Turn::Page(text)) => {
                    if !std::mem::replace(&mut is_begun, true) {
                        self.tell(News::Begun(collection)).await?;
                    }
                    self.tell(News::Page(collection, text)).await?;
                }
                // It took too long for the server to remember where it began.
                Ok(Turn::End(Listing::Whole { .. })) if pages.spans_versions() => {
                    pages = Pages::undivided(collection);
                    is_begun = false;
                }
                Ok(Turn::End(listing)) => {
                    if matches!(listing, Listing::Whole { .. }) {
                        self.tell_listed(collection).await?;
                    }
                    return Ok(Ok(listing));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// Watches from a version on, until everything has to be listed again.
    async fn watch(&mut self, collection: Collection, mut version: String) -> Result<(), Unheard> {
        loop {
            let before = version.clone();
            match self.hear(collection, &mut version).await? {
                Ended::Expired => {
                    let reason =
                        "the server does not know any more what changed since it was last heard";
                    return self.lose(collection, reason).await;
                }
                Ended::Over if version != before => self.pause = PAUSES.0,
                Ended::Over => {}
                Ended::Failed(error) => {
                    self.lose(collection, &cause(&error)).await?;
                    // Who may no longer watch may no longer list, perhaps, or the kind is gone.
                    if matches!(error.code(), Some(403 | 404)) {
                        return Ok(());
                    }
                }
            }
            self.wait().await;
        }
    }

    /// One request for changes.
    async fn hear(
        &mut self,
        collection: Collection,
        version: &mut String,
    ) -> Result<Ended, Unheard> {
        let path = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={version}",
            collection.path(),
            SPAN.0.saturating_add(spread(collection, SPAN.1)),
        );
        let asked = || asked(Method::Get, &path);
        let request = match http::Request::get(&path).body(Vec::new()) {
            Ok(request) => request,
            Err(error) => {
                return Ok(Ended::Failed(failed(asked(), kube::Error::HttpError(error))));
            }
        };
        let events = match self.client.request_events::<Value>(request).await {
            Ok(events) => events,
            Err(error) => return Ok(ended(failed(asked(), error))),
        };
        let (mut heard, mut is_sure) = (Instant::now(), false);
        let mut events = pin!(events);
        loop {
            // That the version is forgotten may be the first that is said.
            let patience = if is_sure { Duration::MAX } else { SURE };
            let Ok(next) = timeout(patience, events.try_next()).await else {
                is_sure = true;
                self.find(collection).await?;
                continue;
            };
            let event = match next {
                Ok(Some(event)) => event,
                // What breaks in the middle is begun anew.
                Ok(None) | Err(kube::Error::ReadEvents(_) | kube::Error::HyperError(_)) => {
                    let is_timeout = heard.elapsed() >= PATIENCE;
                    self.deaf_since.get_or_insert(if is_timeout { heard } else { Instant::now() });
                    return Ok(Ended::Over);
                }
                Err(error) => return Ok(ended(failed(asked(), error))),
            };
            if !matches!(event, WatchEvent::Error(_)) {
                (heard, is_sure) = (Instant::now(), true);
                self.find(collection).await?;
            }
            let news = match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    advance(version, &object);
                    News::Changed(collection, object.to_string())
                }
                WatchEvent::Deleted(object) => {
                    advance(version, &object);
                    News::Gone(collection, object.to_string())
                }
                WatchEvent::Bookmark(bookmark) => {
                    *version = bookmark.metadata.resource_version;
                    continue;
                }
                WatchEvent::Error(status) => {
                    return Ok(ended(failed(asked(), kube::Error::Api(status))));
                }
            };
            self.tell(news).await?;
        }
    }

    /// Says once that the kind cannot be seen.
    async fn lose(&mut self, collection: Collection, reason: &str) -> Result<(), Unheard> {
        if std::mem::replace(&mut self.is_lost, true) {
            return Ok(());
        }
        let silent = self.deaf_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.tell(News::Lost { collection, reason: reason.to_owned(), silent }).await
    }

    /// Says that the kind is seen again, where it was not.
    async fn find(&mut self, collection: Collection) -> Result<(), Unheard> {
        self.deaf_since = None;
        if std::mem::take(&mut self.is_lost) {
            self.tell(News::Found(collection)).await?;
        }
        Ok(())
    }

    async fn tell_listed(&mut self, collection: Collection) -> Result<(), Unheard> {
        (self.is_lost, self.deaf_since, self.pause) = (false, None, PAUSES.0);
        self.tell(News::Listed(collection)).await
    }

    async fn tell(&self, news: News) -> Result<(), Unheard> {
        self.news.send(news).await.map_err(|_| Unheard)
    }

    /// Waits a while, the next time longer. Kinds wait differently, so that a server that comes back is not
    /// asked for all at once.
    async fn wait(&mut self) {
        sleep(self.pause + Duration::from_millis(spread(self.first, 250))).await;
        self.pause = self.pause.saturating_mul(2).min(PAUSES.1);
    }
}

fn ended(error: ClusterError) -> Ended {
    match error {
        ClusterError::Refused { code: 410, .. } => Ended::Expired,
        error => Ended::Failed(error),
    }
}

fn advance(version: &mut String, object: &Value) {
    if let Some(new) = object.pointer("/metadata/resourceVersion").and_then(Value::as_str) {
        new.clone_into(version);
    }
}

/// A number below `most` that differs between kinds.
fn spread(collection: Collection, most: u64) -> u64 {
    let bytes = collection.plural.bytes().chain(collection.group.bytes());
    bytes.fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % most
}

/// The error with what caused it.
fn cause(error: &ClusterError) -> String {
    use std::error::Error as _;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
