//! Keeping the folder within its limit while others read and write it.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::entry::UNFINISHED;

/// How long a writer may take: older unfinished files are of writers that died.
const PATIENCE: Duration = Duration::from_hours(1);

/// Bytes that a file takes from the disk are counted in blocks of this size.
const BLOCK: u64 = 512;

struct File {
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
}

/// Removes files, the longest unused first. That somebody else removes one at the same time is no
/// failure, and who reads one that is removed reads it to its end.
pub(crate) fn trim(folder: &Path, limit: u64) -> io::Result<()> {
    let (mut files, unfinished) = list(folder)?;
    // The newest file tells the time as this file system sees it.
    let newest = files.iter().chain(&unfinished).map(|file| file.used).max();
    for file in unfinished {
        let age = newest.and_then(|newest| newest.duration_since(file.used).ok());
        if age.is_some_and(|age| age > PATIENCE) {
            let _ = fs_err::remove_file(file.path);
        }
    }
    let mut total: u64 = files.iter().map(|file| file.bytes).sum();
    if total <= limit {
        return Ok(());
    }
    files.sort_by_key(|file| file.used);
    for file in files {
        if total <= limit {
            break;
        }
        total = total.saturating_sub(file.bytes);
        let _ = fs_err::remove_file(file.path);
    }
    Ok(())
}

/// The values, and what is not finished. Names of any other form are not this program's.
fn list(folder: &Path) -> io::Result<(Vec<File>, Vec<File>)> {
    let (mut files, mut unfinished) = (Vec::new(), Vec::new());
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_value = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let place = if is_value {
            &mut files
        } else if name.starts_with(UNFINISHED) {
            &mut unfinished
        } else {
            continue;
        };
        // Gone meanwhile: somebody else trims.
        let Ok(metadata) = entry.metadata() else { continue };
        let Ok(used) = metadata.modified() else { continue };
        place.push(File { used, bytes: metadata.blocks() * BLOCK, path: entry.path() });
    }
    Ok((files, unfinished))
}
