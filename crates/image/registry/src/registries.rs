//! All registries, as one run of the program sees them.

use std::str::FromStr;
use std::sync::Arc;

use bulkhead_http::{Client, Network};

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::{Reference, RegistryError, Repository};

/// Access to registries: one client, credentials, mirrors.
#[derive(Debug, Clone)]
pub struct Registries {
    client: Client,
    credentials: Arc<Credentials>,
    mirrors: Vec<Mirror>,
}

/// A place that has copies of what a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The registry: `docker.io`.
    pub registry: String,
    /// Host and port of the mirror.
    pub host: String,
    /// What stands before the repository's name there; nothing, or `hub/`.
    pub prefix: String,
}

impl Registries {
    /// Registries that are reached by this client.
    pub fn new(client: Client, credentials: Credentials, mirrors: Vec<Mirror>) -> Self {
        Self { client, credentials: Arc::new(credentials), mirrors }
    }

    /// Registries for somebody who is about this reference: its registry, and the mirrors, may be
    /// reached insecurely where that is wanted.
    pub fn reaching(
        reference: &Reference,
        mut network: Network,
        is_insecure: bool,
        credentials: Credentials,
        mirrors: Vec<Mirror>,
    ) -> Result<Self, RegistryError> {
        if is_insecure {
            let hosts = mirrors.iter().map(|mirror| mirror.host.clone());
            network.insecure.extend(hosts.chain([reference.host().to_owned()]));
        }
        Ok(Self::new(network.client()?, credentials, mirrors))
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The repository of a reference, to read from: its mirrors first.
    pub fn repository(&self, reference: &Reference) -> Repository {
        let home = self.endpoint(reference.registry(), reference.repository(), "pull", true);
        let mirrors = self.mirrors.iter().filter(|mirror| mirror.registry == reference.registry());
        let mirrors = mirrors.map(|mirror| {
            let repository = format!("{}{}", mirror.prefix, reference.repository());
            self.endpoint(&mirror.host, &repository, "pull", false)
        });
        Repository { endpoints: mirrors.collect(), home }
    }

    /// The repository of a reference, to write to and read from: no mirror is asked.
    pub fn writable(&self, reference: &Reference) -> Repository {
        let home = self.endpoint(reference.registry(), reference.repository(), "pull,push", true);
        Repository { endpoints: Vec::new(), home }
    }

    fn endpoint(
        &self,
        registry: &str,
        repository: &str,
        actions: &'static str,
        is_home: bool,
    ) -> Endpoint {
        let place = (registry.to_owned(), repository.to_owned());
        Endpoint::new(self.client.clone(), self.credentials.clone(), place, actions, is_home)
    }
}

/// `REGISTRY=HOST[:PORT][/PREFIX]`.
impl FromStr for Mirror {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || RegistryError::Mirror(text.to_owned());
        let (registry, place) = text.split_once('=').ok_or_else(wrong)?;
        let (host, prefix) = place.split_once('/').unwrap_or((place, ""));
        // What cannot be a part of a reference cannot be one of an address either.
        let named = |host: &str, prefix: &str| {
            let joined = format!("{host}/{prefix}name");
            let is_host = host.contains(['.', ':']) || host == "localhost";
            joined.parse::<Reference>().ok().filter(|_| is_host)
        };
        let prefix = match prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let registry = named(registry, "a/").ok_or_else(wrong)?.registry().to_owned();
        named(host, &prefix).ok_or_else(wrong)?;
        Ok(Self { registry, host: host.to_ascii_lowercase(), prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_of_registries() {
        for (text, registry, host, prefix) in [
            ("docker.io=mirror.example", "docker.io", "mirror.example", ""),
            ("index.docker.io=localhost:5000/hub/", "docker.io", "localhost:5000", "hub/"),
            ("quay.io=h.example:80/a/b", "quay.io", "h.example:80", "a/b/"),
        ] {
            let mirror: Mirror = text.parse().unwrap();
            let found = (&*mirror.registry, &*mirror.host, &*mirror.prefix);
            assert_eq!(found, (registry, host, prefix), "{text}");
        }
        for text in ["", "docker.io", "docker.io=", "=a.example", "docker.io=https://a", "a=b"] {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
    }
}
