//! Containers, as far as a node knows them.

use std::net::Ipv4Addr;

use crate::Text;

/// A container. What the node could not find out is absent, which is not the same as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// The whole identifier that its runtime gave it, most often 64 hexadecimal digits.
    pub id: Text,
    /// Its name.
    pub name: Option<Text>,
    /// The runtime: `containerd`, `cri-o`, `docker`, `podman`, `runc`.
    pub runtime: Option<Text>,
    /// What it was made of.
    pub image: Image,
    /// Labels, or annotations where its runtime has no labels.
    pub labels: Vec<(Text, Text)>,
    /// Whether it may do what the host's root may.
    pub privileged: Option<bool>,
    /// What is mounted into it. Absent where its specification could not be read.
    pub mounts: Option<Vec<Mount>>,
    /// When it started, in nanoseconds since 1970.
    pub started: Option<u64>,
    /// The pod that it belongs to.
    pub pod: Option<Pod>,
    /// What it shares with the host. Absent where its specification could not be read.
    pub shared: Option<Shared>,
    /// The words that are executed in it to ask whether it is well; none where nobody asks. Absent where that is not
    /// known.
    pub healthcheck: Option<Vec<Text>>,
    /// The words that a kubelet executes in it to ask whether it has to be started anew. Absent where there are none, and
    /// where that is not known.
    pub liveness: Option<Vec<Text>>,
    /// The same, to ask whether it may be sent something.
    pub readiness: Option<Vec<Text>>,
    /// Its own address, which is that of its pod.
    pub address: Option<Ipv4Addr>,
}

impl Container {
    /// How many characters of an identifier people and rules use.
    pub const SHORT: usize = 12;

    /// The first characters of the identifier, by which rules know a container.
    pub fn short_id(&self) -> &[u8] {
        self.id.get(..Self::SHORT).unwrap_or(&self.id)
    }
}

/// The image of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Without tag and digest: `docker.io/library/nginx`.
    pub repository: Option<Text>,
    /// The tag.
    pub tag: Option<Text>,
    /// The digest of its manifest: `sha256:…`.
    pub digest: Option<Text>,
    /// The digest of its configuration, which many runtimes use as the identifier of the image.
    pub id: Option<Text>,
}

/// The namespaces that a container has in common with the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shared {
    /// Interfaces, addresses and ports.
    pub network: bool,
    /// Numbers of processes.
    pub processes: bool,
    /// Shared memory, semaphores and message queues.
    pub communication: bool,
}

/// What is mounted into a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount {
    /// The place on the host.
    pub source: Text,
    /// The place in the container.
    pub destination: Text,
    /// How it is mounted: `rprivate`, `bind`, as its runtime names it.
    pub mode: Text,
    /// Whether it may be written to.
    pub writable: bool,
    /// How mounts below it spread: `rslave`.
    pub propagation: Text,
}

/// The pod of a container, by the labels that a kubelet gives to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// The name.
    pub name: Text,
    /// The namespace.
    pub namespace: Text,
    /// The identifier in the cluster.
    pub uid: Text,
    /// The labels, where they are known.
    pub labels: Vec<(Text, Text)>,
    /// The identifier of the container that holds its namespaces.
    pub sandbox: Option<Text>,
}
