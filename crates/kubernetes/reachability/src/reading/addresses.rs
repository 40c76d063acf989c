//! Addresses of pods in secondary networks, as annotations and cloud-init tell them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

/// The annotation of pods that asks for more networks (Kubernetes Network Custom Resource Definition
/// De-facto Standard 4.1).
pub(super) const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";

/// The annotation in which Multus tells what a running pod got (the same, 4.2).
pub(super) const NETWORK_STATUS: &str = "k8s.v1.cni.cncf.io/network-status";

/// A network that a pod asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The pod's own where it is absent.
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// The addresses that it asks for.
    pub(super) addresses: Vec<IpAddr>,
}

/// A network that a running pod is in: `NAMESPACE/NAME`, and its addresses there.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) addresses: Vec<IpAddr>,
}

/// An element of either annotation in JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Element {
    name: String,
    namespace: Option<String>,
    ips: Vec<String>,
}

impl Element {
    fn addresses(&self) -> Vec<IpAddr> {
        self.ips.iter().filter_map(|text| address(text)).collect()
    }
}

/// Reads [`NETWORKS`]: a list of objects in JSON, or `[NAMESPACE/]NAME[@INTERFACE]` separated by commas.
pub(super) fn asked(annotation: &str) -> Vec<Asked> {
    if annotation.trim_start().starts_with('[') {
        return elements(annotation)
            .into_iter()
            .map(|it| Asked { addresses: it.addresses(), namespace: it.namespace, name: it.name })
            .collect();
    }
    annotation.split(',').map(str::trim).filter(|part| !part.is_empty()).map(short).collect()
}

/// Reads `[NAMESPACE/]NAME[@INTERFACE]`.
pub(super) fn short(text: &str) -> Asked {
    let text = text.split_once('@').map_or(text, |(network, _)| network);
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, text),
    };
    Asked { namespace, name: name.to_owned(), addresses: Vec::new() }
}

/// Reads [`NETWORK_STATUS`].
pub(super) fn told(annotation: &str) -> Vec<Told> {
    let elements = elements(annotation).into_iter();
    elements.map(|it| Told { addresses: it.addresses(), name: it.name }).collect()
}

fn elements(annotation: &str) -> Vec<Element> {
    serde_json::from_str(annotation).unwrap_or_default()
}

/// What cloud-init is to do with the network of a machine: version 2 by interface, version 1 as a list
/// (cloud-init, Networking Config).
#[derive(Default, Deserialize)]
#[serde(default)]
struct NetworkData {
    ethernets: BTreeMap<String, Interface>,
    config: Vec<Device>,
    network: Option<Box<NetworkData>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interface {
    addresses: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Device {
    subnets: Vec<Subnet>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Subnet {
    address: String,
}

/// The addresses that cloud-init gives to a machine; none where the text is not understood.
pub(super) fn of_cloud_init(text: &str) -> Vec<IpAddr> {
    let data: NetworkData = serde_saphyr::from_str(text).unwrap_or_default();
    let data = data.network.as_deref().unwrap_or(&data);
    let by_interface = data.ethernets.values().flat_map(|it| &it.addresses);
    let listed = data.config.iter().flat_map(|it| &it.subnets).map(|it| &it.address);
    by_interface.chain(listed).filter_map(|text| address(text)).collect()
}

/// An address, with the length of its network's prefix or without.
fn address(text: &str) -> Option<IpAddr> {
    text.split_once('/').map_or(text, |(address, _)| address).trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(annotation: &str, expected: &[&str]) {
        let shown: Vec<String> = asked(annotation)
            .iter()
            .map(|it| {
                format!("{}/{} {:?}", it.namespace.as_deref().unwrap_or("."), it.name, it.addresses)
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn both_forms_of_the_annotation() {
        check("", &[]);
        check("one, b/two@eth7", &["./one []", "b/two []"]);
        check(
            r#"[{"name": "one", "namespace": "b", "ips": ["10.1.0.7/24", "fd00::7"]}, {"name": "two"}]"#,
            &["b/one [10.1.0.7, fd00::7]", "./two []"],
        );
        check("[broken", &[]);
    }

    #[test]
    fn both_versions_of_cloud_init() {
        let shown = |text: &str| format!("{:?}", of_cloud_init(text));
        let second =
            "version: 2\nethernets:\n  eth1:\n    addresses: [10.2.0.1/24, 'fd00::1/64']\n";
        assert_eq!(shown(second), "[10.2.0.1, fd00::1]");
        let first = "network:\n  version: 1\n  config:\n  - type: physical\n    subnets:\n    - {type: static, address: 10.3.0.1/16}\n    - {type: dhcp}\n";
        assert_eq!(shown(first), "[10.3.0.1]");
        assert_eq!(shown("ethernets: [broken"), "[]");
    }
}
