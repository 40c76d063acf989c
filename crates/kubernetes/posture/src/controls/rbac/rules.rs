//! What a rule of a role allows. (`kubernetes`, `pkg/apis/rbac/v1/evaluation_helpers.go`)

use bulkhead_objects::{Binding, Name, Object, Role, Rule};

use crate::control::View;
use crate::verdict::Reason::Contains;
use crate::{Place, Sheet};

/// Every verb.
pub(super) const FULL: &[&str] = &["*"];

/// What begins so is kept by the control plane or by the cloud that runs it.
const PREFIXES: [&str; 3] = ["eks:", "gce:", "system:"];

/// Roles for people that every cluster has.
const FOR_PEOPLE: [&str; 4] = ["admin", "cluster-admin", "edit", "view"];

/// A role or binding that every cluster has: the API server makes it, and makes it anew.
pub(crate) fn is_built_in(object: &Object) -> bool {
    let name = object.metadata.name.as_str();
    let label = object.metadata.labels.get("kubernetes.io/bootstrapping");
    label.is_some_and(|value| value == "rbac-defaults")
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (object.type_name.kind == "ClusterRole" && FOR_PEOPLE.contains(&name))
}

/// Bindings to roles of the same name that the API server makes for whoever calls it.
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`)
const FOR_EVERYBODY: [&str; 4] = [
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

/// A binding of every cluster that shows people who they are and which API there is. A name that begins
/// like those of the control plane is not enough here: anybody with the right to bind may choose it.
pub(super) fn is_for_everybody(binding: &View<'_, Binding>) -> bool {
    let (name, role) = (binding.object.metadata.name.as_str(), &binding.body.role_ref.name);
    role == name && FOR_EVERYBODY.contains(&name)
}

/// Verbs that together are as good as all.
const VERBS: [&str; 7] = ["create", "delete", "get", "list", "patch", "update", "watch"];

/// All verbs on all resources of all groups.
pub(super) fn allows_everything(rule: &Rule) -> bool {
    let has = |list: &[Name], name: &str| list.iter().any(|own| own == name);
    let verbs = has(&rule.verbs, "*") || VERBS.iter().all(|verb| has(&rule.verbs, verb));
    verbs
        && has(&rule.resources, "*")
        && has(&rule.api_groups, "*")
        && rule.resource_names.is_empty()
}

/// Whether a rule allows any of the verbs on any of the resources, for all names.
pub(super) fn allows_with(rule: &Rule, verbs: &[&str], resources: &[(&str, &str)]) -> bool {
    rule.resource_names.is_empty()
        && rule.verbs.iter().any(|own| own == "*" || verbs.contains(&own.as_str()))
        && resources.iter().any(|(group, resource)| reaches(rule, group, resource))
}

fn reaches(rule: &Rule, group: &str, resource: &str) -> bool {
    let in_group = rule.api_groups.iter().any(|own| own == "*" || own == group);
    in_group && rule.resources.iter().any(|own| covers(own, resource))
}

/// `*` is every resource and subresource, `*/scale` this subresource of every resource.
fn covers(own: &str, resource: &str) -> bool {
    own == "*"
        || own == resource
        || own.strip_prefix("*/").is_some_and(|subresource| {
            resource.split_once('/').is_some_and(|(_, asked)| asked == subresource)
        })
}

/// Judges one row of the table: each rule of a role against what it should not allow.
pub(crate) fn judge_grant<'a>(
    role: &View<'a, Role>,
    verbs: &'static [&'static str],
    resources: &'static [(&'static str, &'static str)],
    sheet: &mut Sheet<'a>,
) {
    if is_built_in(role.object) {
        return;
    }
    sheet.applies();
    for (index, rule) in role.body.rules.iter().enumerate() {
        if allows_with(rule, verbs, resources) {
            let found = resources.iter().find(|(group, resource)| reaches(rule, group, resource));
            let (_, resource) = found.copied().unwrap_or_default();
            sheet.fail(Place::of("rules[]").at(index), Contains(resource));
        }
    }
}
