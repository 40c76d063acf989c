//! Text and addresses in SARIF: bounded, and never read as more than text.

use bulkhead_model::EntryPath;

use crate::text::excerpt;

/// Characters of a name; GitHub cuts at 255.
pub(super) const NAME: usize = 250;
/// Characters of a description or message; GitHub cuts at 1024.
pub(super) const DESCRIPTION: usize = 1000;
/// Bytes of a path; Linux allows 4096.
const PATH: usize = 4096;

/// A text in a message. Viewers make links of `[text](address)` and fill in `{0}` (SARIF 2.1.0,
/// sections 3.11.5 and 3.11.6), so the text's own brackets are escaped as those sections say.
pub(super) fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in excerpt(text, DESCRIPTION).chars() {
        match character {
            '[' | ']' | '\\' => escaped.extend(['\\', character]),
            '{' | '}' => escaped.extend([character, character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A path relative to the root as a reference of RFC 3986: each byte that is not unreserved is
/// encoded, so that a first part with a colon is no scheme.
pub(super) fn relative(path: &EntryPath) -> String {
    use std::fmt::Write as _;
    let mut reference = String::new();
    // What begins at the root of a machine is relative to it; `./` says nothing.
    let bytes = path.as_bytes();
    let bytes = bytes.strip_prefix(b"./").unwrap_or(bytes);
    for byte in bytes.iter().skip_while(|byte| **byte == b'/').take(PATH) {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => reference.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => reference.push(char::from(*byte)),
            byte => {
                let _ = write!(reference, "%{byte:02X}");
            }
        }
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_a_link_or_a_placeholder() {
        assert_eq!(message("see [here](https://evil)"), "see \\[here\\](https://evil)");
        assert_eq!(message("{0} \u{1b}"), "{{0}} \\\\u{{1b}}");
    }

    #[test]
    fn paths_are_relative_references() {
        for (path, reference) in [
            ("usr/lib/a-b_1.2~3", "usr/lib/a-b_1.2~3"),
            ("c:/x y/%41#?", "c%3A/x%20y/%2541%23%3F"),
            ("ä", "%C3%A4"),
        ] {
            assert_eq!(relative(&EntryPath::new(path)), reference);
        }
    }
}
