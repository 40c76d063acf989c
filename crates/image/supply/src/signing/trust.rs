//! Whom to trust.

use std::path::{Path, PathBuf};

use bulkhead_advisories::Seal;
use bulkhead_model::Digest;
use jiff::Timestamp;

use super::{KeyId, PublicKey, Refusal, SealedFile, SigningError};

/// The ending of files in a folder of trusted keys.
const ENDING: &str = "pub";

/// The keys whose signature makes a database acceptable: one of them is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKeys(Vec<PublicKey>);

impl TrustedKeys {
    /// The keys that are named, each a file or a folder of files `*.pub`; where none is named, those of
    /// the user's folder, which may be absent. Without any key there is an error: nothing could be
    /// accepted.
    pub fn read(named: &[PathBuf], folder: Option<&Path>) -> Result<Self, SigningError> {
        let mut files = Vec::new();
        for place in named {
            if place.is_dir() {
                files.extend(keys_in(place)?);
            } else {
                files.push(place.clone());
            }
        }
        if let Some(folder) = folder.filter(|folder| named.is_empty() && folder.is_dir()) {
            files.extend(keys_in(folder)?);
        }
        let keys: Result<Vec<_>, _> = files.iter().map(|file| PublicKey::read(file)).collect();
        match keys? {
            keys if keys.is_empty() => {
                Err(SigningError::NoTrust { folder: folder.map(Path::to_owned) })
            }
            keys => Ok(Self(keys)),
        }
    }

    /// The trusted key that signed the header, which must be valid at `now`.
    pub fn accept(&self, seal: &Seal, now: Timestamp) -> Result<KeyId, Refusal> {
        let key = self.signer(seal)?;
        match seal.expires_at() {
            None => Err(Refusal::Endless),
            Some(at) if at <= now => {
                Err(Refusal::Expired { at: at.to_string(), now: now.to_string() })
            }
            Some(_) => Ok(key),
        }
    }

    fn signer(&self, seal: &Seal) -> Result<KeyId, Refusal> {
        let (mut forged, mut others) = (None, Vec::new());
        for signature in seal.signatures() {
            let id = KeyId::new(signature.key);
            match self.0.iter().find(|key| key.id() == id) {
                Some(key) if key.proves(seal, &signature) => return Ok(id),
                Some(_) => forged = Some(id),
                None => others.push(id),
            }
        }
        Err(match forged {
            Some(key) => Refusal::Forged { key },
            None if others.is_empty() => Refusal::Unsigned,
            None => Refusal::Untrusted { keys: others },
        })
    }
}

impl From<PublicKey> for TrustedKeys {
    fn from(key: PublicKey) -> Self {
        Self(vec![key])
    }
}

fn keys_in(folder: &Path) -> Result<Vec<PathBuf>, SigningError> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).map_err(SigningError::File)? {
        let path = entry.map_err(SigningError::File)?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A database whose every byte is what a trusted key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The trusted key.
    pub key: KeyId,
    /// The number of the edition.
    pub sequence: u64,
    /// Until when it may be used.
    pub expires_at: Option<Timestamp>,
    /// The digest of its root.
    pub digest: Digest,
    /// Pages that were read and held against it.
    pub pages: usize,
}

/// Holds a whole file against the signatures in its header.
pub fn verify(file: &Path, trust: &TrustedKeys, now: Timestamp) -> Result<Verified, SigningError> {
    let database = SealedFile::open(file)?;
    let seal = database.seal();
    let key = trust
        .accept(seal, now)
        .map_err(|refusal| SigningError::Refused { name: file.display().to_string(), refusal })?;
    for page in database.pages() {
        database.read(page)?;
    }
    Ok(Verified {
        key,
        sequence: seal.sequence(),
        expires_at: seal.expires_at(),
        digest: seal.digest(),
        pages: database.pages().len(),
    })
}

#[cfg(test)]
mod tests {
    use bulkhead_advisories::{BuildOptions, Builder};

    use super::*;
    use crate::signing::PrivateKey;

    /// Our own `sign` always states an end: another publisher's tool need not.
    #[test]
    fn an_edition_without_an_end_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let database = Builder::new().finish(&BuildOptions::default())?;
        let key = PrivateKey::generate()?;
        let trust = TrustedKeys::from(key.public());
        let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
        for (end, accepted) in [(None, false), (Some("2026-12-24T12:00:00Z".parse()?), true)] {
            let mut seal = Seal::read("test", &database)?;
            seal.restate(7, end);
            assert!(seal.insert(key.sign(&seal)));
            let answer = trust.accept(&seal, now);
            assert_eq!(answer.is_ok(), accepted, "{answer:?}");
            assert!(accepted || matches!(answer, Err(Refusal::Endless)), "{answer:?}");
        }
        Ok(())
    }
}
