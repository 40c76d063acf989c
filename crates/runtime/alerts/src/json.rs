//! A record as a line of JSON.

use std::io;

use bulkhead_model::is_unsafe;
use serde::Serialize as _;
use serde_json::ser::Formatter;

use crate::document::Document;

/// A document as JSON, without a line break. It is one line for everybody: what some programs take for the end
/// of one (U+0085, U+2028), and what turns text around or hides it, is written as `\u` and four digits, which means
/// the same.
pub fn json(document: &Document<'_>) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, OneLine);
    // Neither the types nor memory can fail: no map has a key that is no text.
    let _infallible = document.serialize(&mut serializer);
    String::from_utf8(bytes).unwrap_or_default()
}

/// Compact, with more characters escaped than JSON asks for.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((position, character)) = rest.char_indices().find(|(_, one)| is_unsafe(*one))
        {
            let (before, after) = rest.split_at(position);
            writer.write_all(before.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.get(character.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}
