//! Names of images and platforms in documents, by those who know them.

use bulkhead_model::Scope;
use bulkhead_registry::Reference;
use bulkhead_sbom::vex::{ImageName, Knowledge};

/// References as registries read them, platforms as their publishers' feeds name them.
pub(super) struct Names;

impl Knowledge for Names {
    fn image(&self, reference: &str) -> Option<ImageName> {
        let reference: Reference = reference.parse().ok()?;
        Some(ImageName {
            repository: format!("{}/{}", reference.registry(), reference.repository()),
            tag: reference.tag().map(str::to_owned),
            digest: reference.digest().map(ToString::to_string),
        })
    }

    fn platform(&self, name: &str, cpe: Option<&str>) -> Option<Scope> {
        bulkhead_advisories::platform_scope(name, cpe)
    }
}
