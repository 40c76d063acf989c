//! Every target of every area.

mod archive;
mod custom;
mod database;
mod feeds;
mod image;
mod inventory;
mod layers;
mod locks;
mod publishers;
mod report;
mod rpm;
mod sbom;
mod versions;

use crate::Target;

/// Every target, area by area.
pub fn targets() -> Vec<Target> {
    [
        versions::TARGETS,
        archive::TARGETS,
        layers::TARGETS,
        image::TARGETS,
        inventory::TARGETS,
        rpm::TARGETS,
        locks::TARGETS,
        sbom::TARGETS,
        feeds::TARGETS,
        publishers::TARGETS,
        custom::TARGETS,
        database::TARGETS,
        report::TARGETS,
    ]
    .concat()
}
