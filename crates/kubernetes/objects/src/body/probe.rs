//! What the kubelet runs or asks: probes and hooks.

use serde::Deserialize;

use crate::name::Name;
use crate::values::{IntOrString, given};

/// A probe.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Probe {
    /// It runs a command in the container.
    #[serde(deserialize_with = "given")]
    pub exec: bool,
    /// It asks by HTTP.
    pub http_get: Option<HttpGet>,
    /// It opens a connection.
    pub tcp_socket: Option<TcpSocket>,
    /// It asks by gRPC.
    #[serde(deserialize_with = "given")]
    pub grpc: bool,
}

/// A request of HTTP.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpGet {
    /// The host, instead of the Pod's address.
    pub host: Option<Box<str>>,
    /// The port or its name.
    pub port: Option<IntOrString>,
    /// `HTTP` or `HTTPS`.
    pub scheme: Option<Name>,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TcpSocket {
    /// The host, instead of the Pod's address.
    pub host: Option<Box<str>>,
    /// The port or its name.
    pub port: Option<IntOrString>,
}

/// What runs after the start and before the end of a container.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// After the start.
    pub post_start: Option<Probe>,
    /// Before the end.
    pub pre_stop: Option<Probe>,
}
