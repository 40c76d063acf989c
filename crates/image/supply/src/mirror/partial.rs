//! A file while it comes: on the disk with its validator, so that a later run goes on with it.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bulkhead_http::Sink;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::folder::Folder;
use super::{MirrorError, Watch};

/// Bytes that are read at once.
const BLOCK: usize = 128 << 10;

/// Bytes after which the disk is looked at again.
const ROOM: u64 = 8 << 20;

/// Which version of which file a partial one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Label {
    url: String,
    validator: String,
}

/// The sink of a transfer.
pub(super) struct Partial {
    path: PathBuf,
    url: String,
    file: fs_err::File,
    hash: Sha256,
    size: u64,
    /// Bytes until the disk is looked at.
    room: u64,
    reserve: u64,
    folder: Folder,
    watch: Arc<dyn Watch>,
}

impl Partial {
    /// Goes on with what is there of this address, or begins anew. The second value is the validator
    /// of what is there.
    pub(super) fn open(
        folder: &Folder,
        path: &Path,
        url: &str,
        reserve: u64,
        watch: Arc<dyn Watch>,
    ) -> Result<(Self, Option<String>), MirrorError> {
        let label = label(path).filter(|label| label.url == url);
        if label.is_none() {
            discard(path)?;
        }
        let mut options = fs_err::OpenOptions::new();
        let mut file = options.create(true).truncate(false).read(true).write(true).open(path)?;
        let mut hash = Sha256::new();
        let size = read(&mut file, &mut hash)?;
        let (folder, path, url) = (folder.clone(), path.to_owned(), url.to_owned());
        let partial = Self { path, url, file, hash, size, room: 0, reserve, folder, watch };
        let validator = label.filter(|_| size > 0).map(|label| label.validator);
        Ok((partial, validator))
    }

    /// Bytes that are there.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Makes it durable; its size and its digest in hexadecimal digits.
    pub(super) fn finish(self) -> io::Result<(u64, String)> {
        self.file.sync_all()?;
        Ok((self.size, hexadecimal(&self.hash.finalize())))
    }
}

impl Sink for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let count = bytes.len() as u64;
        if self.room < count {
            let checked = self.folder.check_room(ROOM.max(count), self.reserve);
            checked
                .map_err(|error| io::Error::new(io::ErrorKind::StorageFull, error.to_string()))?;
            self.room = ROOM.max(count);
        }
        self.room -= count;
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.size += count;
        self.watch.received(count);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        use std::io::Seek as _;
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.hash = Sha256::new();
        self.size = 0;
        Ok(())
    }

    fn validated(&mut self, validator: Option<&str>) -> io::Result<()> {
        let label_file = label_file(&self.path);
        match validator {
            Some(validator) => {
                let label = Label { url: self.url.clone(), validator: validator.to_owned() };
                fs_err::write(label_file, serde_json::to_vec(&label)?)
            }
            None => remove(&label_file),
        }
    }
}

/// Forgets what came.
pub(super) fn discard(path: &Path) -> io::Result<()> {
    // First: bytes without a label are never gone on with.
    remove(&label_file(path))?;
    remove(path)
}

fn label(path: &Path) -> Option<Label> {
    serde_json::from_slice(&fs_err::read(label_file(path)).ok()?).ok()
}

fn label_file(path: &Path) -> PathBuf {
    path.with_extension("json")
}

fn remove(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The size and the SHA-256 of a file.
pub(super) fn sha256_of(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let size = read(&mut fs_err::File::open(path)?, &mut hash)?;
    Ok((size, hexadecimal(&hash.finalize())))
}

fn read(file: &mut fs_err::File, hash: &mut Sha256) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    loop {
        let count = file.read(&mut block)?;
        match block.get(..count) {
            None | Some([]) => return Ok(size),
            Some(bytes) => hash.update(bytes),
        }
        size += count as u64;
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
