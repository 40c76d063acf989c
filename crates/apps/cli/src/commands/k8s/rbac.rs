//! `bulkhead k8s rbac`.

mod audit_log;
mod audited;
mod map;
mod paths;
mod who_can;

use bulkhead_cluster::Collection;
use bulkhead_objects::{Body, Object};
use bulkhead_rbac::{
    Binding, Graph, Inventory, Place, Policy, Reach, RoleReference, Source, Where, escalations,
};
use bulkhead_report::map::Map;
use serde::Serialize;

use super::objects::{Loaded, load};
use crate::arguments::{K8sObjects, Rbac};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The version of the JSON that these commands write.
const SCHEMA_VERSION: &str = "1.0";

const RIGHTS: [&str; 4] = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];

/// What rights lead to.
const LEADS_TO: [&str; 3] = ["serviceaccounts", "pods", "secrets"];

pub(super) fn run(command: &Rbac, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Rbac::WhoCan(arguments) => who_can::run(arguments, terminal),
        Rbac::Paths(arguments) => paths::run(arguments, terminal),
        Rbac::Unused(arguments) => audited::unused(arguments, terminal),
        Rbac::Suggest(arguments) => audited::suggest(arguments, terminal),
    }
}

/// The rights of a cluster, or of manifests.
struct Rights {
    loaded: Loaded,
    graph: Graph,
    inventory: Inventory,
}

/// Reads roles and bindings and, where it is asked for, what they lead to.
fn rights(arguments: &K8sObjects, with_inventory: bool) -> Result<Rights, Failure> {
    let group = "rbac.authorization.k8s.io";
    let mut collections: Vec<Collection> =
        RIGHTS.map(|plural| Collection { group, version: "v1", plural }).into();
    if with_inventory {
        let core = LEADS_TO.map(|plural| Collection { group: "", version: "v1", plural });
        collections.extend(core);
    }
    let mut loaded = load(arguments, &collections)?;
    let (graph, inventory) = read(&mut loaded);
    if !loaded.is_live {
        // In a cluster such a binding grants nothing; here its role may just not have been given.
        let unknown = graph.dangling().map(|binding| {
            format!(
                "{binding}: {} is not in what was given: what it grants is not known",
                binding.role
            )
        });
        loaded.not_assessed.extend(unknown);
    }
    Ok(Rights { loaded, graph, inventory })
}

/// The rights in what was loaded; what of them is not understood is not assessed.
fn read(loaded: &mut Loaded) -> (Graph, Inventory) {
    let source = if loaded.is_live { Source::Server } else { Source::Files };
    let policy = Policy::of(&loaded.objects.objects, source);
    let oddities = policy.oddities.iter();
    loaded.not_assessed.extend(oddities.map(|odd| format!("{}: {}", odd.object, odd.message)));
    (Graph::new(policy.roles, policy.bindings, source), policy.inventory)
}

/// The map of everybody's ways to the whole cluster; none where there are no roles.
pub(super) fn map_of(loaded: &mut Loaded) -> Result<Option<Map>, Failure> {
    let is_right = |object: &Object| matches!(object.body, Body::Role(_) | Body::Binding(_));
    if !loaded.objects.objects.iter().any(is_right) {
        return Ok(None);
    }
    let (graph, inventory) = read(loaded);
    let escalations = escalations()?;
    let reach = Reach::new(&graph, &inventory, &escalations);
    let goal = Place::Everything(Where::Cluster);
    let (paths, _) = paths::shown(&reach, &graph, &goal, false);
    Ok(Some(map::of(&paths, &goal, &graph, loaded.not_assessed.len())))
}

/// A binding and its role, for programs.
#[derive(Debug, Serialize)]
struct BindingName {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
    role_kind: &'static str,
    role: String,
}

impl BindingName {
    fn of(binding: &Binding) -> Self {
        let is_cluster = binding.namespace.is_none();
        let is_cluster_role = matches!(binding.role, RoleReference::ClusterRole(_));
        Self {
            kind: if is_cluster { "ClusterRoleBinding" } else { "RoleBinding" },
            namespace: binding.namespace.clone(),
            name: binding.name.clone(),
            role_kind: if is_cluster_role { "ClusterRole" } else { "Role" },
            role: binding.role.name().to_owned(),
        }
    }
}
