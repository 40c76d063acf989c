//! `bulkhead k8s rbac`.

mod audited;
mod paths;
mod who_can;

use bulkhead_cluster::Collection;
use bulkhead_rbac::{Binding, Graph, Inventory, Policy, RoleReference, Source};
use serde::Serialize;

use super::objects::{Loaded, load};
use crate::arguments::{K8sObjects, Rbac};
use crate::failure::Failure;
use crate::output;
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
    let source = if arguments.cluster { Source::Server } else { Source::Files };
    let policy = Policy::of(&loaded.objects.objects, source);
    let oddities = policy.oddities.iter();
    loaded.not_assessed.extend(oddities.map(|odd| format!("{}: {}", odd.object, odd.message)));
    let graph = Graph::new(policy.roles, policy.bindings, source);
    Ok(Rights { loaded, graph, inventory: policy.inventory })
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

/// Writes a result for programs.
fn write_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    output::standard(&format!("{text}\n"))
}
