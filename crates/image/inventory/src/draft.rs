//! An inventory in the making.

use std::collections::BTreeMap;

use bulkhead_layers::{DetectorKey, View};
use bulkhead_model::{
    Inventory, Location, OperatingSystem, Package, PackageId, Problem, ProblemKind, Relation,
    RelationKind,
};
use serde::de::DeserializeOwned;

/// The place of a package in the draft; not yet its place in the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position(usize);

/// Packages in the order in which they were found, with relations by that order.
pub(crate) struct Draft<'v> {
    pub(crate) view: &'v View,
    packages: Vec<Package>,
    relations: Vec<(Position, RelationKind, Position)>,
    problems: Vec<Problem>,
}

impl<'v> Draft<'v> {
    pub(crate) fn new(view: &'v View) -> Self {
        Self { view, packages: Vec::new(), relations: Vec::new(), problems: Vec::new() }
    }

    /// The facts of one detector, by path. Facts of another version are a problem of their file.
    pub(crate) fn facts<T: DeserializeOwned>(
        &mut self,
        detector: DetectorKey,
    ) -> Vec<(Location, T)> {
        let mut decoded = Vec::new();
        for found in self.view.facts(detector.name) {
            match found.facts.decode() {
                Some(facts) => decoded.push((found.location, facts)),
                None => self.problems.push(Problem::new(
                    ProblemKind::Mismatch,
                    found.location,
                    format!("facts of {} are not of version {}", detector.name, detector.version),
                )),
            }
        }
        decoded
    }

    /// Notes what only showed when facts were put together.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn add(&mut self, package: Package) -> Position {
        let position = Position(self.packages.len());
        self.packages.push(package);
        position
    }

    pub(crate) fn package_mut(&mut self, position: Position) -> Option<&mut Package> {
        self.packages.get_mut(position.0)
    }

    pub(crate) fn relate(&mut self, from: Position, kind: RelationKind, to: Position) {
        if from != to {
            self.relations.push((from, kind, to));
        }
    }

    pub(crate) fn packages(&self) -> impl Iterator<Item = (Position, &Package)> {
        self.packages.iter().enumerate().map(|(index, package)| (Position(index), package))
    }

    /// Orders everything. The same package found twice in the same place is one.
    pub(crate) fn finish(self, system: Option<OperatingSystem>) -> (Inventory, Vec<Problem>) {
        let mut sorted: Vec<(usize, Package)> = self.packages.into_iter().enumerate().collect();
        sorted.sort_by(|(left_index, left), (right_index, right)| {
            order(left).cmp(&order(right)).then(left_index.cmp(right_index))
        });
        let mut packages: Vec<Package> = Vec::with_capacity(sorted.len());
        let mut ids = BTreeMap::new();
        for (index, package) in sorted {
            match packages.last_mut() {
                Some(last) if order(last) == order(&package) => unite(last, package),
                _ => packages.push(package),
            }
            let last = packages.len().saturating_sub(1);
            ids.insert(Position(index), PackageId(u32::try_from(last).unwrap_or(u32::MAX)));
        }
        let mut relations: Vec<Relation> = self
            .relations
            .into_iter()
            .filter_map(|(from, kind, to)| {
                Some(Relation { from: *ids.get(&from)?, kind, to: *ids.get(&to)? })
            })
            .filter(|relation| relation.from != relation.to)
            .collect();
        relations.sort_unstable();
        relations.dedup();
        (Inventory { operating_system: system, packages, relations }, self.problems)
    }
}

/// What packages are ordered by, and what makes two the same.
fn order(package: &Package) -> impl Ord {
    (
        package.package_type,
        &package.name,
        &package.version,
        package.locations.first(),
        &package.purl,
    )
}

fn unite(package: &mut Package, other: Package) {
    for location in other.locations {
        if !package.locations.contains(&location) {
            package.locations.push(location);
        }
    }
    for (name, value) in other.properties {
        package.properties.entry(name).or_insert(value);
    }
    if package.licences.is_empty() {
        package.licences = other.licences;
    }
}
