//! One file: asked for only where it may have changed, gone on with where it broke off, taken only
//! when it is whole and what it should be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bulkhead_advisories::{DigestOf, checksum};
use bulkhead_http::{Guard, HttpError, Method, Request, Transfer, Transferred, Url};

use super::partial::{Partial, discard};
use super::plan::Wanted;
use super::{FileState, MirrorError, Session, content};

/// Bytes of a checksum file.
const CHECKSUM: u64 = 4 << 20;

/// How long a file may take.
const LONGEST: Duration = Duration::from_hours(3);

/// How often a file is fetched anew that is not what its checksum says: a publisher writes first the
/// one and then the other.
const ATTEMPTS: u32 = 2;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Done {
    /// It is as it was.
    Unchanged,
    /// It came.
    Fetched {
        /// Its bytes.
        bytes: u64,
        /// Whether the file that it replaces was not as it had been fetched.
        mended: bool,
    },
    /// There is none, and there need not be.
    Absent,
}

pub(super) async fn file(session: &Arc<Session>, wanted: &Wanted) -> Result<Done, MirrorError> {
    let known = session.state().files.get(&wanted.path).cloned();
    let there = found(session, wanted).await?;
    let intact = known.as_ref().filter(|known| {
        there.as_ref().is_some_and(|(size, sha256)| (*size, sha256) == (known.size, &known.sha256))
    });
    let mended = known.is_some() && there.is_some() && intact.is_none();
    // The listing says it of what lies there, wherever that came from.
    if intact.is_none()
        && let Some((size, sha256)) = &there
        && wanted.digest.as_ref() == Some(sha256)
    {
        let (url, confirmed) = (wanted.url.to_string(), session.options.now.clone());
        let (size, sha256) = (*size, sha256.clone());
        let state = FileState { url, size, sha256, confirmed, ..FileState::default() };
        session.state().files.insert(wanted.path.clone(), state);
        return Ok(Done::Unchanged);
    }
    if intact.is_some_and(|known| is_told_unchanged(wanted, known)) {
        confirm(session, wanted);
        return Ok(Done::Unchanged);
    }
    let partial = session.folder.partial(&wanted.path);
    let mut attempt = 1;
    let outcome = loop {
        // After a wrong checksum everything comes anew, and nothing is taken for unchanged.
        let intact = intact.filter(|_| attempt == 1);
        match once(session, wanted, intact, &partial).await {
            Err(MirrorError::Checksum { .. }) if attempt < ATTEMPTS => attempt += 1,
            outcome => break outcome,
        }
    };
    match outcome {
        Err(MirrorError::Http(error))
            if wanted.is_optional && matches!(error.status(), Some(403 | 404 | 410)) =>
        {
            discard(&partial)?;
            Ok(Done::Absent)
        }
        Err(error) => Err(error),
        Ok(None) => {
            confirm(session, wanted);
            Ok(Done::Unchanged)
        }
        Ok(Some(state)) => {
            let is_same = there.is_some_and(|(_, sha256)| sha256 == state.sha256);
            let bytes = state.size;
            session.state().files.insert(wanted.path.clone(), state);
            // Of a server without validators only the bytes tell that nothing changed.
            Ok(if is_same { Done::Unchanged } else { Done::Fetched { bytes, mended } })
        }
    }
}

/// Whether the listing says that the file is the one that is there.
fn is_told_unchanged(wanted: &Wanted, known: &FileState) -> bool {
    match (&wanted.digest, &wanted.revision) {
        (Some(digest), _) => *digest == known.sha256,
        (None, Some(revision)) => {
            known.revision.as_ref() == Some(revision) && known.url == wanted.url.as_str()
        }
        (None, None) => false,
    }
}

/// Asks once. None where the server says that nothing changed.
async fn once(
    session: &Arc<Session>,
    wanted: &Wanted,
    intact: Option<&FileState>,
    partial: &Path,
) -> Result<Option<FileState>, MirrorError> {
    let permit = session.permits.acquire().await;
    let (transferred, size, sha256) = match transferred(session, wanted, intact, partial).await {
        Ok(Some(done)) => done,
        Ok(None) => {
            discard(partial)?;
            return Ok(None);
        }
        Err(error) => {
            if !may_go_on(&error) {
                discard(partial)?;
            }
            return Err(error);
        }
    };
    let verified = verify(session, wanted, partial, &sha256).await;
    drop(permit);
    if let Err(error) = verified {
        discard(partial)?;
        return Err(error);
    }
    session.folder.put(partial, &wanted.path)?;
    // Its label.
    discard(partial)?;
    let (etag, last_modified) = match transferred {
        Transferred::Whole { etag, last_modified } => (etag, last_modified),
        Transferred::Unchanged => (None, None),
    };
    Ok(Some(FileState {
        url: wanted.url.to_string(),
        etag,
        last_modified,
        revision: wanted.revision.clone(),
        size,
        sha256,
        confirmed: session.options.now.clone(),
    }))
}

/// Lets the rest of the file come: its size and digest.
async fn transferred(
    session: &Arc<Session>,
    wanted: &Wanted,
    intact: Option<&FileState>,
    partial: &Path,
) -> Result<Option<(Transferred, u64, String)>, MirrorError> {
    let options = &session.options;
    session.folder.check_room(0, options.free_bytes)?;
    let (mut sink, validator) = {
        let (folder, path, url) = (session.folder.clone(), partial.to_owned(), wanted.url.clone());
        let (reserve, watch) = (options.free_bytes, Arc::clone(&session.watch));
        blocking(move || Partial::open(&folder, &path, url.as_str(), reserve, watch)).await??
    };
    let known = intact.filter(|known| known.url == wanted.url.as_str());
    let request = conditional(request(session, wanted.url.clone()), known);
    let mut transfer = Transfer::new(request, options.file_bytes);
    if validator.is_some() {
        transfer.position = sink.size();
        transfer.guard = Guard::Validator(validator);
    }
    let transfer = session.client.transfer(&mut transfer, &mut sink);
    // A server that sends a byte now and then never stalls, and never ends either.
    let ended = tokio::time::timeout(LONGEST, transfer).await;
    let address = || Request::to(Method::GET, wanted.url.clone()).address().to_string();
    match ended.map_err(|_| MirrorError::Slow { address: address(), limit: LONGEST })?? {
        Transferred::Unchanged => Ok(None),
        whole @ Transferred::Whole { .. } => {
            let (size, sha256) = blocking(move || sink.finish()).await??;
            Ok(Some((whole, size, sha256)))
        }
    }
}

/// A request that a server answers with 304 where the file is the known one (RFC 9110, 13.1). The
/// entity tag goes before the day, which has seconds only.
fn conditional(request: Request, known: Option<&FileState>) -> Request {
    match known.map(|known| (&known.etag, &known.last_modified)) {
        Some((Some(etag), _)) => request.header("if-none-match", etag),
        Some((None, Some(day))) => request.header("if-modified-since", day),
        _ => request,
    }
}

fn request(session: &Session, url: Url) -> Request {
    match &session.options.from {
        Some(server) => server.request(url),
        None => Request::to(Method::GET, url),
    }
}

/// Whether what came so far is worth keeping.
fn may_go_on(error: &MirrorError) -> bool {
    match error {
        MirrorError::Http(error) => !matches!(
            error,
            HttpError::TooLarge { .. } | HttpError::Answer { .. } | HttpError::Redirect { .. }
        ),
        MirrorError::Space { .. } | MirrorError::Slow { .. } => true,
        _ => false,
    }
}

/// Checks what came against what is told of it, and that it is what its name says.
async fn verify(
    session: &Arc<Session>,
    wanted: &Wanted,
    partial: &Path,
    sha256: &str,
) -> Result<(), MirrorError> {
    let address = || Request::to(Method::GET, wanted.url.clone()).address().to_string();
    let same = |found: &str, expected: String| {
        if found == expected {
            return Ok(());
        }
        Err(MirrorError::Checksum { address: address(), expected, found: found.to_owned() })
    };
    if let Some(expected) = &wanted.digest {
        same(sha256, expected.clone())?;
    }
    let unpacked = inspected(partial.to_owned(), wanted.path.clone()).await?;
    let unpacked = unpacked.map_err(|cause| MirrorError::Content { address: address(), cause })?;
    match &wanted.checksum {
        None => Ok(()),
        Some((url, DigestOf::Stored)) => same(sha256, told(session, url, wanted).await?),
        Some((url, DigestOf::Unpacked)) => same(&unpacked, told(session, url, wanted).await?),
    }
}

/// The digest that a publisher tells of a file.
async fn told(session: &Session, url: &Url, wanted: &Wanted) -> Result<String, MirrorError> {
    let response = session.client.send(&request(session, url.clone())).await?;
    let response = response.successful().await?;
    let address = response.address().to_string();
    let document = response.document(CHECKSUM).await?;
    let name = wanted.path.rsplit('/').next().unwrap_or_default();
    let none = || MirrorError::NoChecksum { address, name: name.to_owned() };
    checksum(&document, name).ok_or_else(none)
}

fn confirm(session: &Session, wanted: &Wanted) {
    if let Some(known) = session.state().files.get_mut(&wanted.path) {
        known.confirmed.clone_from(&session.options.now);
        known.revision = wanted.revision.clone().or(known.revision.take());
    }
}

/// What lies at the place now. Hashing takes a processor, not the network.
async fn found(
    session: &Arc<Session>,
    wanted: &Wanted,
) -> Result<Option<(u64, String)>, MirrorError> {
    let (folder, path) = (session.folder.clone(), wanted.path.clone());
    blocking(move || folder.found(&path)).await?.map_err(MirrorError::from)
}

async fn inspected(path: PathBuf, name: String) -> Result<Result<String, String>, MirrorError> {
    blocking(move || content::inspect(&path, &name)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, MirrorError> {
    let task = tokio::task::spawn_blocking(work);
    task.await.map_err(|error| MirrorError::Task(error.to_string()))
}
