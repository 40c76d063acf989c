//! Gems: the specifications of installed ones, and what Bundler locks.

mod code;
mod gemfile;
mod gemspec;
mod lock;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Package, Problem, ProblemKind, RelationKind};
use bulkhead_versions::Scheme;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::{Draft, Position};
use crate::locked::{Installed, Lock, Locked, to_package};
use crate::reading::detect;

use gemspec::{Dependency, Gemspec};

const KEY: DetectorKey = DetectorKey { name: "ruby", version: 1 };

/// Reads specifications of installed gems, lock files of Bundler, and Gemfiles.
#[derive(Debug, Clone, Copy)]
pub struct RubyDetector;

impl Detector for RubyDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if Kind::of(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Specification => gemspec::parse(bytes).map(Ruby::Gem),
            Kind::Lock => lock::parse(bytes).map(Ruby::Lock),
            Kind::Gemfile => Some(Ruby::Development(gemfile::development(bytes))).into(),
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Ruby {
    Gem(Gemspec),
    Lock(Lock),
    /// The names of gems that a Gemfile asks for in development alone.
    Development(Vec<String>),
}

/// What a file is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of an installed gem.
    Specification,
    Lock,
    Gemfile,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        match path.file_name() {
            name if name.ends_with(b".gemspec") => {
                is_installed(path.as_bytes()).then_some(Self::Specification)
            }
            b"Gemfile.lock" | b"gems.locked" if !is_part_of_gem(path) => Some(Self::Lock),
            b"Gemfile" | b"gems.rb" if !is_part_of_gem(path) => Some(Self::Gemfile),
            _ => None,
        }
    }
}

/// Whether a file of this path can be the evidence of a gem.
pub(crate) fn is_evidence(path: &[u8]) -> bool {
    path.ends_with(b".gemspec") && is_installed(path)
}

/// Installed gems have their specification in `specifications` (those that came with Ruby in its
/// folder `default`), checkouts of Bundler in `bundler/gems/name-commit`. Others describe projects.
fn is_installed(path: &[u8]) -> bool {
    let mut folders = path.rsplit(|&byte| byte == b'/').skip(1);
    let folders = [folders.next(), folders.next(), folders.next()];
    matches!(
        folders.map(Option::unwrap_or_default),
        [b"specifications", ..] | [b"default", b"specifications", _] | [_, b"gems", b"bundler"]
    )
}

/// Whether a file came with a gem: below `gems/name-version` or `gems/name-commit`. Its authors' lock
/// file says nothing about this tree.
fn is_part_of_gem(path: &EntryPath) -> bool {
    let folders: Vec<&[u8]> = path.components().collect();
    folders.windows(3).any(|parts| match parts {
        [b"gems", gem, _] => {
            let version = gem.rsplit(|&byte| byte == b'-').next().unwrap_or_default();
            let is_version = version.first().is_some_and(u8::is_ascii_digit);
            let is_commit = version.len() >= 7 && version.iter().all(u8::is_ascii_hexdigit);
            version.len() < gem.len() && (is_version || is_commit)
        }
        _ => false,
    })
}

/// The installed gems, in a project also the locked ones, and what they need.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut gems: Vec<(Location, Gemspec)> = Vec::new();
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    let mut development: FxHashMap<EntryPath, FxHashSet<String>> = FxHashMap::default();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Ruby::Gem(gem) => gems.push((location, gem)),
            Ruby::Lock(lock) => locks.push((location, lock)),
            Ruby::Development(names) => {
                let folder = location.path.parent().unwrap_or_default();
                development.entry(folder).or_default().extend(names);
            }
        }
    }
    install(draft, gems);
    let installed = Installed::of(draft, Ecosystem::Gem);
    for (location, mut lock) in locks {
        let folder = location.path.parent().unwrap_or_default();
        if let Some(names) = development.get(&folder) {
            for root in &mut lock.roots {
                root.part(&lock.packages, |name| names.contains(name));
            }
            lock.mark_development();
        }
        installed.add(draft, mode, &location, &lock);
    }
}

/// Adds installed gems, each related to those that Ruby would load with it.
fn install(draft: &mut Draft<'_>, gems: Vec<(Location, Gemspec)>) {
    let mut homes = Homes::default();
    let mut installed = Vec::with_capacity(gems.len());
    for (location, gem) in gems {
        if gem.version.is_empty() {
            draft.problem(Problem::new(
                ProblemKind::Unresolved,
                location.clone(),
                format!(
                    "the version of the gem {} is computed by code, which is not run",
                    gem.name
                ),
            ));
        }
        let home = home_of(&location.path);
        let position = draft.add(package(&gem, location));
        homes.add(&gem, home.clone(), position);
        installed.push((position, home, gem.dependencies));
    }
    for (position, home, dependencies) in installed {
        for needed in dependencies.iter().filter_map(|needed| homes.find(&home, needed)) {
            draft.relate(position, RelationKind::DependsOn, needed);
        }
    }
}

fn package(gem: &Gemspec, location: Location) -> Package {
    let Gemspec { name, version, platform, licences, .. } = gem.clone();
    let mut qualifiers = Vec::new();
    if !matches!(platform.as_str(), "" | "ruby") {
        qualifiers.push(("platform".to_owned(), platform));
    }
    let gem = Locked { name, version, qualifiers, licences, ..Locked::default() };
    to_package(&gem, Ecosystem::Gem, location)
}

/// The folder that gems are installed into.
fn home_of(specification: &EntryPath) -> EntryPath {
    let folder = specification.parent().unwrap_or_default();
    let above = folder.parent().unwrap_or_default();
    if folder.file_name() == b"default" { above.parent().unwrap_or_default() } else { above }
}

/// Gems by name, with the folders that they are installed into.
#[derive(Default)]
struct Homes {
    by_name: FxHashMap<String, Vec<Candidate>>,
}

struct Candidate {
    home: EntryPath,
    version: String,
    position: Position,
}

impl Homes {
    fn add(&mut self, gem: &Gemspec, home: EntryPath, position: Position) {
        let candidate = Candidate { home, version: gem.version.clone(), position };
        self.by_name.entry(gem.name.clone()).or_default().push(candidate);
    }

    /// The newest version that will do: from the same folder, else from any, because the folders of
    /// Ruby itself are searched behind those of an application.
    fn find(&self, home: &EntryPath, needed: &Dependency) -> Option<Position> {
        let candidates = self.by_name.get(&needed.name)?;
        let range = Scheme::Gem.parse_range(&needed.requirement).ok();
        let will_do = |candidate: &&Candidate| {
            let version = candidate.version.as_bytes();
            range.as_ref().is_none_or(|range| range.contains(Scheme::Gem, version))
        };
        let best = candidates.iter().filter(will_do).max_by(|left, right| {
            let near = |candidate: &Candidate| candidate.home == *home;
            near(left).cmp(&near(right)).then_with(|| {
                Scheme::Gem.compare(left.version.as_bytes(), right.version.as_bytes())
            })
        });
        best.map(|candidate| candidate.position)
    }
}

#[cfg(test)]
mod tests;
