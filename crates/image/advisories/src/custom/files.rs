//! Files of advisories as they lie on a disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::Error;

/// A file of advisories: its name, for messages, and its text.
pub type NamedText = (String, String);

/// The file, or the files of a folder whose names end in `.yaml` or `.yml`, sorted by name.
///
/// A folder without any is an error: who names one means advisories.
pub fn files(path: &Path) -> Result<Vec<NamedText>, Error> {
    let mut paths = if path.is_dir() { listed(path)? } else { vec![path.to_owned()] };
    paths.sort();
    if paths.is_empty() {
        let message =
            format!("no advisories in {}: expected files ending in .yaml", path.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message).into());
    }
    let read = |path: &PathBuf| Ok((path.display().to_string(), fs_err::read_to_string(path)?));
    paths.iter().map(read).collect()
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            paths.push(path);
        }
    }
    Ok(paths)
}
