//! Paths inside an image or a directory tree.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The path of an entry inside a layer or a root file system: bytes, relative to the root, without
/// a leading or trailing slash, without `.` and empty components. `..` components are resolved
/// against the root, so no value of this type leads out of it.
///
/// Never a [`std::path::Path`]: these names come from an archive and are not looked up on this
/// machine. Bytes that are not UTF-8 are shown, and serialised in readable formats, as `\xNN`
/// (a backslash itself as `\\`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EntryPath(Box<[u8]>);

impl EntryPath {
    /// Normalises the raw name of an entry.
    pub fn new(raw: impl AsRef<[u8]>) -> Self {
        let raw = raw.as_ref();
        if is_normal(raw) {
            return Self(raw.into());
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in raw.split(|&byte| byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => drop(parts.pop()),
                _ => parts.push(part),
            }
        }
        Self(parts.join(&b'/').into())
    }

    /// The bytes, `usr/bin/env`; empty for the root itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, where the bytes are UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }

    /// The path without its last component; none for the root itself.
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        Some(Self(self.0.get(..end).unwrap_or_default().into()))
    }

    /// The components, from the root downwards.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&byte| byte == b'/').filter(|part| !part.is_empty())
    }

    /// This path followed by a relative one, normalised.
    #[must_use]
    pub fn join(&self, relative: impl AsRef<[u8]>) -> Self {
        let mut joined = self.0.to_vec();
        joined.push(b'/');
        joined.extend_from_slice(relative.as_ref());
        Self::new(joined)
    }

    /// Whether this path is `ancestor` or lies below it.
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        ancestor.0.is_empty()
            || self
                .0
                .strip_prefix(&*ancestor.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }
}

/// Whether normalising would change nothing: the case of nearly every entry, made cheap.
fn is_normal(raw: &[u8]) -> bool {
    raw.split(|&byte| byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

impl fmt::Display for EntryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&escape(&self.0))
    }
}

impl fmt::Debug for EntryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", escape(&self.0))
    }
}

impl From<&str> for EntryPath {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

/// Shows control characters and bytes that are no UTF-8 as `\xNN`, so that a hostile name cannot
/// write to the terminal.
fn escape(bytes: &[u8]) -> Cow<'_, str> {
    use fmt::Write as _;
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(|c| c.is_control() || c == '\\')
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => shown.push_str("\\\\"),
                c if c.is_control() => {
                    let mut buffer = [0; 4];
                    for byte in c.encode_utf8(&mut buffer).bytes() {
                        let _ = write!(shown, "\\x{byte:02x}");
                    }
                }
                c => shown.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

/// The inverse of [`escape`]; a malformed escape stands for itself.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'\\' {
            bytes.push(first);
        } else if let Some(after) = tail.strip_prefix(b"\\") {
            bytes.push(b'\\');
            rest = after;
        } else if let Some((byte, after)) = escaped_byte(tail) {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(first);
        }
    }
    bytes
}

fn escaped_byte(tail: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = tail.strip_prefix(b"x")?.split_at_checked(2)?;
    let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((byte, after))
}

impl Serialize for EntryPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&escape(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for EntryPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Ok(Self::new(unescape(&String::deserialize(deserializer)?)))
        } else {
            Ok(Self::new(Vec::<u8>::deserialize(deserializer)?))
        }
    }
}

impl JsonSchema for EntryPath {
    fn schema_name() -> Cow<'static, str> {
        "EntryPath".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_inside_the_root() {
        for (raw, path) in [
            ("usr/bin/env", "usr/bin/env"),
            ("./usr//bin/./env", "usr/bin/env"),
            ("/etc/", "etc"),
            ("../../etc/passwd", "etc/passwd"),
            ("a/../b", "b"),
            ("", ""),
            ("/", ""),
        ] {
            assert_eq!(EntryPath::new(raw).as_bytes(), path.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn odd_bytes_survive_the_readable_form() {
        let path = EntryPath::new(b"a\xff\\\x1b[31m\xc3\xa9".as_slice());
        assert_eq!(path.to_string(), "a\\xff\\\\\\x1b[31mé");
        assert_eq!(EntryPath::new(unescape(&path.to_string())), path);
    }

    #[test]
    fn ancestors_are_whole_components() {
        let path = EntryPath::from("usr/lib/python3");
        assert!(path.starts_with(&EntryPath::from("usr/lib")));
        assert!(!path.starts_with(&EntryPath::from("usr/li")));
        assert!(path.starts_with(&EntryPath::default()));
        assert_eq!(path.parent(), Some(EntryPath::from("usr/lib")));
        assert_eq!(EntryPath::from("usr").parent(), Some(EntryPath::default()));
        assert_eq!(EntryPath::default().parent(), None);
    }
}
