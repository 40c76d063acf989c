//! A database into a registry.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bulkhead_advisories::{Artefact, ArtefactPart, DatabaseError};
use bulkhead_model::Digest;
use bulkhead_registry::{Reference, RegistryError, Repository};
use tokio::task::JoinSet;

use super::ExchangeError;
use super::fetch::PARALLEL;
use super::runs::cut;
use crate::signing::{Refusal, SealedFile};

/// What was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The number of the edition.
    pub sequence: u64,
    /// The digest of its root.
    pub digest: Digest,
    /// Parts of the database.
    pub blobs: usize,
    /// Parts that the registry lacked.
    pub new_blobs: usize,
    /// Bytes of those.
    pub new_bytes: u64,
    /// Bytes of the database.
    pub length: u64,
}

/// Brings a signed database into a registry, as far as the registry lacks it, and lets the tag name it.
/// `progress` is told how many of the bytes are there.
///
/// Every page is held against its digest before it is sent; without a signature nobody could pull it,
/// so that is an error.
pub async fn push(
    repository: &Arc<Repository>,
    reference: &Reference,
    file: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Pushed, ExchangeError> {
    let Some(tag) = Some(reference.selector()).filter(|_| reference.digest().is_none()) else {
        return Err(ExchangeError::Tag { reference: reference.to_string() });
    };
    let database = SealedFile::open(file)?;
    if database.seal().signatures().next().is_none() {
        return Err(ExchangeError::refused(&file.display().to_string(), Refusal::Unsigned));
    }
    let length = database.length();
    let mut upload = Upload { repository, running: JoinSet::new(), new_blobs: 0, new_bytes: 0 };
    let mut sent = 0_u64;
    repository.push_blob(Artefact::CONFIGURATION).await?;
    let head = upload.send(database.head()?).await?;
    let mut runs = Vec::new();
    for run in cut(database.pages()) {
        let blob = upload.send(read(&database, run)?).await?;
        sent = sent.saturating_add(blob.size);
        progress(sent, length);
        runs.push(blob);
    }
    upload.finish().await?;
    let (new_blobs, new_bytes) = (upload.new_blobs, upload.new_bytes);
    let artefact = Artefact { head, runs };
    let blobs = artefact.runs.len().saturating_add(1);
    // Last, so that the tag never names what is not there.
    let manifest = repository.push_manifest(tag, Artefact::MANIFEST, artefact.encode()).await?;
    let (sequence, digest) = (database.seal().sequence(), database.seal().digest());
    Ok(Pushed { manifest, sequence, digest, blobs, new_blobs, new_bytes, length })
}

fn read(database: &SealedFile, run: Range<usize>) -> Result<Vec<u8>, DatabaseError> {
    let mut bytes = Vec::new();
    for page in database.pages().get(run).unwrap_or_default() {
        bytes.append(&mut database.read(page)?);
    }
    Ok(bytes)
}

/// Blobs on their way, a few at a time.
struct Upload<'r> {
    repository: &'r Arc<Repository>,
    running: JoinSet<Result<u64, RegistryError>>,
    new_blobs: usize,
    new_bytes: u64,
}

impl Upload<'_> {
    /// Begins to send a blob when there is room for one more.
    async fn send(&mut self, bytes: Vec<u8>) -> Result<ArtefactPart, RegistryError> {
        while self.running.len() >= PARALLEL {
            self.one().await?;
        }
        let blob = ArtefactPart { digest: Digest::of(&bytes), size: bytes.len() as u64 };
        let (repository, sent) = (Arc::clone(self.repository), blob.clone());
        self.running.spawn(async move {
            if repository.exists(&sent.digest).await? {
                return Ok(0);
            }
            repository.upload_blob(bytes).await?;
            Ok(sent.size)
        });
        Ok(blob)
    }

    async fn finish(&mut self) -> Result<(), RegistryError> {
        while !self.running.is_empty() {
            self.one().await?;
        }
        Ok(())
    }

    async fn one(&mut self) -> Result<(), RegistryError> {
        // A task that died sent nothing, and the registry refuses a manifest whose blobs it lacks.
        if let Some(Ok(outcome)) = self.running.join_next().await {
            let size = outcome?;
            self.new_bytes = self.new_bytes.saturating_add(size);
            self.new_blobs = self.new_blobs.saturating_add(usize::from(size > 0));
        }
        Ok(())
    }
}
