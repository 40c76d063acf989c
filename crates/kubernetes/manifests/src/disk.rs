//! Files for kustomize, and a record of what it took.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_limits::Budget;
use bulkhead_objects::{Files, KUSTOMIZATION_FILES};

/// The files that a kustomization may take: those below the folder that is scanned, and below any
/// folder with a kustomization of its own, since bases lie beside overlays. Nothing else of the
/// machine, not even through a link: what a generator takes in would stand in the report.
#[derive(Debug)]
pub(crate) struct Disk<'b> {
    root: PathBuf,
    budget: &'b Budget,
    taken: RefCell<BTreeSet<String>>,
}

impl<'b> Disk<'b> {
    pub(crate) fn new(root: &Path, budget: &'b Budget) -> Self {
        let root = fs_err::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Self { root, budget, taken: RefCell::default() }
    }

    /// Every file and folder that was asked for and is there.
    pub(crate) fn taken(self) -> BTreeSet<String> {
        self.taken.into_inner()
    }

    fn is_within_reach(&self, path: &str) -> bool {
        let Ok(path) = fs_err::canonicalize(path) else { return false };
        let is_kustomization =
            |folder: &Path| KUSTOMIZATION_FILES.iter().any(|name| folder.join(name).is_file());
        path.starts_with(&self.root) || path.ancestors().any(is_kustomization)
    }
}

impl Files for Disk<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let size = fs_err::metadata(path).ok().filter(std::fs::Metadata::is_file)?.len();
        self.budget.check_file(size).ok()?;
        let bytes = self.is_within_reach(path).then(|| fs_err::read(path).ok()).flatten()?;
        self.taken.borrow_mut().insert(path.to_owned());
        Some(bytes)
    }

    fn is_folder(&self, path: &str) -> bool {
        let is_folder = Path::new(path).is_dir();
        if is_folder {
            self.taken.borrow_mut().insert(path.to_owned());
        }
        is_folder
    }
}
