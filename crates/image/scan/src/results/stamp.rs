//! Whether a file is still the one that was read.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;

use serde::Serialize;

/// How far apart two changes of a file surely have different times: a tick of the slowest kernel
/// clock that file systems stamp with, twice.
const TICKS: i128 = 20_000_000;

/// Which file, and when it was changed last. The time of change cannot be set by those who change
/// the file, unlike that of modification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of an open file; none of what is no regular file.
    pub(crate) fn of(file: &File) -> Option<Self> {
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Whether the file was left alone since, and a change from now on would show: one that follows
    /// within the same tick of the clock would not.
    pub(crate) fn holds_for(&self, file: &File) -> bool {
        let Some(now) = now() else { return false };
        Self::of(file).as_ref() == Some(self) && now - nanoseconds(self.changed) > TICKS
    }
}

/// The time as file systems see it: when a file that is made now was made.
fn now() -> Option<i128> {
    let metadata = tempfile::tempfile().ok()?.metadata().ok()?;
    Some(nanoseconds((metadata.ctime(), metadata.ctime_nsec())))
}

fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_change_of_the_same_size_and_time_of_modification_shows() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one").unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        let stamp = Stamp::of(&file).unwrap();
        assert!(!stamp.holds_for(&file), "changed a moment ago");
        sleep(Duration::from_millis(50));
        assert!(stamp.holds_for(&file));
        std::os::unix::fs::FileExt::write_all_at(&file, b"two", 0).unwrap();
        file.set_modified(modified).unwrap();
        assert_ne!(Stamp::of(&file).unwrap(), stamp);
        assert!(!stamp.holds_for(&file));
    }
}
