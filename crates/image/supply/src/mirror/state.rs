//! What is remembered of the files of a mirror folder.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::MirrorError;

/// The form that this program writes.
const VERSION: u32 = 1;

/// What is remembered: `bulkhead/mirror.json` of a mirror folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The version of its form.
    version: u32,
    /// By their paths below the folder, with `/`.
    pub files: BTreeMap<String, FileState>,
}

/// A file as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileState {
    /// From where, without credentials.
    pub url: String,
    /// The server's entity tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it was changed, as the server writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// What a listing says of its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Bytes.
    pub size: u64,
    /// In 64 hexadecimal digits.
    pub sha256: String,
    /// When the server last said that this is what it has, RFC 3339.
    pub confirmed: String,
}

impl Default for State {
    fn default() -> Self {
        Self { version: VERSION, files: BTreeMap::new() }
    }
}

impl State {
    /// Reads it; empty where there is none.
    pub(super) fn read(file: &Path) -> Result<Self, MirrorError> {
        let bytes = match fs_err::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read?,
        };
        let refused = |cause: String| MirrorError::State { file: file.to_owned(), cause };
        Self::parse(&bytes).map_err(refused)
    }

    /// Reads its bytes, of this machine's or of another's folder.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let state: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if state.version == VERSION {
            Ok(state)
        } else {
            Err(format!("its form has version {}, this program reads {VERSION}", state.version))
        }
    }

    /// Writes it beside its place and moves it there.
    pub(super) fn write(&self, file: &Path) -> Result<(), MirrorError> {
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::from)?;
        let partial = file.with_extension("json.partial");
        let mut output = fs_err::File::create(&partial)?;
        output.write_all(&text)?;
        output.sync_all()?;
        fs_err::rename(&partial, file)?;
        Ok(())
    }
}
