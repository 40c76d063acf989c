//! The folder on the disk: places of files, the lock, free room.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::MirrorError;
use super::partial::{hexadecimal, sha256_of};

/// What is ours in the folder: no host has such a name.
const OWN: &str = "bulkhead";

/// A folder with its lock, which ends with the last clone.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    _lock: Arc<fs_err::File>,
}

/// Where the state of a mirror folder lies.
pub(super) fn state_file(root: &Path) -> PathBuf {
    root.join(OWN).join("mirror.json")
}

/// The path of the state below a folder, as a server has it.
pub(super) const STATE: [&str; 2] = [OWN, "mirror.json"];

impl Folder {
    pub(super) fn open(root: &Path) -> Result<Self, MirrorError> {
        fs_err::create_dir_all(root.join(OWN).join("partial"))?;
        let lock = fs_err::File::create(root.join(OWN).join("lock"))?;
        match lock.file().try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(MirrorError::Locked { folder: root.to_owned() }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn state_file(&self) -> PathBuf {
        state_file(&self.root)
    }

    /// Where a file of the mirror lies. The path was checked by [`is_safe`].
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where a file is put together, under a name that no two files share.
    pub(super) fn partial(&self, path: &str) -> PathBuf {
        let digest = hexadecimal(&Sha256::digest(path.as_bytes()));
        self.root.join(OWN).join("partial").join(digest)
    }

    /// The size and the digest of a file that is there; none where it is not.
    pub(super) fn found(&self, path: &str) -> io::Result<Option<(u64, String)>> {
        match sha256_of(&self.place(path)) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Moves a complete file to its place.
    pub(super) fn put(&self, partial: &Path, path: &str) -> io::Result<()> {
        let place = self.place(path);
        if let Some(folder) = place.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::rename(partial, place)
    }

    pub(super) fn remove(&self, path: &str) -> io::Result<()> {
        match fs_err::remove_file(self.place(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Fails where the disk has less free than is to stay so, and `wanted` bytes more.
    pub(super) fn check_room(&self, wanted: u64, reserve: u64) -> Result<(), MirrorError> {
        let disk = rustix::fs::statvfs(&self.root).map_err(io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < reserve.saturating_add(wanted) {
            return Err(MirrorError::Space { free, reserve });
        }
        Ok(())
    }
}

/// Whether a path leads to a file below a folder, and to none of ours.
pub(super) fn is_safe(path: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 255
            && name != "."
            && name != ".."
            && !name.contains('\\')
            && !name.chars().any(char::is_control)
    };
    path.split('/').all(is_name) && path.split('/').next() != Some(OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for (path, expected) in [
            ("host/v3/main.json", true),
            ("host/AlmaLinux:9/all.zip", true),
            ("host/../../etc/passwd", false),
            ("/etc/passwd", false),
            ("host//x", false),
            ("host/./x", false),
            ("host/a\\b", false),
            ("host/a\0b", false),
            ("bulkhead/mirror.json", false),
            ("", false),
        ] {
            assert_eq!(is_safe(path), expected, "{path}");
        }
    }

    #[test]
    fn two_updates_of_one_folder_exclude_each_other() {
        let root = tempfile::tempdir().unwrap();
        let first = Folder::open(root.path()).unwrap();
        let second = Folder::open(root.path()).unwrap_err();
        assert!(matches!(second, MirrorError::Locked { .. }), "{second}");
        drop(first);
        Folder::open(root.path()).unwrap();
    }
}
