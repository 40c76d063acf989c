//! From facts about files to the inventory of a target.

use bulkhead_layers::View;
use bulkhead_model::{Inventory, Problem};

use crate::draft::Draft;
use crate::owners::Owners;
use crate::{
    apk, cargo, composer, conan, conda, dotnet, dpkg, golang, java, npm, opkg, os_release, pacman,
    python, rpm, ruby, unread,
};

/// What kind of tree is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// An image or a root file system: what is installed counts. A lock file says how installed
    /// packages hang together; what it alone names is not there.
    Installed,
    /// A project's source tree: what a lock file names counts too, because that is what will be
    /// installed. A manifest that no installer put there is a package only as the root of a lock.
    Project,
}

/// Puts together what the detectors of this crate found in the files that the view shows.
///
/// The order of packages and relations depends on nothing but the content of the tree.
pub fn assemble(view: &View, mode: Mode) -> (Inventory, Vec<Problem>) {
    let mut draft = Draft::new(view);
    let mut owners = Owners::default();
    let system = os_release::assemble(&mut draft);
    dpkg::assemble(&mut draft, system.as_ref(), &mut owners);
    apk::assemble(&mut draft, system.as_ref(), &mut owners);
    rpm::assemble(&mut draft, system.as_ref(), &mut owners);
    pacman::assemble(&mut draft, system.as_ref(), &mut owners);
    opkg::assemble(&mut draft, system.as_ref(), &mut owners);
    conda::assemble(&mut draft, &mut owners);
    npm::assemble(&mut draft, mode);
    python::assemble(&mut draft, mode);
    java::assemble(&mut draft, mode);
    golang::assemble(&mut draft);
    ruby::assemble(&mut draft, mode);
    cargo::assemble(&mut draft, mode);
    composer::assemble(&mut draft, mode);
    dotnet::assemble(&mut draft, mode);
    conan::assemble(&mut draft, mode);
    unread::assemble(&mut draft, mode);
    owners.relate(&mut draft);
    draft.finish(system)
}
