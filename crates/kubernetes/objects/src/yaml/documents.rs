//! The documents of a file.

use crate::json;
use crate::node::NESTING;

/// One document of a file, not yet read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Document<'a> {
    /// Its text, without the `---` above it.
    pub(crate) text: &'a str,
    /// Where the text begins in the file.
    pub(crate) start: usize,
    /// The line of the file on which the text begins, from 1.
    pub(crate) line: u32,
}

/// Cuts a file at its document markers. What holds only blank lines, comments and directives is left
/// out.
///
/// A `---` at the beginning of a line ends a document wherever it stands, in a quoted text and a
/// block scalar too (YAML 1.2.2, 9.1.2), so that no other document need be understood. Objects of JSON
/// may follow each other without one, as kubectl reads them.
pub(crate) fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut line = 1_u32;
    let mut done = false;
    std::iter::from_fn(move || {
        while !done {
            let rest = text.get(start..).unwrap_or_default();
            let (length, marker) = next_marker(rest);
            let (length, marker) = match end_of_json(rest.get(..length).unwrap_or_default()) {
                Some(length) => (length, 0),
                None => (length, marker),
            };
            let piece = rest.get(..length).unwrap_or_default();
            let document = Document { text: piece, start, line };
            done = marker == 0 && length == rest.len();
            start = start.saturating_add(length).saturating_add(marker);
            line = line.saturating_add(newlines(piece));
            if has_content(piece) {
                return Some(document);
            }
        }
        None
    })
}

/// Each line as a document.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut start = 0_usize;
    text.split_inclusive('\n').zip(1..).map(move |(text, line)| {
        let document = Document { text, start, line };
        start = start.saturating_add(text.len());
        document
    })
}

/// How far the next `---` is, and how many bytes it has: none at the end of the text.
fn next_marker(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let ends =
        |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    if bytes.starts_with(b"---") && ends(3) {
        return (0, 3);
    }
    memchr::memmem::find_iter(bytes, b"\n---")
        .find(|found| ends(found.saturating_add(4)))
        .map_or((bytes.len(), 0), |found| (found.saturating_add(1), 3))
}

/// Where an object of JSON ends that another one follows.
fn end_of_json(text: &str) -> Option<usize> {
    let start = text.find(|letter: char| !letter.is_whitespace())?;
    let bytes = text.as_bytes();
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let closing = (start..).zip(bytes.get(start..)?).find(|(_, byte)| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth = depth.saturating_add(1),
            b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let end = closing?.0.saturating_add(1);
    let followed = text.get(end..)?.trim_start().starts_with('{');
    // In YAML, braces in other quotes are texts.
    let is_json = || json::read(text.get(..end).unwrap_or_default(), 0, NESTING).is_some();
    (followed && is_json()).then_some(end)
}

fn newlines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

fn has_content(text: &str) -> bool {
    text.lines().any(|line| {
        let text = line.trim_start();
        !(text.is_empty() || text.starts_with('#') || line.starts_with('%') || line == "...")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u32)]) {
        let found: Vec<_> = documents(text).map(|found| (found.text, found.line)).collect();
        assert_eq!(found, expected, "{text:?}");
        for document in documents(text) {
            assert!(text[document.start..].starts_with(document.text));
        }
    }

    #[test]
    fn files_are_cut_at_their_markers() {
        check("", &[]);
        check("a: 1", &[("a: 1", 1)]);
        check("---\na: 1\n---\nb: 2\n", &[("\na: 1\n", 1), ("\nb: 2\n", 3)]);
        check("\u{feff}a: 1\n", &[("a: 1\n", 1)]);
        check("# no\n---\n---\r\nb: 2\n---", &[("\r\nb: 2\n", 3)]);
        check("%YAML 1.2\n--- {a: 1}\n...\n", &[(" {a: 1}\n...\n", 2)]);
        check("{\"a\": \"}{\"}\n{\"b\": 2}", &[("{\"a\": \"}{\"}", 1), ("\n{\"b\": 2}", 1)]);
        check("{}{} {}\n---\n{}\n", &[("{}", 1), ("{}", 1), (" {}\n", 1), ("\n{}\n", 2)]);
        check("{a: '} {'}", &[("{a: '} {'}", 1)]);
        check("{\"a\": 1}\nb: 2", &[("{\"a\": 1}\nb: 2", 1)]);
        check("a: |\n  ---\n  b\n---x: 1\n", &[("a: |\n  ---\n  b\n---x: 1\n", 1)]);
    }
}
