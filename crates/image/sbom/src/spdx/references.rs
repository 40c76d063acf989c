//! The names by which the elements of a document point to each other (SPDX 2.3, 7.2): letters,
//! digits, `.` and `-`.

use std::collections::HashSet;

use bulkhead_model::{Digest, Inventory, Package, PackageId};

/// The target itself.
pub(super) const TARGET: &str = "SPDXRef-Target";
/// Its operating system.
pub(super) const OPERATING_SYSTEM: &str = "SPDXRef-OperatingSystem";

/// Characters of a package's name that a reference repeats.
const NAME: usize = 60;

/// A reference for each package, in order: made of its own URL where no other package has it, so that
/// references stay the same when other packages come and go.
pub(super) struct References(Vec<String>);

impl References {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let mut taken = HashSet::new();
        let references = inventory.iter().map(|(PackageId(index), package)| {
            let own = of(package);
            if taken.insert(own.clone()) { own } else { format!("{own}.{index}") }
        });
        Self(references.collect())
    }

    pub(super) fn get(&self, id: PackageId) -> Option<&str> {
        self.0.get(usize::try_from(id.0).ok()?).map(String::as_str)
    }
}

/// `SPDXRef-Package-deb-zlib1g-0a1b2c3d4e5f6071`. No name that is made so has a `.` behind the digest.
fn of(package: &Package) -> String {
    let kind = package.package_type.name();
    let digest = Digest::of(package.purl.as_bytes());
    let start = digest.hex().get(..16).unwrap_or_default();
    format!("SPDXRef-Package-{kind}-{}-{start}", plain(&package.name))
}

/// The text with every other character than letters, digits and `.` as `-`, cut.
pub(super) fn plain(text: &str) -> String {
    let fit = |c: char| c.is_ascii_alphanumeric() || c == '.';
    text.chars().take(NAME).map(|c| if fit(c) { c } else { '-' }).collect()
}
