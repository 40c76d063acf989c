//! yarn.lock: the own notation of Yarn 1, and YAML since Yarn 2.

mod berry;
mod classic;

use bulkhead_model::EntryPath;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::manifest::Request;
use super::specifier::{real_name, repository, split};
use crate::locked::{Lock, Locked, Root, place};
use crate::reading::{Parsed, text};

/// A lock file of Yarn. What only development needs, and in Yarn 1 what the projects need at all,
/// stands in their manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Yarn {
    pub(super) lock: Lock,
    /// Each `name@range` that the file resolves, with the place of its package.
    requests: Vec<(String, u32)>,
    /// Folders of projects, relative to the file; of Yarn 1 that of the file alone.
    pub(super) projects: Vec<String>,
}

/// A lock file of any version.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Yarn>> {
    let text = text(bytes);
    if text.lines().any(|line| line.starts_with("__metadata:")) {
        return berry::parse(bytes);
    }
    classic::parse(&text)
}

/// One entry of either notation.
#[derive(Debug, Default)]
struct Entry {
    /// `name@range`, all that came to the same package.
    requests: Vec<String>,
    package: Locked,
    /// Names and ranges.
    dependencies: Vec<(String, String)>,
}

impl Yarn {
    fn new(entries: Vec<Entry>, projects: Vec<String>) -> Self {
        let mut yarn = Self { projects, ..Self::default() };
        let mut needs = Vec::with_capacity(entries.len());
        for entry in entries {
            let own = place(&yarn.lock.packages);
            yarn.requests.extend(entry.requests.into_iter().map(|request| (request, own)));
            yarn.lock.packages.push(entry.package);
            needs.push(entry.dependencies);
        }
        let requests = Requests::of(&yarn.requests);
        for (package, needs) in yarn.lock.packages.iter_mut().zip(needs) {
            package.dependencies =
                needs.iter().filter_map(|(name, range)| requests.find(name, range)).collect();
        }
        yarn
    }

    /// Says what the projects need, as their manifests have it: `manifest` gives the requests of the
    /// one in a folder relative to the lock file.
    pub(super) fn settle<'m>(&mut self, manifest: impl Fn(&EntryPath) -> Option<&'m [Request]>) {
        let requests = Requests::of(&self.requests);
        for folder in &self.projects {
            let Some(wanted) = manifest(&EntryPath::from(folder.as_str())) else { continue };
            let find = |development: bool| {
                let wanted = wanted.iter().filter(|request| request.development == development);
                wanted.filter_map(|request| requests.find(&request.name, &request.range)).collect()
            };
            let (dependencies, development) = (find(false), find(true));
            self.lock.roots.push(Root { folder: folder.clone(), dependencies, development });
        }
        self.lock.mark_development();
    }
}

/// What was asked for, and where it is.
struct Requests<'a> {
    exact: FxHashMap<&'a str, u32>,
    /// None where a name was resolved to several packages.
    by_name: FxHashMap<&'a str, Option<u32>>,
}

impl<'a> Requests<'a> {
    fn of(requests: &'a [(String, u32)]) -> Self {
        let exact = requests.iter().map(|(request, place)| (request.as_str(), *place)).collect();
        let mut by_name = FxHashMap::default();
        for (request, place) in requests {
            let Some((name, _)) = split(request) else { continue };
            let known = by_name.entry(name).or_insert(Some(*place));
            *known = known.filter(|known| known == place);
        }
        Self { exact, by_name }
    }

    /// Manifests write `^1.0`, newer lock files `npm:^1.0`; where a resolution of the project
    /// replaced the range, the one package of the name is meant.
    fn find(&self, name: &str, range: &str) -> Option<u32> {
        let exact = |request: String| self.exact.get(request.as_str()).copied();
        exact(format!("{name}@{range}"))
            .or_else(|| exact(format!("{name}@npm:{range}")))
            .or_else(|| self.by_name.get(name).copied().flatten())
    }
}
