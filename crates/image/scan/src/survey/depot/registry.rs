//! Images in registries.

use std::sync::Arc;

use bulkhead_http::{Client, Sink};
use bulkhead_image::Missing;
use bulkhead_model::Digest;
use bulkhead_registry::{MANIFEST_BYTES, Reference, Registries, Repository};

use super::{Depot, Root};
use crate::ScanError;
use crate::pass::{Blob, Delivery, UnitSource};
use crate::request::Sources;

/// An image in a registry.
pub(crate) struct RegistryDepot {
    reference: Reference,
    repository: Arc<Repository>,
    client: Client,
    /// Bytes that a layer may have.
    limit: u64,
}

impl RegistryDepot {
    pub(crate) fn new(
        reference: Reference,
        sources: &Sources,
        limit: u64,
    ) -> Result<Self, ScanError> {
        let registries = Registries::reaching(
            &reference,
            sources.network.clone(),
            sources.insecure,
            sources.credentials.clone(),
            sources.mirrors.clone(),
        )?;
        let client = registries.client().clone();
        let repository = Arc::new(registries.repository(&reference));
        Ok(Self { reference, repository, client, limit })
    }
}

impl Depot for RegistryDepot {
    fn name(&self) -> String {
        self.reference.to_string()
    }

    fn root(&self) -> Result<Root, ScanError> {
        let manifest = self.client.wait(self.repository.manifest(&self.reference))?;
        let tag = self.reference.tag().map(|_| self.name());
        Ok(Root { digest: manifest.digest, bytes: manifest.bytes, tag })
    }

    fn document(&self, missing: &Missing) -> Result<Vec<u8>, ScanError> {
        let Missing { digest, is_manifest } = missing;
        Ok(if *is_manifest {
            self.client.wait(self.repository.manifest_by_digest(digest))?.bytes
        } else {
            self.client.wait(self.repository.blob(digest, MANIFEST_BYTES))?
        })
    }

    fn layer(&self, digest: &Digest, size: u64, hashed: bool) -> UnitSource {
        let layer = Layer {
            repository: Arc::clone(&self.repository),
            client: self.client.clone(),
            digest: digest.clone(),
            size,
            limit: self.limit,
        };
        UnitSource::Delivered { delivery: Delivery::new(Box::new(layer)), size, hashed }
    }
}

/// A layer in a registry.
struct Layer {
    repository: Arc<Repository>,
    client: Client,
    digest: Digest,
    size: u64,
    limit: u64,
}

impl Blob for Layer {
    /// What comes is held against the digest of the uncompressed layer, which the worker computes
    /// anyway, or hashed by the worker where none is promised.
    fn fetch(&self, sink: &mut dyn Sink) -> Result<(), String> {
        let Self { repository, digest, size, limit, .. } = self;
        let fetched = repository.fetch_unverified(digest, Some(*size), *limit, sink);
        self.client.wait(fetched).map_err(|error| error.to_string())
    }
}
