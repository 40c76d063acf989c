//! Who asks: what the user gave, what `docker login` stored, what a helper program keeps.

mod configuration;
mod helper;

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bulkhead_http::Secret;

use crate::RegistryError;
use configuration::Configuration;

/// Proof of who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An account.
    Password {
        /// Its name.
        username: String,
        /// Its password.
        password: Secret,
    },
    /// A token that the registry's token server exchanges for others.
    Identity(Secret),
    /// A token for the registry itself.
    Registry(Secret),
}

/// Where credentials come from.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Given by the user: for the registry that a reference names, not for its mirrors.
    pub given: Option<Credential>,
    /// Files in the form of docker's `config.json`, the first that knows a registry counts; those
    /// that are not there are passed over.
    pub files: Vec<PathBuf>,
}

impl Credentials {
    /// The files that `docker login` and `podman login` write, as the environment says where they
    /// are: `DOCKER_CONFIG`, else `~/.docker`; `REGISTRY_AUTH_FILE`, else below `XDG_RUNTIME_DIR`.
    pub fn files_of(environment: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
        let set = |name: &str| environment(name).filter(|value| !value.as_os_str().is_empty());
        let docker = set("DOCKER_CONFIG").or_else(|| Some(set("HOME")?.join(".docker")));
        let podman = set("REGISTRY_AUTH_FILE")
            .or_else(|| Some(set("XDG_RUNTIME_DIR")?.join("containers/auth.json")));
        docker.map(|folder| folder.join("config.json")).into_iter().chain(podman).collect()
    }

    /// What the files know of a repository of a registry.
    pub(crate) async fn stored(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Credential>, RegistryError> {
        for path in &self.files {
            let Some(configuration) = Configuration::read(path)? else { continue };
            if let Some(name) = configuration.helper(registry)
                && let Some(credential) = helper::get(name, &server(registry)).await?
            {
                return Ok(Some(credential));
            }
            if let Some(credential) = configuration.stored(registry, repository) {
                return Ok(Some(credential));
            }
        }
        Ok(None)
    }
}

/// The name under which docker stores the credentials of its own registry is an old address.
fn server(registry: &str) -> String {
    match registry {
        "docker.io" => "https://index.docker.io/v1/".to_owned(),
        other => other.to_owned(),
    }
}

/// The value of an `Authorization` header for an account (RFC 7617).
pub(crate) fn basic(username: &str, password: &Secret) -> Secret {
    let pair = format!("{username}:{}", password.expose());
    Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair)))
}

/// The value of an `Authorization` header for a token (RFC 6750).
pub(crate) fn bearer(token: &Secret) -> Secret {
    Secret::new(format!("Bearer {}", token.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_the_environment_says() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs = pairs.to_vec();
            Credentials::files_of(move |name| {
                pairs.iter().find(|pair| pair.0 == name).map(|pair| PathBuf::from(pair.1))
            })
        };
        assert_eq!(of(&[("HOME", "/h")]), [PathBuf::from("/h/.docker/config.json")]);
        assert_eq!(
            of(&[("HOME", "/h"), ("DOCKER_CONFIG", "/d"), ("XDG_RUNTIME_DIR", "/run")]),
            [PathBuf::from("/d/config.json"), PathBuf::from("/run/containers/auth.json")]
        );
        assert_eq!(of(&[("HOME", ""), ("REGISTRY_AUTH_FILE", "/a")]), [PathBuf::from("/a")]);
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn accounts_become_headers() {
        let header = basic("Aladdin", &Secret::new("open sesame"));
        assert_eq!(header.expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
