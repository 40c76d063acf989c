//! The binary against the API server, with exactly the rights that the roles in `deploy/kubernetes` give.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::{Kubernetes, bulkhead};
use serde_json::{Value, json};

/// How the binary ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) errors: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.text, self.errors))
    }
}

/// A process of the binary in a folder, without the environment of the test.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(bulkhead().unwrap());
    command.env_clear().current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let output = command(folder, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{:?}", output.status));
    Ended { code, text: text(output.stdout), errors: text(output.stderr) }
}

/// Creates a cluster role that the project ships, by its file; `change` may take rights from it.
pub(crate) fn create_shipped_role(
    admin: &Cluster,
    file: &str,
    name: &str,
    change: impl FnOnce(&mut Vec<Value>),
) {
    let path = bulkhead_testing::repository().join("deploy/kubernetes").join(file);
    let mut role: Value = serde_saphyr::from_slice(&fs_err::read(path).unwrap()).unwrap();
    role["metadata"]["name"] = json!(name);
    change(role["rules"].as_array_mut().unwrap());
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    admin.ask::<Value>(Method::Post, path, Some(&role)).unwrap();
}

/// Gives a user a cluster role: everywhere, or in one namespace.
pub(crate) fn grant(admin: &Cluster, role: &str, user: &str, namespace: Option<&str>) {
    let api = "rbac.authorization.k8s.io";
    let binding = json!({
        "metadata": { "name": format!("{role}-{user}") },
        "roleRef": { "apiGroup": api, "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": api, "kind": "User", "name": user }],
    });
    let path = match namespace {
        None => format!("/apis/{api}/v1/clusterrolebindings"),
        Some(namespace) => format!("/apis/{api}/v1/namespaces/{namespace}/rolebindings"),
    };
    admin.ask::<Value>(Method::Post, &path, Some(&binding)).unwrap();
}

/// Waits until the authoriser, which reads roles through a watch, lets a user do something.
pub(crate) fn wait_until_allowed(admin: &Cluster, user: &str, attributes: &Value) {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": { "user": user, "resourceAttributes": attributes },
    });
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    wait_until(&format!("{user} may {attributes}"), || {
        let answer: Value = admin.ask(Method::Post, path, Some(&review)).unwrap();
        answer["status"]["allowed"] == true
    });
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..300 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not within thirty seconds: {what}");
}

/// A client configuration of a user without groups, as text.
pub(crate) fn kubeconfig(kubernetes: &Kubernetes, user: &str) -> String {
    kubernetes.kubeconfig(user, &[]).unwrap().display().to_string()
}

/// Creates an object in a namespace.
pub(crate) fn create(admin: &Cluster, group: &str, plural: &str, namespace: &str, object: &Value) {
    let path = format!("{}/namespaces/{namespace}/{plural}", base(group));
    admin.ask::<Value>(Method::Post, &path, Some(object)).unwrap();
}

/// Where a group of the API begins: `/api/v1`, `/apis/apps/v1`.
pub(crate) fn base(group: &str) -> String {
    if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") }
}

/// A Deployment of two pods; what is unsafe about its container is the caller's.
pub(crate) fn deployment(name: &str, container: &Value) -> Value {
    let labels = json!({ "app": name });
    let mut container = container.clone();
    container["name"] = json!("web");
    container["image"] = json!("registry.example.com/web:1.2");
    json!({
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [container] },
            },
        },
    })
}
