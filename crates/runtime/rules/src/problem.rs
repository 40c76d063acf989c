//! What is wrong with a rule file, where, and what to do about it.

use std::fmt;

use crate::text::Place;

/// How much of the rules a problem costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The files are used nevertheless.
    Warning,
    /// They are used, and a rule of theirs can never be met.
    Blind,
    /// No rule set can be made of the files.
    Error,
}

/// Something wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the files can still be used.
    pub weight: Weight,
    /// Where it stands.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What helps.
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn error(place: Place, message: impl Into<String>) -> Self {
        Self { weight: Weight::Error, place, message: shortened(message.into()), hint: None }
    }

    pub(crate) fn warning(place: Place, message: impl Into<String>) -> Self {
        Self { weight: Weight::Warning, ..Self::error(place, message) }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// `FILE:LINE:COLUMN: what`; the hint is left to whoever prints.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// How many characters of a message are told at each of its ends, where it quotes something long.
const MOST_TOLD: usize = 150;

/// A message without its middle, if it is long.
fn shortened(message: String) -> String {
    let ends = |mut places: std::str::CharIndices<'_>| {
        let start = places.nth(MOST_TOLD)?.0;
        let end = places.nth_back(MOST_TOLD)?.0;
        Some((start, end))
    };
    match ends(message.char_indices()) {
        Some((start, end)) => {
            let head = message.get(..start).unwrap_or_default();
            format!("{head} … {}", message.get(end..).unwrap_or_default())
        }
        None => message,
    }
}

/// The name among `known` that is most like `name`, if one is like it at all.
pub(crate) fn nearest<'name>(
    name: &str,
    known: impl IntoIterator<Item = &'name str>,
) -> Option<&'name str> {
    let most = name.len().div_ceil(3).min(4);
    known
        .into_iter()
        .map(|known| (distance(name, known, most), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Letters to insert, drop or change; more than `most` where it is certain to be more.
fn distance(left: &str, right: &str, most: usize) -> usize {
    if left.len().abs_diff(right.len()) > most {
        return most.saturating_add(1);
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (number, letter) in left.bytes().enumerate() {
        let mut diagonal = number;
        let mut before = number.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (other, above) in right.bytes().zip(row.iter_mut().skip(1)) {
            let change = diagonal.saturating_add(usize::from(letter != other));
            diagonal = *above;
            before = change.min(before.saturating_add(1)).min(above.saturating_add(1));
            *above = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let known = ["proc.name", "proc.pname", "fd.name", "container.id"];
        assert_eq!(nearest("proc.nmae", known), Some("proc.name"));
        assert_eq!(nearest("container.ids", known), Some("container.id"));
        assert_eq!(nearest("evt.type", known), None);
        assert_eq!(distance("kitten", "sitting", 9), 3);
        assert_eq!(distance("", "abc", 9), 3);
    }
}
