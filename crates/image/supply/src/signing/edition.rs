//! Signing a database: what it states of itself, and the signature of that.

use std::io;
use std::path::Path;

use bulkhead_advisories::Seal;
use bulkhead_model::Digest;
use jiff::{SignedDuration, Timestamp};

use super::draft::Draft;
use super::{KeyId, PrivateKey, SealedFile, SigningError};

/// Days for which a database may be used where its publisher says nothing else.
pub const VALIDITY_DAYS: u32 = 14;

/// What a publisher states of a database, beside what was stated when it was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statement {
    /// The number of the edition.
    pub sequence: Option<u64>,
    /// Until when it may be used.
    pub expires_at: Option<Timestamp>,
}

/// A database with a new signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key.
    pub key: KeyId,
    /// The number of the edition.
    pub sequence: u64,
    /// Until when it may be used.
    pub expires_at: Option<Timestamp>,
    /// The digest of the root.
    pub digest: Digest,
    /// Signatures that are in it now.
    pub signatures: usize,
    /// Signatures that had to go because something else is stated now.
    pub removed: usize,
}

/// Signs the database in a file. What is not stated, here or in a signature that it has, is filled
/// in: the number of the edition with the seconds since 1970, the end of its use with
/// [`VALIDITY_DAYS`] from `now` on.
///
/// Every page is read before; a damaged database is not signed. The file is replaced as a whole, so
/// that readers see the old one or the new one.
pub fn sign(
    file: &Path,
    key: &PrivateKey,
    statement: Statement,
    now: Timestamp,
) -> Result<Signed, SigningError> {
    let database = SealedFile::open(file)?;
    let before = database.seal();
    let mut seal = before.clone();
    let (sequence, expires_at) = stated(before, statement, now);
    if let Some(at) = expires_at.filter(|at| *at <= now) {
        return Err(SigningError::Past { at: at.to_string(), now: now.to_string() });
    }
    seal.restate(sequence, expires_at);
    let removed = before.signatures().count().saturating_sub(seal.signatures().count());
    let signature = key.sign(&seal);
    if !seal.insert(signature) {
        return Err(SigningError::Full { path: file.to_owned() });
    }
    rewrite(file, &database, &seal)?;
    Ok(Signed {
        key: key.public().id(),
        sequence,
        expires_at,
        digest: seal.digest(),
        signatures: seal.signatures().count(),
        removed,
    })
}

fn stated(seal: &Seal, statement: Statement, now: Timestamp) -> (u64, Option<Timestamp>) {
    // What others signed stands, unless the caller says otherwise.
    let is_signed = seal.signatures().next().is_some();
    let known = Some(seal.sequence()).filter(|sequence| *sequence > 0 || is_signed);
    let clock = || u64::try_from(now.as_second()).unwrap_or(0);
    let sequence = statement.sequence.or(known).unwrap_or_else(clock);
    let days = SignedDuration::from_hours(i64::from(VALIDITY_DAYS).saturating_mul(24));
    let end = || if is_signed { None } else { now.checked_add(days).ok() };
    (sequence, statement.expires_at.or(seal.expires_at()).or_else(end))
}

fn rewrite(path: &Path, database: &SealedFile, seal: &Seal) -> Result<(), SigningError> {
    let failed = |error: io::Error| SigningError::File(error);
    let draft = Draft::of(path).map_err(failed)?;
    draft.write(0, &database.head()?).map_err(failed)?;
    draft.write(0, seal.bytes()).map_err(failed)?;
    for page in database.pages() {
        draft.write(page.offset, &database.read(page)?).map_err(failed)?;
    }
    draft.finish().map_err(failed)
}
