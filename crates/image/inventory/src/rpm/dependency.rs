//! Which installed packages fulfil what a package requires.

use bulkhead_layers::View;
use bulkhead_model::EntryPath;
use rustc_hash::FxHashMap;

use super::package::Installed;
use crate::draft::Position;

/// Installed packages by what they can be asked for.
pub(super) struct Index<'a> {
    view: &'a View,
    providing: FxHashMap<&'a str, Vec<(Position, &'a str)>>,
    owning: FxHashMap<&'a EntryPath, (Position, &'a str)>,
}

impl<'a> Index<'a> {
    pub(super) fn new(installed: &'a [(Position, Installed)], view: &'a View) -> Self {
        let mut index =
            Self { view, providing: FxHashMap::default(), owning: FxHashMap::default() };
        for (position, package) in installed {
            let entry = (*position, package.architecture.as_str());
            for name in &package.provides {
                index.providing.entry(name).or_default().push(entry);
            }
            for file in &package.files {
                index.owning.entry(file).or_insert(entry);
            }
        }
        index
    }

    /// The packages that fulfil each name. Versions are not compared: what is installed was found
    /// consistent by rpm.
    pub(super) fn needed_by(&self, package: &Installed) -> Vec<Position> {
        let fulfilling = |name: &String| self.fulfilling(name, &package.architecture);
        package.requires.iter().flat_map(fulfilling).collect()
    }

    /// All that provide the name; where any of them is of the same architecture, only those. A path
    /// that nobody provides is a file, under this or, where a folder is a link, its real path.
    fn fulfilling(&self, name: &str, architecture: &str) -> Vec<Position> {
        if let Some(providing) = self.providing.get(name) {
            let same = providing.iter().any(|(_, other)| *other == architecture);
            let fits = |(_, other): &&(Position, &str)| !same || *other == architecture;
            return providing.iter().filter(fits).map(|(position, _)| *position).collect();
        }
        if !name.starts_with('/') {
            return Vec::new();
        }
        let path = EntryPath::from(name);
        let owner = self.owning.get(&path).or_else(|| self.owning.get(&self.view.resolve(&path)?));
        owner.map(|(position, _)| *position).into_iter().collect()
    }
}
