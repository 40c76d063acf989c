//! Images and other artifacts in OCI registries (OCI distribution specification 1.1).
//!
//! A [`Reference`] names an image; [`Registries`] knows how registries are reached and who asks; a
//! [`Repository`] of it gives and takes manifests and blobs:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use bulkhead_http::Network;
//! use bulkhead_registry::{Credentials, Reference, Registries};
//!
//! let client = Network::default().client()?;
//! let registries = Registries::new(client.clone(), Credentials::default(), Vec::new());
//! let reference: Reference = "alpine:3.18".parse()?;
//! let repository = registries.repository(&reference);
//! let manifest = client.wait(repository.manifest(&reference))?;
//! println!("{} {}", manifest.digest, manifest.media_type);
//! # Ok(())
//! # }
//! ```
//!
//! No document of an image is looked into here: they are hostile, and a worker's matter. What is
//! read are the registry's own short answers, errors and tokens.

mod answer;
mod challenge;
mod credentials;
mod endpoint;
mod error;
mod reference;
mod registries;
mod repository;
mod token;
mod verified;

pub use credentials::{Credential, Credentials};
pub use error::RegistryError;
pub use reference::Reference;
pub use registries::{Mirror, Registries};
pub use repository::{MANIFEST_BYTES, Manifest, Repository};
