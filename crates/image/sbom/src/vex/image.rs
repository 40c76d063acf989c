//! Whether what a document says identifies the image that was scanned.

use super::identity::Fit;
use super::scanned::Scanned;
use super::statement::{Identity, VersionClause};
use crate::purl::Purl;

/// A name of an image, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ImageName {
    /// Registry and repository in full, `docker.io/library/alpine`; empty where only a tag is known.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest, `sha256:…`.
    pub digest: Option<String>,
}

/// Holds an identity against the image.
pub(super) fn of_image(identity: &Identity, scanned: &Scanned<'_>) -> Fit {
    if !scanned.is_image() {
        return Fit::Other;
    }
    if identity.hashes.iter().any(|hash| scanned.has_digest(hash)) {
        return Fit::Same;
    }
    let by_url = identity.purls.iter().filter_map(|text| {
        let purl = Purl::parse(text).ok()?;
        matches!(purl.kind.as_str(), "oci" | "docker").then(|| purl_fit(&purl, scanned))
    });
    let by_name = identity.others.iter().map(|text| reference_fit(text, scanned));
    let fit = Fit::best(by_url.chain(by_name));
    if fit == Fit::Same && !identity.versions.is_empty() {
        return versions_fit(identity, scanned);
    }
    fit
}

/// `pkg:oci/NAME@DIGEST?repository_url=…&tag=…&arch=…`, and `pkg:docker/NAMESPACE/NAME@TAG`
/// (package URL types).
fn purl_fit(purl: &Purl, scanned: &Scanned<'_>) -> Fit {
    let digest = purl.version.as_deref().filter(|version| version.contains(':'));
    let by_digest = digest.is_some_and(|digest| scanned.has_digest(digest));
    let mut repositories = scanned.names().map(|name| name.repository.as_str());
    let named = match purl.kind.as_str() {
        "docker" => {
            let path = match &purl.namespace {
                Some(namespace) => format!("{namespace}/{}", purl.name),
                None => purl.name.clone(),
            };
            let host = purl.qualifiers.get("repository_url").map(|host| format!("{host}/"));
            scanned.is_named(&format!("{}{path}", host.unwrap_or_default()))
        }
        _ => repositories.any(|repository| {
            let last = repository.rsplit('/').next().unwrap_or_default();
            !last.is_empty() && last.eq_ignore_ascii_case(&purl.name)
        }),
    };
    // The digest says it all where nothing tells how the image is called.
    if !(named || (by_digest && !scanned.has_name())) {
        return Fit::Other;
    }
    let tag = match (purl.kind.as_str(), digest) {
        ("docker", None) => purl.version.as_ref(),
        _ => None,
    };
    let qualified = purl.qualifiers.iter().all(|(key, value)| match key.as_str() {
        "repository_url" if purl.kind == "oci" => {
            !scanned.has_name()
                || scanned.is_named(value)
                || scanned.is_named(&format!("{}/{}", value.trim_end_matches('/'), purl.name))
        }
        "repository_url" => true,
        "arch" => scanned.architecture() == Some(value.as_str()),
        "os" => scanned.system_name() == Some(value.as_str()),
        _ => key == "tag",
    });
    if !qualified {
        return Fit::Other;
    }
    let tag = tag.or_else(|| purl.qualifiers.get("tag"));
    if let Some(tag) = tag.filter(|tag| !scanned.has_tag(tag)) {
        return Fit::OtherVersion { stated: tag.clone(), found: scanned.tags() };
    }
    match digest {
        Some(digest) if !by_digest => {
            Fit::OtherVersion { stated: digest.to_owned(), found: scanned.digests() }
        }
        _ => Fit::Same,
    }
}

/// An image reference, as one would pull it.
fn reference_fit(text: &str, scanned: &Scanned<'_>) -> Fit {
    if text.contains("://") {
        return Fit::Other;
    }
    if scanned.has_digest(text) {
        return Fit::Same;
    }
    let Some(name) = scanned.knowledge().image(text) else { return Fit::Other };
    if !scanned.has_repository(&name.repository) {
        return Fit::Other;
    }
    if let Some(digest) = name.digest.as_deref().filter(|digest| !scanned.has_digest(digest)) {
        return Fit::OtherVersion { stated: digest.to_owned(), found: scanned.digests() };
    }
    // What a registry adds to a name without a tag was not said here.
    let stated = name.tag.filter(|tag| text.contains(&format!(":{tag}")));
    match stated.filter(|tag| !scanned.has_tag(tag)) {
        Some(tag) => Fit::OtherVersion { stated: tag, found: scanned.tags() },
        None => Fit::Same,
    }
}

/// Versions of an image are its tags; no range of them can be judged.
fn versions_fit(identity: &Identity, scanned: &Scanned<'_>) -> Fit {
    Fit::best(identity.versions.iter().map(|clause| match clause {
        VersionClause::Exactly(version)
            if scanned.has_tag(version) || scanned.has_digest(version) =>
        {
            Fit::Same
        }
        VersionClause::Exactly(version) => {
            Fit::OtherVersion { stated: version.clone(), found: scanned.tags() }
        }
        VersionClause::Range(range) => Fit::NotJudged(range.clone()),
    }))
}
