//! What somebody wrote for a field.

use std::fmt;
use std::net::IpAddr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::Text;

/// What was written for a field: a word, which may be a number or a truth, or a list of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// One.
    Word(String),
    /// Several.
    Words(Vec<String>),
}

/// Why a field cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// It follows from other fields.
    #[error("it cannot be set: it follows from {others}")]
    Follows {
        /// Which.
        others: &'static str,
    },
    /// What was written is not what the field takes.
    #[error("`{written}` is not {expected}")]
    Wrong {
        /// What was written.
        written: String,
        /// What it should be.
        expected: String,
    },
    /// This kind of event has no such field.
    #[error("events of `{kind}` have none")]
    NoField {
        /// The kind of event.
        kind: &'static str,
    },
    /// This kind of event has no such argument.
    #[error("`{kind}` has no argument `{name}`")]
    NoArgument {
        /// The name of the argument.
        name: String,
        /// The kind of event.
        kind: &'static str,
    },
}

impl Setting {
    /// One text; several words with spaces between.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Word(word) => word.as_str().into(),
            Self::Words(words) => words.join(" ").into(),
        }
    }

    /// Several words; one text cut at its spaces.
    pub(crate) fn words(&self) -> Vec<Text> {
        match self {
            Self::Word(word) => {
                word.split(' ').filter(|word| !word.is_empty()).map(Text::from).collect()
            }
            Self::Words(words) => words.iter().map(|word| word.as_str().into()).collect(),
        }
    }

    /// The setting as what the field holds.
    pub(crate) fn read<T: Written>(&self) -> Result<T, SettingError> {
        T::written(self)
    }

    /// The one word as something else.
    pub(crate) fn word<T>(
        &self,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingError> {
        match self {
            Self::Word(word) => read(word.trim()).ok_or_else(|| self.wrong(expected)),
            Self::Words(_) => Err(self.wrong(expected)),
        }
    }

    pub(crate) fn wrong(&self, expected: &str) -> SettingError {
        let written = match self {
            Self::Word(word) => word.clone(),
            Self::Words(words) => format!("[{}]", words.join(", ")),
        };
        SettingError::Wrong { written, expected: expected.to_owned() }
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Setting;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a word, a number, true, false or a list of these")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Setting, E> {
        Ok(Setting::Word(word.to_owned()))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Setting, E> {
        Ok(Setting::Word(truth.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Setting, E> {
        Ok(Setting::Word(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Setting, E> {
        Ok(Setting::Word(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Setting, E> {
        Ok(Setting::Word(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Setting, A::Error> {
        let mut words = Vec::new();
        while let Some(setting) = list.next_element()? {
            match setting {
                Setting::Word(word) => words.push(word),
                Setting::Words(_) => return Err(Error::custom("a list in a list")),
            }
        }
        Ok(Setting::Words(words))
    }
}

/// What can be written for a field.
pub(crate) trait Written: Sized {
    /// The value of what was written.
    fn written(setting: &Setting) -> Result<Self, SettingError>;
}

impl Written for Text {
    fn written(setting: &Setting) -> Result<Self, SettingError> {
        Ok(setting.text())
    }
}

/// With `0x` and `0o` for other bases.
impl Written for i64 {
    fn written(setting: &Setting) -> Result<Self, SettingError> {
        setting.word("a number", |word| {
            let (sign, digits) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
            let (digits, base) = match (digits.strip_prefix("0x"), digits.strip_prefix("0o")) {
                (Some(digits), _) => (digits, 16),
                (_, Some(digits)) => (digits, 8),
                _ => (digits, 10),
            };
            Self::from_str_radix(digits, base).ok()?.checked_mul(sign)
        })
    }
}

macro_rules! smaller_numbers {
    ($($number:ident)*) => {
        $(impl Written for $number {
            fn written(setting: &Setting) -> Result<Self, SettingError> {
                let number = i64::written(setting)?;
                Self::try_from(number).map_err(|_| {
                    setting.wrong(&format!("a number from {} to {}", Self::MIN, Self::MAX))
                })
            }
        })*
    };
}

smaller_numbers! { u16 u32 u64 }

impl Written for bool {
    fn written(setting: &Setting) -> Result<Self, SettingError> {
        setting.word("true or false", |word| word.parse().ok())
    }
}

impl Written for IpAddr {
    fn written(setting: &Setting) -> Result<Self, SettingError> {
        setting.word("an address such as 10.0.0.1 or 2001:db8::1", |word| word.parse().ok())
    }
}

impl<T: Written> Written for Option<T> {
    fn written(setting: &Setting) -> Result<Self, SettingError> {
        T::written(setting).map(Some)
    }
}
