//! Rule files that may change while the sensor runs.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, stat};

/// Files that are looked at again and again: a look is one call for each, which notices a file that was written
/// to, one that was put in its place, and a link somewhere in its path that leads elsewhere now.
#[derive(Debug)]
pub(super) struct WatchedFiles {
    paths: Vec<PathBuf>,
    /// As they were when they were last taken.
    taken: Vec<Option<Stamp>>,
    /// As they were at the last look, where that is different.
    changed: Option<Vec<Option<Stamp>>>,
}

/// What tells a file and its content from others: device, number, size, and when content and attributes changed.
type Stamp = (u64, u64, i64, (i64, u64), (i64, u64));

impl WatchedFiles {
    pub(super) fn new(paths: Vec<PathBuf>) -> Self {
        let taken = stamps(&paths);
        Self { paths, taken, changed: None }
    }

    /// Whether files have changed, and are as they were at the look before: whoever writes to one in place is left
    /// to finish.
    pub(super) fn look(&mut self) -> bool {
        let now = stamps(&self.paths);
        if now == self.taken {
            self.changed = None;
            return false;
        }
        if self.changed.as_ref() != Some(&now) {
            self.changed = Some(now);
            return false;
        }
        self.taken = now;
        self.changed = None;
        true
    }

    /// Opens them for the first time. Here a pipe does as well as a file.
    pub(super) fn first(&self) -> std::io::Result<Vec<File>> {
        let open = |path: &PathBuf| fs_err::File::open(path).map(fs_err::File::into_file);
        self.paths.iter().map(open).collect()
    }

    /// Takes them as they are now: the files, or why there is none.
    pub(super) fn open(&mut self) -> Vec<Result<File, String>> {
        self.taken = stamps(&self.paths);
        self.changed = None;
        self.paths.iter().map(|path| open(path)).collect()
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |path: &PathBuf| {
        let found = stat(path).ok()?;
        let content = (found.st_mtime, found.st_mtime_nsec);
        let attributes = (found.st_ctime, found.st_ctime_nsec);
        Some((found.st_dev, found.st_ino, found.st_size, content, attributes))
    };
    paths.iter().map(stamp).collect()
}

/// A pipe gives what it has once, and would be waited for.
fn open(path: &Path) -> Result<File, String> {
    let found = stat(path).map_err(|error| error.to_string())?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err("it is no regular file, and cannot be read again".to_owned());
    }
    let opened = fs_err::File::open(path).map(fs_err::File::into_file);
    opened.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Looks until it is told that files have changed; false where they have not.
    fn changes(files: &mut WatchedFiles) -> bool {
        files.look() || files.look()
    }

    #[test]
    fn every_way_to_change_a_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // As a ConfigMap is mounted: a link to a link to a folder, which is replaced at once.
        for version in ["one", "two"] {
            fs_err::create_dir(path(version)).unwrap();
            fs_err::write(path(version).join("rules.yaml"), "[]").unwrap();
        }
        symlink("one", path("..data")).unwrap();
        symlink("..data/rules.yaml", path("map.yaml")).unwrap();
        fs_err::write(path("own.yaml"), "[]").unwrap();
        let mut files = WatchedFiles::new(vec![path("map.yaml"), path("own.yaml")]);
        assert!(!changes(&mut files));
        let steps: [(&str, &dyn Fn()); 4] = [
            ("written in place", &|| fs_err::write(path("own.yaml"), "[ ]").unwrap()),
            ("put in its place", &|| {
                fs_err::write(path("new"), "[]").unwrap();
                fs_err::rename(path("new"), path("own.yaml")).unwrap();
            }),
            ("a link that leads elsewhere", &|| {
                symlink("two", path("..tmp")).unwrap();
                fs_err::rename(path("..tmp"), path("..data")).unwrap();
            }),
            ("taken away", &|| fs_err::remove_file(path("own.yaml")).unwrap()),
        ];
        for (what, step) in steps {
            step();
            assert!(changes(&mut files), "{what}");
            assert!(!changes(&mut files), "{what} is told once");
        }
        let opened = files.open();
        assert!(opened[0].is_ok() && opened[1].is_err());
    }

    #[test]
    fn whoever_still_writes_is_left_to_finish() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        fs_err::write(&path, "a").unwrap();
        let mut files = WatchedFiles::new(vec![path.clone()]);
        for length in 2..5 {
            fs_err::write(&path, "a".repeat(length)).unwrap();
            assert!(!files.look());
        }
        assert!(files.look());
    }
}
