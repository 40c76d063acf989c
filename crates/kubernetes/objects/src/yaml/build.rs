//! One document to a tree.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag};

use super::documents::Document;
use super::scalar::{self, Reading};
use crate::entries::EntriesBuilder;
use crate::json;
use crate::node::{Entry, NESTING, Node, Span, Value};

/// How many values aliases may bring into one document: an anchor bomb makes millions of a few lines.
const ALIASED: usize = 100_000;

/// A document that could be read.
#[derive(Debug)]
pub(crate) struct DocumentTree<'a> {
    pub(crate) root: Node<'a>,
    pub(crate) repeated: Vec<RepeatedKey>,
}

/// A key that stands twice in one map; the later value counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepeatedKey {
    pub(crate) key: String,
    pub(crate) span: Span,
}

/// A document that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BrokenDocument {
    /// The byte of the file.
    pub(crate) at: usize,
    pub(crate) cause: String,
}

/// Reads one document as kubectl does. Places count from the beginning of the file.
pub(crate) fn read<'a>(document: &Document<'a>) -> Result<DocumentTree<'a>, BrokenDocument> {
    read_as(document, Reading::Kubectl)
}

/// Reads one document of a kustomization's resources.
pub(crate) fn read_for_kustomize<'a>(
    document: &Document<'a>,
) -> Result<DocumentTree<'a>, BrokenDocument> {
    read_as(document, Reading::Kustomize)
}

fn read_as<'a>(
    document: &Document<'a>,
    reading: Reading,
) -> Result<DocumentTree<'a>, BrokenDocument> {
    if let Some((root, repeated)) = json::read(document.text, document.start, NESTING) {
        let repeated = repeated.into_iter().map(|(key, span)| RepeatedKey { key, span }).collect();
        return Ok(DocumentTree { root, repeated });
    }
    let mut options = Options::default();
    options.block_nesting_limit = NESTING;
    options.flow_nesting_limit = NESTING;
    // Another user of the parser may have its comments built in.
    options.emit_comments = false;
    let mut builder = Builder {
        parser: Parser::new_from_str_with_options(document.text, options),
        text: document.text,
        start: document.start,
        reading,
        anchors: HashMap::new(),
        aliased: 0,
        repeated: Vec::new(),
    };
    let mut root = Node::unplaced(Value::Null);
    while let Some((event, span)) = builder.next()? {
        match event {
            Event::StreamStart
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::StreamEnd => {}
            // `...` may end a document without a `---` behind it.
            _ if !root.is_null() => {
                return Err(broken(span, "a second document without --- above it"));
            }
            event => root = builder.node(event, span, 0)?.0,
        }
    }
    Ok(DocumentTree { root, repeated: builder.repeated })
}

struct Builder<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    text: &'a str,
    start: usize,
    reading: Reading,
    /// Values with an anchor and how deep they are.
    anchors: HashMap<usize, (Node<'a>, usize)>,
    aliased: usize,
    repeated: Vec<RepeatedKey>,
}

type Read<T> = Result<T, BrokenDocument>;

impl<'a> Builder<'a> {
    /// The next event of the document, with its bytes.
    fn next(&mut self) -> Read<Option<(Event<'a>, Span)>> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                let place = |marker: granit_parser::Marker| {
                    let byte = marker.byte_offset().unwrap_or_default();
                    u32::try_from(self.start.saturating_add(byte)).unwrap_or(u32::MAX)
                };
                Ok(Some((event, Span { start: place(span.start), end: place(span.end) })))
            }
            Some(Err(error)) => Err(self.syntax(&error)),
        }
    }

    /// The node that an event begins, and how deep it is.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Read<(Node<'a>, usize)> {
        if depth > NESTING {
            return Err(broken(span, "nested too deep"));
        }
        let (value, span, anchor, height) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(text, style, tag.as_deref(), span)?, span, anchor, 0)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), "seq", span)?;
                let (value, span, height) = self.list(span, depth)?;
                (value, span, anchor, height)
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), "map", span)?;
                let (value, span, height) = self.map(span, depth)?;
                (value, span, anchor, height)
            }
            Event::Alias(anchor) => return self.alias(anchor, span, depth),
            _ => return Err(broken(span, "a value is missing")),
        };
        let node = Node { value, span, shared: false };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), height));
        }
        Ok((node, height))
    }

    fn list(&mut self, mut span: Span, depth: usize) -> Read<(Value<'a>, Span, usize)> {
        let mut elements = Vec::new();
        let mut height = 0;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                // The end of a block list stands before what follows it: blank lines and comments
                // would belong to it.
                span.end = span.end.max(last_byte(elements.last(), place));
                break;
            }
            let (mut node, below) = self.node(event, place, depth.saturating_add(1))?;
            height = height.max(below.saturating_add(1));
            if let Some(text) = self.with_colon(&node) {
                node.value = scalar::plain(text.into(), self.reading);
            }
            elements.push(node);
        }
        Ok((Value::List(elements), span, height))
    }

    fn map(&mut self, mut span: Span, depth: usize) -> Read<(Value<'a>, Span, usize)> {
        let mut map = EntriesBuilder::default();
        let mut height = 0;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                let last = map.last().map(|entry| &entry.node);
                span.end = span.end.max(last_byte(last, place));
                break;
            }
            let merges = is_merge(&event);
            let key = self.key(event, place)?;
            let Some((event, value_place)) = self.next()? else { break };
            let (node, below) = self.node(event, value_place, depth.saturating_add(1))?;
            height = height.max(below.saturating_add(1));
            if merges {
                merge(&mut map, node, place)?;
                continue;
            }
            let entry = Entry { key: key.clone(), key_span: place, node };
            // What a merge key brought in was written before this map.
            if map.insert(entry).is_some_and(|present| present.key_span.start >= span.start) {
                self.repeated.push(RepeatedKey { key: key.into_owned(), span: place });
            }
        }
        Ok((Value::Map(map.finish()), span, height))
    }

    /// A key as a text.
    fn key(&mut self, event: Event<'a>, span: Span) -> Read<Cow<'a, str>> {
        let value = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_deref(), span)?;
                if anchor != 0 {
                    let node = Node { value: value.clone(), span, shared: false };
                    self.anchors.insert(anchor, (node, 0));
                }
                value
            }
            Event::Alias(anchor) => self.alias(anchor, span, 0)?.0.value,
            _ => return Err(broken(span, "a key that is a list or a map")),
        };
        match value {
            Value::Text(text) => Ok(text),
            Value::Bool(truth) => Ok(if truth { "true".into() } else { "false".into() }),
            Value::Integer(number) => Ok(number.to_string().into()),
            Value::Float(number) => Ok(number.to_string().into()),
            _ => Err(broken(span, "a key that is no text")),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Read<(Node<'a>, usize)> {
        let Some((node, height)) = self.anchors.get(&anchor) else {
            return Err(broken(span, "an alias inside its own anchor"));
        };
        let height = *height;
        if depth.saturating_add(height) > NESTING {
            return Err(broken(span, "nested too deep"));
        }
        let mut node = node.clone();
        self.aliased = self.aliased.saturating_add(count(&node));
        if self.aliased > ALIASED {
            let cause = format!("aliases bring in more than {ALIASED} values");
            return Err(broken(span, &cause));
        }
        node.shared = true;
        Ok((node, height))
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Read<Value<'a>> {
        let text = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.without_added_line(text, span),
            _ => text,
        };
        let value = match tag.and_then(own_tag) {
            None if style == ScalarStyle::Plain => scalar::plain(text, self.reading),
            None => Value::Text(text),
            Some(tag) => scalar::tagged(&tag, text)
                .ok_or_else(|| broken(span, &format!("a value that is no {tag}")))?,
        };
        match value {
            Value::Float(number) if !number.is_finite() => {
                Err(broken(span, "a number that JSON does not have"))
            }
            value => Ok(value),
        }
    }

    /// A block scalar on the last line of a file that does not end in a line break has none either: the
    /// parser adds it.
    fn without_added_line(&self, text: Cow<'a, str>, span: Span) -> Cow<'a, str> {
        let last = self.text.rsplit('\n').next().unwrap_or_default();
        let end = self.start.saturating_add(self.text.len());
        if last.trim().is_empty() || (span.end as usize) < end {
            return text;
        }
        match text {
            Cow::Borrowed(text) => text.strip_suffix('\n').unwrap_or(text).into(),
            Cow::Owned(text) => text.strip_suffix('\n').unwrap_or(&text).to_owned().into(),
        }
    }

    /// A plain text in a list in brackets that ends with a colon, as addresses of version 6 do. To YAML
    /// 1.2 it is a key without a value, to Kubernetes' parser a text.
    fn with_colon(&self, element: &Node<'a>) -> Option<&'a str> {
        let Value::Map(entries) = &element.value else { return None };
        let [Entry { key_span, node, .. }] = &entries[..] else { return None };
        let from = |byte: u32| self.text.get((byte as usize).checked_sub(self.start)?..);
        let (key, behind) = (from(key_span.start)?, from(key_span.end)?);
        let bare = element.span.start == key_span.start && !key.starts_with(['"', '\'', '{', '?']);
        let ends = behind.strip_prefix(':')?.starts_with([',', ']']);
        let length = key.len().checked_sub(behind.len())?.saturating_add(1);
        (bare && ends && node.is_null()).then(|| key.get(..length)).flatten()
    }

    fn syntax(&self, error: &ScanError) -> BrokenDocument {
        let byte = error.marker().byte_offset().unwrap_or_default();
        BrokenDocument { at: self.start.saturating_add(byte), cause: error.info() }
    }
}

/// Adds what a merge key brings in.
fn merge<'a>(map: &mut EntriesBuilder<'a>, node: Node<'a>, place: Span) -> Read<()> {
    // Of several maps the first has the say, so the last is merged first. A key of the map
    // itself counts when it stands behind the merge key, as in `go.yaml.in/yaml/v2`.
    let maps = match node.value {
        Value::List(maps) => maps,
        _ => vec![node],
    };
    for node in maps.into_iter().rev() {
        let Value::Map(entries) = node.value else {
            return Err(broken(place, "a merge key whose value is no map"));
        };
        for mut entry in entries {
            entry.node.shared = true;
            map.insert(entry);
        }
    }
    Ok(())
}

fn refuse_tag(tag: Option<&Tag>, own: &str, span: Span) -> Read<()> {
    match tag.and_then(own_tag) {
        Some(tag) if tag != own => Err(broken(span, &format!("a value that is no {tag}"))),
        _ => Ok(()),
    }
}

fn broken(span: Span, cause: &str) -> BrokenDocument {
    BrokenDocument { at: span.start as usize, cause: cause.to_owned() }
}

/// The name of a tag of YAML's own: `!!str`, `!!binary`.
fn own_tag(tag: &Tag) -> Option<Cow<'_, str>> {
    tag.suffix_in_namespace("tag:yaml.org,2002:")
}

fn is_merge(event: &Event<'_>) -> bool {
    match event {
        Event::Scalar(text, style, _, tag) => {
            let tag = tag.as_deref().and_then(own_tag);
            text == "<<"
                && (*style == ScalarStyle::Plain && tag.is_none()
                    || tag.as_deref() == Some("merge"))
        }
        _ => false,
    }
}

/// Behind the last byte of a collection: flow style ends with its bracket, block style with its last
/// value.
fn last_byte(last: Option<&Node<'_>>, end: Span) -> u32 {
    if end.end > end.start {
        return end.end;
    }
    last.map_or(0, |node| if node.shared { 0 } else { node.span.end })
}

fn count(node: &Node<'_>) -> usize {
    match &node.value {
        Value::List(elements) => elements.iter().map(count).fold(1, usize::saturating_add),
        Value::Map(entries) => {
            entries.iter().map(|entry| count(&entry.node)).fold(1, usize::saturating_add)
        }
        _ => 1,
    }
}
