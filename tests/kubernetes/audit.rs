//! Roles suggested from the audit log of the server, put in the place of those that were there.

use bulkhead_cluster::{Cluster, Method};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rbac::{
    Binding, Graph, Identity, Policy, Request, Resource, Role, Rule, Source, Subject, Suggestion,
    Target, Uses, idle,
};
use serde_json::{Value, json};

use crate::kubernetes;
use crate::rbac::rights;
use crate::world::{
    act_as, binding_of, client, create_binding, create_namespace, create_role, delete_binding,
    wait_for_authoriser,
};

#[test]
fn suggested_roles_allow_what_was_done_and_no_more() {
    let Some(kubernetes) = kubernetes() else { return };
    let admin_kubeconfig = kubernetes.admin().unwrap();
    let admin = Cluster::connect(Some(&admin_kubeconfig), None).unwrap();
    create_namespace(&admin, "shop");
    let old = old_bindings(&admin);
    wait_for_authoriser(&admin);

    let ann = client(&kubernetes, "ann", None);
    act_in_shop(&ann);
    let refused = ann.ask::<Value>(Method::Get, "/api/v1/nodes", None).unwrap_err();
    assert_eq!(refused.code(), Some(403));
    // An administrator who acts as a service account.
    act_as(&admin_kubeconfig, "system:serviceaccount:shop:robot", &[]);
    let robot = Cluster::connect(Some(&admin_kubeconfig), None).unwrap();
    robot.ask::<Value>(Method::Get, "/api/v1/namespaces/shop/configmaps", None).unwrap();

    let mut uses = Uses::default();
    let budget = Budget::new(Limits::DEFAULT);
    let log = fs_err::read(kubernetes.audit_log()).unwrap();
    for (line, number) in log.split(|byte| *byte == b'\n').zip(1..) {
        uses.add("audit.log", number, line, &budget).unwrap();
    }
    assert_eq!(uses.malformed, []);
    assert!(uses.denied > 0, "the log shows no denial");
    let policy = Policy::of(&rights(&admin), Source::Server);
    let graph = Graph::new(policy.roles, policy.bindings, Source::Server);

    let idle = idle(&graph, &uses);
    let idle: Vec<(&str, bool)> =
        idle.iter().map(|idle| (idle.binding.name.as_str(), idle.is_whole)).collect();
    assert_eq!(idle, [("never", true), ("wide", false), ("metrics", false)]);

    let suggestion = Suggestion::new(&graph, &uses);
    assert!(suggestion.left_out.contains_key("admin"), "{:?}", suggestion.left_out);
    for binding in &old {
        delete_binding(&admin, binding);
    }
    for role in &suggestion.roles {
        create_role(&admin, role);
    }
    for binding in &suggestion.bindings {
        create_binding(&admin, binding);
    }
    wait_for_authoriser(&admin);

    let done: Vec<(Identity, Request)> = uses
        .requests()
        .filter(|(identity, _)| !suggestion.left_out.contains_key(&identity.user))
        .map(|(identity, request)| (identity.clone(), request.clone()))
        .collect();
    assert!(done.len() >= 6, "{done:?}");
    for ((identity, request), allowed) in done.iter().zip(admin.reviews(&done).unwrap()) {
        assert!(allowed, "{} can no longer {request}", identity.user);
    }
    // The user can do it all again.
    admin.ask::<Value>(Method::Delete, "/api/v1/namespaces/shop/configmaps/made", None).unwrap();
    act_in_shop(&ann);

    let other = |verb: &str, resource: &str, name: &str| {
        let target = Resource {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            ..Resource::named(resource)
        };
        (Identity::user("ann"), Request { verb: verb.to_owned(), target: Target::Resource(target) })
    };
    let unused = [
        other("delete", "configmaps", "made"),
        other("get", "secrets", ""),
        other("get", "configmaps", "other"),
        other("create", "pods", ""),
    ];
    assert_eq!(admin.reviews(&unused).unwrap(), [false; 4]);
}

/// More than anybody will use.
fn old_bindings(admin: &Cluster) -> Vec<Binding> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    let wide = Rule {
        verbs: texts(&["*"]),
        api_groups: texts(&[""]),
        resources: texts(&["configmaps", "secrets", "pods"]),
        ..Rule::default()
    };
    let metrics = Rule {
        verbs: texts(&["get"]),
        non_resource_urls: texts(&["/metrics", "/logs/*"]),
        ..Rule::default()
    };
    let role = |namespace: Option<&str>, name: &str, rule| Role {
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        rules: vec![rule],
        ..Role::default()
    };
    let roles = [
        role(None, "metrics", metrics),
        role(Some("shop"), "never", wide.clone()),
        role(Some("shop"), "wide", wide),
    ];
    let ann = Subject::User("ann".to_owned());
    let account = |name: &str| Subject::ServiceAccount {
        namespace: "shop".to_owned(),
        name: name.to_owned(),
    };
    let subjects = [vec![ann.clone()], vec![account("idle")], vec![ann, account("robot")]];
    let bindings = roles.iter().zip(subjects).map(|(role, subjects)| {
        create_role(admin, role);
        let binding = binding_of(role, subjects);
        create_binding(admin, &binding);
        binding
    });
    bindings.collect()
}

fn act_in_shop(ann: &Cluster) {
    let configmaps = "/api/v1/namespaces/shop/configmaps";
    let made = json!({ "metadata": { "name": "made" }, "data": { "a": "b" } });
    ann.ask::<Value>(Method::Post, configmaps, Some(&made)).unwrap();
    let one = format!("{configmaps}/made");
    ann.ask::<Value>(Method::Get, &one, None).unwrap();
    ann.ask::<Value>(Method::Merge, &one, Some(&json!({ "data": { "a": "c" } }))).unwrap();
    ann.ask::<Value>(Method::Get, "/api/v1/namespaces/shop/pods?limit=5", None).unwrap();
    // Plain text, but allowed.
    let metrics = ann.ask::<Value>(Method::Get, "/metrics", None).unwrap_err();
    assert_eq!(metrics.code(), None, "{metrics}");
}
