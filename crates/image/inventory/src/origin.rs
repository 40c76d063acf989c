//! Which layer brought a package that a database lists.
//!
//! A package manager writes its database anew with every change, so the layer of the last state is
//! that of the last change, whatever package that was about. The states before it lie hidden in lower
//! layers: a package came with the lowest of them that has had it without a break since.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use bulkhead_layers::{DetectorKey, Hidden, View};
use bulkhead_model::{EntryPath, LayerReference, Package};

use crate::draft::{Draft, Position};

/// What makes a package the same in two states of a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    name: String,
    version: String,
    architecture: String,
}

impl Identity {
    /// Texts as in the [`Package`]; empty where there is no architecture.
    pub(crate) fn new(
        name: impl Into<String>,
        version: impl Into<String>,
        architecture: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), version: version.into(), architecture: architecture.into() }
    }

    fn of(package: &Package) -> Self {
        let architecture = package.architecture.clone().unwrap_or_default();
        Self::new(package.name.clone(), package.version.clone(), architecture)
    }
}

/// The packages of an earlier state of a database, and the layer that wrote it.
pub(crate) type State = (LayerReference, BTreeSet<Identity>);

/// The hidden files of a detector that lay where the tree shows another one now, the newest first.
pub(crate) fn earlier<'v>(
    view: &'v View,
    detector: DetectorKey,
    is_place: impl Fn(&EntryPath) -> bool,
) -> Vec<Hidden<'v>> {
    let lay_there =
        |path: &EntryPath| is_place(path) || view.resolve(path).is_some_and(|real| is_place(&real));
    // What its own layer replaces at once never was a state.
    let was_seen = |hidden: &Hidden<'_>| {
        hidden.location.layer.as_ref().is_some_and(|layer| layer.index < hidden.by)
    };
    let hidden = view.hidden(detector.name);
    let mut hidden: Vec<Hidden<'v>> =
        hidden.filter(|hidden| was_seen(hidden) && lay_there(&hidden.location.path)).collect();
    hidden.sort_by_key(|hidden| Reverse(hidden.location.layer.as_ref().map(|layer| layer.index)));
    hidden
}

/// Gives packages of a database the layers that brought them. The paths of their places stay.
pub(crate) fn attribute(
    draft: &mut Draft<'_>,
    packages: impl Iterator<Item = Position>,
    states: impl Iterator<Item = State>,
) {
    let mut standing: Vec<(Position, Identity)> = packages
        .filter_map(|position| Some((position, Identity::of(draft.package_mut(position)?))))
        .collect();
    for (layer, listed) in states {
        standing.retain(|(position, identity)| {
            let was_there = listed.contains(identity);
            let package = draft.package_mut(*position).filter(|_| was_there);
            if let Some(place) = package.and_then(|package| package.locations.first_mut()) {
                place.layer = Some(layer.clone());
            }
            was_there
        });
        if standing.is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Tree, layered};

    /// The packages with the layers that brought them.
    #[track_caller]
    fn check(layers: &[Tree], expect: &[(&str, u32)]) {
        let (inventory, problems) = layered(layers);
        assert_eq!(problems, []);
        let brought = |package: &bulkhead_model::Package| {
            let layer = package.locations[0].layer.as_ref().unwrap().index;
            (format!("{} {}", package.name, package.version), layer)
        };
        let found: Vec<_> = inventory.packages.iter().map(brought).collect();
        let expect: Vec<_> =
            expect.iter().map(|(package, layer)| ((*package).to_owned(), *layer)).collect();
        assert_eq!(found, expect);
    }

    /// Layers with one file each: installed, upgraded, removed and installed again.
    fn states(path: &str, database: impl Fn(&[(&str, &str)]) -> String) -> [Tree; 4] {
        let state = |packages: &[(&str, &str)]| Tree::default().file(path, database(packages));
        [
            state(&[("a", "1"), ("b", "1"), ("d", "1")]),
            state(&[("a", "1"), ("b", "2"), ("c", "1")]),
            Tree::default().file("srv/other", "x"),
            state(&[("a", "1"), ("b", "2"), ("c", "1"), ("d", "1"), ("e", "1")]),
        ]
    }

    const EXPECT: [(&str, u32); 5] = [("a 1", 0), ("b 2", 1), ("c 1", 1), ("d 1", 3), ("e 1", 3)];

    fn status(packages: &[(&str, &str)]) -> String {
        let paragraph = |(name, version): &(&str, &str)| {
            format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n")
        };
        packages.iter().map(paragraph).collect()
    }

    #[test]
    fn packages_of_dpkg() {
        check(&states("var/lib/dpkg/status", status), &EXPECT);
    }

    #[test]
    fn packages_of_apk() {
        let installed = |packages: &[(&str, &str)]| -> String {
            let paragraph = |(name, version): &(&str, &str)| format!("P:{name}\nV:{version}\n\n");
            packages.iter().map(paragraph).collect()
        };
        check(&states("lib/apk/db/installed", installed), &EXPECT);
    }

    #[test]
    fn packages_of_rpm() {
        let list = |packages: &[(&str, &str)]| -> String {
            let line = |(name, version): &(&str, &str)| format!("{name}-{version}-1.noarch\n");
            packages.iter().map(line).collect()
        };
        let expect = EXPECT.map(|(package, layer)| (format!("{package}-1"), layer));
        let expect: Vec<(&str, u32)> =
            expect.iter().map(|(it, layer)| (it.as_str(), *layer)).collect();
        check(&states("var/lib/rpmmanifest/container-manifest-1", list), &expect);
    }

    /// The folder moved, and a link leads to where it is.
    #[test]
    fn a_database_that_moved() {
        let installed = "P:a\nV:1\n\n";
        let moved = Tree::default()
            .link("lib", "usr/lib")
            .file("usr/lib/apk/db/installed", format!("{installed}P:b\nV:1\n\n"));
        let layers = [Tree::default().file("lib/apk/db/installed", installed), moved];
        check(&layers, &[("a 1", 0), ("b 1", 1)]);
    }

    /// Readers differ in which of two entries they take; only the last one was ever seen.
    #[test]
    fn a_state_that_its_own_layer_replaces_is_none() {
        let twice = Tree::default()
            .file("var/lib/dpkg/status", status(&[("a", "1")]))
            .file("var/lib/dpkg/status", status(&[]));
        let last = Tree::default().file("var/lib/dpkg/status", status(&[("a", "1")]));
        check(&[twice, last], &[("a 1", 1)]);
    }
}
