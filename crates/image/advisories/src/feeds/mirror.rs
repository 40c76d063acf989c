//! Which files of a mirror folder belong to which feed.

use std::path::{Path, PathBuf};

use crate::{Catalogue, Error, FeedSource};

/// What lies in a mirror folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mirror<'a> {
    /// The feeds that are there, in the catalogue's order.
    pub feeds: Vec<Located<'a>>,
    /// Feeds that are there, known and not read yet ([`FeedSource::postponed`] says why).
    pub postponed: Vec<Located<'a>>,
    /// Files that no feed of the catalogue names, sorted.
    pub unknown: Vec<PathBuf>,
}

/// A feed with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<'a> {
    /// Which feed.
    pub feed: &'a FeedSource,
    /// Its files, sorted by path, never empty.
    pub files: Vec<PathBuf>,
}

/// Finds the feeds of the catalogue in a mirror folder. Links to folders are not followed.
pub fn locate<'a>(catalogue: &'a Catalogue, folder: &Path) -> Result<Mirror<'a>, Error> {
    let mut files = Vec::new();
    for (path, names) in files_below(folder)? {
        let owner = catalogue
            .feeds
            .iter()
            .position(|feed| feed.paths.iter().any(|pattern| path_matches(pattern, &names)));
        let mut others = catalogue.others.iter().flat_map(|other| &other.paths);
        if owner.is_none() && others.any(|pattern| path_matches(pattern, &names)) {
            continue;
        }
        files.push((owner, path));
    }
    files.sort();
    let owned_by = |position| -> Vec<PathBuf> {
        let own = files.iter().filter(|(owner, _)| *owner == position);
        own.map(|(_, path)| path.clone()).collect()
    };
    let mut mirror = Mirror { unknown: owned_by(None), ..Mirror::default() };
    for (position, feed) in catalogue.feeds.iter().enumerate() {
        let located = Located { feed, files: owned_by(Some(position)) };
        match &feed.postponed {
            _ if located.files.is_empty() => {}
            Some(_) => mirror.postponed.push(located),
            None => mirror.feeds.push(located),
        }
    }
    Ok(mirror)
}

/// All files below a folder, each with the names from the folder down.
fn files_below(folder: &Path) -> Result<Vec<(PathBuf, Vec<String>)>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), Vec::new())];
    while let Some((folder, names)) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            let mut names: Vec<String> = names.clone();
            names.push(entry.file_name().to_string_lossy().into_owned());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), names));
            } else {
                files.push((entry.path(), names));
            }
        }
    }
    Ok(files)
}

/// Whether a path with `/` is one that a pattern stands for, in which `*` is any text within one name.
pub fn matches(pattern: &str, path: &str) -> bool {
    let names: Vec<String> = path.split('/').map(str::to_owned).collect();
    path_matches(pattern, &names)
}

fn path_matches(pattern: &str, names: &[String]) -> bool {
    let mut patterns = pattern.split('/');
    names.iter().all(|name| patterns.next().is_some_and(|pattern| name_matches(pattern, name)))
        && patterns.next().is_none()
}

/// `*` stands for any text. Its first and last pieces are anchored, those between are found from
/// left to right, which is enough for a pattern without other wildcards.
fn name_matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in between.split('*') {
        let Some(found) = name.find(piece) else { return false };
        name = name.get(found.saturating_add(piece.len())..).unwrap_or_default();
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_one_name() {
        for (pattern, path, expected) in [
            ("a/b.json", "a/b.json", true),
            ("a/b.json", "b.json", false),
            ("a/*.json", "a/b.json", true),
            ("a/*.json", "a/b/c.json", false),
            ("a/*/c.json", "a/b/c.json", true),
            ("a/oval-*.xml*", "a/oval-bookworm.xml.bz2", true),
            ("a/oval-*.xml*", "a/oval-bookworm.xml", true),
            ("a/oval-*.xml*", "a/oval-bookworm.json", false),
            ("a/*.tar.gz", "a/x.tar.gz.part", false),
            ("a/*b*b", "a/b", false),
            ("a/*", "a", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
