//! What the name of an archive says: the least that is known of it.

/// `name-version.extension`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileName<'a> {
    /// Without extension.
    pub(super) stem: &'a str,
    pub(super) name: &'a str,
    /// With a classifier, where there is one: it cannot be told apart.
    pub(super) version: Option<&'a str>,
}

impl<'a> FileName<'a> {
    pub(super) fn parse(file_name: &'a str) -> Self {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let split = ['-', '_', '.'].into_iter().find_map(|separator| split(stem, separator));
        match split {
            Some((name, version)) => Self { stem, name, version: Some(version) },
            None => Self { stem, name: stem, version: None },
        }
    }
}

/// At the first separator with a digit behind it: `commons-lang3-3.12` is not split at `lang3`.
fn split(stem: &str, separator: char) -> Option<(&str, &str)> {
    let (at, _) = stem.match_indices(separator).find(|(at, _)| {
        let behind = stem.get(at.saturating_add(1)..).unwrap_or_default();
        *at > 0 && behind.starts_with(|c: char| c.is_ascii_digit())
    })?;
    Some((stem.get(..at)?, stem.get(at.saturating_add(1)..)?))
}
