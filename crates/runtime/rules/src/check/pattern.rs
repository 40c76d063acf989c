//! Regular expressions, which rules write as RE2 reads them.

use regex::bytes::{Regex, RegexBuilder};

use crate::problem::Problem;
use crate::syntax::Word;

/// How much memory the program of a regular expression may take.
const MOST_BYTES: usize = 1 << 20;

/// The whole value must follow it, as RE2 is asked to.
pub(super) fn whole(word: &Word) -> Result<Regex, Problem> {
    let text = word.lossy();
    let pattern = translated(&text);
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MOST_BYTES).build();
    // On its own first: what follows it must not mend it.
    build(&pattern).and_then(|_| build(&format!(r"\A(?:{pattern})\z"))).map_err(|error| {
        let cause = error.to_string();
        let cause = cause.lines().last().unwrap_or("").trim_start_matches("error: ");
        Problem::error(word.place.clone(), format!("`{text}` is no regular expression: {cause}"))
            .hint("the language is RE2's: there are no back references and no look around")
    })
}

/// A pattern for the engine that is here: what only this one reads as a sign is escaped. To RE2 a brace that counts
/// nothing is a character, and in a set so is `[`, and there are no operations on sets. (re2, `parse.cc`)
fn translated(pattern: &str) -> String {
    let mut translation = Translation { rest: pattern, result: String::new() };
    while let Some(next) = translation.rest.chars().next() {
        match next {
            '\\' => translation.escape(),
            '[' => translation.set(),
            '{' if !counts(translation.rest) => translation.literal(),
            _ => translation.copy(next.len_utf8()),
        }
    }
    translation.result
}

/// Whether a text begins with `{2}`, `{2,}` or `{2,3}`.
fn counts(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let inner = text.strip_prefix('{').and_then(|text| text.split_once('}'));
    inner.is_some_and(|(inner, _)| {
        let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
        !least.is_empty() && digits(least) && digits(most)
    })
}

/// What is left of a pattern, and what the beginning of it became.
struct Translation<'pattern> {
    rest: &'pattern str,
    result: String,
}

impl Translation<'_> {
    /// Takes so many bytes as they are.
    fn copy(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.result.push_str(taken);
        self.rest = rest;
    }

    /// Takes a character that is a sign to the engine as a character.
    fn literal(&mut self) {
        self.result.push('\\');
        self.copy(1);
    }

    /// A backslash and what it escapes: `\x{41}` and `\p{Greek}` have braces.
    fn escape(&mut self) {
        let mut characters = self.rest.chars();
        let escaped = characters.by_ref().nth(1);
        let length = match escaped {
            // To the engine these are the ends of words.
            Some('<' | '>') => {
                self.rest = self.rest.strip_prefix('\\').unwrap_or("");
                1
            }
            Some('x' | 'p' | 'P') if characters.as_str().starts_with('{') => {
                self.rest.find('}').map_or(self.rest.len(), |end| end.saturating_add(1))
            }
            Some(escaped) => escaped.len_utf8().saturating_add(1),
            None => 1,
        };
        self.copy(length);
    }

    /// A set in brackets. One that does not end is left to the engine to tell of.
    fn set(&mut self) {
        self.copy(1);
        if self.rest.starts_with('^') {
            self.copy(1);
        }
        let mut first = true;
        while !self.rest.is_empty() && (first || !self.rest.starts_with(']')) {
            first = false;
            self.member();
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.copy(1);
                self.member();
            }
        }
        self.copy(1);
    }

    /// A character of a set, or a class such as `[:alpha:]`.
    fn member(&mut self) {
        let class = self.rest.strip_prefix("[:").and_then(|rest| rest.find(":]"));
        match (class, self.rest.chars().next()) {
            (Some(length), _) => self.copy(length.saturating_add(4)),
            (None, Some('\\')) => self.escape(),
            (None, Some('[' | ']' | '&' | '~' | '-' | '^')) => self.literal(),
            (None, next) => self.copy(next.map_or(0, char::len_utf8)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_re2_reads_them() {
        for (pattern, text, expected) in [
            (".*[$]{jndi:.*", "a=${jndi:ldap", true),
            ("a{2,3}", "aaa", true),
            ("a{,3}", "a{,3}", true),
            ("a{x}{", "a{x}{", true),
            ("[[]x", "[x", true),
            ("[][a-z]+", "a]b[", true),
            ("[^[]+", "ab", true),
            ("[^[]+", "a[", false),
            ("[a-z&&b]+", "a&b", true),
            ("[a-z~~]", "~", true),
            ("[+--]+", "+,-", true),
            ("[+--]+", ".", false),
            ("[a-]", "-", true),
            ("[^]]", "]", false),
            ("[[:alpha:]_.-]+", "a_.-", true),
            ("[[:^digit:]]", "1", false),
            (r"[\]\\]+", r"\]", true),
            (r"\<a\>", "<a>", true),
            (r"\x{41}\x42\.", "AB.", true),
            (r"\p{Greek}{2}", "αβ", true),
        ] {
            let regex = Regex::new(&format!(r"\A(?:{})\z", translated(pattern))).unwrap();
            assert_eq!(regex.is_match(text.as_bytes()), expected, "{pattern} {text}");
        }
        for pattern in ["[a", "[", "[]", "a)", "(a", "*", r"\", r"\x{", "[z-a]", "[a-"] {
            assert!(Regex::new(&translated(pattern)).is_err(), "{pattern}");
        }
    }
}
