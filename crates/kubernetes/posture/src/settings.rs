//! What an organisation decides about controls.

use bulkhead_objects::Quantity;

use crate::Related;

/// How much of a resource a container may ask for or use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountBounds {
    /// The resource: `cpu`, `memory`.
    pub resource: String,
    /// Whether limits are meant; else requests.
    pub limits: bool,
    /// At least so much.
    pub least: Option<Quantity>,
    /// At most so much.
    pub most: Option<Quantity>,
}

/// Parameters of controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The minor version of Kubernetes whose rules hold: 37 for 1.37.
    pub minor: u16,
    /// The objects are all there are: a live cluster or a snapshot. What they name and lack is then
    /// missing; otherwise it may be elsewhere.
    pub complete: bool,
    /// Kinds whose objects are not there, or not all of them, though the others are complete: who reads
    /// them does not say that something is missing.
    pub absent: Vec<Related>,
    /// Prefixes of images that may be used: `registry.example.com/team`. Empty for any.
    pub allowed_registries: Vec<String>,
    /// Prefixes of images that may not be used.
    pub denied_registries: Vec<String>,
    /// Prefixes of images that need not be pinned to a digest.
    pub unpinned_registries: Vec<String>,
    /// Bounds of requests and limits. Empty for none.
    pub amounts: Vec<AmountBounds>,
    /// Labels that mark a workload as known to the organisation; one of them is enough.
    pub management_labels: Vec<String>,
    /// Labels that Kubernetes recommends; one of them is enough.
    pub common_labels: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            minor: 37,
            complete: true,
            absent: Vec::new(),
            allowed_registries: Vec::new(),
            denied_registries: Vec::new(),
            unpinned_registries: Vec::new(),
            amounts: Vec::new(),
            management_labels: words(&["app", "tier", "phase", "version", "owner", "env"]),
            common_labels: words(&[
                "app.kubernetes.io/name",
                "app.kubernetes.io/instance",
                "app.kubernetes.io/version",
                "app.kubernetes.io/component",
                "app.kubernetes.io/part-of",
                "app.kubernetes.io/managed-by",
                "app.kubernetes.io/created-by",
            ]),
        }
    }
}
