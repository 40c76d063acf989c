//! The state that runc and crun keep of their containers.

use std::collections::BTreeMap;

use bulkhead_limits::Budget;
use serde::Deserialize;

use super::spec::{Namespace, is_privileged, joins, shared};
use super::{Metadata, MetadataError, Mount, annotations, document};

#[derive(Deserialize)]
struct Runc {
    created: Option<String>,
    config: Configuration,
    #[serde(default)]
    cgroup_paths: Option<BTreeMap<String, String>>,
}

/// `configs.Config` of libcontainer: what the specification became.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Configuration {
    rootfs: Option<String>,
    mounts: Option<Vec<RuncMount>>,
    capabilities: Option<Capabilities>,
    mask_paths: Option<Vec<String>>,
    readonly_paths: Option<Vec<String>>,
    namespaces: Option<Vec<Namespace>>,
    /// Annotations as `key=value`, and the bundle among them.
    labels: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    #[serde(rename = "Bounding")]
    bounding: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RuncMount {
    source: String,
    destination: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    flags: u64,
    #[serde(default)]
    propagation_flags: Option<Vec<u64>>,
}

/// Reads runc's `state.json` (`libcontainer.State`).
pub fn runc_state(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let state: Runc = document(bytes, "state of a container", budget)?;
    let config = state.config;
    let labels = config.labels.unwrap_or_default();
    let pairs = labels.iter().filter_map(|label| label.split_once('='));
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let bounding = config.capabilities.and_then(|sets| sets.bounding).unwrap_or_default();
    let masked = config.mask_paths.unwrap_or_default();
    let readonly = config.readonly_paths.unwrap_or_default();
    let mut metadata = annotations(&pairs);
    metadata.privileged = Some(is_privileged(&bounding, &masked, &readonly));
    let namespaces = config.namespaces.as_deref();
    metadata.shared = namespaces.map(|all| shared(all, ["NEWNET", "NEWPID", "NEWIPC"]));
    metadata.joins_processes = namespaces.is_some_and(|all| joins(all, "NEWPID"));
    metadata.mounts = config.mounts.unwrap_or_default().into_iter().map(mount).collect();
    metadata.created = metadata.created.take().or(state.created);
    metadata.root = config.rootfs;
    metadata.groups = state.cgroup_paths.unwrap_or_default().into_values().collect();
    Ok(metadata)
}

/// `MS_RDONLY` and the rest: mount(2).
const READ_ONLY: u64 = 1;
const BIND: u64 = 4096;
const RECURSIVE: u64 = 16384;
const SPREADS: [(u64, &str); 4] =
    [(1 << 17, "unbindable"), (1 << 18, "private"), (1 << 19, "slave"), (1 << 20, "shared")];

fn mount(mount: RuncMount) -> Mount {
    let flags =
        mount.propagation_flags.unwrap_or_default().into_iter().fold(0, |all, one| all | one);
    let spread = SPREADS.iter().find(|(flag, _)| flags & flag != 0).map(|(_, name)| *name);
    let recursive = if flags & RECURSIVE == 0 { "" } else { "r" };
    Mount {
        source: mount.source,
        destination: mount.destination,
        kind: if mount.flags & BIND == 0 { mount.device } else { "bind".to_owned() },
        writable: mount.flags & READ_ONLY == 0,
        propagation: spread.map(|name| format!("{recursive}{name}")).unwrap_or_default(),
    }
}

#[derive(Deserialize)]
struct Crun {
    #[serde(rename = "cgroup-path")]
    group: String,
    #[serde(default)]
    rootfs: Option<String>,
    #[serde(default)]
    created: Option<String>,
}

/// Reads crun's `status`.
pub fn crun_status(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let state: Crun = document(bytes, "status of a container", budget)?;
    Ok(Metadata {
        created: state.created,
        root: state.rootfs,
        groups: vec![state.group],
        ..Metadata::default()
    })
}
