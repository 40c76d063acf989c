//! Pods, the workloads that they belong to, and the networks that they are in.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bulkhead_objects::{Body, Container, Labels, Name, Object, PodTemplate, WorkloadKind};
use serde::Deserialize;

use super::Reading;
use super::addresses::{Asked, NETWORK_STATUS, NETWORKS, asked, told};
use super::networks::Attachments;
use crate::{ContainerPort, Pod, Protocol, Workload};

/// A chain of owners longer than this is a loop: the longest real one is Pod, Job, `CronJob`.
const OWNERS: usize = 8;

/// Kinds of others that run pods of a template, under `spec.template`.
const TEMPLATED: &[&str] = &["DeploymentConfig", "Rollout"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Templated {
    spec: TemplatedSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TemplatedSpec {
    template: PodTemplate,
}

/// What is known of a workload's pods.
pub(super) struct Described<'a> {
    pub(super) labels: &'a Labels,
    pub(super) annotations: &'a Labels,
    pub(super) containers: &'a [Container],
    pub(super) init_containers: &'a [Container],
    /// Attachments beside those that annotations ask for.
    pub(super) attached: Vec<Asked>,
    pub(super) host_network: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn pods(&mut self, attachments: &Attachments) {
        let mut present: BTreeMap<(&str, &str, &str), &Object> = BTreeMap::new();
        for object in self.all() {
            let key = (object.namespace(), &*object.type_name.kind, &*object.metadata.name);
            present.insert(key, object);
        }
        let mut running = BTreeSet::new();
        for object in self.all() {
            if let Body::Workload(workload) = &object.body
                && workload.kind == WorkloadKind::Pod
            {
                let owner = workload_of(object, &present);
                running.insert(owner.clone());
                let described = Described {
                    labels: &object.metadata.labels,
                    annotations: &object.metadata.annotations,
                    ..Described::of(&workload.template)
                };
                self.pod(object, owner, &described, attachments);
            }
        }
        for object in self.all() {
            if let Body::Workload(workload) = &object.body
                && !matches!(workload.kind, WorkloadKind::Pod | WorkloadKind::PodTemplate)
            {
                self.template(object, &workload.template, &present, &running, attachments);
            }
        }
        self.templates_of_others(&present, &running, attachments);
        self.machines(&present, &running, attachments);
    }

    /// A template counts where none of its pods is in the input, and nothing in the input makes it.
    fn template(
        &mut self,
        object: &'a Object,
        template: &PodTemplate,
        present: &BTreeMap<(&str, &str, &str), &'a Object>,
        running: &BTreeSet<Workload>,
        attachments: &Attachments,
    ) {
        let workload = itself(object);
        if workload_of(object, present) == workload && !running.contains(&workload) {
            self.pod(object, workload, &Described::of(template), attachments);
        }
    }

    fn templates_of_others(
        &mut self,
        present: &BTreeMap<(&str, &str, &str), &'a Object>,
        running: &BTreeSet<Workload>,
        attachments: &Attachments,
    ) {
        for kind in TEMPLATED {
            for (object, it) in self.shaped::<Templated>(kind) {
                self.template(object, &it.spec.template, present, running, attachments);
            }
        }
        // A pod under a group that has none: the API server refuses it, other readers do not.
        for (object, template) in self.shaped::<PodTemplate>("Pod") {
            if matches!(object.body, Body::Unknown(_)) {
                let described = Described {
                    labels: &object.metadata.labels,
                    annotations: &object.metadata.annotations,
                    ..Described::of(&template)
                };
                self.pod(object, itself(object), &described, attachments);
                let api_version = object.type_name.api_version();
                self.note(
                    object,
                    format!("there is no Pod in {api_version}; it is taken as one of v1"),
                );
            }
        }
    }

    pub(super) fn pod(
        &mut self,
        object: &Object,
        workload: Workload,
        described: &Described<'_>,
        attachments: &Attachments,
    ) {
        if described.host_network {
            self.note(
                object,
                "it shares the network of its node: whether policies apply to it depends on the network \
                 plugin; it is shown as if they did",
            );
        }
        let secondary = self.secondary(object, described, attachments);
        let primary = attachments.primary.get(&workload.namespace).copied().unwrap_or_default();
        let next = self.workloads.len();
        let index = *self.workloads.entry(workload.clone()).or_insert(next);
        if index == next {
            self.cluster.workloads.push(workload);
        }
        let listened = described.containers.iter().chain(described.init_containers);
        let pod = Pod {
            workload: index,
            labels: described.labels.clone(),
            ports: listened.flat_map(|container| &container.ports).filter_map(port).collect(),
            primary,
            secondary: secondary.networks,
            addresses: secondary.addresses,
        };
        self.cluster.pods.push(pod);
    }

    /// The secondary networks of a pod, and its addresses in them.
    fn secondary(
        &mut self,
        object: &Object,
        described: &Described<'_>,
        attachments: &Attachments,
    ) -> Secondary {
        let own = Name::new(object.namespace());
        let annotation = |key| described.annotations.get(key).map_or("", |text| text.as_str());
        let asked = asked(annotation(NETWORKS));
        let told = told(annotation(NETWORK_STATUS));
        let mut secondary = Secondary::default();
        for one in asked.iter().chain(&described.attached) {
            let namespace = one.namespace.as_deref().map_or_else(|| own.clone(), Name::new);
            let key = (namespace, Name::new(&one.name));
            let Some(network) = attachments.secondary.get(&key) else {
                let (namespace, name) = key;
                let reason = format!(
                    "it asks for the network {namespace}/{name}, which the input does not define; traffic in \
                     it is not shown"
                );
                self.note(object, reason);
                continue;
            };
            let full_name = format!("{}/{}", key.0, key.1);
            let told = told.iter().filter(|it| it.name == full_name).flat_map(|it| &it.addresses);
            let addresses = one.addresses.iter().chain(told);
            secondary.networks.push(*network);
            secondary.addresses.extend(addresses.map(|address| (*network, *address)));
        }
        secondary.networks.sort_unstable();
        secondary.networks.dedup();
        secondary.addresses.sort_unstable();
        secondary.addresses.dedup();
        secondary
    }
}

/// The networks of a pod beside its first.
#[derive(Default)]
struct Secondary {
    networks: Vec<usize>,
    addresses: Vec<(usize, IpAddr)>,
}

impl<'a> Described<'a> {
    fn of(template: &'a PodTemplate) -> Self {
        Self {
            labels: &template.metadata.labels,
            annotations: &template.metadata.annotations,
            containers: &template.spec.containers,
            init_containers: &template.spec.init_containers,
            attached: Vec::new(),
            host_network: template.spec.host_network,
        }
    }
}

fn port(port: &bulkhead_objects::ContainerPort) -> Option<ContainerPort> {
    let protocol = port.protocol.as_deref().filter(|name| !name.is_empty()).unwrap_or("TCP");
    let number = u16::try_from(port.container_port).ok().filter(|number| *number > 0)?;
    let name = port.name.clone().filter(|name| !name.is_empty());
    Some(ContainerPort { name, protocol: Protocol::named(protocol)?, port: number })
}

pub(super) fn itself(object: &Object) -> Workload {
    let name = match &object.metadata.generate_name {
        Some(prefix) if object.metadata.name.is_empty() => Name::new(&format!("{prefix}*")),
        _ => object.metadata.name.clone(),
    };
    Workload { namespace: Name::new(object.namespace()), name, kind: object.type_name.kind.clone() }
}

/// The uppermost controller of an object: as far as the input shows them, and the last that is named.
/// What a node owns is a static pod, which is its own.
pub(super) fn workload_of(
    object: &Object,
    present: &BTreeMap<(&str, &str, &str), &Object>,
) -> Workload {
    let mut workload = itself(object);
    let mut next = Some(object);
    for _ in 0..OWNERS {
        let Some(owner) = next.and_then(controller) else { break };
        if !owner.kind.is_empty() {
            workload.kind = owner.kind.clone();
        }
        workload.name = owner.name.clone();
        next = present.get(&(object.namespace(), &*owner.kind, &*owner.name)).copied();
    }
    workload
}

fn controller(object: &Object) -> Option<&bulkhead_objects::OwnerReference> {
    let mut owners = object.metadata.owner_references.iter();
    owners.find(|owner| owner.controller && owner.kind != "Node")
}
