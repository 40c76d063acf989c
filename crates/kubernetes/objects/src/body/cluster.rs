//! Namespaces, nodes and plain data.

use serde::Deserialize;

use crate::name::Name;
use crate::values::Table;

/// `Node`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterNode {
    /// How it is used.
    pub spec: NodeSpec,
    /// What it says of itself.
    pub status: NodeStatus,
}

/// How a node is used.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSpec {
    /// What keeps Pods away.
    pub taints: Box<[Taint]>,
    /// It takes no new Pods.
    pub unschedulable: bool,
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeStatus {
    /// Its addresses.
    pub addresses: Box<[NodeAddress]>,
    /// Its versions.
    pub node_info: NodeInfo,
}

/// Versions of a node.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeInfo {
    /// The kubelet's.
    pub kubelet_version: Name,
    /// The kernel's.
    pub kernel_version: Name,
    /// The system's name and version.
    pub os_image: Name,
    /// `linux` or `windows`.
    pub operating_system: Name,
    /// The processor's.
    pub architecture: Name,
    /// The runtime's: `containerd://2.1.4`.
    pub container_runtime_version: Name,
}

/// An address of a node.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeAddress {
    /// `InternalIP`, `ExternalIP`, `Hostname`.
    #[serde(rename = "type")]
    pub type_: Name,
    /// The address.
    pub address: Box<str>,
}

/// What keeps Pods away.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Taint {
    /// Key.
    pub key: Name,
    /// Value.
    pub value: Option<Name>,
    /// Effect.
    pub effect: Name,
}

/// `Secret`. Its values are never kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Secret {
    /// Its type; `Opaque` where it is absent.
    pub type_: Option<Name>,
    /// Whether it can no longer be changed.
    pub immutable: bool,
    /// Its keys: those of `data`, then those of `stringData`.
    pub entries: Box<[SecretEntry]>,
}

/// A key of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// The key.
    pub key: Name,
    /// How many bytes the value has as it stands in the object: base64 for keys of `data`.
    pub length: usize,
    /// It stands in `stringData`, in the open.
    pub plain: bool,
}

impl From<AnySecret> for Secret {
    fn from(any: AnySecret) -> Self {
        let entries = |table: &Table<Length>, plain| {
            let entry = |(key, length): (&Name, &Length)| SecretEntry {
                key: key.clone(),
                length: length.0,
                plain,
            };
            table.iter().map(entry).collect::<Vec<_>>()
        };
        let (data, plain) = (entries(&any.data, false), entries(&any.string_data, true));
        Self { type_: any.type_, immutable: any.immutable, entries: [data, plain].concat().into() }
    }
}

/// A Secret as it stands, but for its values.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AnySecret {
    #[serde(rename = "type")]
    type_: Option<Name>,
    immutable: bool,
    data: Table<Length>,
    string_data: Table<Length>,
}

/// The length of a text, instead of the text.
#[derive(Default)]
struct Length(usize);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(LengthVisitor)
    }
}

struct LengthVisitor;

impl serde::de::Visitor<'_> for LengthVisitor {
    type Value = Length;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Length, E> {
        Ok(Length(text.len()))
    }
}

/// `ConfigMap`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMap {
    /// Texts.
    pub data: Table<Box<str>>,
    /// Whether it can no longer be changed.
    pub immutable: bool,
}
