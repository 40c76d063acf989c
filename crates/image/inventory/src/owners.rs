//! Which files the system's package manager installed, and so which language packages are its own.

use bulkhead_model::{EntryPath, RelationKind};
use rustc_hash::FxHashMap;

use crate::draft::{Draft, Position};
use crate::{composer, dotnet, golang, java, npm, python, ruby};

/// Whether a package manager's list of files need mention this path: only files that can be the
/// evidence of a package of another kind are asked for later, and lists are long.
pub(crate) fn may_be_evidence(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    npm::is_evidence(name)
        || python::is_evidence(path)
        || java::is_evidence(name)
        || ruby::is_evidence(path)
        || composer::is_evidence(name)
        || dotnet::is_evidence(name)
        || golang::may_be_binary(path)
}

/// Files by the package that installed them.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    files: FxHashMap<EntryPath, Position>,
}

impl Owners {
    /// Notes that a package installed a file. The first to claim it keeps it.
    pub(crate) fn add(&mut self, path: EntryPath, owner: Position) {
        self.files.entry(path).or_insert(owner);
    }

    /// Relates every language package to the system package that installed its evidence.
    pub(crate) fn relate(&self, draft: &mut Draft<'_>) {
        if self.files.is_empty() {
            return;
        }
        let real = self.without_links(draft);
        let owned: Vec<(Position, Position)> = draft
            .packages()
            .filter(|(_, package)| !package.package_type.is_system())
            .filter_map(|(position, package)| {
                let path = &package.locations.first()?.path;
                let owner = self.files.get(path).or_else(|| real.get(path))?;
                Some((position, *owner))
            })
            .collect();
        for (position, owner) in owned {
            draft.relate(position, RelationKind::OwnedBy, owner);
        }
    }

    /// The files under the paths that lists do not use: where `/bin` is a link to `/usr/bin`, lists
    /// still say `/bin/tool`.
    fn without_links(&self, draft: &Draft<'_>) -> FxHashMap<EntryPath, Position> {
        self.files
            .iter()
            .filter_map(|(path, owner)| {
                let real = draft.view.resolve(path)?;
                (real != *path).then_some((real, *owner))
            })
            .collect()
    }
}
