//! Texts to trees.
//!
//! YAML's reader takes nearly all JSON, but not characters that YAML calls unprintable, and those
//! stand unescaped in what an API server sends. (RFC 8259)

use std::borrow::Cow;

use crate::entries::EntriesBuilder;
use crate::node::{Entry, Node, Span, Value};

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
            let node = self.value(nesting)?;
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
