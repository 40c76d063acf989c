//! Repairs written into files, and taken back.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::RemediationError;
use crate::files::FileRepair;
use crate::record::{
    FileTarget, Piece, RECORD_VERSION, Record, Records, State, Target, write_atomically,
};

/// Writes the repair of a file, unless it was changed since it was planned.
///
/// # Errors
/// Where it cannot be written; then the file is as it was.
pub fn write_file(
    repair: &FileRepair,
    records: &Records,
    now: &str,
) -> Result<Record, RemediationError> {
    let path = Path::new(&repair.path);
    let metadata = fs_err::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Err(RemediationError::Link { path: path.to_owned() });
    }
    let path = fs_err::canonicalize(path)?;
    if fs_err::read(&path)? != repair.before.as_bytes() {
        return Err(RemediationError::Changed { path });
    }
    let (before, after) = (digest(repair.before.as_bytes()), digest(repair.after.as_bytes()));
    let id = id(&[&path.to_string_lossy(), &before, &after, now]);
    let replaced = repair.difference();
    let pieces = replaced.replaced().map(|(at, old, new)| Piece { at, old, new }).collect();
    let target = FileTarget { path: path.clone(), before, after, pieces };
    let mut record = Record {
        version: RECORD_VERSION,
        id,
        begun: now.to_owned(),
        state: State::Applying,
        target: Target::File(target),
        objects: repair.objects.clone(),
        reason: None,
    };
    records.write(&record)?;
    let mode = metadata.permissions().mode() & 0o7777;
    write_atomically(&path, repair.after.as_bytes(), mode)?;
    record.state = State::Done;
    records.write(&record)?;
    Ok(record)
}

/// Gives a file the bytes back that it had before its repair.
///
/// # Errors
/// Where it was changed since: then nothing is written.
pub(crate) fn restore(
    record: &mut Record,
    file: &FileTarget,
    records: &Records,
) -> Result<(), RemediationError> {
    let changed = || RemediationError::Changed { path: file.path.clone() };
    if fs_err::symlink_metadata(&file.path)?.is_symlink() {
        return Err(RemediationError::Link { path: file.path.clone() });
    }
    let bytes = fs_err::read(&file.path)?;
    if digest(&bytes) != file.before {
        if digest(&bytes) != file.after {
            return Err(changed());
        }
        let old = String::from_utf8(bytes).ok().and_then(|text| undone(&text, &file.pieces));
        let old = old.filter(|old| digest(old.as_bytes()) == file.before).ok_or_else(changed)?;
        record.state = State::RollingBack;
        records.write(record)?;
        let mode = fs_err::metadata(&file.path)?.permissions().mode() & 0o7777;
        write_atomically(&file.path, old.as_bytes(), mode)?;
    }
    record.state = State::RolledBack;
    records.write(record)
}

/// Settles a repair of a file that was cut short: a rename is done or not.
pub(crate) fn settle(
    record: &mut Record,
    file: &FileTarget,
    records: &Records,
) -> Result<(), RemediationError> {
    if record.state == State::RollingBack {
        return restore(record, file, records);
    }
    let bytes = fs_err::read(&file.path).unwrap_or_default();
    record.state = if digest(&bytes) == file.after { State::Done } else { State::Abandoned };
    records.write(record)
}

/// A short name of what is unique about a repair.
pub(crate) fn id(parts: &[&str]) -> String {
    let mut hash = digest(parts.join("\0").as_bytes());
    hash.truncate(12);
    hash
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn undone(text: &str, pieces: &[Piece]) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for piece in pieces {
        let end = piece.at + piece.new.len();
        if text.get(piece.at..end)? != piece.new {
            return None;
        }
        result.push_str(text.get(at..piece.at)?);
        result.push_str(&piece.old);
        at = end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}
