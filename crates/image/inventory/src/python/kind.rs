//! Which files of Python's world are read, by their paths.

use bulkhead_model::EntryPath;

use crate::locked;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Metadata of an installed distribution.
    Distribution,
    /// `direct_url.json` beside it.
    Origin,
    Requirements,
    Pipfile,
    /// A lock file in TOML.
    Lock,
}

impl Kind {
    pub(super) fn of(path: &EntryPath) -> Option<Self> {
        let name = path.file_name();
        match name {
            _ if is_evidence(path.as_bytes()) => Some(Self::Distribution),
            _ if is_origin(path.as_bytes()) => Some(Self::Origin),
            _ if locked::came_along(path) => None,
            b"Pipfile.lock" => Some(Self::Pipfile),
            b"poetry.lock" | b"uv.lock" | b"pdm.lock" => Some(Self::Lock),
            _ if is_pylock(name) => Some(Self::Lock),
            _ if is_requirements(path) => Some(Self::Requirements),
            _ => None,
        }
    }
}

/// `pylock.toml`, or `pylock.` and one word (PEP 751, "File Name").
fn is_pylock(name: &[u8]) -> bool {
    name == b"pylock.toml"
        || name
            .strip_prefix(b"pylock.")
            .and_then(|rest| rest.strip_suffix(b".toml"))
            .is_some_and(|word| !word.is_empty() && !word.contains(&b'.'))
}

/// Names are a habit: `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, or any text
/// in a folder `requirements`.
fn is_requirements(path: &EntryPath) -> bool {
    let name = path.file_name();
    let folder = path.components().nth_back(1).unwrap_or_default();
    name.ends_with(b".txt")
        && (memchr::memmem::find(name, b"requirements").is_some() || folder == b"requirements")
}

/// Whether a file is the metadata of a distribution: `METADATA` of a wheel (PEP 427), `PKG-INFO` of
/// an egg, or the egg's information as a single file. Debian's Python packages have all three.
pub(crate) fn is_evidence(path: &[u8]) -> bool {
    let (folder, name) = folder_and_name(path);
    match name {
        b"METADATA" => ends_with(folder, b"dist-info"),
        b"PKG-INFO" => ends_with(folder, b"egg-info"),
        _ => name.ends_with(b".egg-info"),
    }
}

/// PEP 610.
fn is_origin(path: &[u8]) -> bool {
    let (folder, name) = folder_and_name(path);
    name == b"direct_url.json" && ends_with(folder, b"dist-info")
}

fn folder_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => {
            let name = path.get(slash..).and_then(|name| name.strip_prefix(b"/"));
            (path.get(..slash).unwrap_or_default(), name.unwrap_or_default())
        }
        None => (b"", path),
    }
}

fn ends_with(folder: &[u8], suffix: &[u8]) -> bool {
    let tail = folder.len().checked_sub(suffix.len()).and_then(|start| folder.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}
