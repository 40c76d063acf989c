//! dpkg's status file: deb-control(5) paragraphs with a `Status` (dpkg(1), "Package states").

use serde::{Deserialize, Serialize};

use crate::deb822::{fields, paragraphs};
use crate::reading::{Fault, Parsed, text};

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Installed {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Empty where none is given.
    pub(crate) architecture: String,
    /// The source package: the package's own name and version where no other is given.
    pub(crate) source: String,
    pub(crate) source_version: String,
    /// `Pre-Depends` and `Depends`: every group holds alternatives, names only.
    pub(crate) depends: Vec<Vec<String>>,
    /// Virtual packages that it stands for.
    pub(crate) provides: Vec<String>,
}

/// The packages of a status file whose files are there.
pub(crate) fn parse(bytes: &[u8]) -> Parsed<Vec<Installed>> {
    let mut parsed = Parsed::<Vec<Installed>>::default();
    for paragraph in paragraphs(&text(bytes)) {
        match read(paragraph) {
            Reading::Installed(package) => parsed.value.push(package),
            Reading::Absent => {}
            Reading::Unnamed => {
                parsed.faults.push(Fault::malformed("a package without a name or version"));
            }
        }
    }
    parsed
}

enum Reading {
    Installed(Installed),
    /// Removed, with at most its configuration left.
    Absent,
    Unnamed,
}

fn read(paragraph: &str) -> Reading {
    let mut package = Installed::default();
    let mut present = true;
    let mut pre_depends = Vec::new();
    for field in fields(paragraph) {
        match field.name.to_ascii_lowercase().as_str() {
            "package" => field.value.clone_into(&mut package.name),
            "version" => field.value.clone_into(&mut package.version),
            "architecture" => field.value.clone_into(&mut package.architecture),
            "status" => present = is_present(field.value),
            "source" => {
                (package.source, package.source_version) = name_and_version(field.value);
            }
            "depends" => package.depends = groups(field.value),
            "pre-depends" => pre_depends = groups(field.value),
            "provides" => package.provides = groups(field.value).concat(),
            _ => {}
        }
    }
    if !present {
        return Reading::Absent;
    }
    if package.name.is_empty() || package.version.is_empty() {
        return Reading::Unnamed;
    }
    pre_depends.append(&mut package.depends);
    package.depends = pre_depends;
    if package.source.is_empty() {
        package.source.clone_from(&package.name);
    }
    if package.source_version.is_empty() {
        package.source_version.clone_from(&package.version);
    }
    Reading::Installed(package)
}

/// `want flag state`: a package whose removal is wanted is there until its state says otherwise, and
/// one half-way through installation has its files on the disk.
fn is_present(status: &str) -> bool {
    !matches!(status.split_whitespace().nth(2), Some("not-installed" | "config-files"))
}

/// `name` or `name (version)`.
fn name_and_version(value: &str) -> (String, String) {
    match value.split_once('(') {
        Some((name, version)) => {
            let version = version.trim_end().trim_end_matches(')');
            (name.trim().to_owned(), version.trim().to_owned())
        }
        None => (value.to_owned(), String::new()),
    }
}

/// `a (>= 1) | b:any, c [amd64]`: the names, by group of alternatives.
fn groups(value: &str) -> Vec<Vec<String>> {
    let name = |alternative: &str| {
        let end = alternative.find([' ', '\t', '\n', '(', '[', '<', ':']);
        alternative.get(..end.unwrap_or(alternative.len())).unwrap_or_default().to_owned()
    };
    value
        .split(',')
        .map(|group| {
            let alternatives = group.split('|').map(|alternative| name(alternative.trim()));
            alternatives.filter(|name| !name.is_empty()).collect()
        })
        .filter(|group: &Vec<String>| !group.is_empty())
        .collect()
}
