//! Names of images.

use std::fmt;
use std::str::FromStr;

use bulkhead_model::Digest;

use crate::RegistryError;

/// The registry that names without one mean.
const DEFAULT_REGISTRY: &str = "docker.io";

/// Where the images of [`DEFAULT_REGISTRY`] really are.
const DEFAULT_HOST: &str = "registry-1.docker.io";

/// The tag that names without one mean.
const DEFAULT_TAG: &str = "latest";

/// Characters of a registry and repository together (OCI distribution specification, "Pulling
/// manifests").
const NAME: usize = 255;

/// Characters of a tag.
const TAG: usize = 128;

/// `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`, with what short names leave out filled in:
/// `alpine` is `docker.io/library/alpine:latest`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Host and port, as the name has them: `docker.io`, `localhost:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Host and port to connect to.
    pub fn host(&self) -> &str {
        host(&self.registry)
    }

    /// The repository: `library/alpine`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; none where there is just a digest.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, which counts where there is also a tag.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What a registry is asked for: the digest, else the tag.
    pub fn selector(&self) -> &str {
        let digest = self.digest.as_ref().map(Digest::as_str);
        digest.or(self.tag.as_deref()).unwrap_or(DEFAULT_TAG)
    }
}

/// Host and port where the images of a registry of this name are.
pub(crate) fn host(registry: &str) -> &str {
    if registry == DEFAULT_REGISTRY { DEFAULT_HOST } else { registry }
}

impl FromStr for Reference {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |cause| RegistryError::Reference { text: text.to_owned(), cause };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest: Digest =
                    digest.parse().map_err(|_| wrong("what follows @ is no digest"))?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("what follows the last colon is no tag"));
        }
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if is_registry(first) => (first, path),
            _ => (DEFAULT_REGISTRY, name),
        };
        let registry = registry.to_ascii_lowercase();
        let registry = match registry.as_str() {
            "index.docker.io" | DEFAULT_HOST => DEFAULT_REGISTRY.to_owned(),
            _ => registry,
        };
        if !is_authority(&registry) {
            return Err(wrong("what stands before the first slash is no host"));
        }
        let repository = if registry == DEFAULT_REGISTRY && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        if !repository.split('/').all(is_component) {
            return Err(wrong(
                "a repository consists of small letters and digits, joined by . _ - and /",
            ));
        }
        if registry.len() + repository.len() >= NAME {
            return Err(wrong("it is longer than a name may be"));
        }
        let tag = match (tag, &digest) {
            (None, None) => Some(DEFAULT_TAG),
            (tag, _) => tag,
        };
        Ok(Self { registry, repository, tag: tag.map(str::to_owned), digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(formatter, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// Whether the first part of a name is a host rather than a folder of the default registry.
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase)
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(is_name),
    };
    is_host && port.is_none_or(is_port)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` of the distribution specification.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte));
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends(text.as_bytes().first())
        && ends(text.as_bytes().last())
        && separators.into_iter().all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= TAG
        && text.as_bytes().first().is_some_and(|byte| is_word(*byte))
        && text.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[track_caller]
    fn check(text: &str, full: &str, host: &str) {
        let reference: Reference = text.parse().unwrap();
        assert_eq!((reference.to_string().as_str(), reference.host()), (full, host), "{text}");
        assert_eq!(full.parse::<Reference>().unwrap(), reference, "{full} means the same");
    }

    #[test]
    fn short_names_are_filled_in() {
        check("alpine", "docker.io/library/alpine:latest", "registry-1.docker.io");
        check("alpine:3.18", "docker.io/library/alpine:3.18", "registry-1.docker.io");
        check("grafana/grafana", "docker.io/grafana/grafana:latest", "registry-1.docker.io");
        check("docker.io/alpine", "docker.io/library/alpine:latest", "registry-1.docker.io");
        check("index.docker.io/a/b:1", "docker.io/a/b:1", "registry-1.docker.io");
        check("a/b/c__d:1", "docker.io/a/b/c__d:1", "registry-1.docker.io");
    }

    #[test]
    fn hosts_are_told_from_folders() {
        check("ghcr.io/a/b", "ghcr.io/a/b:latest", "ghcr.io");
        check("localhost/app", "localhost/app:latest", "localhost");
        check("localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000");
        check("registry:5000/app", "registry:5000/app:latest", "registry:5000");
        check("GHCR.io/app", "ghcr.io/app:latest", "ghcr.io");
        check("[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000");
    }

    #[test]
    fn digests_count_before_tags() {
        let reference: Reference = format!("alpine:3.18@{DIGEST}").parse().unwrap();
        assert_eq!((reference.tag(), reference.selector()), (Some("3.18"), DIGEST));
        let reference: Reference = format!("alpine@{DIGEST}").parse().unwrap();
        assert_eq!((reference.tag(), reference.selector()), (None, DIGEST));
    }

    #[test]
    fn what_is_no_reference_says_why() {
        for text in [
            "",
            "Alpine",
            "a//b",
            "a/",
            "/a",
            "a:",
            "a:b c",
            "a@sha256:12",
            "a_",
            "-a",
            "a..b",
            "host:99999/a",
            "ho_st:5000/a",
            "a:-b",
            "../../etc/passwd",
            "h.example/../x",
            "a?b",
        ] {
            let error = text.parse::<Reference>().unwrap_err();
            assert!(matches!(error, RegistryError::Reference { .. }), "{text}: {error}");
        }
    }
}
