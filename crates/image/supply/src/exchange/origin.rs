//! Where a database came from: remembered in a file beside it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use bulkhead_model::Digest;
use serde::{Deserialize, Serialize};

use super::ExchangeError;
use crate::signing::draft::Draft;

/// The version of the file's form.
const VERSION: u32 = 1;

/// What is remembered of the newest database that was pulled to a place: what is older is never accepted
/// there again, even where the database itself is gone.
///
/// It is no proof: who may write to the database may write to this file, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    version: u32,
    /// The artefact, as the user named it.
    pub reference: String,
    /// The number of the edition.
    pub sequence: u64,
    /// The digest of its root.
    pub digest: Digest,
    /// The id of the trusted key that signed it.
    pub key: String,
}

impl Origin {
    pub(super) fn new(reference: String, sequence: u64, digest: Digest, key: String) -> Self {
        Self { version: VERSION, reference, sequence, digest, key }
    }

    /// What is remembered of a database; nothing where it never came from a registry.
    pub fn of(database: &Path) -> Result<Option<Self>, ExchangeError> {
        let path = Self::file(database);
        let failed = |cause: String| ExchangeError::Origin { path: path.clone(), cause };
        let text = match fs_err::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.kind().to_string())),
        };
        let origin: Self =
            serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        if origin.version != VERSION {
            return Err(failed(format!("it has version {}", origin.version)));
        }
        Ok(Some(origin))
    }

    pub(super) fn write(&self, database: &Path) -> io::Result<()> {
        let draft = Draft::of(&Self::file(database))?;
        draft.write(0, &serde_json::to_vec_pretty(self)?)?;
        draft.finish()
    }

    /// The name of the file: that of the database with `.origin.json` behind it.
    pub fn file(database: &Path) -> PathBuf {
        let mut name = OsString::from(database);
        name.push(".origin.json");
        PathBuf::from(name)
    }
}
