//! What can be done with a repository.

use bulkhead_http::{HttpError, Method, Sink, StatusCode};
use bulkhead_model::Digest;
use bytes::Bytes;

use crate::endpoint::{Endpoint, Part};
use crate::verified::{self, Verified};
use crate::{Reference, RegistryError};

/// Forms of manifests and indexes that are asked for; what comes may be another one.
const FORMS: &str = "application/vnd.oci.image.index.v1+json, \
                     application/vnd.oci.image.manifest.v1+json, \
                     application/vnd.docker.distribution.manifest.list.v2+json, \
                     application/vnd.docker.distribution.manifest.v2+json";

/// Bytes that a manifest may have: what registries accept, twice.
pub const MANIFEST_BYTES: u64 = 8 << 20;

/// A repository: manifests by tag and digest, blobs by digest.
///
/// Its functions are asynchronous; [`bulkhead_http::Client::wait`] waits for them. What is named by a
/// digest is held against it, but where a function says otherwise.
pub struct Repository {
    /// Mirrors, in the order in which they are asked.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) home: Endpoint,
}

/// A manifest or index, as it came: nothing in it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the registry says that it is.
    pub media_type: String,
    /// Its digest, computed.
    pub digest: Digest,
}

impl Repository {
    /// The manifest that a reference selects, of at most [`MANIFEST_BYTES`].
    pub async fn manifest(&self, reference: &Reference) -> Result<Manifest, RegistryError> {
        self.manifest_of(reference.selector(), reference.digest()).await
    }

    /// The manifest with a digest, of at most [`MANIFEST_BYTES`].
    pub async fn manifest_by_digest(&self, digest: &Digest) -> Result<Manifest, RegistryError> {
        self.manifest_of(digest.as_str(), Some(digest)).await
    }

    async fn manifest_of(
        &self,
        selector: &str,
        promised: Option<&Digest>,
    ) -> Result<Manifest, RegistryError> {
        for mirror in &self.endpoints {
            match manifest(mirror, selector, promised).await {
                Err(error) if error.is_of_this_place() => {}
                outcome => return outcome,
            }
        }
        manifest(&self.home, selector, promised).await
    }

    /// A small blob of at most `limit` bytes.
    pub async fn blob(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let mut bytes = Vec::new();
        self.fetch(digest, None, limit, &mut bytes).await?;
        Ok(bytes)
    }

    /// Fetches a blob into a sink. It is held against its digest when it has all come.
    pub async fn fetch(
        &self,
        digest: &Digest,
        size: Option<u64>,
        limit: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), RegistryError> {
        let mut verified = Verified::new(digest, sink);
        self.fetch_unverified(digest, size, limit, &mut verified).await?;
        verified.finish("the blob")
    }

    /// Fetches a blob into a sink; whoever reads it there has to hold it against its digest, or
    /// against another one that proves as much.
    pub async fn fetch_unverified(
        &self,
        digest: &Digest,
        size: Option<u64>,
        limit: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), RegistryError> {
        let path = format!("blobs/{digest}");
        let mut part = Part { position: 0, size, limit: size.unwrap_or(limit).min(limit) };
        for mirror in &self.endpoints {
            match mirror.transfer(&path, &mut part, sink).await {
                Err(error) if error.is_of_this_place() => {}
                outcome => return outcome,
            }
        }
        let outcome = self.home.transfer(&path, &mut part, sink).await;
        outcome.map_err(|error| missing(&self.home, error, &format!("blob {digest}")))
    }

    /// Some bytes of a blob. They cannot be held against a digest: the caller must know what they
    /// are to be.
    pub async fn blob_range(
        &self,
        digest: &Digest,
        offset: u64,
        length: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        for mirror in &self.endpoints {
            match blob_range(mirror, digest, offset, length).await {
                Err(error) if error.is_of_this_place() => {}
                outcome => return outcome,
            }
        }
        blob_range(&self.home, digest, offset, length).await
    }

    /// Whether the registry has a blob.
    pub async fn exists(&self, digest: &Digest) -> Result<bool, RegistryError> {
        let path = format!("blobs/{digest}");
        let response = self.home.send(Method::HEAD, &path, |request| request).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        response.successful().await?;
        Ok(true)
    }

    /// Writes a blob and gives its digest; one that is there already is left as it is.
    pub async fn push_blob(&self, content: impl Into<Bytes>) -> Result<Digest, RegistryError> {
        let content: Bytes = content.into();
        let digest = Digest::of(&content);
        if !self.exists(&digest).await? {
            self.upload_blob(content).await?;
        }
        Ok(digest)
    }

    /// Writes a blob, whether it is there or not, and gives its digest.
    pub async fn upload_blob(&self, content: impl Into<Bytes>) -> Result<Digest, RegistryError> {
        let content: Bytes = content.into();
        let digest = Digest::of(&content);
        let home = &self.home;
        let started = home.send(Method::POST, "blobs/uploads/", |it| it.body(Bytes::new())).await?;
        let started = started.successful().await?;
        let location = started.header("location");
        let location = location.and_then(|location| started.url().join(location).ok());
        let mut upload = location.ok_or_else(|| RegistryError::Protocol {
            registry: home.registry.clone(),
            cause: "it names no place for a blob".to_owned(),
        })?;
        upload.query_pairs_mut().append_pair("digest", digest.as_str());
        let form = "application/octet-stream";
        let put = home
            .send_to(Method::PUT, &upload, |request| {
                request.header("content-type", form).body(content.clone())
            })
            .await?;
        put.successful().await?;
        Ok(digest)
    }

    /// Writes a manifest under a tag or its digest, and gives the digest.
    pub async fn push_manifest(
        &self,
        selector: &str,
        media_type: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Digest, RegistryError> {
        let bytes: Bytes = bytes.into();
        let path = format!("manifests/{selector}");
        let put = self.home.send(Method::PUT, &path, |request| {
            request.header("content-type", media_type).body(bytes.clone())
        });
        put.await?.successful().await?;
        Ok(Digest::of(&bytes))
    }
}

async fn manifest(
    endpoint: &Endpoint,
    selector: &str,
    promised: Option<&Digest>,
) -> Result<Manifest, RegistryError> {
    let path = format!("manifests/{selector}");
    let response = endpoint.send(Method::GET, &path, |it| it.header("accept", FORMS)).await?;
    let what = format!("manifest {selector}");
    let response = response.successful().await;
    let response = response.map_err(|error| missing(endpoint, error.into(), &what))?;
    let media_type = response.header("content-type").unwrap_or_default().to_owned();
    let told: Option<Digest> =
        response.header("docker-content-digest").and_then(|text| text.parse().ok());
    let bytes = response.document(MANIFEST_BYTES).await?;
    // A registry that says which digest a tag has promises that.
    for promised in promised.into_iter().chain(&told) {
        verified::check(&format!("the {what}"), promised, &bytes)?;
    }
    Ok(Manifest { digest: Digest::of(&bytes), bytes, media_type })
}

async fn blob_range(
    endpoint: &Endpoint,
    digest: &Digest,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, RegistryError> {
    let last = offset.saturating_add(length).saturating_sub(1);
    let range = format!("bytes={offset}-{last}");
    let path = format!("blobs/{digest}");
    let response = endpoint.send(Method::GET, &path, |it| it.header("range", &range)).await?;
    let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
    let response = response.successful().await;
    let response = response
        .map_err(|error| missing(endpoint, endpoint.refused(error), &format!("blob {digest}")))?;
    let expected = format!("bytes {offset}-{last}/");
    let starts = response.header("content-range").is_some_and(|it| it.starts_with(&expected));
    if !is_part || !starts {
        let cause = "it gives no parts of blobs".to_owned();
        return Err(RegistryError::Protocol { registry: endpoint.registry.clone(), cause });
    }
    Ok(response.document(length).await?)
}

fn missing(endpoint: &Endpoint, error: RegistryError, what: &str) -> RegistryError {
    match error {
        RegistryError::Http(HttpError::Status { status: 404, .. }) => RegistryError::Missing {
            registry: endpoint.registry.clone(),
            repository: endpoint.repository.clone(),
            what: what.to_owned(),
        },
        error => error,
    }
}
