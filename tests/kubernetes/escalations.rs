//! Each step of an escalation done on the API server: with all that it needs, and without any one of
//! its needs.

use std::thread::sleep;
use std::time::Duration;

use bulkhead_cluster::{Cluster, ClusterError, Method};
use bulkhead_end_to_end::Kubernetes;
use bulkhead_rbac::{
    Binding, Escalation, On, Role, RoleReference, Rule, Scope, Subject, escalations,
};
use serde_json::{Value, json};

use crate::kubernetes;
use crate::world::{client, create_binding, create_namespace, create_role};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const SHOP: &str = "/api/v1/namespaces/shop";
const CERTIFICATES: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
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
    // The authoriser reads roles through a watch.
    sleep(Duration::from_secs(2));
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
            Scope::Cluster => None,
            Scope::Namespace => Some("shop".to_owned()),
        };
        let name = self.user.clone();
        let role =
            Role { namespace: namespace.clone(), name: name.clone(), rules, ..Role::default() };
        create_role(admin, &role);
        let role = match namespace {
            None => RoleReference::ClusterRole(name.clone()),
            Some(_) => RoleReference::Role(name.clone()),
        };
        let subjects = vec![Subject::User(name.clone())];
        let binding = Binding { namespace, name, role, subjects, is_built_in: false };
        create_binding(admin, &binding);
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
            "command-kubelet" => me.ask(Method::Get, "/api/v1/nodes/n1/proxy/pods", None),
            "mutate-requests" => {
                me.ask(Method::Post, HOOKS, Some(&json!({ "metadata": { "name": user } })))
            }
            "redirect-webhook" => {
                let change = json!({ "metadata": { "labels": { "mine": "yes" } } });
                me.ask(Method::Merge, &format!("{HOOKS}/hook"), Some(&change))
            }
            "approve-certificate" => approve_certificate(&me, user),
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

fn approve_certificate(me: &Cluster, user: &str) -> Result<Value, ClusterError> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "root");
    let request = parameters.serialize_request(&key).unwrap().pem().unwrap();
    let body = json!({
        "metadata": { "name": user },
        "spec": {
            "request": request_in_base64(&request),
            "signerName": "kubernetes.io/kube-apiserver-client",
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
