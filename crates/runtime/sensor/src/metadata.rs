//! What is known of a container beyond its id, from the documents that runtimes leave behind.
//!
//! Each parser takes the bytes of one document and fills what it tells into a [`Metadata`]; what an
//! earlier document said stands. Nothing here opens a file.

mod docker;
mod image;
mod keys;
mod probes;
mod spec;
mod state;
mod storage;

#[cfg(test)]
mod tests;

pub use docker::{docker_container, docker_host};
pub use image::ImageName;
pub use keys::annotations;
pub use probes::{Probes, cri_sandbox};
pub use spec::spec;
pub use state::{crun_status, runc_state};
pub use storage::storage_containers;

use std::collections::BTreeMap;

use bulkhead_events::Shared;
use bulkhead_limits::{Budget, Exceeded};
use serde::de::DeserializeOwned;

/// What documents told of a container. Empty where none did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The name that people gave it.
    pub name: Option<String>,
    /// The name of its image, as it was asked for.
    pub image: Option<ImageName>,
    /// The digest of the image's manifest or index: `sha256:…`.
    pub image_digest: Option<String>,
    /// The digest of the image's configuration, as docker and CRI-O name images.
    pub image_id: Option<String>,
    /// Labels of the container.
    pub labels: BTreeMap<String, String>,
    /// What is mounted into it, in order.
    pub mounts: Vec<Mount>,
    /// Whether it has every capability and sees all of the host's kernel files; none where nothing told.
    pub privileged: Option<bool>,
    /// What it shares with the host; none where nothing told.
    pub shared: Option<Shared>,
    /// Whether it was put among the processes of another container, or of its pod.
    pub joins_processes: bool,
    /// Its address of IPv4, which is that of its pod.
    pub address: Option<String>,
    /// The words that are executed in it to ask whether it is well, empty for none; absent where nothing told.
    pub healthcheck: Option<Vec<String>>,
    /// Its pod.
    pub pod: Pod,
    /// Whether it is the pod's sandbox, which holds the namespaces and runs nothing of the user's.
    pub is_sandbox: bool,
    /// When it was made: RFC 3339, as the document has it.
    pub created: Option<String>,
    /// The arguments of its first process.
    pub arguments: Vec<String>,
    /// Where its root file system lies on the host.
    pub root: Option<String>,
    /// Its control groups, as the document has them: paths below each hierarchy, or systemd's
    /// `slice:prefix:name`.
    pub groups: Vec<String>,
}

/// What Kubernetes calls the container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pod {
    /// The pod's name.
    pub name: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its uid.
    pub uid: Option<String>,
    /// The container's name within it.
    pub container: Option<String>,
    /// The id of its sandbox.
    pub sandbox: Option<String>,
    /// Its labels, which only the sandbox has.
    pub labels: BTreeMap<String, String>,
    /// How its containers are asked, by their names, which only the sandbox has.
    pub probes: BTreeMap<String, Probes>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it comes from: a path on the host, or the name of a file system.
    pub source: String,
    /// Where it is in the container.
    pub destination: String,
    /// The file system's type; `bind` for a path.
    pub kind: String,
    /// Whether it may be written.
    pub writable: bool,
    /// How mounts spread: `rprivate`, `rshared`; empty where the document does not say.
    pub propagation: String,
}

/// Why a document told nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// It is no JSON of its form.
    #[error("not the {document} it should be: {source}")]
    Malformed {
        /// What it should be.
        document: &'static str,
        /// What its reader met.
        source: serde_json::Error,
    },
    /// A limit was reached.
    #[error("the {document} is too large: {source}")]
    Limit {
        /// What it should be.
        document: &'static str,
        /// Which.
        source: Exceeded,
    },
}

impl Metadata {
    /// Takes from another document what this one does not have yet.
    pub fn complete(&mut self, other: Self) {
        fn fill<T>(mine: &mut Option<T>, theirs: Option<T>) {
            if mine.is_none() {
                *mine = theirs;
            }
        }
        fill(&mut self.name, other.name);
        fill(&mut self.image, other.image);
        fill(&mut self.image_digest, other.image_digest);
        fill(&mut self.image_id, other.image_id);
        fill(&mut self.privileged, other.privileged);
        fill(&mut self.shared, other.shared);
        fill(&mut self.address, other.address);
        fill(&mut self.healthcheck, other.healthcheck);
        fill(&mut self.created, other.created);
        fill(&mut self.root, other.root);
        fill(&mut self.pod.name, other.pod.name);
        fill(&mut self.pod.namespace, other.pod.namespace);
        fill(&mut self.pod.uid, other.pod.uid);
        fill(&mut self.pod.container, other.pod.container);
        fill(&mut self.pod.sandbox, other.pod.sandbox);
        self.groups.extend(other.groups);
        self.is_sandbox |= other.is_sandbox;
        self.joins_processes |= other.joins_processes;
        for (key, value) in other.labels {
            self.labels.entry(key).or_insert(value);
        }
        for (key, value) in other.pod.labels {
            self.pod.labels.entry(key).or_insert(value);
        }
        for (name, probes) in other.pod.probes {
            self.pod.probes.entry(name).or_insert(probes);
        }
        if self.mounts.is_empty() {
            self.mounts = other.mounts;
        }
        if self.arguments.is_empty() {
            self.arguments = other.arguments;
        }
    }
}

/// Reads a JSON document of a known form, tolerant of fields that are not.
fn document<T: DeserializeOwned>(
    bytes: &[u8],
    document: &'static str,
    budget: &Budget,
) -> Result<T, MetadataError> {
    budget
        .check_file(bytes.len() as u64)
        .map_err(|source| MetadataError::Limit { document, source })?;
    serde_json::from_slice(bytes).map_err(|source| MetadataError::Malformed { document, source })
}
