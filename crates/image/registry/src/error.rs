//! Why a registry did not give, or take, what was asked.

use std::path::PathBuf;

use bulkhead_http::HttpError;
use bulkhead_model::Digest;

/// Something did not come from a registry, or did not get there.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The text names no image.
    #[error("{text:?} is no reference to an image: {cause}")]
    Reference {
        /// As given.
        text: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The text names no mirror.
    #[error("{0:?} names no mirror of a registry")]
    Mirror(String),
    /// The registry wants to know who asks, or knows and refuses.
    #[error(
        "{registry} refuses access to {repository} ({status}){}{}",
        if *signed_in { ", to the account that was given too" } else { "" },
        if message.is_empty() { String::new() } else { format!(": {message}") }
    )]
    Denied {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// 401 or 403.
        status: u16,
        /// What the registry says.
        message: String,
        /// Whether there were credentials for it.
        signed_in: bool,
    },
    /// The registry has no such thing.
    #[error("{registry} has no {what} in {repository}")]
    Missing {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// `image 3.18`, `blob sha256:…`.
        what: String,
    },
    /// What came is not what its name promises.
    #[error("{what} should have the digest {promised} and has {found}")]
    Digest {
        /// `the manifest latest`, `the blob`.
        what: String,
        /// As it should be.
        promised: Digest,
        /// As it was computed.
        found: Digest,
    },
    /// The registry does not follow the protocol.
    #[error("{registry} does not speak the registry protocol: {cause}")]
    Protocol {
        /// The registry.
        registry: String,
        /// What it did.
        cause: String,
    },
    /// A file with credentials cannot be read.
    #[error("{}: {cause}", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; never what stands in it.
        cause: String,
    },
    /// A program that keeps credentials gave none.
    #[error("{program} gave no credentials for {registry}: {cause}")]
    Helper {
        /// `docker-credential-pass`.
        program: String,
        /// The registry.
        registry: String,
        /// What happened.
        cause: String,
    },
    /// The way to the registry failed.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl RegistryError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Reference { .. } => {
                Some("write it as [HOST[:PORT]/]REPOSITORY[:TAG][@sha256:DIGEST]".to_owned())
            }
            Self::Mirror(_) => Some("write it as docker.io=HOST[:PORT][/PREFIX]".to_owned()),
            Self::Denied { registry, signed_in: false, .. } => Some(format!(
                "sign in with `docker login {registry}`, or give --username and --password-stdin; \
                 registries say the same of repositories that are not there"
            )),
            Self::Denied { signed_in: true, .. } => Some(
                "check that the account may read it; registries say the same of repositories that \
                 are not there"
                    .to_owned(),
            ),
            Self::Missing { .. } => Some("check its name and its tag".to_owned()),
            Self::Digest { .. } => Some(
                "the registry or something on the way altered it: do not use this image".to_owned(),
            ),
            Self::Configuration { .. } => {
                Some("mend it, or name another folder with DOCKER_CONFIG".to_owned())
            }
            Self::Helper { program, .. } => {
                Some(format!("run `{program} list`, or give --username and --password-stdin"))
            }
            Self::Http(error) => error.hint().map(str::to_owned),
            Self::Protocol { .. } => None,
        }
    }

    /// Whether another place may have what this one has not.
    pub(crate) fn is_of_this_place(&self) -> bool {
        !matches!(
            self,
            Self::Reference { .. } | Self::Http(HttpError::Keep(_) | HttpError::Offline)
        )
    }
}
