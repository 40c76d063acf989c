//! One package of an environment: `PrefixRecord` of conda, as JSON.

use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use crate::address::without_user;
use crate::json::{self, Fields, Names, Text};
use crate::locked::Locked;
use crate::owners::may_be_evidence;
use crate::reading::{Fault, Parsed};

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) package: Locked,
    /// The names that it needs.
    pub(super) depends: Vec<String>,
    /// Those of its files that can be evidence of something, relative to the environment.
    pub(super) files: Vec<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Record>> {
    let document: Document = match json::read(bytes) {
        Ok(document) => document,
        Err(error) => return Fault::malformed(error.to_string()).into(),
    };
    let Document { mut record, mut qualifiers } = document;
    if record.package.name.is_empty() || record.package.version.is_empty() {
        return Fault::malformed("a package without a name or version").into();
    }
    qualifiers.retain(|(_, value)| !value.is_empty());
    record.package.qualifiers = qualifiers;
    Some(record).into()
}

#[derive(Debug, Default)]
struct Document {
    record: Record,
    /// Those of the purl type `conda`.
    qualifiers: Vec<(String, String)>,
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        let record = &mut self.record;
        let mut qualifier = |name: &str, value: &str| {
            self.qualifiers.push((name.to_owned(), value.to_owned()));
        };
        match key {
            "name" => record.package.name = text(values)?,
            "version" => record.package.version = text(values)?,
            "build" | "subdir" => qualifier(key, &text(values)?),
            "channel" => {
                let address = text(values)?;
                qualifier(key, channel(&address));
                record.package.property("conda:channel", without_user(&address));
            }
            "fn" => qualifier("type", kind(&text(values)?)),
            "license" => {
                let licence = text(values)?;
                record.package.licences.extend(Some(licence).filter(|text| !text.is_empty()));
            }
            "depends" => {
                let Names(depends) = values.next_value()?;
                record.depends.extend(depends.iter().filter_map(|depend| name(depend)));
            }
            "files" => {
                let Names(mut files) = values.next_value()?;
                files.retain(|file| may_be_evidence(file.as_bytes()));
                record.files = files;
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The name of a channel: the last part of its address, but for the folder of the platform.
fn channel(address: &str) -> &str {
    let mut parts = address.trim_end_matches('/').rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_platform = last == "noarch"
        || ["linux-", "osx-", "win-", "freebsd-", "emscripten-", "wasi-", "zos-"]
            .iter()
            .any(|system| last.starts_with(system));
    if is_platform { parts.next().unwrap_or_default() } else { last }
}

/// What a package is packed as.
fn kind(file_name: &str) -> &'static str {
    match file_name {
        name if name.ends_with(".tar.bz2") => "tar.bz2",
        name if name.strip_suffix(".conda").is_some() => "conda",
        _ => "",
    }
}

/// `channel::name >=1.0,<2 build`: the name alone.
fn name(depend: &str) -> Option<String> {
    let depend = depend.rsplit("::").next().unwrap_or_default().trim_start();
    let end = depend.find([' ', '<', '>', '=', '!', '[']).unwrap_or(depend.len());
    let name = depend.get(..end)?;
    (!name.is_empty()).then(|| name.to_owned())
}
