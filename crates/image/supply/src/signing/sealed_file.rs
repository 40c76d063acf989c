//! A database file as bytes: header, root, pages.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bulkhead_advisories::{DatabaseError, Seal, SealedPage};
use sha2::{Digest as _, Sha256};

/// A database in a file, of which no row is read: its header and root are whole, its pages are held
/// against their digests when they are read.
#[derive(Debug)]
pub struct SealedFile {
    name: String,
    file: File,
    seal: Seal,
    pages: Vec<SealedPage>,
}

impl SealedFile {
    /// Opens a file.
    #[expect(clippy::disallowed_methods, reason = "the error names the database already")]
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::new(name, file),
            Err(source) => Err(DatabaseError::Unreadable { name, source }),
        }
    }

    /// Takes an opened file; `name` stands for it in messages.
    pub(crate) fn new(name: String, file: File) -> Result<Self, DatabaseError> {
        let unreadable = |source| DatabaseError::Unreadable { name: name.clone(), source };
        let size = file.metadata().map_err(unreadable)?.len();
        let head = usize::try_from(size).unwrap_or(usize::MAX).min(Seal::LENGTH);
        let seal = Seal::read(&name, &bytes(&file, 0, head).map_err(unreadable)?)?;
        let start = Seal::LENGTH as u64;
        let expected = start.saturating_add(seal.root_length());
        if expected > size {
            return Err(DatabaseError::Truncated { name, size, expected });
        }
        let length = usize::try_from(seal.root_length()).unwrap_or(usize::MAX);
        let root = bytes(&file, start, length).map_err(unreadable)?;
        let pages = seal.pages(&name, root)?;
        Ok(Self { name, file, seal, pages })
    }

    /// The header.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The pages, in the order of the file.
    pub fn pages(&self) -> &[SealedPage] {
        &self.pages
    }

    /// Bytes of the database; the file may be longer.
    pub fn length(&self) -> u64 {
        let end = |page: &SealedPage| page.offset.saturating_add(u64::from(page.length));
        self.pages.last().map_or_else(|| self.head_length(), end)
    }

    /// Bytes of header and root.
    pub fn head_length(&self) -> u64 {
        (Seal::LENGTH as u64).saturating_add(self.seal.root_length())
    }

    /// Header and root.
    pub(crate) fn head(&self) -> Result<Vec<u8>, DatabaseError> {
        let length = usize::try_from(self.head_length()).unwrap_or(usize::MAX);
        bytes(&self.file, 0, length).map_err(|source| self.unreadable(source))
    }

    /// The bytes of a page, which have the digest that the root gives them.
    pub fn read(&self, page: &SealedPage) -> Result<Vec<u8>, DatabaseError> {
        let length = usize::try_from(page.length).unwrap_or(usize::MAX);
        let bytes = bytes(&self.file, page.offset, length).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged(page, "is cut off"),
            _ => self.unreadable(error),
        })?;
        if is_page(page, &bytes) {
            Ok(bytes)
        } else {
            Err(self.damaged(page, "has another digest"))
        }
    }

    fn damaged(&self, page: &SealedPage, how: &str) -> DatabaseError {
        let part = format!("the page at {} {how}", page.offset);
        DatabaseError::Damaged { name: self.name.clone(), part }
    }

    fn unreadable(&self, source: io::Error) -> DatabaseError {
        DatabaseError::Unreadable { name: self.name.clone(), source }
    }
}

/// Whether these are the bytes of a page.
pub(crate) fn is_page(page: &SealedPage, bytes: &[u8]) -> bool {
    page.digest == <[u8; 32]>::from(Sha256::digest(bytes))
}

fn bytes(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    file.read_exact_at(&mut buffer, offset)?;
    Ok(buffer)
}
