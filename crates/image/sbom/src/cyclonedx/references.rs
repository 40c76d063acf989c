//! The names by which the parts of a document point to each other.

use std::collections::HashSet;

use bulkhead_model::{Inventory, PackageId};

/// The target itself.
pub(super) const TARGET: &str = "target";
/// Its operating system.
pub(super) const OPERATING_SYSTEM: &str = "operating-system";

/// A `bom-ref` for each package, in order: its package URL where no other package has it, so that
/// references stay the same when other packages come and go.
pub(super) struct References(Vec<String>);

impl References {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let mut taken = HashSet::new();
        let references = inventory.iter().map(|(PackageId(index), package)| {
            // Anything else could collide with the other names.
            if package.purl.starts_with("pkg:") && taken.insert(package.purl.as_str()) {
                package.purl.clone()
            } else {
                format!("package:{index}")
            }
        });
        Self(references.collect())
    }

    pub(super) fn get(&self, id: PackageId) -> Option<&str> {
        self.0.get(usize::try_from(id.0).ok()?).map(String::as_str)
    }
}
