//! Which control groups a container's accounts are those of.

use serde::{Deserialize, Serialize};

use crate::identity::{Membership, membership};

/// A hierarchy of control groups: one per controller in the first version, one for all in the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Controller {
    /// `cpuacct`: time of processors that was used.
    Accounting,
    /// `cpu`: time of processors that is shared out.
    Processor,
    /// `memory`.
    Memory,
    /// `blkio`: block devices.
    Devices,
    /// `pids`: tasks.
    Tasks,
    /// All of the second version.
    Unified,
}

impl Controller {
    /// By the name in `/proc/PID/cgroup`; the second version has none.
    fn named(name: &str) -> Option<Self> {
        match name {
            "cpuacct" => Some(Self::Accounting),
            "cpu" => Some(Self::Processor),
            "memory" => Some(Self::Memory),
            "blkio" => Some(Self::Devices),
            "pids" => Some(Self::Tasks),
            "" => Some(Self::Unified),
            _ => None,
        }
    }

    /// Where it is mounted below `/sys/fs/cgroup`, the usual place first: controllers share a mount, and the
    /// second version stands alone or beside the first.
    pub(super) const fn mounts(self) -> &'static [&'static str] {
        match self {
            Self::Accounting => &["cpuacct", "cpu,cpuacct"],
            Self::Processor => &["cpu", "cpu,cpuacct"],
            Self::Memory => &["memory"],
            Self::Devices => &["blkio"],
            Self::Tasks => &["pids"],
            Self::Unified => &["unified", ""],
        }
    }
}

/// The groups of a container, by what `/proc/PID/cgroup` of one of its processes says (cgroups(7)), for each
/// controller that keeps accounts. A hierarchy in which the container has no group of its own is left out: the
/// accounts there are those of others, too.
pub fn groups(text: &[u8], id: &str) -> Vec<(Controller, String)> {
    let Ok(text) = std::str::from_utf8(text) else { return Vec::new() };
    let mut groups = Vec::new();
    for line in text.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(names), Some(path)) = (fields.next(), fields.next()) else { continue };
        let Some(own) = own(path, id) else { continue };
        for controller in names.split(',').filter_map(Controller::named) {
            groups.push((controller, own.to_owned()));
        }
    }
    groups
}

/// The part of a path that is the container's own group. A process may be in a group below it, which the
/// container itself has made, and the container in that of another one.
fn own<'a>(path: &'a str, id: &str) -> Option<&'a str> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
    ends.filter_map(|end| path.get(..end)).find(|part| match membership(part) {
        Membership::Container(identity) => identity.id == id,
        Membership::Unnamed(candidates) => {
            let last = part.rsplit('/').next();
            let is_last = |component: &str| last.is_some_and(|last| last.ends_with(component));
            candidates.iter().any(|candidate| candidate.name == id && is_last(candidate.component))
        }
    })
}
