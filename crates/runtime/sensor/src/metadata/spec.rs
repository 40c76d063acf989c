//! The OCI runtime specification of a container: the `config.json` of its bundle.

use std::collections::BTreeMap;

use bulkhead_events::Shared;
use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{Metadata, MetadataError, Mount, annotations, document};

/// The capabilities that reach beyond a container (capabilities(7)). A privileged container has all that its
/// runtime itself had, which may be less than all there are; these are never given but with them.
const GRAVE: [&str; 6] = [
    "CAP_SYS_ADMIN",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_PTRACE",
    "CAP_DAC_READ_SEARCH",
    "CAP_MKNOD",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    process: Option<Process>,
    root: Option<Root>,
    mounts: Option<Vec<SpecMount>>,
    annotations: Option<BTreeMap<String, String>>,
    linux: Option<Linux>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Process {
    args: Option<Vec<String>>,
    capabilities: Option<Capabilities>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    bounding: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Root {
    path: String,
}

#[derive(Deserialize)]
struct SpecMount {
    destination: String,
    #[serde(default)]
    source: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    options: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Linux {
    masked_paths: Option<Vec<String>>,
    readonly_paths: Option<Vec<String>>,
    cgroups_path: Option<String>,
    namespaces: Option<Vec<Namespace>>,
}

#[derive(Deserialize)]
pub(super) struct Namespace {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    path: Option<String>,
}

/// Reads a `config.json` (runtime-spec, config.md).
pub fn spec(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let spec: Spec = document(bytes, "specification of a container", budget)?;
    let process = spec.process.unwrap_or_default();
    let shared = spec.linux.as_ref().map(|linux| {
        let namespaces = linux.namespaces.as_deref().unwrap_or_default();
        shared(namespaces, ["network", "pid", "ipc"])
    });
    let linux = spec.linux.unwrap_or_default();
    let joins_processes = joins(linux.namespaces.as_deref().unwrap_or_default(), "pid");
    let bounding = process.capabilities.and_then(|sets| sets.bounding).unwrap_or_default();
    let masked = linux.masked_paths.unwrap_or_default();
    let readonly = linux.readonly_paths.unwrap_or_default();
    let mut metadata = annotations(&spec.annotations.unwrap_or_default());
    metadata.privileged = Some(is_privileged(&bounding, &masked, &readonly));
    metadata.mounts = spec.mounts.unwrap_or_default().into_iter().map(mount).collect();
    metadata.arguments = process.args.unwrap_or_default();
    metadata.groups.extend(linux.cgroups_path);
    metadata.shared = shared;
    metadata.joins_processes = joins_processes;
    metadata.root = spec.root.map(|root| root.path).filter(|path| !path.is_empty());
    Ok(metadata)
}

/// What every runtime makes of its `--privileged`: all capabilities that it has, and nothing of `/proc` and `/sys`
/// hidden or held from writing. Either alone is not enough to leave the container by.
pub(super) fn is_privileged(bounding: &[String], masked: &[String], readonly: &[String]) -> bool {
    let has = |wanted: &&str| bounding.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    GRAVE.iter().all(has) && masked.is_empty() && readonly.is_empty()
}

/// What a container shares with the host: namespaces that it is not given one of its own of, or of another container
/// (runtime-spec, config-linux.md, Namespaces). Docker names the host's own by their places instead.
pub(super) fn shared(namespaces: &[Namespace], [network, pid, ipc]: [&str; 3]) -> Shared {
    let of_host =
        |path: &str| path.starts_with("/proc/1/ns/") || path.ends_with("/docker/netns/default");
    let is_shared = |kind: &str| {
        let given = namespaces.iter().find(|namespace| namespace.kind == kind);
        given.is_none_or(|namespace| namespace.path.as_deref().is_some_and(of_host))
    };
    Shared { network: is_shared(network), processes: is_shared(pid), communication: is_shared(ipc) }
}

/// Whether a namespace is one that was there before.
pub(super) fn joins(namespaces: &[Namespace], kind: &str) -> bool {
    let given = namespaces.iter().find(|namespace| namespace.kind == kind);
    given.is_some_and(|namespace| namespace.path.as_deref().is_some_and(|path| !path.is_empty()))
}

fn mount(mount: SpecMount) -> Mount {
    let options = mount.options.unwrap_or_default();
    let is = |wanted: &str| options.iter().any(|option| option == wanted);
    // runtime-spec, config.md, Mounts: bind mounts say so in their options, whatever the type.
    let bound = is("bind") || is("rbind");
    let kind = if bound { "bind".to_owned() } else { mount.kind.unwrap_or_default() };
    let spreads = ["private", "shared", "slave", "unbindable"];
    let spread =
        options.iter().find(|option| spreads.contains(&option.strip_prefix('r').unwrap_or(option)));
    Mount {
        writable: !(is("ro") || is("rro")),
        propagation: spread.cloned().unwrap_or_default(),
        source: mount.source,
        destination: mount.destination,
        kind,
    }
}
