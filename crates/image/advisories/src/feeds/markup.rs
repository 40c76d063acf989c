//! XML documents as a stream of elements that open and close.

mod ration;

use std::borrow::Cow;
use std::io::BufRead;
use std::sync::Arc;

use bulkhead_limits::{Budget, Exceeded};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::texts;
use crate::{FeedError, Format};
use ration::Ration;

/// Bytes of one text that are held: enough for any name or version, and for a description.
const TEXT: usize = 64 << 10;

/// Takes the elements of a document, called by their names without the prefix of a name space.
pub(super) trait Elements {
    /// An element opens.
    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError>;

    /// An element closes. The text is what stands between the last tag before and its own.
    fn close(&mut self, name: &str, text: &str);
}

/// Reads a document whose root is called `root`. What was taken of one that breaks off stands.
pub(super) fn read(
    input: impl BufRead,
    format: Format,
    root: &str,
    budget: &Budget,
    elements: &mut impl Elements,
) -> Result<(), FeedError> {
    let mut reader = quick_xml::Reader::from_reader(Ration::new(input));
    let mut walk = Walk {
        elements,
        format,
        root,
        budget,
        names: Vec::new(),
        text: String::new(),
        begun: false,
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().renew();
        let event = reader.read_event_into(&mut buffer);
        let position = reader.buffer_position();
        match event.map_err(|error| stopped(error, position, format))? {
            Event::Start(element) => walk.start(&element)?,
            Event::Empty(element) => {
                walk.start(&element)?;
                walk.end();
            }
            Event::End(_) => walk.end(),
            Event::Text(text) => walk.text(&text.xml10_content()),
            Event::CData(text) => walk.text(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => walk.text(character.encode_utf8(&mut [0; 4])),
                Ok(None) => walk.text(entity(&reference)),
                Err(error) => return Err(malformed(&error, position, format)),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if walk.begun && walk.names.is_empty() { Ok(()) } else { Err(FeedError::Truncated) }
}

/// What is open.
struct Walk<'w, E> {
    elements: &'w mut E,
    format: Format,
    root: &'w str,
    budget: &'w Budget,
    /// Names of the open elements.
    names: Vec<String>,
    /// The text since the last tag.
    text: String,
    /// Whether a root was there at all.
    begun: bool,
}

impl<E: Elements> Walk<'_, E> {
    fn text(&mut self, text: &str) {
        let room = TEXT.saturating_sub(self.text.len());
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), FeedError> {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if !self.begun && name != self.root {
            let cause = format!("the root is {}", texts::quote(name));
            return Err(FeedError::Malformed { format: self.format.name(), cause });
        }
        self.begun = true;
        // Elements nest as deep as a publisher likes; four times an archive's depth is plenty.
        let limit = self.budget.limits().depth.saturating_mul(4);
        if self.names.len() >= limit as usize {
            return Err(Exceeded::Depth { limit }.into());
        }
        self.elements.open(name, element)?;
        self.names.push(name.to_owned());
        self.text.clear();
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.names.pop() else { return };
        let text = std::mem::take(&mut self.text);
        self.elements.close(&name, text.trim());
    }
}

/// The value of an attribute; empty where it is absent or malformed.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, key: &str) -> Cow<'a, str> {
    let attribute = element.try_get_attribute(key).ok().flatten();
    attribute
        .and_then(|found| found.normalized_value(XmlVersion::Implicit1_0).ok())
        .unwrap_or_default()
}

fn stopped(error: quick_xml::Error, position: u64, format: Format) -> FeedError {
    match error {
        // The decoder's own error travels through the XML reader, which counts references to it.
        quick_xml::Error::Io(error) => Arc::try_unwrap(error)
            .map_or_else(|shared| malformed(&shared, position, format), FeedError::from),
        error => malformed(&error, position, format),
    }
}

/// An error of the document at a byte.
fn malformed(cause: &dyn std::fmt::Display, position: u64, format: Format) -> FeedError {
    let cause = format!("{cause}, at byte {position}");
    FeedError::Malformed { format: format.name(), cause }
}

/// The five entities that XML knows without a declaration; others stand for nothing.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
