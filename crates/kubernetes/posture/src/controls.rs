//! The table of controls, by family. A family is a file here and one of the same name in
//! `content/controls`.

mod admission;
mod audit;
mod control_plane;
mod images;
mod ingress;
mod kubelet;
mod namespaces;
mod network;
mod pod_security;
mod rbac;
mod resources;
mod secrets;
mod security_context;
mod service_accounts;
mod volumes;
mod workloads;

pub(crate) use control_plane::judge_flags;
pub(crate) use pod_security::linux_only;
pub(crate) use rbac::judge_grant;

use crate::control::Control;

/// Every family with its controls.
pub(crate) const FAMILIES: [(&str, &[Control]); 16] = [
    ("pod_security", pod_security::CONTROLS),
    ("security_context", security_context::CONTROLS),
    ("volumes", volumes::CONTROLS),
    ("resources", resources::CONTROLS),
    ("workloads", workloads::CONTROLS),
    ("images", images::CONTROLS),
    ("service_accounts", service_accounts::CONTROLS),
    ("secrets", secrets::CONTROLS),
    ("rbac", rbac::CONTROLS),
    ("network", network::CONTROLS),
    ("ingress", ingress::CONTROLS),
    ("admission", admission::CONTROLS),
    ("namespaces", namespaces::CONTROLS),
    ("control_plane", control_plane::CONTROLS),
    ("kubelet", kubelet::CONTROLS),
    ("audit", audit::CONTROLS),
];

/// Every control, in the order of the families.
pub fn controls() -> impl Iterator<Item = &'static Control> {
    FAMILIES.iter().flat_map(|(_, controls)| controls.iter())
}

/// The control of an id.
pub fn control(id: &str) -> Option<&'static Control> {
    controls().find(|control| control.id == id)
}
