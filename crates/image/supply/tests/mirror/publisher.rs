//! A publisher over TLS whose certificate nobody knows, and what goes wrong with it.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bulkhead_advisories::Catalogue;
use bulkhead_http::{Client, Network, Patience, Proxies, Retry};
use bulkhead_supply::mirror::{Mirror, MirrorError, Options, Outcome, Server as Source, Watch};
use bulkhead_testing::{Answer, Asked, Server};
use tempfile::TempDir;

/// Turns a right answer into a wrong one.
type Fault = Box<dyn FnOnce(Answer) -> Answer + Send>;

#[derive(Default)]
struct Content {
    files: BTreeMap<String, Vec<u8>>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    /// What takes the place of a file after its next answer.
    next: BTreeMap<String, Vec<u8>>,
}

/// A publisher, and the mirror folder of somebody who reads it.
pub(crate) struct Publisher {
    content: Arc<Mutex<Content>>,
    pub(crate) server: Server,
    folder: TempDir,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let content = Arc::new(Mutex::new(Content::default()));
        let shared = Arc::clone(&content);
        let server = Server::tls(move |asked| answer(&mut shared.lock().unwrap(), asked));
        Self { content, server, folder: tempfile::tempdir().unwrap() }
    }

    /// Serves a file, or another in its place.
    pub(crate) fn serve(&self, path: &str, content: impl Into<Vec<u8>>) {
        self.content.lock().unwrap().files.insert(path.to_owned(), content.into());
    }

    pub(crate) fn withdraw(&self, path: &str) {
        self.content.lock().unwrap().files.remove(path);
    }

    /// The next answer about a path goes wrong; several go wrong one after the other.
    pub(crate) fn fault(&self, path: &str, fault: impl FnOnce(Answer) -> Answer + Send + 'static) {
        let mut content = self.content.lock().unwrap();
        content.faults.entry(path.to_owned()).or_default().push_back(Box::new(fault));
    }

    /// Goes wrong, and serves something else from then on.
    pub(crate) fn then_serve(
        &self,
        path: &str,
        new: &[u8],
        fault: impl FnOnce(Answer) -> Answer + Send + 'static,
    ) {
        self.fault(path, fault);
        let mut content = self.content.lock().unwrap();
        content.next.insert(path.to_owned(), new.to_vec());
    }

    /// A catalogue of feeds of known exploited vulnerabilities, with these entries for fetching them.
    pub(crate) fn catalogue(&self, feeds: &[(&str, &str)]) -> Catalogue {
        let feeds: Vec<String> = feeds
            .iter()
            .map(|(id, fetches)| {
                let fetches = fetches.replace("SERVER", &self.server.url(""));
                format!(
                    "  - {{id: {id}, publisher: P, name: N, addresses: [https://p.example/], \
                     format: kev, terms: T, pace_days: 1, fetches: {fetches}, \
                     paths: ['localhost/{id}/*', 'localhost/{id}/*/*']}}\n"
                )
            })
            .collect();
        let text = format!("silences: {{}}\nfeeds:\n{}", feeds.concat());
        Catalogue::parse(&text).unwrap()
    }

    pub(crate) fn mirror(&self) -> &Path {
        self.folder.path()
    }

    /// A file of the mirror folder.
    pub(crate) fn mirrored(&self, path: &str) -> Option<Vec<u8>> {
        fs_err::read(self.folder.path().join(format!("localhost{path}"))).ok()
    }

    pub(crate) fn client(&self, more_roots: &str) -> Client {
        let root = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(root.path(), format!("{}{more_roots}", self.server.root())).unwrap();
        let moment = Duration::from_millis(1);
        Network {
            proxies: Proxies::Direct,
            roots: vec![root.path().to_owned()],
            retry: Retry { attempts: 3, first: moment, longest: Duration::from_secs(1) },
            patience: Patience { stall: Duration::from_secs(2), ..Patience::default() },
            ..Network::default()
        }
        .client()
        .unwrap()
    }

    pub(crate) fn update(&self, catalogue: &Catalogue) -> Vec<Outcome> {
        self.update_with(catalogue, &options()).unwrap()
    }

    pub(crate) fn update_with(
        &self,
        catalogue: &Catalogue,
        options: &Options,
    ) -> Result<Vec<Outcome>, MirrorError> {
        let mut mirror = Mirror::open(self.folder.path()).unwrap();
        mirror.update(catalogue, &self.client(""), options, Arc::new(Nobody))
    }

    /// Requests for a path since there were so many.
    pub(crate) fn asked(&self, path: &str, since: usize) -> Vec<Asked> {
        let seen = self.server.seen().into_iter().skip(since);
        seen.filter(|asked| asked.path == path).collect()
    }
}

pub(crate) fn options() -> Options {
    Options {
        feeds: Vec::new(),
        from: None::<Source>,
        parallel: 3,
        file_bytes: 64 << 20,
        free_bytes: 0,
        now: "2026-11-27T00:00:00Z".to_owned(),
    }
}

pub(crate) struct Nobody;

impl Watch for Nobody {
    fn found(&self, _: u64) {}
    fn received(&self, _: u64) {}
    fn done(&self, _: &str) {}
}

/// As a careful server answers: with entity tags, conditions and parts.
fn answer(content: &mut Content, asked: &Asked) -> Answer {
    let right = match content.files.get(&asked.path) {
        None => Answer::status(404),
        Some(body) => {
            let mut hash = DefaultHasher::new();
            body.hash(&mut hash);
            let etag = format!("\"{:x}\"", hash.finish());
            let is_current = |header: &str| asked.header(header).is_none_or(|it| it == etag);
            let answer = Answer::of(body.clone()).with("etag", &etag);
            if asked.header("if-none-match") == Some(&etag) {
                Answer { status: 304, body: Vec::new(), ..answer }
            } else if is_current("if-range") {
                answer.ranged(asked)
            } else {
                answer
            }
        }
    };
    if let Some(next) = content.next.remove(&asked.path) {
        content.files.insert(asked.path.clone(), next);
    }
    match content.faults.get_mut(&asked.path).and_then(VecDeque::pop_front) {
        Some(fault) => fault(right),
        None => right,
    }
}
