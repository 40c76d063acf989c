//! The names of a file and of those before it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

/// A file that is put aside when it is full: `NAME` becomes `NAME.1`, that one `NAME.2`, and so on.
///
/// Names are looked up in the folder that was opened at the start, whatever happens to its own name.
#[derive(Debug)]
pub struct Rotation {
    folder: OwnedFd,
    name: OsString,
    keep: u32,
}

impl Rotation {
    /// The file of a path, beside which so many older ones are kept.
    pub fn new(path: &Path, keep: u32) -> io::Result<Self> {
        let name = path.file_name().ok_or(Errno::ISDIR)?.to_owned();
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
        Ok(Self { folder: openat(CWD, folder, flags, Mode::empty())?, name, keep })
    }

    /// Opens the file, so that bytes are added to it, and makes it where it is not there: for its owner and
    /// group alone, since alerts tell of arguments.
    pub fn open(&self) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOCTTY;
        Ok(File::from(openat(&self.folder, &self.name, flags, Mode::from_raw_mode(0o640))?))
    }

    /// Puts the file aside and opens a new one. Each file has a name at every moment, so that what breaks off in
    /// between leaves none behind without one.
    pub fn next(&self) -> io::Result<File> {
        if self.keep == 0 {
            absent_is_well(unlinkat(&self.folder, &self.name, AtFlags::empty()))?;
            return self.open();
        }
        for number in (1..self.keep).rev() {
            self.rename(&self.older(number), &self.older(number.saturating_add(1)))?;
        }
        self.rename(&self.name, &self.older(1))?;
        self.open()
    }

    /// Whether the name leads to another file than this one: somebody else put it aside.
    pub fn has_moved(&self, file: &File) -> bool {
        let Ok(held) = rustix::fs::fstat(file) else { return false };
        let named = statat(&self.folder, &self.name, AtFlags::empty());
        !named.is_ok_and(|named| (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino))
    }

    fn older(&self, number: u32) -> OsString {
        let mut name = self.name.clone();
        name.push(format!(".{number}"));
        name
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        absent_is_well(renameat(&self.folder, from, &self.folder, to))
    }
}

fn absent_is_well(result: Result<(), Errno>) -> io::Result<()> {
    match result {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::{Lines, Written};

    /// Every line is in exactly one file, in order, whatever their lengths, and no file is larger than it may be.
    #[test]
    fn no_line_is_lost_and_none_is_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.json");
        fs_err::write(&path, "before\n").unwrap();
        let rotation = Rotation::new(&path, 100).unwrap();
        let mut lines = Lines::new(rotation.open().unwrap(), Some(64));
        let mut expected = vec!["before".to_owned()];
        for number in 0..200_usize {
            let line = format!("{number}:{}", "x".repeat(number * 7 % 90));
            let bytes = format!("{line}\n");
            if lines.is_full(bytes.len()) {
                lines.replace(rotation.next().unwrap());
            }
            assert!(matches!(lines.write(bytes.as_bytes()), Written::Whole));
            expected.push(line);
        }
        let mut found = Vec::new();
        for number in (0..200).rev() {
            let name = if number == 0 {
                path.clone()
            } else {
                folder.path().join(format!("alerts.json.{number}"))
            };
            let Ok(text) = fs_err::read_to_string(name) else { continue };
            assert!(text.len() <= 64 || text.lines().count() == 1, "{} bytes", text.len());
            found.extend(text.lines().map(str::to_owned));
        }
        let kept = expected.len() - found.len();
        assert!(kept > 0, "only a hundred older files are kept");
        assert_eq!(found, expected[kept..]);
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 101);
    }

    #[test]
    fn none_is_kept_where_none_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::new(&folder.path().join("a"), 0).unwrap();
        rotation.open().unwrap().write_all(b"old").unwrap();
        rotation.next().unwrap().write_all(b"new").unwrap();
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs_err::read(folder.path().join("a")).unwrap(), b"new");
    }

    #[test]
    fn a_file_that_somebody_else_put_aside_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let rotation = Rotation::new(&path, 1).unwrap();
        let file = rotation.open().unwrap();
        assert!(!rotation.has_moved(&file));
        fs_err::rename(&path, folder.path().join("b")).unwrap();
        assert!(rotation.has_moved(&file));
    }

    #[test]
    fn a_file_that_takes_no_more_keeps_whole_lines() {
        let Ok(full) = fs_err::OpenOptions::new().write(true).open("/dev/full") else { return };
        let mut lines = Lines::new(full.into_file(), Some(10));
        assert!(matches!(lines.write(b"line\n"), Written::Not(_)));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut lines = Lines::new(File::from(OwnedFd::from(writer)), None);
        assert!(matches!(lines.write(b"line\n"), Written::Never));
    }
}
