//! The parts of an image's name.

/// The name of an image as somebody wrote it, in parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    /// The whole of it: `docker.io/library/redis:7@sha256:…`.
    pub full: String,
    /// Without tag and digest: `docker.io/library/redis`.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
    /// The digest, where there is one.
    pub digest: Option<String>,
}

impl ImageName {
    /// Takes a name apart (distribution-spec, "Pulling manifests"); none where it is empty or a bare digest,
    /// which names no repository.
    pub fn read(full: &str) -> Option<Self> {
        if full.is_empty() || full.starts_with("sha256:") {
            return None;
        }
        let (name, digest) = match full.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (full, None),
        };
        // A colon before the last slash is a port's.
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.to_owned())),
            _ => (name, None),
        };
        Some(Self { full: full.to_owned(), repository: repository.to_owned(), tag, digest })
    }
}
