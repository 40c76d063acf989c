//! A database out of a registry.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bulkhead_advisories::{Artefact, ArtefactError, ArtefactPart, Seal, SealedPage};
use bulkhead_model::Digest;
use bulkhead_registry::{Reference, Repository};
use jiff::Timestamp;

use super::fetch::{self, Fetching};
use super::known::Known;
use super::plan::plan;
use super::{ExchangeError, Origin};
use crate::signing::draft::{self, Draft, Remains};
use crate::signing::sealed_file::is_page;
use crate::signing::{KeyId, Refusal, SealedFile, TrustedKeys};

/// Which database is wanted, and where.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The artefact.
    pub reference: &'a Reference,
    /// The file that is to have it.
    pub file: &'a Path,
    /// Whose signature counts.
    pub trust: &'a TrustedKeys,
    /// The present, against which the end of its use is held.
    pub now: Timestamp,
}

/// What came of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// What happened to the file.
    pub change: Change,
    /// The trusted key.
    pub key: KeyId,
    /// The number of the edition.
    pub sequence: u64,
    /// Until when it may be used.
    pub expires_at: Option<Timestamp>,
    /// The digest of its root.
    pub digest: Digest,
    /// Bytes of the database.
    pub length: u64,
    /// Pages of it.
    pub pages: usize,
    /// Pages that had to be fetched.
    pub fetched_pages: usize,
    /// Bytes that were fetched: the manifest, the head if it is another one, and the parts of blobs
    /// with the pages.
    pub fetched_bytes: u64,
}

/// What a pull did to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It has another edition now.
    Replaced,
    /// It had this one already.
    None,
    /// Another process brought a newer edition meanwhile, which stays.
    Overtaken,
}

/// Brings a file up to what a registry has. `progress` is told how many of the lacking bytes have come.
///
/// Nothing is believed before the signature: the manifest only tells where the parts are. The file is replaced
/// when each page has come and has the digest that was signed; what has come before an
/// interruption is used by the next pull.
pub async fn pull(
    repository: &Arc<Repository>,
    wanted: &Wanted<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Pulled, ExchangeError> {
    let offer = Offer::of(repository, wanted).await?;
    let known = Known::at(wanted.file)?;
    let refused = |refusal| ExchangeError::refused(&offer.name, refusal);
    known.check(&offer.seal).map_err(refused)?;
    let mut pulled = offer.pulled();
    if known.is(&offer.seal) {
        if known.origin.as_ref() != Some(&offer.origin()) {
            settle(None, &offer, wanted.file)?;
        }
        return Ok(pulled);
    }
    let failed = ExchangeError::write(wanted.file);
    let draft = Draft::of(wanted.file).map_err(failed)?;
    draft.write(0, &offer.head).map_err(failed)?;
    let lacking = reuse(&draft, known, wanted.file, &offer.pages).map_err(failed)?;
    let fetched = match offer.fetch(repository, &draft, &lacking, progress).await {
        Ok(fetched) => fetched,
        Err(error) => {
            draft.keep();
            return Err(error);
        }
    };
    pulled.fetched_pages = lacking.len();
    pulled.fetched_bytes = pulled.fetched_bytes.saturating_add(fetched);
    pulled.change = settle(Some(draft), &offer, wanted.file)?;
    Ok(pulled)
}

/// A database that a registry has, whose signature was accepted.
struct Offer {
    name: String,
    artefact: Artefact,
    /// Bytes that were fetched to know this.
    fetched: u64,
    /// Header and root.
    head: Vec<u8>,
    seal: Seal,
    key: KeyId,
    pages: Vec<SealedPage>,
}

impl Offer {
    async fn of(repository: &Repository, wanted: &Wanted<'_>) -> Result<Self, ExchangeError> {
        let name = wanted.reference.to_string();
        let manifest = repository.manifest(wanted.reference).await?;
        let artefact = Artefact::decode(&manifest.bytes)
            .map_err(|cause| ExchangeError::Artefact { reference: name.clone(), cause })?;
        let mut fetched = manifest.bytes.len() as u64;
        let head = if let Some(head) = head_in_use(wanted.file, &artefact.head) {
            head
        } else {
            fetched = fetched.saturating_add(artefact.head.size);
            fetch::whole(repository, &artefact.head).await?
        };
        let seal = Seal::read(&name, &head)?;
        let accepted = wanted.trust.accept(&seal, wanted.now);
        let key = accepted.map_err(|refusal| ExchangeError::refused(&name, refusal))?;
        let root = head.get(Seal::LENGTH..).unwrap_or_default().to_vec();
        let pages = seal.pages(&name, root)?;
        Ok(Self { name, artefact, fetched, head, seal, key, pages })
    }

    /// Fetches pages into the draft, and gives the bytes that this took.
    async fn fetch(
        &self,
        repository: &Arc<Repository>,
        draft: &Draft,
        lacking: &[SealedPage],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<u64, ExchangeError> {
        let failed = ExchangeError::write(draft.target());
        let pieces = plan(&self.artefact, self.length(), lacking).ok_or_else(|| self.foreign())?;
        let length: u64 = pieces.iter().map(|piece| piece.length).sum();
        let mut fetching = Fetching::start(repository, pieces);
        let (mut fetched, mut missing) = (0_u64, lacking.len());
        while let Some(outcome) = fetching.next().await {
            let (piece, bytes) = outcome?;
            for page in &piece.pages {
                let part = piece.part(page, &bytes).filter(|part| is_page(page, part));
                let part = part.ok_or_else(|| self.altered(page))?;
                draft.write(page.offset, part).map_err(failed)?;
            }
            missing = missing.saturating_sub(piece.pages.len());
            fetched = fetched.saturating_add(bytes.len() as u64);
            progress(fetched.min(length), length);
        }
        if missing > 0 {
            return Err(failed(io::Error::other("a part of it did not come")));
        }
        Ok(fetched)
    }

    /// What a pull of it says if nothing has to be done.
    fn pulled(&self) -> Pulled {
        Pulled {
            change: Change::None,
            key: self.key,
            sequence: self.seal.sequence(),
            expires_at: self.seal.expires_at(),
            digest: self.seal.digest(),
            length: self.length(),
            pages: self.pages.len(),
            fetched_pages: 0,
            fetched_bytes: self.fetched,
        }
    }

    /// Bytes of the database.
    fn length(&self) -> u64 {
        let end = |page: &SealedPage| page.offset.saturating_add(u64::from(page.length));
        self.pages.last().map_or(self.head.len() as u64, end)
    }

    fn origin(&self) -> Origin {
        let key = self.key.to_string();
        Origin::new(self.name.clone(), self.seal.sequence(), self.seal.digest(), key)
    }

    fn foreign(&self) -> ExchangeError {
        ExchangeError::Artefact { reference: self.name.clone(), cause: ArtefactError::Parts }
    }

    fn altered(&self, page: &SealedPage) -> ExchangeError {
        ExchangeError::Page { reference: self.name.clone(), offset: page.offset }
    }
}

/// The head of the database in use, where it is this one: most pulls find nothing new.
fn head_in_use(file: &Path, wanted: &ArtefactPart) -> Option<Vec<u8>> {
    let head = SealedFile::open(file).ok()?.head().ok()?;
    (Digest::of(&head) == wanted.digest).then_some(head)
}

/// Copies the pages that are on this machine, in the database in use or in what interrupted pulls left,
/// into the draft. Gives those that are lacking.
fn reuse(
    draft: &Draft,
    known: Known,
    place: &Path,
    pages: &[SealedPage],
) -> io::Result<Vec<SealedPage>> {
    let mut lacking = pages.to_vec();
    if let Some(file) = known.in_use {
        lacking = copy(draft, &file, lacking)?;
    }
    for remains in Remains::of(place) {
        let file = remains.file.try_clone()?;
        // Remains without a whole root are of no use.
        if let Ok(file) = SealedFile::new(String::new(), file) {
            lacking = copy(draft, &file, lacking)?;
        }
        remains.remove();
    }
    Ok(lacking)
}

fn copy(draft: &Draft, from: &SealedFile, pages: Vec<SealedPage>) -> io::Result<Vec<SealedPage>> {
    let known: HashMap<[u8; 32], &SealedPage> =
        from.pages().iter().map(|page| (page.digest, page)).collect();
    let mut lacking = Vec::new();
    for page in pages {
        let same = known.get(&page.digest).filter(|known| known.length == page.length);
        match same.and_then(|known| from.read(known).ok()) {
            Some(bytes) => draft.write(page.offset, &bytes)?,
            None => lacking.push(page),
        }
    }
    Ok(lacking)
}

/// Puts the draft into its place and remembers where it came from, unless another process was there before
/// with something newer.
fn settle(draft: Option<Draft>, offer: &Offer, file: &Path) -> Result<Change, ExchangeError> {
    let failed = ExchangeError::write(file);
    let _lock = draft::lock(file).map_err(failed)?;
    match Known::at(file)?.check(&offer.seal) {
        Ok(()) => {}
        Err(Refusal::Older { .. }) => return Ok(Change::Overtaken),
        Err(refusal) => return Err(ExchangeError::refused(&offer.name, refusal)),
    }
    let change = if draft.is_some() { Change::Replaced } else { Change::None };
    draft.map_or(Ok(()), Draft::finish).map_err(failed)?;
    offer.origin().write(file).map_err(failed)?;
    Ok(change)
}
