//! Texts for people and days, as every format has them.

use bulkhead_model::Severity;

/// Bytes of a description that are kept.
const DESCRIPTION: usize = 4 << 10;

/// Bytes of a title that are kept.
const TITLE: usize = 512;

/// Addresses that are kept of one record.
const REFERENCES: usize = 8;

/// A title: one line, none where there is no text.
pub(super) fn title(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line, TITLE)
}

/// A description, none where there is no text.
pub(super) fn description(text: &str) -> Option<String> {
    cut(text, DESCRIPTION)
}

fn cut(text: &str, bytes: usize) -> Option<String> {
    let text = text.trim();
    let kept = text.get(..text.floor_char_boundary(bytes)).unwrap_or_default();
    match kept.len() {
        0 => None,
        length if length < text.len() => Some(format!("{kept}…")),
        _ => Some(kept.to_owned()),
    }
}

/// A publisher's word for a severity; where there is none, or the word is `None`, nobody rated.
pub(super) fn severity(word: &str) -> Option<Severity> {
    let word = word.trim();
    word.parse().ok().filter(|_| !word.eq_ignore_ascii_case("none"))
}

/// The last name of a path without what follows its last point.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A parser's message without its excerpt of the text.
pub(super) fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A text that was not expected, quoted and cut, so that no problem grows with its file.
pub(super) fn quote(text: &str) -> String {
    let kept = text.get(..text.floor_char_boundary(60)).unwrap_or_default();
    let more = if kept.len() < text.len() { "…" } else { "" };
    format!("{kept:?}{more}")
}

/// The first addresses, each once; whatever is no web address is left out.
pub(super) fn references(addresses: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses {
        let address = address.as_ref().trim();
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        if is_web && address.len() <= DESCRIPTION && kept.iter().all(|known| known != address) {
            kept.push(address.to_owned());
        }
        if kept.len() == REFERENCES {
            break;
        }
    }
    kept
}

/// The day of an instant or date, `2021-12-10`; none where the text does not start with one, or with
/// one before there were feeds: that is some program's idea of "unset".
pub(super) fn day(text: &str) -> Option<String> {
    let date: jiff::civil::Date = text.trim().get(..10)?.parse().ok()?;
    (date.year() >= 1990).then(|| date.to_string())
}

/// The day of `20220419`, whatever follows it.
pub(super) fn compact_day(text: &str) -> Option<String> {
    let (year, month, rest) = (text.get(..4)?, text.get(4..6)?, text.get(6..8)?);
    day(&format!("{year}-{month}-{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_calendar_days() {
        for (text, expected) in [
            ("2021-12-10", Some("2021-12-10")),
            ("2025-08-25T17:04:19.9796Z", Some("2025-08-25")),
            (" 2023-07-14T03:39:10.188-04:00", Some("2023-07-14")),
            ("2021-02-30", None),
            ("10 December 2021", None),
            ("2021-12-1", None),
            ("0001-01-01T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(DESCRIPTION);
        let kept = description(&long).unwrap();
        assert!(kept.len() <= DESCRIPTION + '…'.len_utf8() && kept.ends_with("é…"), "{kept}");
        assert_eq!(title(" a\n  b ").as_deref(), Some("a b"));
        assert_eq!(description(" \n"), None);
    }

    #[test]
    fn references_are_web_addresses_and_few() {
        let many = (0..100).map(|number| format!("https://example.org/{number}"));
        assert_eq!(references(many).len(), REFERENCES);
        assert_eq!(
            references(["javascript:alert(1)", "https://example.org", "https://example.org"]),
            ["https://example.org"]
        );
    }
}
