//! A file that is not there yet: written beside its place, and moved there when it is whole.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// The ending of the names of drafts.
const ENDING: &str = ".incoming";

/// A draft of a file. Its writer holds a lock on it, so that the remains of a process that died can be told
/// from the work of one that lives. It disappears with this value, unless it is finished or kept.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    path: TempPath,
    target: PathBuf,
}

impl Draft {
    /// A draft of `target`, in its folder, which is made where it is missing.
    pub(crate) fn of(target: &Path) -> io::Result<Self> {
        let folder = folder(target);
        fs_err::create_dir_all(folder)?;
        let known = fs_err::metadata(target).map(|metadata| metadata.permissions());
        let permissions = known.unwrap_or(Permissions::from_mode(0o666));
        loop {
            let (file, path) = tempfile::Builder::new()
                .prefix(&prefix(target))
                .suffix(ENDING)
                .permissions(permissions.clone())
                .tempfile_in(folder)?
                .into_parts();
            // Between making and locking it another process may have taken it for remains. Where the
            // file system knows no locks, nobody takes it.
            let is_taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && path.try_exists()? {
                return Ok(Self { file, path, target: target.to_owned() });
            }
        }
    }

    /// The file that it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes bytes at a place.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    /// Makes it durable and moves it to its place.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        self.path.persist(&self.target).map_err(|error| error.error)?;
        // The name is durable with its folder.
        fs_err::File::open(folder(&self.target))?.sync_all()
    }

    /// Leaves it where it is, as remains for whoever goes on.
    pub(crate) fn keep(self) {
        // What cannot be kept is fetched again.
        let _ = self.path.keep();
    }
}

/// A draft that a process left behind, which nobody else will take.
#[derive(Debug)]
pub(crate) struct Remains {
    /// The draft.
    pub(crate) file: File,
    path: PathBuf,
}

impl Remains {
    /// The remains of drafts of `target`. What cannot be looked at is left alone.
    pub(crate) fn of(target: &Path) -> Vec<Self> {
        let prefix = prefix(target);
        let is_draft = |name: &OsStr| {
            let name = name.as_encoded_bytes();
            name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(ENDING.as_bytes())
        };
        let entries = fs_err::read_dir(folder(target)).into_iter().flatten().flatten();
        let drafts = entries.filter(|entry| is_draft(&entry.file_name())).map(|it| it.path());
        drafts.filter_map(|path| Self::take(path).ok()).collect()
    }

    fn take(path: PathBuf) -> io::Result<Self> {
        let file = fs_err::File::open(&path)?.into_file();
        file.try_lock()?;
        Ok(Self { file, path })
    }

    /// Removes the draft.
    pub(crate) fn remove(self) {
        // It would be found again the next time.
        let _ = fs_err::remove_file(&self.path);
    }
}

/// Holds a lock for the place of a file until it is dropped. Waits for others, who have it as short.
pub(crate) fn lock(target: &Path) -> io::Result<File> {
    let mut name = prefix(target);
    name.push("lock");
    let path = folder(target).join(name);
    let file = fs_err::OpenOptions::new().create(true).append(true).open(path)?.into_file();
    file.lock()?;
    Ok(file)
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}
