//! Matching an inventory of a large image.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use bulkhead_advisories::{Database, match_inventory};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{Inventory, Package, PackageId, Relation};
use bulkhead_sbom::cyclonedx;

/// How many packages are matched.
const PACKAGES: usize = 4_000;

/// Seconds that it takes to match [`PACKAGES`] packages, those of the document and as many under other
/// names as it needs, in a database that was just opened.
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

/// The packages over and over, each time under other names, so that each is looked up at a place of
/// its own; with their relations.
fn repeated(mut inventory: Inventory) -> anyhow::Result<Inventory> {
    ensure!(!inventory.packages.is_empty(), "the document lists no packages");
    let (packages, relations) = (inventory.packages.clone(), inventory.relations.clone());
    for copy in 1.. {
        if inventory.packages.len() >= PACKAGES {
            break;
        }
        let first = u32::try_from(inventory.packages.len())?;
        let moved = |id: PackageId| PackageId(id.0.saturating_add(first));
        inventory.packages.extend(packages.iter().map(|package| {
            let name = format!("{}{copy}", package.name);
            Package { name, source: None, ..package.clone() }
        }));
        inventory.relations.extend(relations.iter().map(|relation| Relation {
            from: moved(relation.from),
            to: moved(relation.to),
            ..*relation
        }));
    }
    inventory.packages.truncate(PACKAGES);
    let kept = |id: PackageId| usize::try_from(id.0).is_ok_and(|index| index < PACKAGES);
    inventory.relations.retain(|relation| kept(relation.from) && kept(relation.to));
    Ok(inventory)
}
