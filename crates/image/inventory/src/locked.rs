//! Lock files of every ecosystem, once their own parsers have read them: packages, and which of them
//! needs which.

use std::collections::BTreeMap;

use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::{Draft, Position};
use crate::purl;

/// How many places of one installed package a lock file is related to.
const MOST_PLACES: usize = 64;

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Lock {
    /// In the order of the file.
    pub(crate) packages: Vec<Locked>,
    /// The projects that the file was made for.
    pub(crate) roots: Vec<Root>,
}

/// One package of a lock file, or of another list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Locked {
    pub(crate) name: String,
    /// Empty where the lock file does not say it, as for what comes out of a repository.
    pub(crate) version: String,
    /// The repository that it comes from, as in the purl qualifier `vcs_url`; mostly empty.
    pub(crate) repository: String,
    /// Further qualifiers of its package URL.
    pub(crate) qualifiers: Vec<(String, String)>,
    /// Needed for development alone.
    pub(crate) development: bool,
    /// Declared, as the package writes them.
    pub(crate) licences: Vec<String>,
    /// Facts with their names in the report.
    pub(crate) properties: BTreeMap<String, String>,
    /// The packages that it needs, by their place in [`Lock::packages`].
    pub(crate) dependencies: Vec<u32>,
}

/// A project that was locked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Root {
    /// Relative to the lock file's folder; empty for that folder.
    pub(crate) folder: String,
    /// What it needs, by place in [`Lock::packages`].
    pub(crate) dependencies: Vec<u32>,
    /// What only its development needs.
    pub(crate) development: Vec<u32>,
}

impl Lock {
    /// Marks the packages that only the development of the roots needs. Those that no root leads to
    /// stay as they are: nobody knows what they are for.
    pub(crate) fn mark_development(&mut self) {
        let all = |pick: fn(&Root) -> &[u32]| -> Vec<u32> {
            self.roots.iter().flat_map(pick).copied().collect()
        };
        let used = self.reached(all(|root| &root.dependencies));
        let developing = self.reached(all(|root| &root.development));
        let marks = used.into_iter().zip(developing);
        for (package, (used, developing)) in self.packages.iter_mut().zip(marks) {
            package.development |= developing && !used;
        }
    }

    /// Which packages one comes to from some.
    fn reached(&self, mut from: Vec<u32>) -> Vec<bool> {
        let mut reached = vec![false; self.packages.len()];
        while let Some(number) = from.pop() {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            if let (Some(mark @ false), Some(package)) =
                (reached.get_mut(number), self.packages.get(number))
            {
                *mark = true;
                from.extend(&package.dependencies);
            }
        }
        reached
    }
}

impl Root {
    /// Tells what only development needs, by the names that the project's own manifest has for it.
    pub(crate) fn part(&mut self, packages: &[Locked], is_development: impl Fn(&str) -> bool) {
        let concerns = |at: &u32| {
            let package = usize::try_from(*at).ok().and_then(|at| packages.get(at));
            package.is_some_and(|package| is_development(&package.name))
        };
        let all = std::mem::take(&mut self.dependencies);
        (self.development, self.dependencies) = all.into_iter().partition(concerns);
    }
}

impl Locked {
    /// Notes a fact, unless it is empty.
    pub(crate) fn property(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.properties.insert(name.to_owned(), value);
        }
    }
}

/// The place of the next element of a list, as lock files refer to it.
pub(crate) fn place<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// Whether a lock file came with an installed package: it says what its authors worked with, and
/// nothing about this tree.
pub(crate) fn came_along(path: &EntryPath) -> bool {
    const FOLDERS: [&[u8]; 3] = [b"node_modules", b"site-packages", b"dist-packages"];
    path.components().any(|part| FOLDERS.contains(&part))
}

/// The packages of one ecosystem that were found on disk.
pub(crate) struct Installed {
    ecosystem: Ecosystem,
    by_identity: FxHashMap<(String, String), Vec<(EntryPath, Position)>>,
    by_name: FxHashMap<String, Vec<EntryPath>>,
}

impl Installed {
    pub(crate) fn of(draft: &Draft<'_>, ecosystem: Ecosystem) -> Self {
        let mut by_identity: FxHashMap<_, Vec<_>> = FxHashMap::default();
        let mut by_name: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for (position, package) in draft.packages() {
            let Some(location) = package.locations.first() else { continue };
            if package.package_type == PackageType::Language(ecosystem) {
                let name = ecosystem.normalise(&package.name);
                by_name.entry(name.clone()).or_default().push(location.path.clone());
                let identity = (name, package.version.clone());
                by_identity.entry(identity).or_default().push((location.path.clone(), position));
            }
        }
        Self { ecosystem, by_identity, by_name }
    }

    /// Whether a package of a normalised name is installed below a folder, in whatever version.
    pub(crate) fn has(&self, name: &str, folder: &EntryPath) -> bool {
        self.by_name
            .get(name)
            .is_some_and(|places| places.iter().any(|place| place.starts_with(folder)))
    }

    /// Where a package is installed that a lock file in `folder` means: below the folder, else
    /// wherever `else_anywhere` allows.
    fn find(
        &self,
        locked: &Locked,
        folder: &EntryPath,
        else_anywhere: bool,
    ) -> Vec<(EntryPath, Position)> {
        let identity = (self.ecosystem.normalise(&locked.name), locked.version.clone());
        let all = self.by_identity.get(&identity).map(Vec::as_slice).unwrap_or_default();
        let below = all.iter().filter(|(path, _)| path.starts_with(folder));
        let below: Vec<_> = below.take(MOST_PLACES).cloned().collect();
        if below.is_empty() && else_anywhere {
            return all.iter().take(MOST_PLACES).cloned().collect();
        }
        below
    }

    /// Adds what a lock file says: to what is installed, where its packages come from and how they
    /// hang together; in a project also the packages that are not installed yet. Gives the
    /// packages that stand for each locked one.
    pub(crate) fn add(
        &self,
        draft: &mut Draft<'_>,
        mode: Mode,
        location: &Location,
        lock: &Lock,
    ) -> Vec<Vec<Position>> {
        let folder = location.path.parent().unwrap_or_default();
        // Distributions of Python lie in one place of the system, or in an environment elsewhere.
        let anywhere = mode == Mode::Installed && self.ecosystem == Ecosystem::PyPi;
        let mut standing = Vec::with_capacity(lock.packages.len());
        for locked in &lock.packages {
            let mut places = self.find(locked, &folder, anywhere);
            for (_, position) in &places {
                if let Some(package) = draft.package_mut(*position) {
                    describe(package, locked, self.ecosystem);
                    if mode == Mode::Project && !package.locations.contains(location) {
                        package.locations.push(location.clone());
                    }
                }
            }
            if places.is_empty() && mode == Mode::Project && !locked.name.is_empty() {
                let package = to_package(locked, self.ecosystem, location.clone());
                places.push((location.path.clone(), draft.add(package)));
            }
            standing.push(places);
        }
        for (from, locked) in standing.iter().zip(&lock.packages) {
            for needed in &locked.dependencies {
                let Some(to) = usize::try_from(*needed).ok().and_then(|at| standing.get(at)) else {
                    continue;
                };
                for (path, position) in from {
                    if let Some(needed) = nearest(path, to) {
                        draft.relate(*position, RelationKind::DependsOn, needed);
                    }
                }
            }
        }
        standing
            .into_iter()
            .map(|places| places.into_iter().map(|(_, position)| position).collect())
            .collect()
    }
}

/// Adds packages that one file says are installed, and how they hang together. Gives their places
/// in the order of the list.
pub(crate) fn install(
    draft: &mut Draft<'_>,
    ecosystem: Ecosystem,
    location: &Location,
    packages: &[Locked],
) -> Vec<Position> {
    let add = |one| draft.add(to_package(one, ecosystem, location.clone()));
    let positions: Vec<Position> = packages.iter().map(add).collect();
    for (&from, one) in positions.iter().zip(packages) {
        for needed in &one.dependencies {
            let needed = usize::try_from(*needed).ok().and_then(|needed| positions.get(needed));
            if let Some(&needed) = needed {
                draft.relate(from, RelationKind::DependsOn, needed);
            }
        }
    }
    positions
}

/// The place that shares most of its folders with a path: the same environment, the same tree.
fn nearest(path: &EntryPath, places: &[(EntryPath, Position)]) -> Option<Position> {
    let shared = |other: &EntryPath| {
        path.components().zip(other.components()).take_while(|(left, right)| left == right).count()
    };
    places.iter().rev().max_by_key(|(other, _)| shared(other)).map(|(_, position)| *position)
}

fn describe(package: &mut Package, locked: &Locked, ecosystem: Ecosystem) {
    for (name, value) in &locked.properties {
        package.properties.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if locked.development {
        let name = format!("{}:development", prefix(ecosystem));
        package.properties.insert(name, "true".to_owned());
    }
}

/// What the names of an ecosystem's own facts begin with.
fn prefix(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::PyPi => "python",
        Ecosystem::Maven => "java",
        _ => ecosystem.name(),
    }
}

/// The package as it is reported.
pub(crate) fn to_package(locked: &Locked, ecosystem: Ecosystem, location: Location) -> Package {
    let Locked { name, version, repository, qualifiers, licences, .. } = locked;
    let own = qualifiers.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    let qualifiers: Vec<_> =
        std::iter::once(("vcs_url", Some(repository.as_str()))).chain(own).collect();
    let mut package = Package {
        package_type: PackageType::Language(ecosystem),
        purl: purl::language(ecosystem, name, version, &qualifiers),
        name: name.clone(),
        version: version.clone(),
        architecture: None,
        source: None,
        licences: licences.clone(),
        locations: vec![location],
        properties: BTreeMap::new(),
    };
    describe(&mut package, locked, ecosystem);
    package
}
