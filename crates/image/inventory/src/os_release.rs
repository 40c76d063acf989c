//! Which operating system a root file system is: os-release(5), and what stands in for it where it
//! is missing.

mod scope;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, OperatingSystem};
use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::reading::{Fault, Parsed, detect, text};

const KEY: DetectorKey = DetectorKey { name: "os-release", version: 1 };

/// In the order of os-release(5).
const OS_RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];
const ALPINE_RELEASE: &str = "etc/alpine-release";
const DEBIAN_VERSION: &str = "etc/debian_version";
const REPOSITORIES: &str = "etc/apk/repositories";

/// Reads the files that name a system and its release.
#[derive(Debug, Clone, Copy)]
pub struct OsReleaseDetector;

impl Detector for OsReleaseDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        let known = [OS_RELEASE[0], OS_RELEASE[1], ALPINE_RELEASE, DEBIAN_VERSION, REPOSITORIES];
        match path.as_str() {
            Some(path) if known.contains(&path) => Want::Head(64 << 10),
            _ => Want::Skip,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| match file.path.as_str() {
            Some(REPOSITORIES) => Some(Release::Repositories(lines(bytes))).into(),
            Some(ALPINE_RELEASE | DEBIAN_VERSION) => Some(Release::Number(lines(bytes))).into(),
            _ => {
                let Parsed { value, faults } = parse(bytes);
                Parsed { value: Some(Release::Variables(value)), faults }
            }
        })
    }

    fn places(&self) -> &'static [&'static str] {
        &OS_RELEASE
    }
}

/// What one of the files says.
#[derive(Debug, Serialize, Deserialize)]
enum Release {
    /// The assignments of os-release, in order.
    Variables(Vec<(String, String)>),
    /// The lines of a file that holds a version alone.
    Number(Vec<String>),
    /// The lines of apk's list of repositories.
    Repositories(Vec<String>),
}

/// The system that the files of the tree name.
pub(crate) fn assemble(draft: &mut Draft<'_>) -> Option<OperatingSystem> {
    let facts: Vec<(Location, Release)> = draft.facts(KEY);
    let find = |path: &str| {
        let path = EntryPath::from(path);
        let real = draft.view.resolve(&path);
        facts.iter().find(|(at, _)| at.path == path || Some(&at.path) == real.as_ref())
    };
    let first_line = |path: &str| match find(path) {
        Some((location, Release::Number(lines))) => Some((location, lines.first()?)),
        _ => None,
    };
    let repositories = match find(REPOSITORIES) {
        Some((_, Release::Repositories(lines))) => lines.as_slice(),
        _ => &[],
    };
    let named = OS_RELEASE.into_iter().find_map(|path| match find(path)? {
        (location, Release::Variables(variables)) => from_variables(variables, location),
        _ => None,
    });
    let mut system = named
        .or_else(|| first_line(ALPINE_RELEASE).map(|(at, line)| bare("alpine", line, at)))
        .or_else(|| first_line(DEBIAN_VERSION).and_then(|(at, line)| debian(line, at)))?;
    system.scope = scope::of(&system, repositories);
    Some(system)
}

/// Assignments of os-release(5): a shell-like form in which a value is bare, or in double or single
/// quotes. The last assignment of a name counts.
pub(crate) fn parse(bytes: &[u8]) -> Parsed<Vec<(String, String)>> {
    let mut parsed = Parsed::<Vec<(String, String)>>::default();
    for line in text(bytes).lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=') {
            Some((name, value)) => {
                let name = name.trim().to_owned();
                parsed.value.retain(|(earlier, _)| *earlier != name);
                parsed.value.push((name, unquote(value.trim())));
            }
            None => parsed.faults.push(Fault::malformed("a line of os-release assigns nothing")),
        }
    }
    parsed
}

/// Takes the quotes off. In double quotes and without any, a backslash makes the next character
/// stand for itself.
fn unquote(value: &str) -> String {
    if let Some(inner) = value.strip_prefix('\'') {
        return inner.strip_suffix('\'').unwrap_or(inner).to_owned();
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.strip_prefix('"').unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            '"' => break,
            other => plain.push(other),
        }
    }
    plain
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let lines = text(bytes);
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn from_variables(variables: &[(String, String)], location: &Location) -> Option<OperatingSystem> {
    let get = |name: &str| {
        let found = variables.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let (id, version) = (get("ID")?.to_lowercase(), get("VERSION_ID").unwrap_or_default());
    let short = || format!("{id} {version}").trim_end().to_owned();
    Some(OperatingSystem {
        codename: get("VERSION_CODENAME").map(str::to_owned),
        like: get("ID_LIKE")
            .map_or_else(Vec::new, |like| like.split_whitespace().map(str::to_lowercase).collect()),
        pretty_name: get("PRETTY_NAME").or_else(|| get("NAME")).map_or_else(short, str::to_owned),
        scope: None,
        location: location.clone(),
        version: version.to_owned(),
        id,
    })
}

/// A system of which only the version is known.
fn bare(id: &str, version: &str, location: &Location) -> OperatingSystem {
    OperatingSystem {
        id: id.to_owned(),
        version: version.to_owned(),
        codename: None,
        like: Vec::new(),
        pretty_name: format!("{id} {version}"),
        scope: None,
        location: location.clone(),
    }
}

/// `debian_version` holds `12.4`, or `trixie/sid` where there is no number. Derivatives copy the
/// file, but they all have an os-release.
fn debian(line: &str, location: &Location) -> Option<OperatingSystem> {
    let major = line.split('.').next()?;
    if !major.is_empty() && major.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(bare("debian", major, location));
    }
    let codename = Some(line.to_owned());
    Some(OperatingSystem { version: String::new(), codename, ..bare("debian", line, location) })
}

#[cfg(test)]
mod tests;
