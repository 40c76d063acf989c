//! bun.lock, the text of Bun's lock file (JSON with comments). Keys of packages are the folders that
//! they would have: `a/b` is what `a` loads as `b`.

use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;

use super::specifier::{repository, split, version_by};
use crate::address::without_user;
use crate::json::{Entries, Fields, Names, Object, Text};
use crate::locked::{Lock, Locked, Root, place};
use crate::notation;
use crate::reading::Parsed;

/// How many folders above a package are looked into.
const MOST_FOLDERS: usize = 64;

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match notation::json_with_comments::<Document>(bytes) {
        Ok(document) => Some(document.lock()).into(),
        Err(fault) => fault.into(),
    }
}

#[derive(Debug, Default)]
struct Document {
    workspaces: Vec<(String, Workspace)>,
    packages: Vec<(String, Value)>,
}

impl Document {
    fn lock(self) -> Lock {
        let mut lock = Lock::default();
        let mut places: FxHashMap<&str, u32> = FxHashMap::default();
        let mut needs = Vec::new();
        for (key, value) in &self.packages {
            let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let Some(package) = package(parts) else { continue };
            places.insert(key, place(&lock.packages));
            lock.packages.push(package);
            needs.push((key.as_str(), parts.iter().find(|part| part.is_object())));
        }
        for (package, (key, facts)) in lock.packages.iter_mut().zip(needs) {
            let lists = ["dependencies", "optionalDependencies", "peerDependencies"];
            let names = lists.iter().filter_map(|list| facts?.get(list)?.as_object());
            let names = names.flat_map(|list| list.keys());
            package.dependencies = names.filter_map(|name| load(&places, key, name)).collect();
        }
        lock.roots.extend(self.workspaces.into_iter().map(|(folder, workspace)| {
            let find = |names: &[String]| -> Vec<u32> {
                names.iter().filter_map(|name| load(&places, &workspace.name, name)).collect()
            };
            let dependencies = find(&workspace.dependencies);
            let development = find(&workspace.development);
            Root { folder, dependencies, development }
        }));
        lock.mark_development();
        lock
    }
}

/// What the package of a key loads by a name: out of its own folder, else out of those above.
fn load(places: &FxHashMap<&str, u32>, key: &str, name: &str) -> Option<u32> {
    let mut folder = key;
    for _ in 0..MOST_FOLDERS {
        if folder.is_empty() {
            break;
        }
        if let Some(&found) = places.get(format!("{folder}/{name}").as_str()) {
            return Some(found);
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    places.get(name).copied()
}

/// `["name@version", registry, facts, integrity]`; from elsewhere `["name@address", facts, …]`.
/// None for folders of the project.
fn package(parts: &[Value]) -> Option<Locked> {
    let (name, reference) = split(parts.first()?.as_str()?)?;
    if ["workspace:", "link:", "file:", "root:"].iter().any(|scheme| reference.starts_with(scheme))
        && reference.strip_suffix(".tgz").is_none()
    {
        return None;
    }
    let mut package = Locked { name: name.to_owned(), ..Locked::default() };
    if reference.contains(':') || reference.contains('/') {
        version_by(reference, name).unwrap_or_default().clone_into(&mut package.version);
        package.repository = repository(reference);
        package.property("npm:resolved", without_user(reference));
    } else {
        reference.clone_into(&mut package.version);
    }
    let mut texts = parts.iter().skip(1).rev().filter_map(Value::as_str);
    let integrity = texts.find(|text| text.starts_with("sha"));
    package.property("npm:integrity", integrity.unwrap_or_default());
    Some(package)
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "packages" => self.packages = values.next_value::<Entries<Value>>()?.0,
            "workspaces" => {
                let Entries(list) = values.next_value::<Entries<Object<Workspace>>>()?;
                self.workspaces = list.into_iter().map(|(key, Object(one))| (key, one)).collect();
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A project.
#[derive(Debug, Default)]
struct Workspace {
    name: String,
    dependencies: Vec<String>,
    development: Vec<String>,
}

impl<'de> Fields<'de> for Workspace {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.name = values.next_value::<Text<'de>>()?.into_string(),
            "dependencies" | "optionalDependencies" | "peerDependencies" => {
                self.dependencies.append(&mut values.next_value::<Names>()?.0);
            }
            "devDependencies" => self.development.append(&mut values.next_value::<Names>()?.0),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
