//! One value in its file: a mark, the SHA-256 of the value, the value.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use sha2::{Digest as _, Sha256};

/// How every file begins; the digit is the version of this form.
const MARK: &[u8] = b"bulkhead cache 1\n";

/// Bytes of a value at most: a file of another size was not written by this program.
const VALUE_BYTES: u64 = 1 << 30;

/// How names of unfinished files begin.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// Reads a value and marks it as used. A damaged file is removed, so that it is written again.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let file = fs_err::File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.file().take(VALUE_BYTES).read_to_end(&mut bytes).ok()?;
    let Some(value) = checked(&bytes) else {
        let _ = fs_err::remove_file(path);
        return None;
    };
    let start = bytes.len() - value.len();
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    // Where the file system refuses, the value is merely thought older than it is.
    let _ = futimens(file.file(), &Timestamps { last_access: now, last_modification: now });
    bytes.drain(..start);
    Some(bytes)
}

fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (digest, value) = bytes.strip_prefix(MARK)?.split_at_checked(32)?;
    (Sha256::digest(value).as_slice() == digest).then_some(value)
}

/// Writes a value in one step.
pub(crate) fn write(folder: &Path, path: &Path, value: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(MARK)?;
    file.write_all(&Sha256::digest(value))?;
    file.write_all(value)?;
    file.persist(path)?;
    Ok(())
}
