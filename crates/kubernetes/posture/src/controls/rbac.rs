//! Roles and bindings, each by itself and with the objects that they name.

mod rules;

pub(crate) use rules::is_built_in;
pub(crate) use rules::judge_grant;
use rules::{FULL, allows_everything, allows_with, is_for_everybody};

use bulkhead_objects::{Name, Rule, Subject};

use crate::control::{Control, View};
use crate::subject::Pod;
use crate::verdict::Reason::{Contains, Is, Missing, Unset, Unused};
use crate::{Place, Sheet};

const RBAC: &str = "rbac.authorization.k8s.io";
const CHANGE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
const WRITE: &[&str] = &["create", "update", "patch"];

/// Resources by group and name.
type Resources = &'static [(&'static str, &'static str)];

/// What makes pods.
const WORKLOADS: Resources = &[
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
];

const ROLES: Resources = &[
    (RBAC, "roles"),
    (RBAC, "clusterroles"),
    (RBAC, "rolebindings"),
    (RBAC, "clusterrolebindings"),
];

const EXECUTE: Resources = &[("", "pods/exec"), ("", "pods/attach")];

pub(super) const CONTROLS: &[Control] = &[
    Control::role("role-full-access", |role, sheet| {
        rules(role, sheet, |rule, place, sheet| {
            sheet.fail_if(allows_everything(rule), place("rules[]"), Contains("*"));
        });
    }),
    Control::role("role-wildcard-verbs", |role, sheet| {
        rules(role, sheet, |rule, place, sheet| {
            sheet.fail_if(has(&rule.verbs, "*"), place("rules[].verbs"), Contains("*"));
        });
    }),
    Control::role("role-wildcard-resources", |role, sheet| {
        rules(role, sheet, |rule, place, sheet| {
            sheet.fail_if(has(&rule.resources, "*"), place("rules[].resources"), Contains("*"));
        });
    }),
    Control::role("role-wildcard-api-groups", |role, sheet| {
        rules(role, sheet, |rule, place, sheet| {
            sheet.fail_if(has(&rule.api_groups, "*"), place("rules[].apiGroups"), Contains("*"));
        });
    }),
    Control::role("role-wildcard-urls", |role, sheet| {
        rules(role, sheet, |rule, place, sheet| {
            let all = has(&rule.non_resource_urls, "*") || has(&rule.non_resource_urls, "/*");
            sheet.fail_if(all, place("rules[].nonResourceURLs"), Contains("*"));
        });
    }),
    Control::grant(
        "role-escalates",
        &["escalate", "bind"],
        &[(RBAC, "roles"), (RBAC, "clusterroles")],
    ),
    Control::grant(
        "role-impersonates",
        &["impersonate"],
        &[
            ("", "users"),
            ("", "groups"),
            ("", "serviceaccounts"),
            ("authentication.k8s.io", "uids"),
        ],
    ),
    Control::grant("role-creates-tokens", &["create"], &[("", "serviceaccounts/token")]),
    // The API server asks for `get` when a session is opened by a web socket.
    Control::grant("role-executes-in-pods", &["create", "get"], EXECUTE),
    Control::grant(
        "role-adds-debug-containers",
        &["update", "patch"],
        &[("", "pods/ephemeralcontainers")],
    ),
    Control::grant("role-forwards-ports", &["create", "get"], &[("", "pods/portforward")]),
    Control::grant(
        "role-proxies",
        &["create", "get", "update", "patch", "delete"],
        &[("", "pods/proxy"), ("", "services/proxy")],
    ),
    Control::grant(
        "role-proxies-nodes",
        &["create", "get", "update", "patch", "delete"],
        &[("", "nodes/proxy")],
    ),
    Control::grant("role-creates-workloads", &["create"], WORKLOADS),
    Control::grant("role-deletes-pods", &["delete", "deletecollection"], &[("", "pods")]),
    Control::grant(
        "role-deletes-workloads",
        &["delete", "deletecollection"],
        &[
            ("", "replicationcontrollers"),
            ("", "services"),
            ("apps", "daemonsets"),
            ("apps", "deployments"),
            ("apps", "replicasets"),
            ("apps", "statefulsets"),
            ("batch", "cronjobs"),
            ("batch", "jobs"),
        ],
    ),
    Control::grant("role-reads-logs", &["get", "list"], &[("", "pods/log")]),
    Control::grant(
        "role-changes-webhooks",
        CHANGE,
        &[
            ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
            ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ],
    ),
    Control::grant(
        "role-changes-admission-policies",
        CHANGE,
        &[
            ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
            ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
            ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
            ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
        ],
    ),
    Control::grant(
        "role-approves-certificates",
        &["update", "patch"],
        &[("certificates.k8s.io", "certificatesigningrequests/approval")],
    ),
    Control::grant("role-changes-roles", WRITE, ROLES),
    Control::grant("role-creates-volumes", &["create"], &[("", "persistentvolumes")]),
    Control::grant(
        "role-changes-nodes",
        &["update", "patch"],
        &[("", "nodes"), ("", "nodes/status")],
    ),
    Control::grant("role-changes-namespaces", &["update", "patch"], &[("", "namespaces")]),
    Control::grant(
        "role-changes-network-policies",
        CHANGE,
        &[("networking.k8s.io", "networkpolicies")],
    ),
    Control::grant(
        "role-changes-endpoints",
        WRITE,
        &[("", "endpoints"), ("discovery.k8s.io", "endpointslices")],
    ),
    Control::grant(
        "role-changes-api",
        CHANGE,
        &[
            ("apiregistration.k8s.io", "apiservices"),
            ("apiextensions.k8s.io", "customresourcedefinitions"),
        ],
    ),
    Control::role("role-changes-system-config", |role, sheet| {
        // A role of another namespace does not reach those of the system.
        if role.object.type_name.kind == "ClusterRole" || role.object.namespace() == "kube-system" {
            judge_grant(role, &["update", "patch"], &[("", "configmaps")], sheet);
        }
    }),
    Control::grant(
        "role-deletes-events",
        &["delete", "deletecollection"],
        &[("", "events"), ("events.k8s.io", "events")],
    ),
    Control::role("role-extends-built-in", |role, sheet| {
        if role.object.type_name.kind == "ClusterRole" && !is_built_in(role.object) {
            sheet.applies();
            for (key, value) in role.object.metadata.labels.iter() {
                let target = key.strip_prefix("rbac.authorization.k8s.io/aggregate-to-");
                if target.is_some_and(|target| ["admin", "edit", "view"].contains(&target))
                    && value == "true"
                {
                    sheet.fail(Place::of("metadata.labels{}").key(key), Is("true"));
                }
            }
        }
    }),
    Control::role("role-unused", |role, sheet| {
        if is_built_in(role.object) {
            return;
        }
        let cluster_wide = role.object.type_name.kind == "ClusterRole";
        let scope = if cluster_wide { "" } else { role.object.namespace() };
        let name = role.object.metadata.name.as_str();
        // What is put together with others is used by them.
        let labels = &role.object.metadata.labels;
        let aggregated =
            cluster_wide && labels.iter().any(|(key, _)| key.contains("/aggregate-to-"));
        let used = role.cluster.bound_roles.contains(&(scope, name)) || aggregated;
        sheet.fail_if(!used, Place::of("metadata.name"), Unused);
    }),
    Control::binding("binding-cluster-admin", |binding, sheet| {
        // In one namespace it is a role with full access among others.
        let cluster_wide = binding.object.type_name.kind == "ClusterRoleBinding";
        if cluster_wide && !is_built_in(binding.object) {
            let reference = &binding.body.role_ref;
            let admin = reference.kind == "ClusterRole" && reference.name == "cluster-admin";
            sheet.fail_if(
                admin && has_subjects(binding),
                Place::of("roleRef.name"),
                Is("cluster-admin"),
            );
        }
    }),
    Control::binding("binding-full-access", |binding, sheet| {
        bound(binding, sheet, allows_everything);
    }),
    // Intruders call theirs like the control plane's, so that tools pass over it.
    Control::binding("binding-full-access-disguised", |binding, sheet| {
        let reference = &binding.body.role_ref;
        let masters = binding
            .body
            .subjects
            .iter()
            .all(|subject| subject.kind == "Group" && subject.name == "system:masters");
        let own = binding.object.metadata.name == "cluster-admin" && masters;
        if is_built_in(binding.object) && has_subjects(binding) && !own {
            let admin = reference.kind == "ClusterRole" && reference.name == "cluster-admin";
            let role = binding.cluster.role_of(binding.object, binding.body);
            let all = role.is_some_and(|role| role.rules.iter().any(allows_everything));
            sheet.fail_if(admin || all, Place::of("roleRef.name"), Is(&reference.name));
        }
    }),
    Control::binding("binding-broad-role", |binding, sheet| {
        if !is_built_in(binding.object) {
            let reference = &binding.body.role_ref;
            let broad = reference.kind == "ClusterRole"
                && ["admin", "edit"].contains(&reference.name.as_str());
            sheet.fail_if(broad, Place::of("roleRef.name"), Is(&reference.name));
        }
    }),
    Control::binding("binding-system-masters", |binding, sheet| {
        if !is_built_in(binding.object) {
            subjects(binding, sheet, |subject| {
                subject.kind == "Group" && subject.name == "system:masters"
            });
        }
    }),
    Control::binding("binding-anonymous", |binding, sheet| {
        if !is_for_everybody(binding) {
            subjects(binding, sheet, |subject| {
                matches!(subject.name.as_str(), "system:anonymous" | "system:unauthenticated")
            });
        }
    }),
    Control::binding("binding-everybody", |binding, sheet| {
        if !is_for_everybody(binding) {
            subjects(binding, sheet, |subject| {
                subject.kind == "Group"
                    && matches!(
                        subject.name.as_str(),
                        "system:authenticated" | "system:serviceaccounts"
                    )
            });
        }
    }),
    Control::binding("binding-executes-in-pods", |binding, sheet| {
        bound(binding, sheet, |rule| allows_with(rule, &["create", "get"], EXECUTE));
    }),
    Control::binding("binding-role-missing", |binding, sheet| {
        let reference = &binding.body.role_ref;
        let cluster = binding.cluster;
        let known = cluster.role_of(binding.object, binding.body).is_some();
        let built_in = reference.kind == "ClusterRole"
            && (reference.name.starts_with("system:")
                || ["cluster-admin", "admin", "edit", "view"].contains(&reference.name.as_str()));
        let place = Place::of("roleRef.name");
        if known || built_in || cluster.settings().complete {
            sheet.fail_if(!known && !built_in, place, Missing(&reference.name));
        } else {
            sheet.not_checkable(place, "the roles of the cluster");
        }
    }),
    Control::binding("binding-subject-missing", |binding, sheet| {
        let cluster = binding.cluster;
        for (index, subject) in binding.body.subjects.iter().enumerate() {
            if subject.kind != "ServiceAccount" || subject.name == "default" {
                continue;
            }
            let place = subject.namespace.as_deref().unwrap_or_else(|| binding.object.namespace());
            let inside = cluster.namespace(place);
            let known = inside.is_some_and(|inside| inside.accounts.contains_key(&*subject.name));
            let path = Place::of("subjects[].name").at(index);
            if known || (cluster.settings().complete && !is_built_in(binding.object)) {
                sheet.fail_if(!known, path, Missing(&subject.name));
            } else if !is_built_in(binding.object) {
                sheet.not_checkable(path, "the service accounts of the namespace");
            }
        }
    }),
    Control::binding("binding-without-subjects", |binding, sheet| {
        if !is_built_in(binding.object) {
            sheet.fail_if(!has_subjects(binding), Place::of("subjects"), Unset);
        }
    }),
    Control::pod("workload-takes-over-cluster", workload_takes_over_cluster),
];

fn has(list: &[Name], name: &str) -> bool {
    list.iter().any(|own| own == name)
}

/// Judges each rule of a role that is not Kubernetes' own.
fn rules<'a>(
    role: &View<'a, bulkhead_objects::Role>,
    sheet: &mut Sheet<'a>,
    judge: impl Fn(&'a Rule, &dyn Fn(&'static str) -> Place<'a>, &mut Sheet<'a>),
) {
    if is_built_in(role.object) {
        return;
    }
    for (index, rule) in role.body.rules.iter().enumerate() {
        judge(rule, &|field| Place::of(field).at(index), sheet);
    }
}

fn has_subjects(binding: &View<'_, bulkhead_objects::Binding>) -> bool {
    !binding.body.subjects.is_empty()
}

fn subjects<'a>(
    binding: &View<'a, bulkhead_objects::Binding>,
    sheet: &mut Sheet<'a>,
    wrong: impl Fn(&Subject) -> bool,
) {
    sheet.applies();
    for (index, subject) in binding.body.subjects.iter().enumerate() {
        if wrong(subject) {
            sheet.fail(Place::of("subjects[].name").at(index), Is(&subject.name));
        }
    }
}

/// Fails where somebody is bound to a role that has such a rule.
fn bound<'a>(
    binding: &View<'a, bulkhead_objects::Binding>,
    sheet: &mut Sheet<'a>,
    wrong: impl Fn(&Rule) -> bool,
) {
    if is_built_in(binding.object) || !has_subjects(binding) {
        return;
    }
    match binding.cluster.role_of(binding.object, binding.body) {
        Some(role) => {
            let wrong = role.rules.iter().any(wrong);
            sheet.fail_if(wrong, Place::of("roleRef.name"), Is(&binding.body.role_ref.name));
        }
        None if binding.body.role_ref.name == "cluster-admin" => {
            sheet.fail(Place::of("roleRef.name"), Is("cluster-admin"));
        }
        None => sheet.not_checkable(Place::of("roleRef.name"), "the role of the binding"),
    }
}

/// Rights that lead, through one step or none, to all others when they hold for the whole cluster.
const TAKE_OVER: [(&[&str], Resources); 6] = [
    (FULL, &[("*", "*")]),
    (&["get", "list", "watch"], &[("", "secrets")]),
    (&["create", "update", "patch"], WORKLOADS),
    (&["create", "get"], EXECUTE),
    (&["create", "update", "patch", "bind", "escalate"], ROLES),
    (&["create"], &[("", "serviceaccounts/token")]),
];

fn workload_takes_over_cluster<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    let name = pod.spec.account();
    let namespace = pod.namespace();
    for (object, binding) in &pod.cluster.bindings {
        let is_own = |subject: &Subject| match subject.kind.as_str() {
            "ServiceAccount" => {
                subject.name == name
                    && subject.namespace.as_deref().unwrap_or_default() == namespace
            }
            "Group" => {
                subject.name == "system:serviceaccounts"
                    || subject.name.strip_prefix("system:serviceaccounts:") == Some(namespace)
            }
            _ => false,
        };
        if !binding.subjects.iter().any(is_own) {
            continue;
        }
        sheet.applies();
        let takes_over = match pod.cluster.role_of(object, binding) {
            Some(role) => role.rules.iter().any(|rule| {
                TAKE_OVER.iter().any(|(verbs, resources)| allows_with(rule, verbs, resources))
            }),
            None => binding.role_ref.name == "cluster-admin",
        };
        if takes_over {
            sheet.fail(pod.at("serviceAccountName"), Is(&binding.role_ref.name));
        }
    }
}
