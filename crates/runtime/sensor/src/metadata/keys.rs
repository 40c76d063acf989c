//! Annotations and labels in which runtimes write down what a container is.

use std::collections::BTreeMap;

use super::probes::{APPLIED, applied};
use super::{ImageName, Metadata};

/// What the value of a key means.
#[derive(Clone, Copy)]
enum Meaning {
    Image,
    ImageId,
    Address,
    Name,
    Created,
    /// `sandbox` or `container`.
    Kind,
    PodName,
    PodNamespace,
    PodUid,
    PodContainer,
    Sandbox,
    /// A JSON object of labels.
    Labels,
    /// A JSON object of the pod's annotations.
    Annotations,
    /// The pod's configuration.
    Applied,
}

/// Keys by their meaning. Where several mean the same, the first that is there counts.
///
/// containerd: `pkg/cri/annotations`; CRI-O: `pkg/annotations`; the kubelet: `kubelettypes/labels.go`;
/// Podman: `libpod/define`; cri-dockerd: `core/labels.go`; nerdctl: `pkg/labels`; docker compose: its specification.
const KEYS: &[(&str, Meaning)] = &[
    ("io.kubernetes.cri.image-name", Meaning::Image),
    ("io.kubernetes.cri.podsandbox.image-name", Meaning::Image),
    ("io.kubernetes.cri-o.ImageName", Meaning::Image),
    ("io.kubernetes.cri-o.UserRequestedImage", Meaning::Image),
    ("nerdctl/image", Meaning::Image),
    ("io.kubernetes.cri-o.ImageRef", Meaning::ImageId),
    ("io.kubernetes.cri-o.Image", Meaning::ImageId),
    ("io.kubernetes.cri.container-name", Meaning::PodContainer),
    ("io.kubernetes.container.name", Meaning::PodContainer),
    ("io.kubernetes.cri.sandbox-name", Meaning::PodName),
    ("io.kubernetes.cri-o.KubeName", Meaning::PodName),
    ("io.kubernetes.pod.name", Meaning::PodName),
    ("io.kubernetes.cri.sandbox-namespace", Meaning::PodNamespace),
    ("io.kubernetes.cri-o.Namespace", Meaning::PodNamespace),
    ("io.kubernetes.pod.namespace", Meaning::PodNamespace),
    ("io.kubernetes.cri.sandbox-uid", Meaning::PodUid),
    ("io.kubernetes.pod.uid", Meaning::PodUid),
    ("io.kubernetes.cri.sandbox-id", Meaning::Sandbox),
    ("io.kubernetes.cri-o.SandboxID", Meaning::Sandbox),
    ("io.kubernetes.sandbox.id", Meaning::Sandbox),
    ("io.kubernetes.cri.container-type", Meaning::Kind),
    ("io.kubernetes.cri-o.ContainerType", Meaning::Kind),
    ("io.kubernetes.docker.type", Meaning::Kind),
    ("io.cri-containerd.kind", Meaning::Kind),
    ("io.kubernetes.cri-o.Labels", Meaning::Labels),
    (APPLIED, Meaning::Applied),
    ("annotation.kubectl.kubernetes.io/last-applied-configuration", Meaning::Applied),
    ("io.kubernetes.cri-o.Annotations", Meaning::Annotations),
    ("io.kubernetes.cri-o.IP.0", Meaning::Address),
    ("io.kubernetes.cri-o.Created", Meaning::Created),
    ("nerdctl/name", Meaning::Name),
    ("io.kubernetes.cri-o.Name", Meaning::Name),
];

/// What annotations or labels tell of their container.
pub fn annotations(pairs: &BTreeMap<String, String>) -> Metadata {
    let mut metadata = Metadata::default();
    for (key, meaning) in KEYS {
        if let Some(value) = pairs.get(*key).filter(|value| !value.is_empty()) {
            take(*meaning, value, &mut metadata);
        }
    }
    // What an image says of itself may stand among the labels of its containers.
    if !metadata.is_sandbox {
        metadata.pod.probes.clear();
    }
    // A pod's labels are what its sandbox has beside the kubelet's own, and docker's form of annotations.
    if metadata.is_sandbox {
        let own = |key: &str| {
            let mut others = ["io.kubernetes.", "io.cri-", "annotation."].into_iter();
            others.any(|other| key.starts_with(other)) || key == APPLIED
        };
        let labels = metadata.labels.iter().chain(pairs).filter(|(key, _)| !own(key));
        metadata.pod.labels = labels.map(|(key, value)| (key.clone(), value.clone())).collect();
    }
    metadata
}

fn take(meaning: Meaning, value: &str, metadata: &mut Metadata) {
    let text = match meaning {
        Meaning::Image => {
            let name = ImageName::read(value);
            metadata.image = metadata.image.take().or(name);
            return;
        }
        Meaning::Kind => {
            metadata.is_sandbox |= value == "sandbox" || value == "podsandbox";
            return;
        }
        Meaning::Labels => {
            // Annotations are the runtime's own writing; one that is none has told nothing.
            let labels: BTreeMap<String, String> = serde_json::from_str(value).unwrap_or_default();
            metadata.labels.extend(labels);
            return;
        }
        Meaning::Annotations => {
            let all: BTreeMap<String, String> = serde_json::from_str(value).unwrap_or_default();
            if let Some(configuration) = all.get(APPLIED) {
                take(Meaning::Applied, configuration, metadata);
            }
            return;
        }
        Meaning::Applied => {
            if metadata.pod.probes.is_empty() {
                metadata.pod.probes = applied(value);
            }
            return;
        }
        Meaning::Address => &mut metadata.address,
        Meaning::ImageId => &mut metadata.image_id,
        Meaning::Name => &mut metadata.name,
        Meaning::Created => &mut metadata.created,
        Meaning::PodName => &mut metadata.pod.name,
        Meaning::PodNamespace => &mut metadata.pod.namespace,
        Meaning::PodUid => &mut metadata.pod.uid,
        Meaning::PodContainer => &mut metadata.pod.container,
        Meaning::Sandbox => &mut metadata.pod.sandbox,
    };
    text.get_or_insert_with(|| value.to_owned());
}
