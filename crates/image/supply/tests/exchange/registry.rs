//! A registry in memory, after the distribution specification, that may be told to misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bulkhead_advisories::{Artefact, ArtefactPart};
use bulkhead_http::Network;
use bulkhead_model::Digest;
use bulkhead_registry::{Credentials, Reference, Registries};
use bulkhead_supply::exchange::{ExchangeError, Pulled, Pushed, Wanted, pull, push};
use bulkhead_supply::signing::TrustedKeys;
use bulkhead_testing::{Answer, Asked, Server};
use jiff::Timestamp;

use crate::parts::now;

/// What becomes of an answer.
type Spoil = dyn Fn(&Asked, Answer) -> Answer + Send + Sync;

/// Blobs by digest, manifests by tag.
#[derive(Default)]
struct Shelf {
    blobs: Mutex<HashMap<String, Vec<u8>>>,
    manifests: Mutex<HashMap<String, Vec<u8>>>,
    /// Bytes of bodies that were given out.
    given: Mutex<u64>,
    spoil: Mutex<Option<Arc<Spoil>>>,
}

/// It runs as long as the test program.
pub(crate) struct Registry {
    server: Server,
    shelf: Arc<Shelf>,
    registries: Registries,
}

impl Registry {
    pub(crate) fn start() -> Self {
        let shelf = Arc::new(Shelf::default());
        let serving = Arc::clone(&shelf);
        let server = Server::plain(move |asked| {
            let answer = serving.answer(asked);
            let spoil = lock(&serving.spoil).clone();
            let answer = spoil.map_or(answer.clone(), |spoil| spoil(asked, answer));
            if asked.method == "GET" {
                *lock(&serving.given) += answer.body.len() as u64;
            }
            answer
        });
        let mut network = Network { proxies: bulkhead_http::Proxies::Direct, ..Network::default() };
        network.retry.attempts = 2;
        network.retry.first = std::time::Duration::from_millis(1);
        network.patience.stall = std::time::Duration::from_secs(2);
        let client = network.client().expect("a client");
        let registries = Registries::new(client, Credentials::default(), Vec::new());
        Self { server, shelf, registries }
    }

    /// From now on its answers go through this.
    pub(crate) fn spoil(&self, spoil: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) {
        *lock(&self.shelf.spoil) = Some(Arc::new(spoil));
    }

    /// From now on it behaves.
    pub(crate) fn mend(&self) {
        *lock(&self.shelf.spoil) = None;
    }

    /// Bytes of bodies that it has given out since this was asked last.
    pub(crate) fn given(&self) -> u64 {
        std::mem::take(&mut *lock(&self.shelf.given))
    }

    pub(crate) fn reference(&self) -> Reference {
        format!("{}/team/advisories:latest", self.server.authority()).parse().expect("a reference")
    }

    pub(crate) fn push(&self, file: &std::path::Path) -> Result<Pushed, ExchangeError> {
        let reference = self.reference();
        let repository = Arc::new(self.registries.writable(&reference));
        self.registries.client().wait(push(&repository, &reference, file, &|_, _| {}))
    }

    pub(crate) fn pull(
        &self,
        file: &std::path::Path,
        trust: &TrustedKeys,
    ) -> Result<Pulled, ExchangeError> {
        self.pull_at(file, trust, now())
    }

    pub(crate) fn pull_at(
        &self,
        file: &std::path::Path,
        trust: &TrustedKeys,
        now: Timestamp,
    ) -> Result<Pulled, ExchangeError> {
        let reference = self.reference();
        let repository = Arc::new(self.registries.repository(&reference));
        let wanted = Wanted { reference: &reference, file, trust, now };
        self.registries.client().wait(pull(&repository, &wanted, &|_, _| {}))
    }

    /// Puts the parts of a file there as whoever owns the registry can: every digest is right.
    pub(crate) fn put(&self, head: &[u8], runs: &[Vec<u8>]) {
        let artefact = Artefact {
            head: self.put_blob(head),
            runs: runs.iter().map(|run| self.put_blob(run)).collect(),
        };
        self.put_manifest(artefact.encode());
    }

    pub(crate) fn put_manifest(&self, manifest: Vec<u8>) {
        lock(&self.shelf.manifests).insert("latest".to_owned(), manifest);
    }

    fn put_blob(&self, bytes: &[u8]) -> ArtefactPart {
        let digest = Digest::of(bytes);
        lock(&self.shelf.blobs).insert(digest.to_string(), bytes.to_vec());
        ArtefactPart { digest, size: bytes.len() as u64 }
    }

    pub(crate) fn manifest(&self) -> Vec<u8> {
        lock(&self.shelf.manifests)["latest"].clone()
    }

    /// Head and runs of what is there.
    pub(crate) fn parts(&self) -> (Vec<u8>, Vec<Vec<u8>>) {
        let artefact = Artefact::decode(&self.manifest()).expect("a database");
        let blobs = lock(&self.shelf.blobs);
        let bytes = |blob: &ArtefactPart| blobs[blob.digest.as_str()].clone();
        (bytes(&artefact.head), artefact.runs.iter().map(bytes).collect())
    }
}

impl Shelf {
    fn answer(&self, asked: &Asked) -> Answer {
        let Some(rest) = asked.path.strip_prefix("/v2/team/advisories/") else {
            return Answer::of("");
        };
        match (asked.method.as_str(), rest.split_once('/').unwrap_or((rest, ""))) {
            ("POST", ("blobs", _)) => {
                Answer::status(202).with("location", "/v2/team/advisories/up")
            }
            ("PUT", ("manifests", tag)) => {
                lock(&self.manifests).insert(tag.to_owned(), asked.body.clone());
                Answer::status(201)
            }
            ("PUT", (upload, _)) => {
                let digest =
                    upload.rsplit_once("digest=").expect("an upload ends with its digest").1;
                let digest = digest.replace("%3A", ":");
                assert_eq!(digest, Digest::of(&asked.body).as_str());
                lock(&self.blobs).insert(digest, asked.body.clone());
                Answer::status(201)
            }
            (_, ("manifests", tag)) => found(lock(&self.manifests).get(tag)),
            (_, ("blobs", digest)) => found(lock(&self.blobs).get(digest)).ranged(asked),
            _ => Answer::status(404),
        }
    }
}

fn found(bytes: Option<&Vec<u8>>) -> Answer {
    bytes.map_or_else(|| Answer::status(404), |bytes| Answer::of(bytes.clone()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
