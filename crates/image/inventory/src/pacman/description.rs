//! The files of one package in pacman's database: `%KEY%` on a line, a value on each line below it,
//! and an empty line behind the last.

use bulkhead_model::EntryPath;
use serde::{Deserialize, Serialize};

use crate::owners::may_be_evidence;
use crate::reading::{Fault, Parsed, text};

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Installed {
    pub(super) name: Name,
    pub(super) architecture: String,
    /// The name of what it was built of; empty where none is given.
    pub(super) base: String,
    pub(super) licences: Vec<String>,
    pub(super) depends: Vec<Name>,
    pub(super) provides: Vec<Name>,
}

/// A package, or something that packages provide: `sh`, `libreadline.so=8-64`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Name {
    pub(super) name: String,
    /// Of a dependency only where it must be exactly this one; empty otherwise.
    pub(super) version: String,
}

impl Name {
    /// `name`, `name=1.0`, `name>=1.0`, `name: why` (PKGBUILD(5)).
    fn parse(text: &str) -> Self {
        let end = text.find(['<', '>', '=', ':']).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let version = rest.strip_prefix('=').unwrap_or_default();
        Self { name: name.trim().to_owned(), version: version.trim().to_owned() }
    }

    /// Whether this is what is needed. What is installed was resolved once, so that other
    /// comparisons hold; equality also tells the interfaces of a library apart.
    pub(super) fn satisfies(&self, needed: &Self) -> bool {
        let has_release = needed.version.contains('-');
        let own = if has_release {
            self.version.as_str()
        } else {
            self.version.rsplit_once('-').map_or(self.version.as_str(), |(version, _)| version)
        };
        needed.version.is_empty() || own == needed.version || self.version == needed.version
    }
}

/// The package of a `desc`.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Installed>> {
    let text = text(bytes);
    let mut package = Installed::default();
    for (key, values) in sections(&text) {
        let first = || values.first().copied().unwrap_or_default().to_owned();
        let names = || values.iter().map(|value| Name::parse(value)).collect();
        match key {
            "NAME" => package.name.name = first(),
            "VERSION" => package.name.version = first(),
            "BASE" => package.base = first(),
            "ARCH" => package.architecture = first(),
            "LICENSE" => package.licences = values.iter().map(|&text| text.to_owned()).collect(),
            "DEPENDS" => package.depends = names(),
            "PROVIDES" => package.provides = names(),
            _ => {}
        }
    }
    if package.name.name.is_empty() || package.name.version.is_empty() {
        return Fault::malformed("a package without a name or version").into();
    }
    Some(package).into()
}

/// The paths of a `files` that can be evidence of something.
pub(super) fn files(bytes: &[u8]) -> Vec<EntryPath> {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let listed = lines.by_ref().skip_while(|line| *line != b"%FILES%").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    listed
        .filter(|path| !path.ends_with(b"/") && may_be_evidence(path))
        .map(EntryPath::new)
        .collect()
}

fn sections(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let key = line.strip_prefix('%').and_then(|line| line.strip_suffix('%'));
        match (key, sections.last_mut()) {
            (Some(key), _) => sections.push((key, Vec::new())),
            (None, Some((_, values))) => values.push(line),
            (None, None) => {}
        }
    }
    sections
}
