//! References of images. (`distribution/reference`, the grammar of `docker/distribution`)

/// A reference, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// As it was written.
    pub(super) text: &'a str,
    /// The host, where one is written.
    pub(super) registry: Option<&'a str>,
    /// What follows the host: `library/nginx`.
    pub(super) repository: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest).filter(|digest| is_digest(digest))),
            None => (text, None),
        };
        if text.contains('@') && digest.is_none() {
            return None;
        }
        let path = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest.get(path..)?.rfind(':') {
            Some(colon) => (rest.get(..path + colon)?, Some(rest.get(path + colon + 1..)?)),
            None => (rest, None),
        };
        // The first part is a host when it could not be a folder.
        let (registry, repository) = match name.split_once('/') {
            Some((host, repository)) if host.contains(['.', ':']) || host == "localhost" => {
                (Some(host), repository)
            }
            _ => (None, name),
        };
        let valid = tag.is_none_or(is_tag)
            && registry.is_none_or(is_host)
            && repository.split('/').all(is_component)
            && repository.len() <= 255;
        valid.then_some(Self { text, registry, repository, tag, digest })
    }

    /// Whether it lies below a prefix: a host, or a host with folders. One without a host means Docker
    /// Hub, whose official images lie below `library`.
    pub(super) fn is_below(&self, prefix: &str) -> bool {
        let official = self.registry.is_none() && !self.repository.contains('/');
        let library = if official { "library/" } else { "" };
        let host = self.registry.unwrap_or("docker.io");
        let prefix = prefix.trim_end_matches('/');
        let below = |whole: &str| {
            whole.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        below(&format!("{host}/{library}{}", self.repository))
            || (self.registry.is_none() && below(self.repository))
    }
}

/// `sha256:` and its like: an algorithm with as many digits as it has. (image-spec, descriptor.md,
/// Digests)
fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    match algorithm {
        "sha256" | "blake3" => encoded.len() == 64 && encoded.bytes().all(lower),
        "sha384" => encoded.len() == 96 && encoded.bytes().all(lower),
        "sha512" => encoded.len() == 128 && encoded.bytes().all(lower),
        _ => {
            let components = algorithm.split(['+', '.', '-', '_']);
            let word = |part: &str| {
                part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            };
            components.into_iter().all(|part| !part.is_empty() && word(part))
                && !encoded.is_empty()
                && encoded
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-'))
        }
    }
}

fn is_tag(tag: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(letter)
        && tag.bytes().all(|byte| letter(byte) || matches!(byte, b'.' | b'-'))
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "0"));
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'))
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_component(part: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [part.bytes().next(), part.bytes().last()];
    ends.into_iter().all(|end| end.is_some_and(word))
        && part.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn references_have_parts() {
        for (text, parts) in [
            ("nginx", Some((None, "nginx", None, None))),
            ("nginx:1.27", Some((None, "nginx", Some("1.27"), None))),
            ("library/nginx", Some((None, "library/nginx", None, None))),
            ("host:5000/a/b", Some((Some("host:5000"), "a/b", None, None))),
            ("host:5000/a:b", Some((Some("host:5000"), "a", Some("b"), None))),
            ("localhost/a", Some((Some("localhost"), "a", None, None))),
            ("", None),
            ("Nginx", None),
            ("nginx:", None),
            ("nginx@sha256:12", None),
            ("a b", None),
            ("{{ image }}", None),
        ] {
            let read = Reference::parse(text)
                .map(|image| (image.registry, image.repository, image.tag, image.digest));
            assert_eq!(read, parts, "{text}");
        }
        let pinned = format!("quay.io/a/b:1@{DIGEST}");
        let pinned = Reference::parse(&pinned).unwrap();
        assert_eq!((pinned.tag, pinned.digest), (Some("1"), Some(DIGEST)));
    }

    #[test]
    fn prefixes_end_at_parts() {
        for (image, prefix, below) in [
            ("quay.io/a/b:1", "quay.io", true),
            ("quay.io/a/b:1", "quay.io/", true),
            ("quay.io/a/b:1", "quay.io/a", true),
            ("quay.io/a/b:1", "quay.io/a/b", true),
            ("quay.io/ab", "quay.io/a", false),
            ("quay.io.evil.com/a", "quay.io", false),
            ("nginx", "docker.io", true),
            ("nginx", "docker.io/library", true),
            ("team/nginx", "docker.io/library", false),
            ("team/nginx", "team", true),
        ] {
            assert_eq!(
                Reference::parse(image).unwrap().is_below(prefix),
                below,
                "{image} {prefix}"
            );
        }
    }
}
