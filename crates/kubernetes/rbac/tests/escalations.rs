//! What rights lead to: each step with all of its needs, and with any one of them missing.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_rbac::{Escalation, Graph, Place, Policy, Reach, Source, Subject, Where, escalations};

/// A world to escalate in: `admin` may everything, `root` and `robot` are bound to it.
const WORLD: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: admin}
rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {kind: ClusterRole, name: admin}
subjects:
- {kind: User, name: root}
- {kind: Group, name: ops}
- {kind: ServiceAccount, name: robot, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: bot, namespace: shop}
spec: {serviceAccountName: robot, nodeName: n1, containers: []}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: robot-token, namespace: shop, annotations: {kubernetes.io/service-account.name: robot}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: shop-admins, namespace: shop}
roleRef: {kind: ClusterRole, name: admin}
subjects: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: shop-admin, namespace: shop}
rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: shop-role-admins, namespace: shop}
roleRef: {kind: Role, name: shop-admin}
subjects: []
";

/// What `eve` holds beside the rights under test, so that roles of her own can be widened.
const EVE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: own, namespace: shop}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: eve-sum}
roleRef: {kind: ClusterRole, name: sum}
subjects: [{kind: User, name: eve}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: eve-missing}
roleRef: {kind: ClusterRole, name: missing}
subjects: [{kind: User, name: eve}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: eve-own, namespace: shop}
roleRef: {kind: Role, name: own}
subjects: [{kind: User, name: eve}]
";

fn policy(yaml: &str) -> Policy {
    let mut objects = Objects::new();
    objects.add("test.yaml", yaml.as_bytes(), &Budget::new(Limits::DEFAULT));
    assert_eq!(objects.problems, []);
    let policy = Policy::of(&objects.objects, Source::Files);
    assert_eq!(policy.oddities, []);
    policy
}

/// The ids of the steps of somebody's shortest way to the whole cluster.
fn way(yaml: &str, steps: &[Escalation], who: &Subject) -> Option<Vec<String>> {
    let policy = policy(yaml);
    let graph = Graph::new(policy.roles, policy.bindings, Source::Files);
    let reach = Reach::new(&graph, &policy.inventory, steps);
    let paths = reach.paths(&Place::Everything(Where::Cluster));
    let path = paths.iter().find(|path| *path.start == Place::Subject(who.clone()))?;
    let steps = path.steps.iter().filter_map(|step| step.escalation);
    Some(steps.map(|escalation| escalation.id.clone()).collect())
}

/// A role with a rule for each need, bound to eve: in the namespace or in the cluster.
fn rights(escalation: &Escalation, without: Option<usize>, namespace: Option<&str>) -> String {
    let needs = escalation.needs.iter().enumerate();
    let needs: Vec<_> =
        needs.filter(|(index, _)| Some(*index) != without).map(|(_, need)| need).collect();
    let rules = |wide: bool| -> Vec<String> {
        let needs = needs.iter().filter(|it| (it.scope.is_some() && namespace.is_some()) == wide);
        let rule = |need: &&bulkhead_rbac::Need| {
            let resource = &need.resources[0];
            let subresource = &resource.subresource;
            let slash = if subresource.is_empty() { "" } else { "/" };
            format!(
                "{{verbs: ['{}'], apiGroups: ['{}'], resources: ['{}{slash}{subresource}']}}",
                need.verbs[0], resource.group, resource.resource
            )
        };
        needs.map(rule).collect()
    };
    let (wide, own) = (rules(true), rules(false));
    let wide = if wide.is_empty() { String::new() } else { bound(&wide.join(", "), None) };
    wide + &bound(&own.join(", "), namespace)
}

/// A role with these rules, bound to eve in the namespace or in the cluster.
fn bound(rules: &str, namespace: Option<&str>) -> String {
    let (kind, place) = match namespace {
        None => ("ClusterRole", String::new()),
        Some(namespace) => ("Role", format!(", namespace: {namespace}")),
    };
    format!(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: eve{place}}}\n\
         rules: [{rules}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}Binding\n\
         metadata: {{name: eve{place}}}\nroleRef: {{kind: {kind}, name: eve}}\n\
         subjects: [{{kind: User, name: eve}}]\n"
    )
}

#[test]
fn each_step_needs_all_of_its_needs() {
    let eve = Subject::User("eve".to_owned());
    let all = escalations().unwrap();
    for step in &all {
        let steps = [
            step.clone(),
            all.iter().find(|other| other.id == "every-right").unwrap().clone(),
            all.iter().find(|other| other.id == "create-token").unwrap().clone(),
        ];
        for namespace in [None, Some("shop")] {
            let yaml = |without| format!("{WORLD}---{EVE}{}", rights(step, without, namespace));
            let found = way(&yaml(None), &steps, &eve);
            if namespace.is_some() && step.scope == bulkhead_rbac::Scope::Cluster {
                let leads = found.is_some_and(|ids| ids[0] == step.id);
                assert!(!leads, "{} in a namespace", step.id);
                continue;
            }
            let found = found.unwrap_or_else(|| panic!("{} leads nowhere", step.id));
            assert_eq!(found[0], step.id, "{found:?}");
            for missing in 0..step.needs.len() {
                let found = way(&yaml(Some(missing)), &steps, &eve);
                assert_eq!(found, None, "{} without need {missing}", step.id);
            }
        }
    }
}

#[test]
fn rights_on_names_lead_to_those_names_only() {
    let eve = Subject::User("eve".to_owned());
    let all = escalations().unwrap();
    let shop = Some("shop");
    for (verb, resources, names, namespace, first) in [
        ("impersonate", "users", "root", None, Some("impersonate-user")),
        ("impersonate", "users", "ann", None, None),
        ("impersonate", "users", "root", shop, None),
        // Groups need a user beside them.
        ("impersonate", "groups", "ops", None, None),
        ("impersonate", "groups, users", "ops", None, Some("impersonate-group")),
        ("impersonate", "groups, users", "system:masters", None, Some("impersonate-group")),
        ("create", "serviceaccounts/token", "robot", shop, Some("create-token")),
        ("create", "serviceaccounts/token", "other", shop, None),
        ("create", "serviceaccounts/token", "robot", Some("elsewhere"), None),
        ("get", "secrets", "robot-token", shop, Some("read-token-secret")),
        ("get", "secrets", "other", shop, None),
        ("create", "pods/exec", "bot", shop, Some("run-in-pod")),
        ("get", "nodes/proxy", "n1", None, Some("command-kubelet")),
        ("get", "nodes/proxy", "n2", None, None),
        // A new object has no name that a rule could name.
        ("create", "pods", "bot", shop, None),
    ] {
        let rule = format!(
            "{{verbs: [{verb}], apiGroups: [''], resources: [{resources}], resourceNames: ['{names}']}}"
        );
        let found = way(&format!("{WORLD}{}", bound(&rule, namespace)), &all, &eve);
        let found_first = found.as_ref().map(|ids| ids[0].as_str());
        assert_eq!(found_first, first, "{rule} in {namespace:?}: {found:?}");
    }
}

#[test]
fn ways_go_through_groups_roles_and_pods() {
    let all = escalations().unwrap();
    let yaml = format!(
        "{WORLD}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: binder}}
rules:
- {{verbs: [bind], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [deployer]}}
- {{verbs: [create], apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: deployer}}
rules: [{{verbs: [create], apiGroups: [apps], resources: [deployments]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: binders, namespace: shop}}
roleRef: {{kind: ClusterRole, name: binder}}
subjects: [{{kind: Group, name: 'system:serviceaccounts:red'}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: x, namespace: red}}
"
    );
    let who = Subject::ServiceAccount { namespace: "red".to_owned(), name: "x".to_owned() };
    let ids = way(&yaml, &all, &who).unwrap();
    assert_eq!(ids, ["bind-cluster-role-in-namespace", "create-workload", "every-right"]);
    let other = Subject::ServiceAccount { namespace: "shop".to_owned(), name: "robot".to_owned() };
    assert_eq!(way(&yaml, &all, &other).unwrap(), ["every-right"]);
}

/// The right to widen may come from a group, the role from a binding of one's own.
#[test]
fn rights_of_groups_and_own_roles_add_up() {
    let all = escalations().unwrap();
    let yaml = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: plain}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: widener}
rules: [{verbs: [patch, escalate], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [plain]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: wideners}
roleRef: {kind: ClusterRole, name: widener}
subjects: [{kind: Group, name: 'system:serviceaccounts:red'}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: plain}
roleRef: {kind: ClusterRole, name: plain}
subjects: [{kind: ServiceAccount, name: x, namespace: red}, {kind: ServiceAccount, name: x, namespace: blue}]
";
    let account = |namespace: &str| Subject::ServiceAccount {
        namespace: namespace.to_owned(),
        name: "x".to_owned(),
    };
    assert_eq!(way(yaml, &all, &account("red")).unwrap(), ["widen-cluster-role"]);
    assert_eq!(way(yaml, &all, &account("blue")), None);
}

/// A step by a privileged Pod is closed where Pod Security admission refuses it, and a claim is not.
#[test]
fn pod_security_admission_closes_ways_to_nodes() {
    let eve = Subject::User("eve".to_owned());
    let all: Vec<Escalation> = escalations().unwrap();
    // Without what gives the accounts of the namespace itself.
    let steps = |ids: &[&str]| -> Vec<Escalation> {
        let ids = |id: &str| ids.contains(&id) || id == "every-right";
        all.iter().filter(|step| ids(&step.id)).cloned().collect()
    };
    let workload =
        "{verbs: [create, patch], apiGroups: ['', apps], resources: [pods, deployments]}";
    let claims = "{verbs: [create], apiGroups: [''], resources: [persistentvolumeclaims]}";
    let volumes = bound("{verbs: [create], apiGroups: [''], resources: [persistentvolumes]}", None);
    let level = |name: &str, level: &str| {
        let labels = match level {
            "" => String::new(),
            level => format!(", labels: {{pod-security.kubernetes.io/enforce: {level}}}"),
        };
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}{labels}}}\n")
    };
    for (enforced, is_open) in [
        ("", true),
        ("privileged", true),
        ("baseline", false),
        ("restricted", false),
        ("odd", false),
    ] {
        let world = format!("{WORLD}{}", level("shop", enforced));
        for id in ["run-privileged-pod", "make-workload-privileged"] {
            let yaml = format!("{world}{}", bound(workload, Some("shop")));
            assert_eq!(way(&yaml, &steps(&[id]), &eve).is_some(), is_open, "{id} {enforced}");
            // Whoever may everywhere needs one namespace that is open.
            let yaml = format!("{world}{}", bound(workload, None));
            assert_eq!(way(&yaml, &steps(&[id]), &eve).is_some(), is_open, "{id} {enforced}");
            let yaml = format!("{yaml}{}", level("other", ""));
            assert!(way(&yaml, &steps(&[id]), &eve).is_some(), "{id} {enforced}");
        }
        let claimed = steps(&["claim-host-path"]);
        let rules = format!("{workload}, {claims}");
        let yaml = format!("{world}{}", bound(&rules, Some("shop")));
        assert_eq!(way(&yaml, &claimed, &eve), None);
        let yaml = format!("{yaml}{volumes}");
        assert_eq!(way(&yaml, &claimed, &eve).unwrap()[0], "claim-host-path", "{enforced}");
    }
}

/// A Pod without a token of its own gives none, unless a volume asks for one that the API server takes.
#[test]
fn pods_hold_the_tokens_that_are_mounted() {
    let eve = Subject::User("eve".to_owned());
    let all = escalations().unwrap();
    let rule = "{verbs: [create], apiGroups: [''], resources: [pods/exec]}";
    for (spec, holds) in [
        ("", true),
        ("automountServiceAccountToken: false, ", false),
        (
            "automountServiceAccountToken: false, volumes: [{name: t, projected: {sources: [{serviceAccountToken: \
             {path: token}}]}}], ",
            true,
        ),
        (
            "automountServiceAccountToken: false, volumes: [{name: t, projected: {sources: [{serviceAccountToken: \
             {path: token, audience: vault}}]}}], ",
            false,
        ),
    ] {
        let world = WORLD.replace("spec: {", &format!("spec: {{{spec}"));
        let yaml = format!("{world}{}", bound(rule, Some("shop")));
        assert_eq!(way(&yaml, &all, &eve).is_some(), holds, "{spec}");
    }
}
