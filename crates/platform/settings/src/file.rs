//! The settings file, `bulkhead.yaml`.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Command;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::{SettingsError, key};

/// The file that is read where none is named: in the working directory, if it is there.
pub const DEFAULT_FILE: &str = "bulkhead.yaml";

/// The values of a settings file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// One key of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its values, one where it is no list.
    pub values: Vec<String>,
    /// The line of the key, from 1.
    pub line: u64,
}

impl Settings {
    /// The settings of a file; none at all where no file is named and there is no default one.
    pub fn find(named: Option<&Path>) -> Result<Self, SettingsError> {
        match named {
            Some(path) => Self::read(path),
            None if Path::new(DEFAULT_FILE).try_exists()? => Self::read(Path::new(DEFAULT_FILE)),
            None => Ok(Self::default()),
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(path, &fs_err::read_to_string(path)?)
    }

    /// Reads the text of a file; `path` stands for it in messages.
    pub fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        // An empty file, or one of comments alone, sets nothing.
        let pairs = serde_saphyr::from_str::<Option<Pairs>>(text)
            .map_err(|error| SettingsError::Syntax { path: path.to_owned(), cause: cause(&error) })?
            .map_or_else(Vec::new, |pairs| pairs.0);
        let entries = pairs.into_iter().map(|(name, Values(values))| Entry {
            line: name.referenced.line(),
            key: name.value,
            values,
        });
        Ok(Self { path: path.to_owned(), entries: entries.collect() })
    }

    /// The file; empty where none was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Refuses keys that no flag of the tree of commands has, and lists where one value is taken.
    pub(crate) fn check(&self, root: &Command) -> Result<(), SettingsError> {
        for entry in &self.entries {
            let (path, line, key) = (self.path.clone(), entry.line, entry.key.clone());
            let mut known = Vec::new();
            let mut several = None;
            key::each(root, &mut |name, argument| {
                if name == entry.key {
                    let appends = matches!(argument.get_action(), clap::ArgAction::Append);
                    *several.get_or_insert(false) |=
                        appends || argument.get_value_delimiter().is_some();
                }
                known.push(name);
            });
            match several {
                None => {
                    let similar = similar(&entry.key, &known);
                    return Err(SettingsError::UnknownKey { path, line, key, similar });
                }
                Some(false) if entry.values.len() != 1 => {
                    return Err(SettingsError::List { path, line, key });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// The first line of the YAML reader's message, which has the place; a quotation of the file follows.
fn cause(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

/// The known key that differs least, where that is little.
fn similar(key: &str, known: &[String]) -> Option<String> {
    let plain = |text: &str| text.replace('_', "-").to_lowercase();
    known
        .iter()
        .map(|other| (distance(&plain(key), other), other))
        .min()
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, other)| other.clone())
}

/// How many letters must be changed, added or left out (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((other, above), diagonal) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            let before = next.last().copied().unwrap_or_default();
            let change = diagonal + usize::from(*other != letter);
            next.push(change.min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The pairs of a map in order, each key with its place.
struct Pairs(Vec<(Spanned<String>, Values)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("keys with values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// A scalar of any kind as the text that a flag would have, or a list of such.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or a list of values")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_str<E>(self, value: &str) -> Result<Values, E> {
        Ok(Values(vec![value.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(Values(value)) = list.next_element()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}
