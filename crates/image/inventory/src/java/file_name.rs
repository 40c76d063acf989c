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

/// At the first separator with a digit behind it, so that `commons-lang3-3.12` is not split at
/// `lang3`, and behind which no name goes on, so that `log4j-1.2-api-2.17` is not split at `1.2`.
fn split(stem: &str, separator: char) -> Option<(&str, &str)> {
    let behind = |at: usize| stem.get(at.saturating_add(1)..).unwrap_or_default();
    let (at, _) = stem.match_indices(separator).find(|(at, _)| {
        let version = behind(*at);
        *at > 0 && version.starts_with(|c: char| c.is_ascii_digit()) && !holds_name(version)
    })?;
    Some((stem.get(..at)?, behind(at)))
}

/// Words that stand in versions between numbers.
const QUALIFIERS: [&str; 8] = ["alpha", "beta", "build", "m", "pre", "rc", "cr", "b"];

/// Whether a word that is no qualifier stands before a further number.
fn holds_name(version: &str) -> bool {
    let mut parts = version.split('-').peekable();
    while let Some(part) = parts.next() {
        let word = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let number =
            parts.peek().is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        if word && number && !QUALIFIERS.iter().any(|known| part.eq_ignore_ascii_case(known)) {
            return true;
        }
    }
    false
}
