//! What docker writes of a container: `config.v2.json` and `hostconfig.json` in its folder.

use std::collections::BTreeMap;

use bulkhead_events::Shared;
use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{ImageName, Metadata, MetadataError, annotations, document};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    config: Configuration,
    #[serde(default)]
    network_settings: Option<NetworkSettings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    /// By the names of the networks.
    #[serde(default)]
    networks: Option<BTreeMap<String, Option<Endpoint>>>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default, rename = "IPAddress")]
    address: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    image: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    healthcheck: Option<Healthcheck>,
    /// What a line is executed by.
    shell: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Healthcheck {
    test: Option<Vec<String>>,
}

/// Reads `config.v2.json` (`container.Container` of moby).
pub fn docker_container(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let container: Container = document(bytes, "record of a docker container", budget)?;
    let check = container.config.healthcheck.and_then(|check| check.test).unwrap_or_default();
    let check = healthcheck(check, container.config.shell);
    let labels = container.config.labels.unwrap_or_default();
    let mut metadata = annotations(&labels);
    metadata.labels.extend(labels);
    let name = container.name.map(|name| name.trim_start_matches('/').to_owned());
    metadata.name = name.filter(|name| !name.is_empty());
    metadata.image = container.config.image.as_deref().and_then(ImageName::read);
    metadata.image_id = container.image;
    metadata.created = container.created;
    metadata.healthcheck = Some(check);
    let networks = container.network_settings.and_then(|settings| settings.networks);
    let ends = networks.unwrap_or_default().into_values().flatten();
    metadata.address = ends.filter_map(|end| end.address).find(|address| !address.is_empty());
    Ok(metadata)
}

/// The words that are executed: those behind `CMD`, or by a shell the line behind `CMD-SHELL`; none for anything else.
/// (moby, `daemon/health.go`, `getProbe`)
fn healthcheck(test: Vec<String>, shell: Option<Vec<String>>) -> Vec<String> {
    let mut words = test.into_iter();
    match words.next().as_deref() {
        Some("CMD") => words.collect(),
        Some("CMD-SHELL") => {
            let shell = shell.filter(|shell| !shell.is_empty());
            let shell = shell.unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
            let line = words.collect::<Vec<_>>().join(" ");
            shell.into_iter().chain([line]).collect()
        }
        _ => Vec::new(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Host {
    #[serde(default)]
    privileged: Option<bool>,
    #[serde(default)]
    network_mode: Option<String>,
    #[serde(default)]
    pid_mode: Option<String>,
    #[serde(default)]
    ipc_mode: Option<String>,
}

/// Reads `hostconfig.json` (`container.HostConfig` of moby).
pub fn docker_host(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let host: Host = document(bytes, "host configuration of a docker container", budget)?;
    let is_host = |mode: Option<String>| mode.as_deref() == Some("host");
    let shared = host.network_mode.is_some().then(|| Shared {
        network: is_host(host.network_mode),
        processes: is_host(host.pid_mode),
        communication: is_host(host.ipc_mode),
    });
    Ok(Metadata { privileged: host.privileged, shared, ..Metadata::default() })
}
