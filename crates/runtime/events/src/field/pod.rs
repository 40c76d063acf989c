//! Fields of pods, and what follows from what a pod is called.

use super::container::{address, container, label, labels, set_label};
use super::row::{FieldRow, rows};
use super::{Need, Selector};
use crate::{Container, Pod, Process, Text, Value};

const POD: &[Need] = &[Need::Container, Need::ContainerMetadata, Need::Pod];

/// Beside those of Falco itself stand those of its plugin `k8smeta`, as far as a node knows them without a server.
pub(super) const ROWS: &[FieldRow] = rows! {
    "k8s.ns.name" Text POD: "The namespace of the pod.",
        @Process |process, _| namespace(process), put(pod.namespace);
    "k8s.pod.name" Text POD: "The name of the pod.",
        @Process |process, _| name(process), put(pod.name);
    "k8s.pod.uid" Text POD: "The identifier of the pod in the cluster.",
        @Process |process, _| uid(process), put(pod.uid);
    "k8s.pod.id" Text POD: "The identifier of the pod in the cluster; an older name of k8s.pod.uid.",
        @Process |process, _| uid(process), from("k8s.pod.uid");
    "k8s.pod.label" Text POD One of Key: "The value of a label of the pod.",
        @Process pod_label,
        by(|draft, selector, setting| set_label(&mut draft.pod().labels, selector, setting));
    "k8s.pod.labels" Text POD: "All labels of the pod: `name:value`, with commas between.",
        @Process |process, _| pod(process).map_or(Value::Null, |pod| labels(&pod.labels)), from("k8s.pod.label[NAME]");
    "k8s.pod.sandbox_id" Text POD: "The first 12 characters of the identifier of the container that holds the pod's namespaces.",
        @Process |process, _| {
            sandbox(process).map(|id| id.get(..Container::SHORT).unwrap_or(id)).into()
        },
        from("k8s.pod.full_sandbox_id");
    "k8s.pod.full_sandbox_id" Text POD: "The identifier of the container that holds the pod's namespaces.",
        @Process |process, _| sandbox(process).into(), put(pod.sandbox);
    "k8s.pod.ip" Text POD: "The address of the pod, of IPv4.",
        @Process |process, _| pod(process).map_or(Value::Null, |_| address(process)), from("container.ip");
    "k8s.rs.name" Text POD: "The ReplicaSet of the pod, by the names of both and the label `pod-template-hash`.",
        @Process |process, _| pod(process).and_then(replica_set).into(),
        from("k8s.pod.name and k8s.pod.label[pod-template-hash]");
    "k8s.deployment.name" Text POD: "The Deployment of the pod, by the names of both and the label `pod-template-hash`.",
        @Process |process, _| pod(process).and_then(deployment).into(),
        from("k8s.pod.name and k8s.pod.label[pod-template-hash]");
    "k8smeta.ns.name" Text POD: "The namespace of the pod.",
        @Process |process, _| namespace(process), from("k8s.ns.name");
    "k8smeta.pod.name" Text POD: "The name of the pod.",
        @Process |process, _| name(process), from("k8s.pod.name");
    "k8smeta.pod.uid" Text POD: "The identifier of the pod in the cluster.",
        @Process |process, _| uid(process), from("k8s.pod.uid");
    "k8smeta.pod.ip" Text POD: "The address of the pod, of IPv4.",
        @Process |process, _| pod(process).map_or(Value::Null, |_| address(process)), from("container.ip");
    "k8smeta.pod.label" Text POD One of Key: "The value of a label of the pod.",
        @Process pod_label, from("k8s.pod.label[NAME]");
    "k8smeta.pod.labels" Text POD List of Nothing: "All labels of the pod, `name:value` each.",
        @Process |process, _| pod(process).map_or(Value::Null, |pod| {
            Value::List(pod.labels.iter().map(|(name, value)| pair(name, value)).collect())
        }),
        from("k8s.pod.label[NAME]");
    "k8smeta.rs.name" Text POD: "The ReplicaSet of the pod, by the names of both and the label `pod-template-hash`.",
        @Process |process, _| pod(process).and_then(replica_set).into(),
        from("k8s.pod.name and k8s.pod.label[pod-template-hash]");
    "k8smeta.deployment.name" Text POD: "The Deployment of the pod, by the names of both and the label `pod-template-hash`.",
        @Process |process, _| pod(process).and_then(deployment).into(),
        from("k8s.pod.name and k8s.pod.label[pod-template-hash]");
};

fn pod(process: &Process) -> Option<&Pod> {
    container(process)?.pod.as_ref()
}

fn namespace(process: &Process) -> Value<'_> {
    pod(process).map_or(Value::Null, |pod| Value::known(&pod.namespace))
}

fn name(process: &Process) -> Value<'_> {
    pod(process).map_or(Value::Null, |pod| Value::known(&pod.name))
}

fn uid(process: &Process) -> Value<'_> {
    pod(process).map_or(Value::Null, |pod| Value::known(&pod.uid))
}

fn sandbox(process: &Process) -> Option<&[u8]> {
    pod(process)?.sandbox.as_deref()
}

fn pod_label<'e>(process: &'e Process, selector: &Selector) -> Value<'e> {
    pod(process).map_or(Value::Null, |pod| label(&pod.labels, selector))
}

fn pair(name: &Text, value: &Text) -> Value<'static> {
    [&**name, value].join(&b':').into()
}

/// A Deployment gives the hash of its template to its `ReplicaSet`, as the end of its name, and to the pods, as a label;
/// the `ReplicaSet` puts five characters behind its own name. Of very long names the end was cut off, and nothing follows.
/// (Kubernetes, `pkg/controller/deployment/sync.go`, `getNewReplicaSet`; `apiserver/pkg/storage/names/generate.go`)
fn deployment(pod: &Pod) -> Option<&[u8]> {
    let hash = pod.labels.iter().find(|(name, _)| *name == "pod-template-hash");
    let (_, hash) = hash.filter(|(_, hash)| !hash.is_empty())?;
    let place = pod.name.iter().rposition(|byte| *byte == b'-')?;
    pod.name.get(..place)?.strip_suffix(&**hash)?.strip_suffix(b"-")
}

fn replica_set(pod: &Pod) -> Option<&[u8]> {
    deployment(pod)?;
    let place = pod.name.iter().rposition(|byte| *byte == b'-')?;
    pod.name.get(..place)
}
