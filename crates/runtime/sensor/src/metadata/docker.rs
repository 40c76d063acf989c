//! What docker writes of a container: `config.v2.json` and `hostconfig.json` in its folder.

use std::collections::BTreeMap;

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
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    image: Option<String>,
    labels: Option<BTreeMap<String, String>>,
}

/// Reads `config.v2.json` (`container.Container` of moby).
pub fn docker_container(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let container: Container = document(bytes, "record of a docker container", budget)?;
    let labels = container.config.labels.unwrap_or_default();
    let mut metadata = annotations(&labels);
    metadata.labels.extend(labels);
    let name = container.name.map(|name| name.trim_start_matches('/').to_owned());
    metadata.name = name.filter(|name| !name.is_empty());
    metadata.image = container.config.image.as_deref().and_then(ImageName::read);
    metadata.image_id = container.image;
    metadata.created = container.created;
    Ok(metadata)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Host {
    #[serde(default)]
    privileged: Option<bool>,
}

/// Reads `hostconfig.json` (`container.HostConfig` of moby).
pub fn docker_host(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let host: Host = document(bytes, "host configuration of a docker container", budget)?;
    Ok(Metadata { privileged: host.privileged, ..Metadata::default() })
}
