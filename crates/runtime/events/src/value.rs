//! What a field of an event holds.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::Text;

/// The value of a field for one event, borrowed from it where that is possible.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'e> {
    /// The event has no such value. Every comparison with it is false, also one for being unequal.
    Null,
    /// A text; any bytes.
    Text(Cow<'e, [u8]>),
    /// A number. Times are nanoseconds since 1970, durations are nanoseconds.
    Number(i64),
    /// True or false.
    Boolean(bool),
    /// An address of IPv4 or IPv6.
    Address(IpAddr),
    /// Several values, none of them null. What a comparison with them means, [`Many`](crate::Many) says.
    List(Vec<Value<'e>>),
}

impl<'e> Value<'e> {
    /// Whether there is something: not null, and no empty list.
    pub fn exists(&self) -> bool {
        match self {
            Self::Null => false,
            Self::List(values) => !values.is_empty(),
            _ => true,
        }
    }

    /// The bytes of a text.
    pub fn as_text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number without sign; one that is too large for a number with sign is its largest.
    pub(crate) fn unsigned(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A number, of which zero means that it is not known.
    pub(crate) fn nonzero(number: u64) -> Self {
        if number == 0 { Self::Null } else { Self::unsigned(number) }
    }

    /// A text, of which an empty one means that it is not known.
    pub(crate) fn known(text: &'e [u8]) -> Self {
        if text.is_empty() { Self::Null } else { text.into() }
    }
}

/// As rules print it: `<NA>` for null, a list in parentheses.
impl fmt::Display for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("<NA>"),
            Self::Text(text) => formatter.write_str(&String::from_utf8_lossy(text)),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Boolean(truth) => write!(formatter, "{truth}"),
            Self::Address(address) => write!(formatter, "{address}"),
            Self::List(values) => {
                formatter.write_str("(")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(formatter, "{comma}{value}")?;
                }
                formatter.write_str(")")
            }
        }
    }
}

impl<'e> From<&'e [u8]> for Value<'e> {
    fn from(bytes: &'e [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }
}

impl<'e> From<&'e Text> for Value<'e> {
    fn from(text: &'e Text) -> Self {
        text.as_bytes().into()
    }
}

impl<'e> From<&'e str> for Value<'e> {
    fn from(text: &'e str) -> Self {
        text.as_bytes().into()
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Text(Cow::Owned(bytes))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Value<'_> {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<IpAddr> for Value<'_> {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl<'e, T: Into<Value<'e>>> From<Option<T>> for Value<'e> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
