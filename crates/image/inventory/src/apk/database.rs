//! The installed database of apk-tools 2: `X:value` lines, a blank line after each package.

use bulkhead_model::EntryPath;
use serde::{Deserialize, Serialize};

use crate::deb822::paragraphs;
use crate::owners::may_be_evidence;
use crate::reading::{Fault, Parsed, text};

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Installed {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) architecture: String,
    /// The package that its sources belong to; empty where none is given.
    pub(super) origin: String,
    pub(super) licence: String,
    /// Names that it needs: packages, `so:libc.musl-x86_64.so.1`, `cmd:sh`, `/bin/sh`.
    pub(super) depends: Vec<String>,
    /// Names of the same kinds that it stands for.
    pub(super) provides: Vec<String>,
    /// Those of its files that can be evidence of something.
    pub(super) files: Vec<EntryPath>,
}

/// The packages of a database.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Vec<Installed>> {
    let mut parsed = Parsed::<Vec<Installed>>::default();
    for paragraph in paragraphs(&text(bytes)) {
        let package = read(paragraph);
        if package.name.is_empty() || package.version.is_empty() {
            parsed.faults.push(Fault::malformed("a package without a name or version"));
        } else {
            parsed.value.push(package);
        }
    }
    parsed
}

fn read(paragraph: &str) -> Installed {
    let mut package = Installed::default();
    let mut folder = "";
    for line in paragraph.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        match key {
            "P" => value.clone_into(&mut package.name),
            "V" => value.clone_into(&mut package.version),
            "A" => value.clone_into(&mut package.architecture),
            "o" => value.clone_into(&mut package.origin),
            "L" => value.clone_into(&mut package.licence),
            "D" => package.depends = names(value),
            "p" => package.provides = names(value),
            "F" => folder = value,
            "R" => {
                let path = [folder, value].join("/");
                if may_be_evidence(path.as_bytes()) {
                    package.files.push(EntryPath::new(path));
                }
            }
            _ => {}
        }
    }
    package
}

/// Names without their constraints and repository pins; conflicts, marked with `!`, are left out.
fn names(value: &str) -> Vec<String> {
    let name = |word: &str| {
        let end = word.find(['<', '>', '=', '~', '@']).unwrap_or(word.len());
        word.get(..end).unwrap_or_default().to_owned()
    };
    value.split_whitespace().filter(|word| !word.starts_with('!')).map(name).collect()
}
