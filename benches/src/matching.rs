//! Matching an inventory of a large image.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use bulkhead_advisories::{Database, match_inventory};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Inventory;
use bulkhead_sbom::cyclonedx;

/// How many packages are matched.
const PACKAGES: usize = 4_000;

/// Seconds that it takes to match [`PACKAGES`] packages, those of the document and as many copies of
/// them as it needs, in a database that was just opened.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn seconds(database: &Path, document: &Path) -> anyhow::Result<f64> {
    let document = cyclonedx::read(&fs_err::read(document)?, &Budget::new(Limits::DEFAULT))?;
    let inventory = repeated(document.inventory)?;
    let database = Database::open(database)?;
    let start = Instant::now();
    let matched = match_inventory(&[&database], &inventory);
    let time = start.elapsed();
    ensure!(!matched.findings.is_empty(), "nothing matched: this measures nothing");
    Ok(time.as_secs_f64())
}

/// Relations are left out: they point to packages by position.
fn repeated(inventory: Inventory) -> anyhow::Result<Inventory> {
    ensure!(!inventory.packages.is_empty(), "the document lists no packages");
    let packages = inventory.packages.iter().cycle().take(PACKAGES).cloned().collect();
    Ok(Inventory { packages, relations: Vec::new(), ..inventory })
}
