//! Each step of an escalation done on the API server: with all that it needs, and without any one of
//! its needs.

use bulkhead_cluster::{Cluster, ClusterError, Method};
use bulkhead_end_to_end::Kubernetes;
use bulkhead_rbac::{
    Binding, Escalation, On, Role, RoleReference, Rule, Scope, Subject, escalations,
};
use serde_json::{Value, json};

use crate::kubernetes;
use crate::world::{
    binding_of, client, create_binding, create_namespace, create_role, wait_for_authoriser,
};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const SHOP: &str = "/api/v1/namespaces/shop";
const CERTIFICATES: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";
const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1beta1";
const HOOKS: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/// One attempt: an escalation, and the need that is missing.
struct Attempt<'a> {
    escalation: &'a Escalation,
    missing: Option<usize>,
    user: String,
}

#[test]
fn the_api_server_allows_a_step_only_with_all_that_it_needs() {
    let Some(kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    make_world(&admin);
    let escalations = escalations().unwrap();
    let attempts: Vec<Attempt<'_>> = escalations
        .iter()
        .flat_map(|escalation| {
            let missing = std::iter::once(None).chain((0..escalation.needs.len()).map(Some));
            missing.map(move |missing| {
                let suffix = missing.map_or_else(|| "whole".to_owned(), |need| need.to_string());
                Attempt { escalation, missing, user: format!("{}-{suffix}", escalation.id) }
            })
        })
        .collect();
    for attempt in &attempts {
        attempt.grant(&admin);
    }
    wait_for_authoriser(&admin);
    for attempt in &attempts {
        let result = attempt.act(&kubernetes);
        let refused = matches!(&result, Err(ClusterError::Refused { code: 403, .. }));
        if attempt.missing.is_some() {
            assert!(refused, "{} is possible: {result:?}", attempt.user);
        } else {
            assert!(!refused, "{} is refused: {result:?}", attempt.user);
        }
    }
}

/// What closes the step by a privileged Pod leaves that by a claim open.
#[test]
fn pod_security_admission_refuses_what_closes_ways() {
    let Some(kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    for (level, is_open) in [("privileged", true), ("baseline", false), ("restricted", false)] {
        let name = format!("guarded-{level}");
        create_namespace(&admin, &name);
        let within = format!("/api/v1/namespaces/{name}");
        let labels = json!({ "pod-security.kubernetes.io/enforce": level });
        let labels = json!({ "metadata": { "labels": labels } });
        admin.ask::<Value>(Method::Merge, &within, Some(&labels)).unwrap();
        let account = json!({ "metadata": { "name": "robot" } });
        admin
            .ask::<Value>(Method::Post, &format!("{within}/serviceaccounts"), Some(&account))
            .unwrap();
        let pods = format!("{within}/pods");
        let run = admin.ask::<Value>(Method::Post, &pods, Some(&privileged_pod("root")));
        let refused = matches!(&run, Err(ClusterError::Refused { code: 403, .. }));
        assert_eq!(refused, !is_open, "{level}: {run:?}");
        for (path, mut body) in claimed(&name, &name) {
            if path == pods {
                let hardened = json!({
                    "allowPrivilegeEscalation": false,
                    "capabilities": { "drop": ["ALL"] },
                    "runAsNonRoot": true,
                    "runAsUser": 1000,
                    "seccompProfile": { "type": "RuntimeDefault" },
                });
                body["spec"]["containers"][0]["securityContext"] = hardened;
            }
            admin.ask::<Value>(Method::Post, &path, Some(&body)).unwrap();
        }
    }
}

impl Attempt<'_> {
    /// Gives the user every need but the missing one.
    fn grant(&self, admin: &Cluster) {
        let needs = self.escalation.needs.iter().enumerate();
        let rules = needs
            .filter(|(index, _)| Some(*index) != self.missing)
            .flat_map(|(_, need)| need.resources.iter().map(move |resource| (need, resource)))
            .map(|(need, resource)| {
                let name = match resource.subresource.as_str() {
                    "" => resource.resource.clone(),
                    subresource => format!("{}/{subresource}", resource.resource),
                };
                Rule {
                    verbs: need.verbs.clone(),
                    api_groups: vec![resource.group.clone()],
                    resources: vec![name],
                    resource_names: match need.on {
                        On::Named => need.names.clone(),
                        _ => Vec::new(),
                    },
                    ..Rule::default()
                }
            })
            .collect();
        let namespace = match self.escalation.scope {
            // A need of the cluster may be held there together with the others.
            _ if self.escalation.needs.iter().any(|need| need.scope.is_some()) => None,
            Scope::Cluster => None,
            Scope::Namespace => Some("shop".to_owned()),
        };
        let name = self.user.clone();
        let role = Role { namespace, name: name.clone(), rules, ..Role::default() };
        create_role(admin, &role);
        create_binding(admin, &binding_of(&role, vec![Subject::User(name)]));
    }

    /// Does what the escalation does. Whatever fails for other reasons than rights was allowed.
    fn act(&self, kubernetes: &Kubernetes) -> Result<Value, ClusterError> {
        let user = self.user.as_str();
        let acts_as: Option<(&str, &[&str])> = match self.escalation.id.as_str() {
            "impersonate-user" => Some(("root", &[])),
            "impersonate-group" => Some(("anybody", &["ops"])),
            "impersonate-account" => Some(("system:serviceaccount:shop:robot", &[])),
            _ => None,
        };
        let me = client(kubernetes, user, acts_as);
        let all = json!([{ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }]);
        let widened = json!({ "rules": all });
        let role = json!({ "metadata": { "name": format!("{user}-new") }, "rules": all });
        let binding = |kind: &str, name: &str| {
            json!({
                "metadata": { "name": format!("{user}-new") },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name },
                "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }],
            })
        };
        let joined = json!({ "subjects": binding("", "")["subjects"] });
        let in_shop = format!("{RBAC}/namespaces/shop");
        match self.escalation.id.as_str() {
            "every-right" => me.ask(Method::Get, "/api/v1/nodes", None),
            "bind-cluster-role" => {
                let path = format!("{RBAC}/clusterrolebindings");
                me.ask(Method::Post, &path, Some(&binding("ClusterRole", "cluster-admin")))
            }
            "bind-cluster-role-in-namespace" => {
                let path = format!("{in_shop}/rolebindings");
                me.ask(Method::Post, &path, Some(&binding("ClusterRole", "cluster-admin")))
            }
            "bind-role" => {
                let path = format!("{in_shop}/rolebindings");
                me.ask(Method::Post, &path, Some(&binding("Role", "everything")))
            }
            "join-cluster-role-binding" => {
                me.ask(Method::Merge, &format!("{RBAC}/clusterrolebindings/open"), Some(&joined))
            }
            "join-role-binding" | "join-binding-of-role" => {
                let name = if user.starts_with("join-role") { "open" } else { "open-role" };
                me.ask(Method::Merge, &format!("{in_shop}/rolebindings/{name}"), Some(&joined))
            }
            "widen-cluster-role" => {
                me.ask(Method::Merge, &format!("{RBAC}/clusterroles/{user}"), Some(&widened))
            }
            "widen-role" => {
                me.ask(Method::Merge, &format!("{in_shop}/roles/{user}"), Some(&widened))
            }
            "feed-aggregated-role" | "make-missing-cluster-role" => {
                me.ask(Method::Post, &format!("{RBAC}/clusterroles"), Some(&role))
            }
            "impersonate-user" | "impersonate-group" | "impersonate-account" => {
                me.ask(Method::Get, "/api", None)
            }
            "relabel-cluster-role" => {
                let change = json!({ "metadata": { "labels": { user: "yes" } } });
                me.ask(Method::Merge, &format!("{RBAC}/clusterroles/cluster-admin"), Some(&change))
            }
            _ => self.act_in_namespace(&me),
        }
    }

    /// What needs rights in one namespace.
    fn act_in_namespace(&self, me: &Cluster) -> Result<Value, ClusterError> {
        let user = self.user.as_str();
        match self.escalation.id.as_str() {
            "create-token" => {
                let path = format!("{SHOP}/serviceaccounts/robot/token");
                me.ask(Method::Post, &path, Some(&json!({ "spec": {} })))
            }
            "create-token-secret" => {
                let secret = token_secret(user);
                me.ask::<Value>(Method::Post, &format!("{SHOP}/secrets"), Some(&secret))?;
                me.ask(Method::Get, &format!("{SHOP}/secrets/{user}"), None)
            }
            "read-token-secret" => me.ask(Method::Get, &format!("{SHOP}/secrets/robot"), None),
            "create-workload" => me.ask(Method::Post, &format!("{SHOP}/pods"), Some(&pod(user))),
            "run-in-pod" => me.ask(Method::Post, &format!("{SHOP}/pods/bot/exec?command=id"), None),
            "debug-pod" => {
                let container = json!({ "name": "debug", "image": "debug" });
                let change = json!({ "spec": { "ephemeralContainers": [container] } });
                me.ask(
                    Method::Merge,
                    &format!("{SHOP}/pods/bot/ephemeralcontainers"),
                    Some(&change),
                )
            }
            "swap-image" => {
                let container = json!({ "name": "main", "image": "mine" });
                let change = json!({ "spec": { "containers": [container] } });
                me.ask(Method::Merge, &format!("{SHOP}/pods/bot"), Some(&change))
            }
            "change-workload" => {
                let change = json!({ "spec": { "template": pod_template(false) } });
                me.ask(Method::Merge, WEB, Some(&change))
            }
            "make-workload-privileged" => {
                let change = json!({ "spec": { "template": pod_template(true) } });
                me.ask(Method::Merge, WEB, Some(&change))
            }
            "run-privileged-pod" => {
                me.ask(Method::Post, &format!("{SHOP}/pods"), Some(&privileged_pod(user)))
            }
            "claim-host-path" => {
                let all = claimed(user, "shop");
                all.iter()
                    .try_fold(Value::Null, |_, (path, body)| me.ask(Method::Post, path, Some(body)))
            }
            _ => self.act_in_cluster(me),
        }
    }

    /// What needs rights in the cluster.
    fn act_in_cluster(&self, me: &Cluster) -> Result<Value, ClusterError> {
        let user = self.user.as_str();
        match self.escalation.id.as_str() {
            "mutate-by-policy" => {
                let ask = |kind: &str| {
                    let body = json!({ "metadata": { "name": user } });
                    me.ask::<Value>(Method::Post, &format!("{ADMISSION}/{kind}"), Some(&body))
                };
                let policy = ask("mutatingadmissionpolicies");
                match ask("mutatingadmissionpolicybindings") {
                    Err(error @ ClusterError::Refused { code: 403, .. }) => Err(error),
                    _ => policy,
                }
            }
            "command-kubelet" => me.ask(Method::Get, "/api/v1/nodes/n1/proxy/pods", None),
            "mutate-requests" => {
                me.ask(Method::Post, HOOKS, Some(&json!({ "metadata": { "name": user } })))
            }
            "redirect-webhook" => {
                let change = json!({ "metadata": { "labels": { "mine": "yes" } } });
                me.ask(Method::Merge, &format!("{HOOKS}/hook"), Some(&change))
            }
            "approve-certificate" => {
                approve_certificate(me, user, "kubernetes.io/kube-apiserver-client", "root")
            }
            "approve-node-certificate" => {
                let signer = "kubernetes.io/kube-apiserver-client-kubelet";
                approve_certificate(me, user, signer, "system:node:n1")
            }
            other => panic!("no test does {other}"),
        }
    }
}

/// What escalations lead to, and what they change.
fn make_world(admin: &Cluster) {
    create_namespace(admin, "shop");
    let post = |path: &str, body: &Value| {
        admin.ask::<Value>(Method::Post, path, Some(body)).unwrap();
    };
    post(&format!("{SHOP}/serviceaccounts"), &json!({ "metadata": { "name": "robot" } }));
    post(&format!("{SHOP}/secrets"), &token_secret("robot"));
    post(&format!("{SHOP}/pods"), &pod("bot"));
    let selector = json!({ "matchLabels": { "app": "web" } });
    let web = json!({ "selector": selector, "template": pod_template(false) });
    let web = json!({ "metadata": { "name": "web" }, "spec": web });
    post("/apis/apps/v1/namespaces/shop/deployments", &web);
    post("/api/v1/nodes", &json!({ "metadata": { "name": "n1" } }));
    post(HOOKS, &json!({ "metadata": { "name": "hook" } }));
    let everything = Rule {
        verbs: vec!["*".to_owned()],
        api_groups: vec!["*".to_owned()],
        resources: vec!["*".to_owned()],
        ..Rule::default()
    };
    let role = Role {
        namespace: Some("shop".to_owned()),
        name: "everything".to_owned(),
        rules: vec![everything],
        ..Role::default()
    };
    create_role(admin, &role);
    let cluster_admin = RoleReference::ClusterRole("cluster-admin".to_owned());
    let shop = Some("shop".to_owned());
    for (namespace, name, role) in [
        (None, "open", cluster_admin.clone()),
        (shop.clone(), "open", cluster_admin),
        (shop, "open-role", RoleReference::Role("everything".to_owned())),
    ] {
        let name = name.to_owned();
        let binding = Binding { namespace, name, role, subjects: Vec::new(), is_built_in: false };
        create_binding(admin, &binding);
    }
}

fn token_secret(name: &str) -> Value {
    json!({
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": name,
            "annotations": { "kubernetes.io/service-account.name": "robot" },
        },
    })
}

fn pod(name: &str) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": {
            "serviceAccountName": "robot",
            "nodeName": "n1",
            "containers": [{ "name": "main", "image": "main" }],
        },
    })
}

fn pod_template(privileged: bool) -> Value {
    json!({
        "metadata": { "labels": { "app": "web" } },
        "spec": {
            "serviceAccountName": "robot",
            "containers": [{
                "name": "main",
                "image": "main",
                "securityContext": { "privileged": privileged },
            }],
        },
    })
}

/// A Pod that is the root of its node.
fn privileged_pod(name: &str) -> Value {
    let mut pod = pod(name);
    pod["spec"]["hostPID"] = json!(true);
    pod["spec"]["volumes"] = json!([{ "name": "node", "hostPath": { "path": "/" } }]);
    pod["spec"]["containers"][0]["securityContext"] = json!({ "privileged": true });
    pod
}

/// A volume that is the root of a node, a claim of it and a Pod that mounts the claim.
fn claimed(name: &str, namespace: &str) -> [(String, Value); 3] {
    let within = format!("/api/v1/namespaces/{namespace}");
    let size = json!({ "storage": "1Gi" });
    let modes = json!(["ReadWriteOnce"]);
    let mut pod = pod(&format!("{name}-mounts"));
    pod["spec"]["volumes"] =
        json!([{ "name": "node", "persistentVolumeClaim": { "claimName": name } }]);
    pod["spec"]["containers"][0]["volumeMounts"] =
        json!([{ "name": "node", "mountPath": "/node" }]);
    [
        (
            "/api/v1/persistentvolumes".to_owned(),
            json!({
                "metadata": { "name": name },
                "spec": { "capacity": size, "accessModes": modes, "hostPath": { "path": "/" } },
            }),
        ),
        (
            format!("{within}/persistentvolumeclaims"),
            json!({
                "metadata": { "name": name },
                "spec": {
                    "accessModes": modes,
                    "storageClassName": "",
                    "volumeName": name,
                    "resources": { "requests": size },
                },
            }),
        ),
        (format!("{within}/pods"), pod),
    ]
}

fn approve_certificate(
    me: &Cluster,
    user: &str,
    signer: &str,
    name: &str,
) -> Result<Value, ClusterError> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    if name.starts_with("system:node:") {
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "system:nodes");
    }
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    let request = parameters.serialize_request(&key).unwrap().pem().unwrap();
    let body = json!({
        "metadata": { "name": user },
        "spec": {
            "request": request_in_base64(&request),
            "signerName": signer,
            "usages": ["client auth"],
        },
    });
    me.ask::<Value>(Method::Post, CERTIFICATES, Some(&body))?;
    let condition = json!({
        "type": "Approved", "status": "True", "reason": "Test", "message": "by its maker",
    });
    let change = json!({ "status": { "conditions": [condition] } });
    let one = format!("{CERTIFICATES}/{user}");
    me.ask::<Value>(Method::Merge, &format!("{one}/approval"), Some(&change))?;
    me.ask(Method::Get, &one, None)
}

fn request_in_base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
