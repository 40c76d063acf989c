//! Texts to trees.
//!
//! YAML's reader takes nearly all JSON, but not characters that YAML calls unprintable, and those
//! stand unescaped in what an API server sends. (RFC 8259)

use std::borrow::Cow;
use std::ops::Range;

use crate::entries::EntriesBuilder;
use crate::node::{Entry, NESTING, Node, Span, Value};

/// A text that is one object or array of JSON, and the keys that stand twice in it; none where it is
/// anything else. `start` is where it begins in its file.
pub(crate) fn read(text: &str, start: usize, nesting: usize) -> Option<Read<'_>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut reader = Reader { text, at: 0, start, repeated: Vec::new() };
    let root = reader.value(nesting)?;
    reader.skip_space();
    (reader.at == text.len()).then_some((root, reader.repeated))
}

/// The bytes of each of the `items` of an object, and the object without them; none where the text is
/// anything else, or a key of the object stands twice. What the elements say is not looked at.
pub(crate) fn elements(text: &str) -> Option<(Node<'_>, Vec<Range<usize>>)> {
    let mut reader = Reader { text, at: 0, start: 0, repeated: Vec::new() };
    let mut ranges = None;
    reader.skip_space();
    let head = reader.map(|reader, key| {
        if key == "items" && reader.peek() == Some(b'[') && ranges.is_none() {
            ranges = Some(reader.ranges()?);
            return Some(Node::unplaced(Value::Null));
        }
        reader.value(NESTING)
    })?;
    reader.skip_space();
    let is_whole = reader.at == text.len() && reader.repeated.is_empty();
    is_whole.then_some((Node::unplaced(head), ranges?))
}

/// A tree, and keys that were given before.
pub(crate) type Read<'a> = (Node<'a>, Vec<(String, Span)>);

struct Reader<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    repeated: Vec<(String, Span)>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, nesting: usize) -> Option<Node<'a>> {
        self.skip_space();
        let begin = self.at;
        let value = match self.peek()? {
            b'{' => self.object(nesting.checked_sub(1)?)?,
            b'[' => self.array(nesting.checked_sub(1)?)?,
            b'"' => Value::Text(self.string()?),
            _ => self.word()?,
        };
        Some(Node { value, span: self.span(begin), shared: false })
    }

    fn object(&mut self, nesting: usize) -> Option<Value<'a>> {
        self.map(|reader, _| reader.value(nesting))
    }

    /// A map whose values are read by `value`, which is given their keys.
    fn map(
        &mut self,
        mut value: impl FnMut(&mut Self, &str) -> Option<Node<'a>>,
    ) -> Option<Value<'a>> {
        self.take(b'{')?;
        let mut entries = EntriesBuilder::default();
        if self.closes(b'}') {
            return Some(Value::Map(entries.finish()));
        }
        loop {
            self.skip_space();
            let begin = self.at;
            let key = self.string()?;
            let key_span = self.span(begin);
            self.skip_space();
            self.take(b':')?;
            self.skip_space();
            let node = value(self, &key)?;
            let entry = Entry { key: key.clone(), key_span, node };
            if entries.insert(entry).is_some() {
                self.repeated.push((key.into_owned(), key_span));
            }
            if self.closes(b'}') {
                return Some(Value::Map(entries.finish()));
            }
            self.take(b',')?;
        }
    }

    fn array(&mut self, nesting: usize) -> Option<Value<'a>> {
        self.take(b'[')?;
        let mut elements = Vec::new();
        if self.closes(b']') {
            return Some(Value::List(elements));
        }
        loop {
            elements.push(self.value(nesting)?);
            if self.closes(b']') {
                return Some(Value::List(elements));
            }
            self.take(b',')?;
        }
    }

    /// The bytes of the elements of an array.
    fn ranges(&mut self) -> Option<Vec<Range<usize>>> {
        self.take(b'[')?;
        let mut ranges = Vec::new();
        if self.closes(b']') {
            return Some(ranges);
        }
        loop {
            self.skip_space();
            let begin = self.at;
            self.pass()?;
            ranges.push(begin..self.at);
            if self.closes(b']') {
                return Some(ranges);
            }
            self.take(b',')?;
        }
    }

    /// Passes over an object or an array, by its brackets.
    fn pass(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth = depth.saturating_add(1),
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ if depth == 0 => return None,
                _ => {}
            }
            self.at = self.at.saturating_add(1);
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
        let plain = rest.get(..end)?;
        if rest.as_bytes().get(end) == Some(&b'"') {
            self.at = self.at.saturating_add(end).saturating_add(1);
            return (!plain.bytes().any(|byte| byte < b' ')).then_some(Cow::Borrowed(plain));
        }
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
            let plain = rest.get(..end)?;
            if plain.bytes().any(|byte| byte < b' ') {
                return None;
            }
            text.push_str(plain);
            self.at = self.at.saturating_add(end);
            if self.peek() == Some(b'"') {
                self.at = self.at.saturating_add(1);
                return Some(Cow::Owned(text));
            }
            text.push(self.escape()?);
        }
    }

    /// A character behind a backslash. Half of a pair stands for no character, as in Go.
    fn escape(&mut self) -> Option<char> {
        self.take(b'\\')?;
        let letter = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four()?;
                let after = self.at;
                if (0xd800..0xdc00).contains(&first)
                    && self.take(b'\\').and(self.take(b'u')).is_some()
                {
                    let second = self.four()?;
                    if let Some(Ok(letter)) = char::decode_utf16([first, second]).next() {
                        return Some(letter);
                    }
                }
                self.at = after;
                char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn four(&mut self) -> Option<u16> {
        let end = self.at.checked_add(4)?;
        let digits = self.text.get(self.at..end)?;
        self.at = end;
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<Value<'a>> {
        let rest = self.text.get(self.at..)?;
        let end = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)))
            .unwrap_or(rest.len());
        let word = rest.get(..end)?;
        self.at = self.at.saturating_add(end);
        match word {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            number if is_number(number) => match number.parse() {
                Ok(number) => Some(Value::Integer(number)),
                Err(_) => number.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Float),
            },
            _ => None,
        }
    }

    fn closes(&mut self, with: u8) -> bool {
        self.skip_space();
        self.take(with).is_some()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at = self.at.saturating_add(1))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at = self.at.saturating_add(1);
        }
    }

    fn span(&self, begin: usize) -> Span {
        let place = |at: usize| u32::try_from(self.start.saturating_add(at)).unwrap_or(u32::MAX);
        Span { start: place(begin), end: place(self.at) }
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)))
}
