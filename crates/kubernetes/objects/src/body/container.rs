//! Containers.

use serde::Deserialize;

use super::probe::{Lifecycle, Probe};
use super::security::SecurityContext;
use crate::name::Name;
use crate::values::{Quantity, Table};

/// A container: ordinary, init or ephemeral.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Its name within the Pod.
    pub name: Name,
    /// The reference of its image, as it was written.
    pub image: Box<str>,
    /// What replaces the image's entry point.
    pub command: Box<[Box<str>]>,
    /// The arguments.
    pub args: Box<[Box<str>]>,
    /// Ports that it names.
    pub ports: Box<[ContainerPort]>,
    /// Environment variables.
    pub env: Box<[EnvironmentVariable]>,
    /// Where more environment variables come from.
    pub env_from: Box<[EnvironmentSource]>,
    /// Requests and limits.
    pub resources: Resources,
    /// Volumes that it sees.
    pub volume_mounts: Box<[VolumeMount]>,
    /// Names of claims that it sees as block devices.
    #[serde(deserialize_with = "crate::values::names")]
    pub volume_devices: Box<[Name]>,
    /// When it is restarted.
    pub liveness_probe: Option<Box<Probe>>,
    /// When Services send it requests.
    pub readiness_probe: Option<Box<Probe>>,
    /// When the other probes begin.
    pub startup_probe: Option<Box<Probe>>,
    /// What runs after its start and before its end.
    pub lifecycle: Option<Box<Lifecycle>>,
    /// `Always`, `IfNotPresent` or `Never`. The server's default depends on the tag.
    pub image_pull_policy: Option<Name>,
    /// What it may do; wins over the Pod's.
    pub security_context: Option<Box<SecurityContext>>,
    /// `Always` makes an init container a sidecar.
    pub restart_policy: Option<Name>,
    /// It keeps its standard input open.
    pub stdin: bool,
    /// It has a terminal.
    pub tty: bool,
    /// The container whose processes an ephemeral one sees.
    pub target_container_name: Option<Name>,
}

/// A port that a container names.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    /// Its name, for Services.
    pub name: Option<Name>,
    /// The port.
    pub container_port: i32,
    /// The port of the node; 0 for none.
    pub host_port: i32,
    /// The address of the node that it is bound to.
    #[serde(rename = "hostIP")]
    pub host_ip: Option<Box<str>>,
    /// `TCP`, `UDP` or `SCTP`; `TCP` where it is absent.
    pub protocol: Option<Name>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: Name,
    /// The value, where it is given in the open.
    pub value: Option<Box<str>>,
    /// Where the value comes from.
    pub value_from: Option<Box<ValueSource>>,
}

/// Where the value of an environment variable comes from.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueSource {
    /// A key of a Secret.
    pub secret_key_ref: Option<SourceReference>,
    /// A key of a ConfigMap.
    pub config_map_key_ref: Option<SourceReference>,
    /// A field of the Pod.
    pub field_ref: Option<FieldReference>,
}

/// A field of the Pod itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldReference {
    /// Its path: `status.podIP`.
    pub field_path: Name,
}

/// All keys of an object as environment variables.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvironmentSource {
    /// What their names begin with.
    pub prefix: Option<Box<str>>,
    /// A Secret.
    pub secret_ref: Option<SourceReference>,
    /// A ConfigMap.
    pub config_map_ref: Option<SourceReference>,
}

/// An object of the same namespace, or one key of it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceReference {
    /// The object.
    pub name: Name,
    /// The key; empty where the whole object is meant.
    pub key: Name,
    /// Whether it may be missing.
    pub optional: bool,
}

/// Requests and limits.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resources {
    /// What it may use at most.
    pub limits: ResourceList,
    /// What it is scheduled for; the limit where it is absent.
    pub requests: ResourceList,
}

/// A volume that a container sees.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount {
    /// The volume.
    pub name: Name,
    /// Where.
    pub mount_path: Box<str>,
    /// Only this part of it.
    pub sub_path: Option<Box<str>>,
    /// Whether it may only be read.
    pub read_only: bool,
    /// `Bidirectional` shows mounts to the node.
    pub mount_propagation: Option<Name>,
}

/// Amounts by the name of their resource: `cpu`, `memory`, `ephemeral-storage`.
pub type ResourceList = Table<Quantity>;
