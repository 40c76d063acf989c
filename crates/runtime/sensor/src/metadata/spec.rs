//! The OCI runtime specification of a container: the `config.json` of its bundle.

use std::collections::BTreeMap;

use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{Metadata, MetadataError, Mount, annotations, document};

/// The capabilities that every kernel since Linux 3.16 has: `CAP_CHOWN` to `CAP_AUDIT_READ`
/// (capabilities(7)). A privileged container has all that its runtime knew of.
const ALL_CAPABILITIES: usize = 38;

#[derive(Deserialize)]
struct Spec {
    process: Option<Process>,
    root: Option<Root>,
    #[serde(default)]
    mounts: Option<Vec<SpecMount>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    linux: Option<Linux>,
}

#[derive(Deserialize)]
struct Process {
    #[serde(default)]
    args: Option<Vec<String>>,
    #[serde(default)]
    capabilities: Option<Capabilities>,
}

#[derive(Deserialize)]
struct Capabilities {
    #[serde(default)]
    bounding: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Root {
    #[serde(default)]
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linux {
    #[serde(default)]
    masked_paths: Option<Vec<String>>,
    #[serde(default)]
    readonly_paths: Option<Vec<String>>,
}

/// Reads a `config.json` (runtime-spec, config.md).
pub fn spec(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let spec: Spec = document(bytes, "specification of a container", budget)?;
    let mut metadata = annotations(&spec.annotations.clone().unwrap_or_default());
    metadata.privileged = Some(is_privileged(&spec));
    metadata.mounts = spec.mounts.unwrap_or_default().into_iter().map(mount).collect();
    metadata.arguments = spec.process.and_then(|process| process.args).unwrap_or_default();
    metadata.root = spec.root.map(|root| root.path).filter(|path| !path.is_empty());
    Ok(metadata)
}

/// What every runtime makes of its `--privileged`: all capabilities, and nothing of `/proc` and `/sys`
/// hidden or held from writing. Either alone is not enough to leave the container by.
fn is_privileged(spec: &Spec) -> bool {
    let capabilities = spec.process.as_ref().and_then(|process| process.capabilities.as_ref());
    let bounding = capabilities.and_then(|capabilities| capabilities.bounding.as_ref());
    let all = bounding.is_some_and(|names| names.len() >= ALL_CAPABILITIES);
    let shut = |paths: &Option<Vec<String>>| paths.as_ref().is_some_and(|paths| !paths.is_empty());
    let open = |linux: &Linux| !shut(&linux.masked_paths) && !shut(&linux.readonly_paths);
    all && spec.linux.as_ref().is_none_or(open)
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
