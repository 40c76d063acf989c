//! Parts of blobs out of a registry, some at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bulkhead_advisories::ArtefactPart;
use bulkhead_registry::{RegistryError, Repository};
use tokio::task::JoinSet;

use super::plan::Piece;

/// Requests at a time; each has at most one run of pages in memory.
pub(super) const PARALLEL: usize = 4;

/// Pieces that are fetched. Dropping it ends what is under way.
pub(super) struct Fetching {
    repository: Arc<Repository>,
    waiting: std::vec::IntoIter<Piece>,
    running: JoinSet<Result<(Piece, Vec<u8>), RegistryError>>,
    /// Cleared when the registry turns out to give no parts of blobs.
    gives_parts: Arc<AtomicBool>,
}

impl Fetching {
    pub(super) fn start(repository: &Arc<Repository>, pieces: Vec<Piece>) -> Self {
        let mut fetching = Self {
            repository: Arc::clone(repository),
            waiting: pieces.into_iter(),
            running: JoinSet::new(),
            gives_parts: Arc::new(AtomicBool::new(true)),
        };
        (0..PARALLEL).for_each(|_| fetching.begin());
        fetching
    }

    /// The next piece that has come, in any order, with its bytes; none after the last.
    pub(super) async fn next(&mut self) -> Option<Result<(Piece, Vec<u8>), RegistryError>> {
        loop {
            match self.running.join_next().await? {
                Ok(outcome) => {
                    self.begin();
                    return Some(outcome);
                }
                // Nobody cancels a task, and none panics; what it would have brought stays lacking.
                Err(_) => self.begin(),
            }
        }
    }

    fn begin(&mut self) {
        let Some(piece) = self.waiting.next() else { return };
        let (repository, parts) = (Arc::clone(&self.repository), Arc::clone(&self.gives_parts));
        self.running.spawn(async move { fetch(&repository, piece, &parts).await });
    }
}

async fn fetch(
    repository: &Repository,
    piece: Piece,
    gives_parts: &AtomicBool,
) -> Result<(Piece, Vec<u8>), RegistryError> {
    if !piece.is_whole() && gives_parts.load(Ordering::Relaxed) {
        match repository.blob_range(&piece.blob.digest, piece.offset, piece.length).await {
            Ok(bytes) => return Ok((piece, bytes)),
            Err(RegistryError::Protocol { .. }) => gives_parts.store(false, Ordering::Relaxed),
            // A whole blob is tried again and again where it breaks off, and says why it does not come.
            Err(_) => {}
        }
    }
    let piece = piece.widened();
    let bytes = whole(repository, &piece.blob).await?;
    Ok((piece, bytes))
}

/// A whole blob of exactly the size that its manifest gives.
pub(super) async fn whole(
    repository: &Repository,
    blob: &ArtefactPart,
) -> Result<Vec<u8>, RegistryError> {
    let mut bytes = Vec::new();
    repository.fetch(&blob.digest, Some(blob.size), blob.size, &mut bytes).await?;
    Ok(bytes)
}
