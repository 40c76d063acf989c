//! What Podman and CRI-O write of their containers: the `containers.json` of containers/storage.

use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{ImageName, Metadata, MetadataError, document};

#[derive(Deserialize)]
struct Container {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    created: Option<String>,
    /// A JSON object within a text.
    #[serde(default)]
    metadata: Option<String>,
}

/// `RuntimeContainerMetadata` of CRI-O, of which Podman's is a copy.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Details {
    image_name: Option<String>,
    image_id: Option<String>,
    name: Option<String>,
    privileged: Option<bool>,
}

/// What `containers.json` says of the container with that id; none where it does not have it.
pub fn storage_containers(
    bytes: &[u8],
    id: &str,
    budget: &Budget,
) -> Result<Option<Metadata>, MetadataError> {
    let containers: Vec<Container> = document(bytes, "list of containers", budget)?;
    Ok(containers.into_iter().find(|container| container.id == id).map(metadata))
}

fn metadata(container: Container) -> Metadata {
    let details = container.metadata.as_deref().map(serde_json::from_str::<Details>);
    let details = details.and_then(Result::ok).unwrap_or_default();
    Metadata {
        name: container.names.and_then(|names| names.into_iter().next()).or(details.name),
        image: details.image_name.as_deref().and_then(ImageName::read),
        image_id: details.image_id.or(container.image),
        privileged: details.privileged.filter(|privileged| *privileged),
        created: container.created,
        ..Metadata::default()
    }
}
