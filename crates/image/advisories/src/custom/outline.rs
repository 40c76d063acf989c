//! Where each advisory of a file stands, so that a mistake in one costs only that one.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

/// The lines of one advisory.
pub(super) struct Entry<'a> {
    /// Its text with the dash before it: a list of one.
    pub(super) text: &'a str,
    /// How many lines stand before it.
    pub(super) lines_before: u64,
}

#[derive(Deserialize)]
struct Outline {
    advisories: Vec<Spanned<IgnoredAny>>,
}

/// The advisories of a file that is YAML and has a list of them, each beginning after the dash on a
/// line of its own; none otherwise.
pub(super) fn entries(text: &str) -> Option<Vec<Entry<'_>>> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    let outline: Outline = serde_saphyr::from_str_with_options(text, options).ok()?;
    let starts: Vec<(u64, u64)> = outline
        .advisories
        .iter()
        .map(|entry| (entry.referenced.line(), entry.referenced.column()))
        .collect();
    let lines = Lines::of(text);
    let mut entries = Vec::with_capacity(starts.len());
    for &(line, column) in &starts {
        let lines_before = line.checked_sub(1)?;
        let indent = usize::try_from(column.checked_sub(1)?).ok()?;
        entries.push(Entry { text: lines.block(text, lines_before, indent)?, lines_before });
    }
    Some(entries)
}

/// The id that a broken advisory gives itself.
pub(super) fn id(text: &str) -> Option<&str> {
    let value = text.lines().find_map(|line| {
        line.trim_start().trim_start_matches("- ").trim_start().strip_prefix("id:")
    })?;
    let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty() && value.len() <= 100).then_some(value)
}

/// The offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        Self(std::iter::once(0).chain(after_breaks).collect())
    }

    /// From the line on which a list's entry begins, at the column after its dash, to the end of
    /// the last line that is indented as far.
    fn block<'a>(&self, text: &'a str, line: u64, indent: usize) -> Option<&'a str> {
        let first = usize::try_from(line).ok()?;
        let start = *self.0.get(first)?;
        let before: String = text.get(start..)?.chars().take(indent).collect();
        if before.trim() != "-" {
            return None;
        }
        let mut end = text.len();
        for &at in self.0.get(first.checked_add(1)?..)? {
            let line = text.get(at..)?.lines().next().unwrap_or_default();
            let content = line.trim_start();
            let depth = line.len().saturating_sub(content.len());
            if depth < indent && !content.is_empty() && !content.starts_with('#') {
                end = at;
                break;
            }
        }
        text.get(start..end)
    }
}
