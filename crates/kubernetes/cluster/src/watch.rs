//! Watches: what a cluster has, and every change of it from then on. (Kubernetes API Concepts, Efficient
//! detection of changes)

mod follower;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::{Cluster, Collection};
use follower::Follower;

/// How much news waits to be heard: a page of a list may be some megabytes. Whoever has more waits.
const WAITING: usize = 16;

/// How many kinds are listed at the same time.
const LISTS: usize = 4;

/// News of one kind of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// All of its objects follow, from the beginning.
    Begun(Collection),
    /// Some of them: the JSON text of a list.
    Page(Collection, String),
    /// These were all: what else there was of the kind is gone.
    Listed(Collection),
    /// An object is new, or another than before: its JSON text.
    Changed(Collection, String),
    /// An object is gone: its last JSON text.
    Gone(Collection, String),
    /// It cannot be seen now. It is asked for again.
    Lost {
        /// The kind.
        collection: Collection,
        /// Why.
        reason: String,
        /// For how long nothing was heard of it already.
        silent: Duration,
    },
    /// It is seen again, and nothing was missed. Otherwise it is listed anew.
    Found(Collection),
}

/// What comes of waiting for news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// This.
    News(News),
    /// Nothing in that time.
    Nothing,
    /// Somebody wants it to end.
    Stopped,
}

/// Kinds that are watched in the background until this is dropped.
pub struct Watch<'c> {
    runtime: &'c Runtime,
    news: mpsc::Receiver<News>,
    stop: Arc<Notify>,
    _followers: JoinSet<()>,
}

/// Ends a wait for news from anywhere: from a thread that waits for signals.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Notify>);

impl Cluster {
    /// Watches collections. Of a kind with several versions the first one that the server has is watched.
    /// Each kind is listed first; which comes when is not said.
    pub fn watch(&self, collections: &[Collection]) -> Watch<'_> {
        let (sender, news) = mpsc::channel(WAITING);
        let lists = Arc::new(Semaphore::new(LISTS));
        let mut followers = JoinSet::new();
        for versions in kinds(collections) {
            let (client, news, lists) = (self.client.clone(), sender.clone(), Arc::clone(&lists));
            if let Some(follower) = Follower::new(client, versions, news, lists) {
                followers.spawn_on(follower.follow(), self.runtime.handle());
            }
        }
        let stop = Arc::new(Notify::new());
        Watch { runtime: &self.runtime, news, stop, _followers: followers }
    }
}

impl Watch<'_> {
    /// Waits for news so long; for ever without a time.
    pub fn next(&mut self, patience: Option<Duration>) -> Heard {
        let Self { runtime, news, stop, .. } = self;
        runtime.block_on(async {
            let news = async { news.recv().await.map_or(Heard::Stopped, Heard::News) };
            let time = async {
                match patience {
                    Some(patience) => tokio::time::sleep(patience).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.notified() => Heard::Stopped,
                heard = news => heard,
                () = time => Heard::Nothing,
            }
        })
    }

    /// What ends a wait, now or the next one.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.stop))
    }
}

impl Stopper {
    /// Ends it.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

/// The versions of each kind, in their order.
fn kinds(collections: &[Collection]) -> Vec<Vec<Collection>> {
    let mut kinds: Vec<Vec<Collection>> = Vec::new();
    for collection in collections {
        let is_of_it = |it: &Collection| it.is_of_kind(collection);
        match kinds.iter_mut().find(|kind| kind.iter().any(is_of_it)) {
            Some(kind) => kind.push(*collection),
            None => kinds.push(vec![*collection]),
        }
    }
    kinds
}
