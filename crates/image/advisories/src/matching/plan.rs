//! Which packages are looked up under which key, and which cannot be.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{
    Ecosystem, Inventory, NotAssessed, NotAssessedReason, OperatingSystem, Package, PackageId,
    PackageKey, PackageType, Problem, ProblemKind, RelationKind, Scope,
};
use bulkhead_versions::Scheme;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Database;
use crate::database::{codes, keys};
use crate::scope::NameRule;

/// What is asked of the databases.
#[derive(Default)]
pub(super) struct Plan<'i> {
    /// The keys with the packages that have them, in the order of the databases' rows.
    pub(super) wanted: Vec<Wanted<'i>>,
    /// Which system package each language package came with.
    pub(super) owners: Owners,
    pub(super) not_assessed: Vec<NotAssessed>,
    pub(super) problems: Vec<Problem>,
}

/// A key and the installed packages that have it.
pub(super) struct Wanted<'i> {
    pub(super) key: PackageKey,
    /// What the keys of its rows begin with.
    pub(super) prefix: Vec<u8>,
    /// The key of rows about the source package of all of these packages, and what it begins with.
    pub(super) source: Option<(PackageKey, Vec<u8>)>,
    pub(super) packages: Vec<Installed<'i>>,
}

/// An installed package as advisories see it.
#[derive(Clone, Copy)]
pub(super) struct Installed<'i> {
    pub(super) id: PackageId,
    pub(super) package: &'i Package,
    /// The version that rows are compared with: the source package's where all rows name these.
    version: &'i str,
}

impl<'i> Installed<'i> {
    /// What rows are compared with, where `of_source` tells that they are about the source package in
    /// a scope whose other rows are not.
    pub(super) fn version(&self, of_source: bool) -> &'i str {
        let source = self.package.source.as_ref().filter(|_| of_source);
        source.map_or(self.version, |source| &source.version)
    }
}

impl Wanted<'_> {
    /// The key of rows about the packages, or about their source.
    pub(super) fn key(&self, of_source: bool) -> &PackageKey {
        let source = self.source.as_ref().filter(|_| of_source);
        source.map_or(&self.key, |(key, _)| key)
    }
}

/// Language packages that system packages brought.
#[derive(Default)]
pub(super) struct Owners {
    pub(super) of: FxHashMap<PackageId, PackageId>,
    /// The owners themselves.
    pub(super) all: FxHashSet<PackageId>,
}

impl<'i> Plan<'i> {
    pub(super) fn of(databases: &[&Database], inventory: &'i Inventory) -> Self {
        let mut plan = Self { owners: Owners::of(inventory), ..Self::default() };
        let system = SystemScope::of(databases, inventory, &mut plan.not_assessed);
        let mut languages = Languages::default();
        let mut left_out = 0_u64;
        let mut by_prefix: BTreeMap<(Vec<u8>, Option<Vec<u8>>), Wanted<'i>> = BTreeMap::new();
        for (id, package) in inventory.iter() {
            let scope = match package.package_type {
                PackageType::Language(ecosystem) => {
                    languages.scope(databases, Scope::Language(ecosystem), &mut plan.not_assessed)
                }
                own => system.scope_for(own),
            };
            if package.package_type.is_system() && (scope.is_none() || !system.is_assessed) {
                left_out = left_out.saturating_add(1);
            }
            let Some((scope, rule)) = scope else { continue };
            if package.properties.contains_key(UNTAGGED) {
                plan.problems.push(not_released(package));
                continue;
            }
            let (name, version) = rule.coordinates(package);
            if version.is_empty() {
                plan.problems.push(no_version(package));
                continue;
            }
            let source = rule
                .source_key(&scope, package)
                .and_then(|key| keys::package(&key).map(|prefix| (key, prefix)));
            let key = PackageKey::new(scope, name);
            // No name has a zero in it, so no row has one either.
            let Some(prefix) = keys::package(&key) else { continue };
            let both = (prefix.clone(), source.as_ref().map(|(_, prefix)| prefix.clone()));
            let wanted = by_prefix.entry(both).or_insert_with(|| Wanted {
                key,
                prefix,
                source,
                packages: Vec::new(),
            });
            wanted.packages.push(Installed { id, package, version });
        }
        plan.wanted = by_prefix.into_values().collect();
        plan.problems.extend(without_group(inventory));
        plan.not_assessed.extend(system.not_assessed(inventory, left_out));
        for (ecosystem, count) in languages.unknown {
            plan.not_assessed.push(NotAssessed {
                reason: NotAssessedReason::Ecosystem { ecosystem },
                count,
                hint: Some(hint(ecosystem.name())),
            });
        }
        plan
    }
}

/// The scope of the system's packages, where a database has rows about it.
#[derive(Default)]
struct SystemScope {
    scope: Option<(Scope, NameRule, Vec<Scheme>)>,
    /// Whether a publisher speaks about it.
    is_assessed: bool,
}

impl SystemScope {
    fn of(databases: &[&Database], inventory: &Inventory, damage: &mut Vec<NotAssessed>) -> Self {
        let scope = inventory.operating_system.as_ref().and_then(|system| system.scope.clone());
        let Some(scope) = scope else { return Self::default() };
        let (mut rule, mut is_assessed) = (None, false);
        let mut schemes = Vec::new();
        for database in databases {
            match database.scope(&scope) {
                // Its end may be known without a statement about its packages.
                Ok(Some(value)) if value.feeds.is_empty() => {}
                Ok(Some(value)) => {
                    rule = rule.or(Some(NameRule::by_code(value.names)));
                    is_assessed |= value.is_assessed();
                    schemes
                        .extend(value.schemes.iter().filter_map(|code| codes::scheme(*code).ok()));
                }
                Ok(None) => {}
                Err(error) => damage.push(damaged(&error, 0)),
            }
        }
        Self { scope: rule.map(|rule| (scope, rule, schemes)), is_assessed }
    }

    /// The scope for packages of this type. A package of another package manager than the
    /// publisher's is not what its rows are about.
    fn scope_for(&self, package_type: PackageType) -> Option<(Scope, NameRule)> {
        let (scope, rule, schemes) = self.scope.as_ref()?;
        let own = match package_type {
            PackageType::Deb => Scheme::Dpkg,
            PackageType::Apk => Scheme::Apk,
            PackageType::Rpm => Scheme::Rpm,
            PackageType::Alpm => Scheme::Pacman,
            // Its order is dpkg's, but nobody publishes advisories about its packages.
            PackageType::Opkg | PackageType::Language(_) => return None,
        };
        (schemes.is_empty() || schemes.contains(&own)).then(|| (scope.clone(), *rule))
    }

    /// A system that no database speaks about is not assessed even where no package of it was
    /// found: its packages may be of a kind that nobody looked for.
    fn not_assessed(&self, inventory: &Inventory, left_out: u64) -> Option<NotAssessed> {
        let system = inventory.operating_system.as_ref();
        let unknown = system.is_some() && (self.scope.is_none() || !self.is_assessed);
        if left_out == 0 && !unknown {
            let mut packages = inventory.packages.iter();
            let is_empty = !packages.any(|package| package.package_type.is_system());
            return system.filter(|_| is_empty).map(without_list);
        }
        let (id, version) =
            system.map_or(("", ""), |system| (system.id.as_str(), system.version.as_str()));
        let what = match system.and_then(|system| system.scope.as_ref()) {
            Some(scope) => scope.to_string(),
            None => format!("{id} {version}").trim().to_owned(),
        };
        let hint = match what.as_str() {
            "" => "the target has system packages and no os-release that names their distribution"
                .to_owned(),
            what => hint(what),
        };
        Some(NotAssessed {
            reason: NotAssessedReason::Distribution {
                id: id.to_owned(),
                version: version.to_owned(),
            },
            count: left_out,
            hint: Some(hint),
        })
    }
}

/// A system that lists nothing is one whose package database was removed, lies where nobody looks, or
/// never was.
fn without_list(system: &OperatingSystem) -> NotAssessed {
    NotAssessed {
        reason: NotAssessedReason::Packages {
            id: system.id.clone(),
            version: system.version.clone(),
        },
        count: 0,
        hint: Some(
            "the database of the package manager is not there or is empty: it may have been removed \
             to make the target smaller; scan what was there before"
                .to_owned(),
        ),
    }
}

/// Which language ecosystems a database speaks about.
#[derive(Default)]
struct Languages {
    known: BTreeMap<Scope, Known>,
    unknown: BTreeMap<Ecosystem, u64>,
}

/// What the databases have about an ecosystem.
#[derive(Clone, Copy, Default)]
struct Known {
    has_rows: bool,
    is_assessed: bool,
}

impl Languages {
    fn scope(
        &mut self,
        databases: &[&Database],
        scope: Scope,
        damage: &mut Vec<NotAssessed>,
    ) -> Option<(Scope, NameRule)> {
        let known = *self.known.entry(scope.clone()).or_insert_with(|| {
            let mut known = Known::default();
            for database in databases {
                match database.scope(&scope) {
                    Ok(value) => {
                        known.has_rows |= value.as_ref().is_some_and(|one| !one.feeds.is_empty());
                        known.is_assessed |= value.is_some_and(|one| one.is_assessed());
                    }
                    Err(error) => damage.push(damaged(&error, 0)),
                }
            }
            known
        });
        if let (false, Scope::Language(ecosystem)) = (known.is_assessed, &scope) {
            let count = self.unknown.entry(*ecosystem).or_default();
            *count = count.saturating_add(1);
        }
        known.has_rows.then_some((scope, NameRule::Installed))
    }
}

impl Owners {
    /// What lies inside an archive belongs to the owner of the archive.
    fn of(inventory: &Inventory) -> Self {
        let mut owned = FxHashMap::default();
        let mut contained: FxHashMap<PackageId, Vec<PackageId>> = FxHashMap::default();
        for relation in &inventory.relations {
            match relation.kind {
                // An owner that is of no distribution has no vendor whose word is above upstream's.
                RelationKind::OwnedBy => {
                    let owner = inventory.package(relation.to);
                    if owner.is_some_and(|owner| owner.package_type.is_system()) {
                        owned.insert(relation.from, relation.to);
                    }
                }
                RelationKind::ContainedIn => {
                    contained.entry(relation.to).or_default().push(relation.from);
                }
                RelationKind::DependsOn => {}
            }
        }
        let mut outer: BTreeSet<PackageId> = owned.keys().copied().collect();
        while let Some(container) = outer.pop_first() {
            let Some(&owner) = owned.get(&container) else { continue };
            for &inner in contained.get(&container).map_or(&[][..], Vec::as_slice) {
                if let std::collections::hash_map::Entry::Vacant(vacant) = owned.entry(inner) {
                    vacant.insert(owner);
                    outer.insert(inner);
                }
            }
        }
        let all = owned.values().copied().collect();
        Self { of: owned, all }
    }
}

/// A part of a database that could not be read, and how many packages or vulnerabilities that
/// concerns.
pub(super) fn damaged(error: &crate::DatabaseError, count: u64) -> NotAssessed {
    NotAssessed {
        reason: NotAssessedReason::Database { cause: error.to_string() },
        count,
        hint: Some(error.hint().to_owned()),
    }
}

fn hint(what: &str) -> String {
    format!(
        "no database in use speaks about {what}; build one from feeds that do with \
         `bulkhead db build --feeds DIR -o FILE` and scan with `--db FILE`"
    )
}

/// The property of a Go program that was built from a revision before any release: its version
/// `v0.0.0-…` would lie below every fix.
const UNTAGGED: &str = "golang:untagged";

fn not_released(package: &Package) -> Problem {
    Problem {
        kind: ProblemKind::Unresolved,
        location: package.locations.first().cloned(),
        message: format!(
            "{} was built from a revision and names no release: it was not held against advisories",
            package.name
        ),
    }
}

/// Archives of Java of which nothing tells the group, by which advisories name them.
fn without_group(inventory: &Inventory) -> Option<Problem> {
    let mut nameless = inventory.packages.iter().filter(|package| {
        package.package_type == PackageType::Language(Ecosystem::Maven)
            && !package.name.contains(':')
    });
    let first = nameless.next()?;
    let others = match nameless.count() {
        0 => String::new(),
        others => format!(", nor of {others} other packages"),
    };
    Some(Problem {
        kind: ProblemKind::Unresolved,
        location: first.locations.first().cloned(),
        message: format!(
            "nothing tells the group of the maven package {:?}{others}: what has none was not held \
             against advisories",
            first.name
        ),
    })
}

fn no_version(package: &Package) -> Problem {
    Problem {
        kind: ProblemKind::Malformed,
        location: package.locations.first().cloned(),
        message: format!(
            "the {} package {:?} has no version and was not held against advisories",
            package.package_type.name(),
            package.name
        ),
    }
}
