//! conan.lock: a graph (Conan 1), or lists of recipes (Conan 2, "Lockfiles" in its documentation).

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{IgnoredAny, MapAccess};

use super::reference::Reference;
use crate::json::{self, Entries, Fields, Names, Object, Text};
use crate::locked::{Lock, Locked, Root, place};
use crate::reading::{Fault, Parsed};

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match json::read::<Document>(bytes) {
        Ok(document) => Some(document.lock()).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

#[derive(Debug, Default)]
struct Document {
    nodes: Vec<(String, Node)>,
    requires: Vec<String>,
    /// What builds: tools, code that recipes share, and settings.
    builds: Vec<String>,
}

impl Document {
    fn lock(self) -> Lock {
        if self.nodes.is_empty() { lists(&self.requires, &self.builds) } else { graph(&self.nodes) }
    }
}

/// Conan 2 does not say what needs what. A recipe that also builds is in both lists.
fn lists(requires: &[String], builds: &[String]) -> Lock {
    let mut lock = Lock::default();
    let mut known: FxHashSet<Reference> = FxHashSet::default();
    let all = requires.iter().map(|text| (text, false));
    for (text, development) in all.chain(builds.iter().map(|text| (text, true))) {
        let Some(reference) = Reference::parse(text) else { continue };
        let package = Locked { development, ..Locked::from(&reference) };
        if known.insert(reference) {
            lock.packages.push(package);
        }
    }
    lock
}

/// Nodes of one recipe that were built in different ways are one package. The node of the project
/// has no reference, or a path instead.
fn graph(nodes: &[(String, Node)]) -> Lock {
    let mut lock = Lock::default();
    let mut places: FxHashMap<Reference, u32> = FxHashMap::default();
    let mut by_key: FxHashMap<&str, u32> = FxHashMap::default();
    for (key, node) in nodes {
        let Some(reference) = node.package() else { continue };
        let at = *places.entry(reference).or_insert_with_key(|reference| {
            lock.packages.push(Locked::from(reference));
            place(&lock.packages).saturating_sub(1)
        });
        by_key.insert(key, at);
    }
    let find = |keys: &[String]| -> Vec<u32> {
        keys.iter().filter_map(|key| by_key.get(key.as_str())).copied().collect()
    };
    for (key, node) in nodes {
        let (requires, builds) = (find(&node.requires), find(&node.builds));
        let own = by_key.get(key.as_str()).and_then(|own| usize::try_from(*own).ok());
        match own.and_then(|own| lock.packages.get_mut(own)) {
            // What a package was built with is not needed to use it.
            Some(package) => {
                package.dependencies.extend(requires);
                lock.roots.push(Root { development: builds, ..Root::default() });
            }
            None => lock.roots.push(Root {
                dependencies: requires,
                development: builds,
                ..Root::default()
            }),
        }
    }
    lock.mark_development();
    lock
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "graph_lock" => self.nodes = values.next_value::<Object<Graph>>()?.0.0,
            "requires" => self.requires = values.next_value::<Names>()?.0,
            "build_requires" | "python_requires" | "config_requires" => {
                self.builds.append(&mut values.next_value::<Names>()?.0);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Graph(Vec<(String, Node)>);

impl<'de> Fields<'de> for Graph {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        if key != "nodes" {
            values.next_value::<IgnoredAny>()?;
            return Ok(());
        }
        let Entries(nodes) = values.next_value::<Entries<Object<Node>>>()?;
        self.0 = nodes.into_iter().map(|(key, Object(node))| (key, node)).collect();
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Node {
    reference: String,
    /// Where the recipe of a project lies.
    path: String,
    requires: Vec<String>,
    builds: Vec<String>,
}

impl Node {
    fn package(&self) -> Option<Reference> {
        Reference::parse(&self.reference).filter(|_| self.path.is_empty())
    }
}

impl<'de> Fields<'de> for Node {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "ref" => self.reference = values.next_value::<Text<'de>>()?.into_string(),
            "path" => self.path = values.next_value::<Text<'de>>()?.into_string(),
            "requires" => self.requires = values.next_value::<Names>()?.0,
            "build_requires" => self.builds = values.next_value::<Names>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
