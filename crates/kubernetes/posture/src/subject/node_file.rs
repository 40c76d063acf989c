//! Files of nodes: whose they are, and who may read and write them.

/// A file or folder of a node, as a collector saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFile<'a> {
    /// What it is for.
    pub kind: NodeFileKind,
    /// Its path on the node.
    pub path: &'a str,
    /// Its permission bits.
    pub mode: u32,
    /// The user that it belongs to, by name or number.
    pub user: &'a str,
    /// The group that it belongs to, by name or number.
    pub group: &'a str,
}

/// What a file of a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeFileKind {
    /// The manifest of a static pod.
    Manifest,
    /// Configuration of the container network.
    Network,
    /// The folder of etcd's data.
    EtcdData,
    /// A kubeconfig of an administrator or a component.
    Kubeconfig,
    /// A folder of certificates and keys.
    PkiFolder,
    /// A certificate, or an authority's.
    Certificate,
    /// A private key.
    Key,
    /// The configuration of the kubelet or its service.
    Kubelet,
}

impl NodeFileKind {
    /// Bits of the mode that may be set.
    pub(crate) const fn allowed(self) -> u32 {
        match self {
            Self::EtcdData => 0o700,
            Self::PkiFolder => 0o755,
            _ => 0o600,
        }
    }
}
