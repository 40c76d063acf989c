//! Every target of every area.

mod archive;
mod bolt;
mod bulletins;
mod custom;
mod database;
mod events;
mod exceptions;
mod feeds;
mod image;
mod inventory;
mod layers;
mod listings;
mod locks;
mod objects;
mod outputs;
mod packages;
mod probes;
mod publishers;
mod rbac;
mod reachability;
mod repair;
mod report;
mod rpm;
mod rules;
mod sbom;
mod sensor;
mod versions;
mod vex;

use crate::Target;

/// Every target, area by area.
pub fn targets() -> Vec<Target> {
    [
        versions::TARGETS,
        archive::TARGETS,
        bolt::TARGETS,
        layers::TARGETS,
        image::TARGETS,
        inventory::TARGETS,
        rpm::TARGETS,
        locks::TARGETS,
        packages::TARGETS,
        sbom::TARGETS,
        vex::TARGETS,
        exceptions::TARGETS,
        feeds::TARGETS,
        publishers::TARGETS,
        bulletins::TARGETS,
        listings::TARGETS,
        custom::TARGETS,
        database::TARGETS,
        events::TARGETS,
        report::TARGETS,
        probes::TARGETS,
        sensor::TARGETS,
        outputs::TARGETS,
        rules::TARGETS,
        objects::TARGETS,
        repair::TARGETS,
        rbac::TARGETS,
        reachability::TARGETS,
    ]
    .concat()
}
