//! What the other modules share.

use std::process::Command;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use serde_json::Value;

/// An archive of the test data, unpacked. None, and a recorded skip, where it is absent.
pub(crate) fn unpacked(archive: &str) -> Option<tempfile::TempDir> {
    let archive = bulkhead_testing::data(archive)?;
    let tar = bulkhead_testing::tool("tar")?;
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(tar).arg("xzf").arg(archive).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    Some(folder)
}

/// The objects of one text.
pub(crate) fn objects(text: &str) -> Objects {
    let mut objects = Objects::new();
    objects.add("case.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    objects
}

/// A text of YAML as JSON.
pub(crate) fn value(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// A pod in every kind of object that makes pods, and in a list; the pod itself first.
pub(crate) fn wrapped(pod: &Value) -> Vec<(&'static str, Value)> {
    let template = serde_json::json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    let labels = pod["metadata"]["labels"].clone();
    let selector = serde_json::json!({"matchLabels": labels});
    let object = |version: &str, kind: &str, spec: Value| serde_json::json!({"apiVersion": version, "kind": kind, "metadata": pod["metadata"], "spec": spec});
    let controller = serde_json::json!({"selector": selector, "template": template});
    let mut kinds = vec![("Pod", pod.clone())];
    for kind in ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"] {
        kinds.push((kind, object("apps/v1", kind, controller.clone())));
    }
    let job = serde_json::json!({"template": template});
    kinds.push(("Job", object("batch/v1", "Job", job.clone())));
    kinds.push((
        "CronJob",
        object("batch/v1", "CronJob", serde_json::json!({"jobTemplate": {"spec": job}})),
    ));
    let old = serde_json::json!({"selector": labels, "template": template});
    kinds.push(("ReplicationController", object("v1", "ReplicationController", old)));
    let bare = serde_json::json!({
        "apiVersion": "v1", "kind": "PodTemplate", "metadata": pod["metadata"], "template": template
    });
    kinds.push(("PodTemplate", bare));
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [pod]});
    kinds.push(("List", list));
    kinds
}
