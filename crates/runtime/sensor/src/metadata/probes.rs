//! How a kubelet asks containers whether they are well.
//!
//! No runtime is told: a kubelet executes the commands itself. A node keeps them where the pod was made by `kubectl apply`,
//! which leaves what it was given in an annotation of the pod, and the kubelet hands annotations on with the sandbox.

use std::collections::BTreeMap;

use bulkhead_limits::Budget;
use serde::Deserialize;

use super::{Metadata, MetadataError, document};

/// What `kubectl apply` was given (`k8s.io/api/core/v1`, `LastAppliedConfigAnnotation`).
pub(super) const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The words that are executed in a container; absent where nothing is, or by other ways than executing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probes {
    /// To know whether it has to be started anew.
    pub liveness: Option<Vec<String>>,
    /// To know whether it may be asked for something.
    pub readiness: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Configuration {
    spec: PodSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    #[serde(default)]
    containers: Option<Vec<Container>>,
    /// Those that go on running beside the others can be asked as well.
    #[serde(default)]
    init_containers: Option<Vec<Container>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    #[serde(default)]
    liveness_probe: Option<Probe>,
    #[serde(default)]
    readiness_probe: Option<Probe>,
}

#[derive(Deserialize)]
struct Probe {
    #[serde(default)]
    exec: Option<Executed>,
}

#[derive(Deserialize)]
struct Executed {
    #[serde(default)]
    command: Option<Vec<String>>,
}

/// The probes of a pod's containers, by their names, as a configuration has them. Whoever made the pod may have written
/// anything there: what is no pod tells nothing.
pub(super) fn applied(configuration: &str) -> BTreeMap<String, Probes> {
    let words = |probe: Option<Probe>| {
        let command = probe?.exec?.command?;
        (!command.is_empty()).then_some(command)
    };
    let Ok(Configuration { spec }) = serde_json::from_str(configuration) else {
        return BTreeMap::new();
    };
    let all = spec.containers.into_iter().chain(spec.init_containers).flatten();
    let asked = all.map(|container| {
        let Container { name, liveness_probe, readiness_probe } = container;
        (name, Probes { liveness: words(liveness_probe), readiness: words(readiness_probe) })
    });
    asked.collect()
}

/// What containerd's server of CRI keeps of a sandbox (`internal/cri/store/sandbox`, `Metadata`).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sandbox {
    metadata: SandboxMetadata,
}

#[derive(Deserialize)]
struct SandboxMetadata {
    #[serde(default, rename = "Config")]
    config: Option<SandboxConfig>,
    #[serde(default, rename = "IP")]
    address: Option<String>,
}

/// `PodSandboxConfig` of CRI.
#[derive(Deserialize)]
struct SandboxConfig {
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// Reads what containerd keeps of a pod.
pub fn cri_sandbox(bytes: &[u8], budget: &Budget) -> Result<Metadata, MetadataError> {
    let Sandbox { metadata: known } = document(bytes, "record of a pod", budget)?;
    let annotations = known.config.and_then(|config| config.annotations).unwrap_or_default();
    let mut metadata = Metadata { is_sandbox: true, ..Metadata::default() };
    metadata.address = known.address.filter(|address| !address.is_empty());
    metadata.pod.probes = annotations.get(APPLIED).map(|text| applied(text)).unwrap_or_default();
    Ok(metadata)
}
