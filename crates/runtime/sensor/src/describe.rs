//! What documents told of a container, in the nouns of events.

use bulkhead_events::{Container, Image, Mount, Pod, Text};
use jiff::Timestamp;

use crate::Runtime;
use crate::documents::Found;
use crate::identity::Identity;
use crate::metadata::{self, Metadata};

/// The container of an identity, with what is known of it so far.
pub(crate) fn describe(identity: &Identity, found: Option<Found>) -> Container {
    let (told, metadata) = match found {
        Some(found) => (Some(found.runtime), found.metadata),
        None => (None, Metadata::default()),
    };
    // The path names the runtime that people asked; the documents, where the path does not say.
    let runtime = match identity.runtime {
        Runtime::Unknown | Runtime::Cri | Runtime::Oci => told.unwrap_or(identity.runtime),
        runtime => runtime,
    };
    let pod = pod(identity, &metadata.pod);
    let asked = metadata.pod.container.as_ref().and_then(|name| metadata.pod.probes.get(name));
    // Among the processes of others, the first of a container looks like one that was brought in.
    let asked = asked.filter(|_| !metadata.joins_processes).cloned().unwrap_or_default();
    let image = image(&metadata);
    // Containers without a name are called as Kubernetes calls them, else by their id.
    let name = metadata.name.or(metadata.pod.container);
    Container {
        id: identity.id.as_str().into(),
        name: name.map(Text::from).or_else(|| told.map(|_| identity.id.as_str().into())),
        runtime: (runtime != Runtime::Unknown).then(|| runtime.name().into()),
        image,
        labels: texts(metadata.labels),
        privileged: metadata.privileged,
        mounts: told.map(|_| metadata.mounts.into_iter().map(mount).collect()),
        started: metadata.created.as_deref().and_then(nanoseconds),
        pod,
        shared: metadata.shared,
        healthcheck: healthcheck(told, metadata.healthcheck),
        liveness: asked.liveness.map(words),
        readiness: asked.readiness.map(words),
        address: metadata.address.as_deref().and_then(|address| address.parse().ok()),
    }
}

/// Docker's documents tell, and Podman keeps it where it is not looked for; no other runtime asks containers anything.
fn healthcheck(told: Option<Runtime>, check: Option<Vec<String>>) -> Option<Vec<Text>> {
    let none = told.filter(|runtime| *runtime != Runtime::Podman).map(|_| Vec::new());
    check.map(words).or(none)
}

fn words(words: Vec<String>) -> Vec<Text> {
    words.into_iter().map(Text::from).collect()
}

fn image(metadata: &Metadata) -> Image {
    let name = metadata.image.as_ref();
    let digest = metadata.image_digest.as_deref();
    Image {
        repository: name.map(|name| name.repository.as_str().into()),
        tag: name.and_then(|name| name.tag.as_deref()).map(Text::from),
        digest: digest.or_else(|| name?.digest.as_deref()).map(Text::from),
        id: metadata.image_id.as_deref().map(Text::from),
    }
}

fn pod(identity: &Identity, pod: &metadata::Pod) -> Option<Pod> {
    let uid = pod.uid.as_ref().or(identity.pod_uid.as_ref());
    let text =
        |text: Option<&String>| text.map(|text| Text::from(text.as_str())).unwrap_or_default();
    (uid.is_some() || pod.name.is_some()).then(|| Pod {
        name: text(pod.name.as_ref()),
        namespace: text(pod.namespace.as_ref()),
        uid: text(uid),
        labels: texts(pod.labels.clone()),
        sandbox: pod.sandbox.as_deref().map(Text::from),
    })
}

fn mount(mount: metadata::Mount) -> Mount {
    Mount {
        source: mount.source.into(),
        destination: mount.destination.into(),
        mode: mount.kind.into(),
        writable: mount.writable,
        propagation: mount.propagation.into(),
    }
}

fn texts(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<(Text, Text)> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

fn nanoseconds(created: &str) -> Option<u64> {
    let instant: Timestamp = created.parse().ok()?;
    u64::try_from(instant.as_nanosecond()).ok()
}
