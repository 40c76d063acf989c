//! What stands between text of the target and the markup of HTML and XML.

use std::fmt::{Result, Write};

use askama::filters::{Escaper, Html};

use crate::text::excerpt;

/// Characters of one text that a document shows: more than any honest name, path or message has.
const LONGEST: usize = 1000;

/// Escapes every expression of a template: made printable as for a terminal (which leaves nothing that
/// XML forbids), cut where it is longer than anyone reads, and with the characters of markup as
/// references, so that it fits between tags and quotes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shown;

impl Escaper for Shown {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> Result {
        Html.write_escaped_str(dest, &excerpt(string, LONGEST))
    }
}
