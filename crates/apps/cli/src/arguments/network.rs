//! Flags about the network, registries and other places of images.

use std::path::PathBuf;

use bulkhead_http::Secret;
use bulkhead_registry::Mirror;
use clap::Args;

/// How the network may be used.
#[derive(Debug, Args)]
pub(crate) struct Network {
    /// Do not use the network
    #[arg(long)]
    pub(crate) offline: bool,
    /// Certificates to trust beside those of the system, in PEM form. Repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Vec<PathBuf>,
    /// Do not check the certificate of the server, and do without TLS where it has none
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Seconds to wait for an answer, and between two pieces of it
    #[arg(
        long = "network-timeout",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub(crate) timeout: u64,
}

/// Who asks registries, where their copies are, and where containerd keeps its own.
#[derive(Debug, Args)]
pub(crate) struct Registries {
    /// Account at the registry, instead of the one that `docker login` stored
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub(crate) username: Option<String>,
    /// Read the account's password from standard input
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
    /// Token for the registry, instead of an account; better given by environment
    #[arg(long, value_name = "TOKEN", value_parser = secret, conflicts_with = "username", hide_env_values = true)]
    pub(crate) registry_token: Option<Secret>,
    /// Ask this place first for what a registry has. Repeatable
    #[arg(long, value_name = "REGISTRY=HOST[/PREFIX]")]
    pub(crate) mirror: Vec<Mirror>,
    /// Folder that containerd keeps everything in
    #[arg(long, value_name = "DIR", default_value = "/var/lib/containerd")]
    pub(crate) containerd_root: PathBuf,
    /// Namespace of containerd to look in; without it all of them
    #[arg(long, value_name = "NAME")]
    pub(crate) containerd_namespace: Option<String>,
}

#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
pub(super) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}
