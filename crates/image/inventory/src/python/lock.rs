//! Lock files in TOML: poetry.lock, uv.lock, pdm.lock and pylock.toml (PEP 751). All are lists of
//! packages, whose fields have other names and forms but never the same name for other things.

mod entry;

use bulkhead_model::Ecosystem;
use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};

use crate::json::{self, Fields};
use crate::locked::{Lock, Root, place};
use crate::notation;
use crate::reading::Parsed;

use entry::{Entry, Need};

/// How many versions of one name a package is related to that names none of them.
const MOST_VERSIONS: usize = 16;

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match notation::toml::<Document>(bytes) {
        Ok(document) => Some(document.lock()).into(),
        Err(fault) => fault.into(),
    }
}

#[derive(Debug, Default)]
struct Document(Vec<Entry>);

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "package" | "packages" => self.0 = values.next_value::<json::Many<Entry>>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl Document {
    fn lock(self) -> Lock {
        let mut lock = Lock::default();
        let mut versions: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let mut entries = Vec::new();
        for mut entry in self.0.into_iter().filter(|entry| !entry.package.name.is_empty()) {
            let package = entry.locked();
            let name = Ecosystem::PyPi.normalise(&package.name);
            versions.entry(name).or_default().push(place(&lock.packages));
            lock.packages.push(package);
            entries.push(entry);
        }
        let mut found = Vec::with_capacity(entries.len());
        for entry in &entries {
            let find = |needs: &[Need]| -> Vec<u32> {
                needs.iter().flat_map(|need| find(&lock, &versions, need)).collect()
            };
            found.push((find(&entry.dependencies), find(&entry.development)));
        }
        let packages = lock.packages.iter_mut().zip(entries).zip(found);
        for ((package, entry), (dependencies, development)) in packages {
            package.dependencies = [dependencies.as_slice(), &development].concat();
            if entry.is_project {
                lock.roots.push(Root { folder: String::new(), dependencies, development });
            }
        }
        lock.mark_development();
        lock
    }
}

/// The packages that a need may mean: the one of its version, else all of its name.
fn find(lock: &Lock, versions: &FxHashMap<String, Vec<u32>>, need: &Need) -> Vec<u32> {
    let all = versions.get(&Ecosystem::PyPi.normalise(&need.name));
    let all = all.map(Vec::as_slice).unwrap_or_default();
    let all = all.get(..all.len().min(MOST_VERSIONS)).unwrap_or_default();
    let same = |place: &&u32| {
        let package = usize::try_from(**place).ok().and_then(|place| lock.packages.get(place));
        package.is_some_and(|package| package.version == need.version)
    };
    match all.iter().find(same) {
        Some(exact) if !need.version.is_empty() => vec![*exact],
        _ => all.to_vec(),
    }
}
