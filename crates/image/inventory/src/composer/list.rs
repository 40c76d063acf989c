//! Lists of packages that Composer writes: `composer.lock`, and `installed.json` of its versions 1
//! (a list) and 2 (an object). Their entries are the same.

use bulkhead_model::Ecosystem;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use crate::address::vcs_url;
use crate::json::{self, Fields, Many, Names, Object, Text};
use crate::locked::{Lock, Locked, place};
use crate::reading::{Fault, Parsed, text};

/// How many packages that stand for one name are related to those that require it.
const MOST_PROVIDERS: usize = 16;

/// Packages in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct List {
    entries: Vec<Entry>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Entry {
    package: Locked,
    /// Names that it requires, extensions of PHP among them.
    requires: Vec<String>,
    /// Names that it stands for.
    provides: Vec<String>,
    /// A folder of the project.
    is_folder: bool,
    /// Composer's own form of the version, which every installed package has.
    normalised: String,
}

/// The packages of a lock file. Folders of the project are none.
pub(super) fn lock(bytes: &[u8]) -> Parsed<Option<List>> {
    let document: Document = match json::read(bytes) {
        Ok(document) => document,
        Err(error) => return Fault::malformed(error.to_string()).into(),
    };
    let mut entries = document.packages;
    entries.extend(document.development.into_iter().map(|mut entry| {
        entry.package.development = true;
        entry
    }));
    entries.retain(|entry| !entry.package.name.is_empty() && !entry.is_folder);
    Some(List { entries }).into()
}

/// The packages of a vendor folder; nothing, without a problem, for another tool's file of this name,
/// which has no normalised versions. Where the file lies in Composer's own folder it `is_composers`.
pub(super) fn installed(bytes: &[u8], is_composers: bool) -> Parsed<Option<List>> {
    let text = text(bytes);
    let text = text.trim_start();
    let document = if text.starts_with('[') {
        let mut reader = serde_json::Deserializer::from_str(text);
        Many::<Entry>::deserialize(&mut reader)
            .and_then(|many| reader.end().map(|()| many))
            .map(|Many(packages)| Document { packages, ..Document::default() })
    } else {
        json::read::<Document>(text.as_bytes())
    };
    let Document { packages: mut entries, names, .. } = match document {
        Ok(document) => document,
        Err(error) => return Fault::malformed(error.to_string()).into(),
    };
    entries.retain(|entry| {
        entry.package.name.contains('/') && (is_composers || !entry.normalised.is_empty())
    });
    let names: FxHashSet<String> = names.into_iter().collect();
    for entry in &mut entries {
        entry.package.development = names.contains(&entry.package.name);
    }
    (!entries.is_empty()).then_some(List { entries }).into()
}

impl List {
    /// The same as lock files of all ecosystems are.
    pub(super) fn lock(self) -> Lock {
        let mut places: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let mut lock = Lock::default();
        let mut requires = Vec::with_capacity(self.entries.len());
        for entry in self.entries {
            let place = place(&lock.packages);
            let own = std::iter::once(&entry.package.name);
            for name in own.chain(&entry.provides) {
                places.entry(Ecosystem::Composer.normalise(name)).or_default().push(place);
            }
            lock.packages.push(entry.package);
            requires.push(entry.requires);
        }
        for (package, requires) in lock.packages.iter_mut().zip(requires) {
            let found = |name: &String| places.get(&Ecosystem::Composer.normalise(name));
            let found = requires.iter().filter_map(found);
            let found = found.flat_map(|places| places.iter().take(MOST_PROVIDERS));
            package.dependencies = found.copied().collect();
        }
        lock
    }
}

#[derive(Debug, Default)]
struct Document {
    packages: Vec<Entry>,
    /// `packages-dev` of a lock file.
    development: Vec<Entry>,
    /// `dev-package-names` of an installation.
    names: Vec<String>,
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "packages" => self.packages = values.next_value::<Many<Entry>>()?.0,
            "packages-dev" => self.development = values.next_value::<Many<Entry>>()?.0,
            "dev-package-names" => self.names = values.next_value::<Names>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => self.package.name = text(values)?,
            "version" => self.package.version = text(values)?,
            "version_normalized" => self.normalised = text(values)?,
            "license" => self.package.licences = values.next_value::<Names>()?.0,
            "require" => self.requires = values.next_value::<Names>()?.0,
            "provide" | "replace" => self.provides.append(&mut values.next_value::<Names>()?.0),
            "dist" => self.is_folder = values.next_value::<Object<Source>>()?.0.kind == "path",
            "source" => {
                let Object(Source { kind, url, reference }) = values.next_value()?;
                self.package.property("composer:source", vcs_url(&kind, &url, &reference));
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// Where the files of a package come from.
#[derive(Debug, Default)]
struct Source {
    kind: String,
    url: String,
    reference: String,
}

impl<'de> Fields<'de> for Source {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "type" => self.kind = text(values)?,
            "url" => self.url = text(values)?,
            "reference" => self.reference = text(values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
