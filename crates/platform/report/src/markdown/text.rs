//! Text of the target in markdown (`CommonMark` 0.31 with GitHub's extensions): it is shown, and never
//! becomes markup, a link, a reference to an issue, or a message to somebody.

use crate::text::excerpt;

/// Splits what GitHub would act upon; a reader does not see it.
const NOTHING: &str = "&#8203;";

/// A text between other text, cut to so many characters. Fits into a cell of a table.
pub(crate) fn text(text: &str, characters: usize) -> String {
    let text = excerpt(text, characters);
    let mut escaped = String::with_capacity(text.len());
    let mut before = ['\0'; 3];
    // At the start `-`, `=` and `1.` would make lists and headings.
    let mut number = true;
    for (index, character) in text.chars().enumerate() {
        match character {
            '-' | '=' | '+' if index == 0 => escaped.extend(['\\', character]),
            '.' | ')' if number && index > 0 => escaped.extend(['\\', character]),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A name after `@` gets a message, a number after `#` is an issue.
            '@' | '#' => {
                escaped.extend(['\\', character]);
                escaped.push_str(NOTHING);
            }
            // `https://…` and `www.…` would become links (GitHub's extension for autolinks).
            '/' if before.ends_with(&[':']) => {
                escaped.push_str(NOTHING);
                escaped.push('/');
            }
            '.' if before.iter().all(|it| it.eq_ignore_ascii_case(&'w')) => {
                escaped.push_str(NOTHING);
                escaped.push('.');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                escaped.extend(['\\', character]);
            }
            _ => escaped.push(character),
        }
        number &= character.is_ascii_digit();
        before.rotate_left(1);
        if let Some(last) = before.last_mut() {
            *last = character;
        }
    }
    escaped
}

/// A name or version as code, cut to so many characters: within, only the fence and, in a table, the
/// bar mean something.
pub(super) fn code(text: &str, characters: usize) -> String {
    let text = excerpt(text, characters);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.saturating_add(1));
    let space = if longest > 0 || text.starts_with(' ') || text.ends_with(' ') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::{code, text};

    #[test]
    fn markup_is_shown_as_it_is() {
        for (raw, escaped) in [
            ("plain text, 1.2-3", "plain text, 1.2-3"),
            ("a|b<c>&d", "a\\|b&lt;c&gt;&amp;d"),
            ("[x](y) *b* _i_ `c`", "\\[x\\](y) \\*b\\* \\_i\\_ \\`c\\`"),
            ("a: b (c)", "a: b (c)"),
            ("@octocat #1", "\\@&#8203;octocat \\#&#8203;1"),
            ("see www.example.org", "see www&#8203;.example.org"),
            ("https://example.org", "https:&#8203;//example.org"),
            ("1. a - b", "1\\. a - b"),
            ("- a", "\\- a"),
            ("line\nbreak", "line\\\\u{a}break"),
        ] {
            assert_eq!(text(raw, 100), escaped);
        }
    }

    #[test]
    fn code_keeps_its_fence() {
        for (raw, escaped) in [
            ("lodash", "`lodash`"),
            ("a`b", "`` a`b ``"),
            ("``", "``` `` ```"),
            ("a|b", "`a\\|b`"),
            (" ", ""),
        ] {
            assert_eq!(code(raw, 100), escaped);
        }
    }
}
