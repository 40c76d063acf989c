//! The networks beside the pod network, and who is in them.
//!
//! A `UserDefinedNetwork` or `ClusterUserDefinedNetwork` of the role Primary takes the place of the pod
//! network in namespaces that are labelled for it (ovn-kubernetes, User Defined Networks); a
//! `NetworkAttachmentDefinition` is one more network for the pods that ask for it (Multus).

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_objects::{LabelSelector, Name, Object};
use serde::Deserialize;

use super::Reading;
use crate::{Network, NetworkKind, Selector};

/// The label of namespaces whose pods are to be in a primary network of their own.
const PRIMARY_LABEL: &str = "k8s.ovn.org/primary-user-defined-network";

/// The networks that pods can be in, by their indices in the cluster.
#[derive(Default)]
pub(super) struct Attachments {
    /// For namespaces with a primary network of their own.
    pub(super) primary: BTreeMap<Name, usize>,
    /// For each definition of an attachment, by namespace and name.
    pub(super) secondary: BTreeMap<(Name, Name), usize>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UserDefined {
    spec: Topology,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterUserDefined {
    spec: ClusterUserDefinedSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClusterUserDefinedSpec {
    namespace_selector: LabelSelector,
    network: Topology,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Topology {
    layer2: Option<Layer>,
    layer3: Option<Layer>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Layer {
    role: Name,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attachment {
    spec: AttachmentSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AttachmentSpec {
    config: String,
}

/// The part of a CNI configuration that tells networks apart.
#[derive(Deserialize)]
struct Configuration {
    name: Option<String>,
}

impl Topology {
    fn is_primary(&self) -> bool {
        [&self.layer2, &self.layer3].into_iter().flatten().any(|layer| layer.role == "Primary")
    }
}

impl Reading<'_> {
    pub(super) fn networks(&mut self) -> Attachments {
        let mut attachments = Attachments::default();
        for (object, network) in self.shaped::<UserDefined>("UserDefinedNetwork") {
            if self.asks_for_primary(object, &network.spec) {
                let namespace = Name::new(object.namespace());
                let name = format!("{namespace}/{}", object.metadata.name);
                let index = self.network(Name::new(&name), NetworkKind::UserDefined);
                self.join(object, &namespace, index, &mut attachments);
            }
        }
        for (object, network) in self.shaped::<ClusterUserDefined>("ClusterUserDefinedNetwork") {
            if !self.asks_for_primary(object, &network.spec.network) {
                continue;
            }
            let selector = match Selector::read(&network.spec.namespace_selector) {
                Ok(selector) => selector,
                Err(reason) => {
                    self.refused(object, &reason);
                    continue;
                }
            };
            let name = object.metadata.name.clone();
            let index = self.network(name, NetworkKind::ClusterUserDefined);
            let labelled = self.cluster.namespaces.iter().filter(|(_, labels)| {
                labels.get(PRIMARY_LABEL).is_some() && selector.selects(labels)
            });
            let namespaces: Vec<Name> = labelled.map(|(name, _)| name.clone()).collect();
            for namespace in namespaces {
                self.join(object, &namespace, index, &mut attachments);
            }
        }
        self.attachments(&mut attachments);
        attachments
    }

    fn asks_for_primary(&mut self, object: &Object, topology: &Topology) -> bool {
        let primary = topology.is_primary();
        if !primary {
            self.note(
                object,
                "its role is not Primary: traffic in secondary user-defined networks is not shown",
            );
        }
        primary
    }

    fn join(
        &mut self,
        object: &Object,
        namespace: &Name,
        network: usize,
        attachments: &mut Attachments,
    ) {
        let labels = self.cluster.namespaces.get(namespace);
        if labels.is_none_or(|labels| labels.get(PRIMARY_LABEL).is_none()) {
            let reason = format!(
                "namespace {namespace} has no label {PRIMARY_LABEL}: its pods stay in the pod network"
            );
            self.note(object, reason);
        } else if attachments.primary.contains_key(namespace) {
            let reason = format!(
                "namespace {namespace} has another primary network already, which its pods are shown in"
            );
            self.note(object, reason);
        } else {
            attachments.primary.insert(namespace.clone(), network);
        }
    }

    fn network(&mut self, name: Name, kind: NetworkKind) -> usize {
        let networks = &mut self.cluster.networks;
        let known = networks.iter().position(|it| it.name == name && it.kind == kind);
        known.unwrap_or_else(|| {
            networks.push(Network { name, kind });
            networks.len().saturating_sub(1)
        })
    }

    /// Definitions whose configurations have the same name are one network (CNI specification 1.0, Network
    /// configuration: the name is unique across all networks of a host). One without a name is called after its
    /// definition, as Multus does.
    fn attachments(&mut self, attachments: &mut Attachments) {
        for (object, attachment) in self.shaped::<Attachment>("NetworkAttachmentDefinition") {
            let configuration = serde_json::from_str::<Configuration>(&attachment.spec.config);
            let name = configuration.ok().and_then(|it| it.name).filter(|name| !name.is_empty());
            let name = name.map_or_else(|| object.metadata.name.clone(), |name| Name::new(&name));
            let index = self.network(name, NetworkKind::Attachment);
            let key = (Name::new(object.namespace()), object.metadata.name.clone());
            attachments.secondary.insert(key, index);
        }
        self.call_by_definitions(attachments);
    }

    /// People know a network by the definition that their pods name, not by what its configuration calls it: it is
    /// shown so where all its definitions have one name, and no other network has that.
    fn call_by_definitions(&mut self, attachments: &Attachments) {
        let mut names: BTreeMap<usize, BTreeSet<&Name>> = BTreeMap::new();
        for ((_, name), network) in &attachments.secondary {
            names.entry(*network).or_default().insert(name);
        }
        for (network, own) in &names {
            let mut own = own.iter();
            let (Some(name), None) = (own.next(), own.next()) else { continue };
            let shared = names.values().filter(|others| others.contains(name)).count() > 1;
            if let Some(network) = self.cluster.networks.get_mut(*network).filter(|_| !shared) {
                network.name = (*name).clone();
            }
        }
    }
}
