//! Gradle's lock files ("Locking versions" in its user manual): one line for each module, with the
//! configurations that have it; before Gradle 6.8 one file for each configuration.

use bulkhead_model::EntryPath;

use crate::locked::{Lock, Locked};
use crate::reading::{Fault, Parsed, text};

/// What a lock file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every configuration of a project, named on each line.
    Project,
    /// What the build itself runs with: its plugins.
    Build,
    /// One configuration, which only development uses or not.
    Configuration { development: bool },
}

impl Kind {
    pub(super) fn of(path: &EntryPath) -> Option<Self> {
        let name = path.file_name();
        match name {
            b"gradle.lockfile" => Some(Self::Project),
            b"buildscript-gradle.lockfile" => Some(Self::Build),
            _ => {
                let configuration = name.strip_suffix(b".lockfile")?;
                let folders = path.parent()?;
                let is_old = folders.as_bytes() == b"gradle/dependency-locks"
                    || folders.as_bytes().ends_with(b"/gradle/dependency-locks");
                let development = is_development(&String::from_utf8_lossy(configuration));
                is_old.then_some(Self::Configuration { development })
            }
        }
    }
}

pub(super) fn parse(bytes: &[u8], kind: Kind) -> Parsed<Option<Lock>> {
    let mut lock = Lock::default();
    let mut odd = None;
    for (number, line) in (1_usize..).zip(text(bytes).lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("empty=") {
            continue;
        }
        match module(line, kind) {
            Some(module) => lock.packages.push(module),
            None => {
                odd.get_or_insert(number);
            }
        }
    }
    let fault = odd.map(|line| Fault::malformed(format!("line {line} names no module")));
    let value = (fault.is_none() || !lock.packages.is_empty()).then_some(lock);
    Parsed { value, faults: fault.into_iter().collect() }
}

/// `group:name:version=configuration,configuration`.
fn module(line: &str, kind: Kind) -> Option<Locked> {
    let (coordinates, configurations) = line.split_once('=').unwrap_or((line, ""));
    let (name, version) = coordinates.rsplit_once(':')?;
    let (group, artifact) = name.split_once(':')?;
    if [group, artifact, version].iter().any(|part| part.is_empty() || part.contains(' ')) {
        return None;
    }
    let mut module =
        Locked { name: name.to_owned(), version: version.to_owned(), ..Locked::default() };
    module.development = match kind {
        Kind::Project => {
            !configurations.is_empty() && configurations.split(',').all(is_development)
        }
        Kind::Build => true,
        Kind::Configuration { development } => development,
    };
    module.property("java:configurations", configurations.replace(',', " "));
    Some(module)
}

/// By the names that Gradle's own plugins give to configurations: tests, and what runs only while
/// compiling.
fn is_development(configuration: &str) -> bool {
    let name = configuration.strip_prefix("buildscript-").unwrap_or(configuration);
    name.len() < configuration.len()
        || name.starts_with("test")
        || name.contains("Test")
        || name.to_ascii_lowercase().ends_with("annotationprocessor")
}
