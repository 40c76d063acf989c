//! The network and the places of images, as the flags say.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use bulkhead_http::{Patience, Secret};
use bulkhead_registry::{Credential, Credentials, Reference};
use bulkhead_scan::{ContainerdStore, Sources};

use crate::arguments::{Network, Registries};
use crate::failure::Failure;

/// Bytes of a password that are read.
const PASSWORD: u64 = 64 << 10;

/// How images are had that lie in no file.
pub(super) fn sources(network: &Network, registries: &Registries) -> Result<Sources, Failure> {
    Ok(Sources {
        network: of(network),
        insecure: network.insecure,
        credentials: credentials(registries)?,
        mirrors: registries.mirror.clone(),
        containerd: ContainerdStore {
            root: registries.containerd_root.clone(),
            namespace: registries.containerd_namespace.clone(),
        },
    })
}

/// The registries as a command reaches them that is about this reference.
pub(super) fn registries(
    network: &Network,
    registries: &Registries,
    reference: &Reference,
) -> Result<bulkhead_registry::Registries, Failure> {
    let mirrors = registries.mirror.clone();
    let (of, credentials) = (of(network), credentials(registries)?);
    Ok(bulkhead_registry::Registries::reaching(
        reference,
        of,
        network.insecure,
        credentials,
        mirrors,
    )?)
}

/// The network.
pub(super) fn of(arguments: &Network) -> bulkhead_http::Network {
    let stall = Duration::from_secs(arguments.timeout);
    let patience = Patience::default();
    bulkhead_http::Network {
        offline: arguments.offline,
        roots: arguments.cacert.clone(),
        patience: Patience { connect: patience.connect.min(stall), stall, ..patience },
        ..bulkhead_http::Network::default()
    }
}

/// Who asks registries.
pub(super) fn credentials(arguments: &Registries) -> Result<Credentials, Failure> {
    let given = match (&arguments.registry_token, &arguments.username) {
        (Some(token), _) => Some(Credential::Registry(token.clone())),
        (None, Some(username)) => {
            let (username, password) = (username.clone(), password()?);
            Some(Credential::Password { username, password })
        }
        (None, None) => None,
    };
    let files = Credentials::files_of(|name| std::env::var_os(name).map(PathBuf::from));
    Ok(Credentials { given, files })
}

/// The password on standard input, without the end of its line.
fn password() -> Result<Secret, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(PASSWORD).read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new(
            "there is no password on standard input",
            "give it so: printf %s \"$PASSWORD\" | bulkhead scan … --username NAME --password-stdin",
        ));
    }
    Ok(Secret::new(password))
}
