//! Which installed packages fulfil what a package depends on (Debian policy, chapter 7).

use rustc_hash::FxHashMap;

use super::status::Installed;
use crate::draft::Position;

/// Installed packages by what they can be asked for.
pub(crate) struct Index<'a> {
    named: FxHashMap<&'a str, Vec<(Position, &'a str)>>,
    providing: FxHashMap<&'a str, Vec<(Position, &'a str)>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(installed: &'a [(Position, Installed)]) -> Self {
        let mut index = Self { named: FxHashMap::default(), providing: FxHashMap::default() };
        for (position, package) in installed {
            let entry = (*position, package.architecture.as_str());
            index.named.entry(&package.name).or_default().push(entry);
            for name in &package.provides {
                index.providing.entry(name).or_default().push(entry);
            }
        }
        index
    }

    /// For each group of alternatives, the packages that fulfil the first alternative that any
    /// fulfils. Versions are not compared: what is installed was found consistent by dpkg.
    pub(crate) fn needed_by(&self, package: &Installed) -> Vec<Position> {
        let fulfilling = |group: &Vec<String>| {
            group.iter().find_map(|name| self.fulfilling(name, &package.architecture))
        };
        package.depends.iter().filter_map(fulfilling).flatten().collect()
    }

    /// The package of this name, of the same architecture where there are several; else all that
    /// provide it.
    fn fulfilling(&self, name: &str, architecture: &str) -> Option<Vec<Position>> {
        if let Some(named) = self.named.get(name) {
            let same = named.iter().find(|(_, other)| *other == architecture);
            return same.or_else(|| named.first()).map(|(position, _)| vec![*position]);
        }
        let providing = self.providing.get(name)?;
        Some(providing.iter().map(|(position, _)| *position).collect())
    }
}
