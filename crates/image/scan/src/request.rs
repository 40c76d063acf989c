//! What is asked for, and how its progress is told.

use std::ffi::OsString;
use std::path::PathBuf;

use bulkhead_cache::Cache;
use bulkhead_http::Network;
use bulkhead_image::PlatformChoice;
use bulkhead_limits::Limits;
use bulkhead_model::{Inventory, NotAssessed, Problem, Target};
use bulkhead_registry::{Credentials, Mirror};

/// A target to look at.
#[derive(Debug, Clone)]
pub struct Request {
    /// As the user named it: `oci-dir:PATH[:TAG]`, `rootfs:PATH`, `sbom:FILE`…
    pub target: String,
    /// Which platforms of an image.
    pub platform: PlatformChoice,
    /// What each worker may use.
    pub limits: Limits,
    /// How worker processes are started.
    pub worker: WorkerCommand,
    /// Where results are kept for later scans; none where nothing is to be kept or used.
    pub cache: Option<Cache>,
    /// How images are had that lie in no file.
    pub sources: Sources,
}

/// How images are had that lie in no file.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The network.
    pub network: Network,
    /// Whether the registry of the target, and its mirrors, may be reached insecurely.
    pub insecure: bool,
    /// Who asks registries.
    pub credentials: Credentials,
    /// Places that have copies of what registries have.
    pub mirrors: Vec<Mirror>,
    /// containerd's store.
    pub containerd: ContainerdStore,
}

/// Where containerd keeps its images.
#[derive(Debug, Clone)]
pub struct ContainerdStore {
    /// The folder of everything that it keeps.
    pub root: PathBuf,
    /// The namespace to look in; none for all of them.
    pub namespace: Option<String>,
}

impl Default for ContainerdStore {
    fn default() -> Self {
        Self { root: "/var/lib/containerd".into(), namespace: None }
    }
}

/// A program that runs [`crate::worker()`].
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    /// The program: this one.
    pub program: PathBuf,
    /// Its arguments: those that make it a worker.
    pub arguments: Vec<OsString>,
}

/// What was found in a target, before it is judged.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The target.
    pub target: Target,
    /// Its software.
    pub inventory: Inventory,
    /// Parts that could not be looked at.
    pub not_assessed: Vec<NotAssessed>,
    /// What was broken or odd.
    pub problems: Vec<Problem>,
}

/// Is told how far the reading of layers is. Called from several threads.
pub trait Progress: Sync {
    /// Reading begins: so many stored bytes in so many layers.
    fn begin(&self, _bytes: u64, _layers: usize) {}

    /// So many more stored bytes were read.
    fn advance(&self, _bytes: u64) {}

    /// Reading is over.
    fn finish(&self) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
