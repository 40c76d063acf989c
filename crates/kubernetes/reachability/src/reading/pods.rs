//! Pods, the workloads that they belong to, and the networks that they are in.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_objects::{
    Body, Container, Labels, Name, Object, PodTemplate, TemplateMetadata, WorkloadKind,
};
use serde::Deserialize;

use super::Reading;
use super::networks::Attachments;
use crate::{ContainerPort, Pod, Protocol, Workload};

/// The annotation of pods that asks for more networks (Multus, Kubernetes Network Custom Resource
/// Definition De-facto Standard 4.1).
const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";

/// A chain of owners longer than this is a loop: the longest real one is Pod, Job, `CronJob`.
const OWNERS: usize = 8;

/// Kinds of others that run pods of a template, under `spec.template`.
const TEMPLATED: &[&str] = &["DeploymentConfig", "Rollout"];

/// Kinds of virtual machines: each runs in a pod of its own.
const MACHINES: &[(&str, &str)] =
    &[("kubevirt.io", "VirtualMachine"), ("kubevirt.io", "VirtualMachineInstance")];

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

/// `VirtualMachine`, and `VirtualMachineInstance`, which is what the former has as a template.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Machine {
    spec: MachineSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MachineSpec {
    template: Option<MachineTemplate>,
    networks: Vec<MachineNetwork>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MachineTemplate {
    metadata: TemplateMetadata,
    spec: InstanceSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InstanceSpec {
    networks: Vec<MachineNetwork>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MachineNetwork {
    multus: Option<MachineAttachment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MachineAttachment {
    network_name: String,
}

/// An element of the annotation in its long form.
#[derive(Deserialize)]
struct Asked {
    name: String,
    namespace: Option<String>,
}

/// What is known of a workload's pods.
struct Described<'a> {
    labels: &'a Labels,
    annotations: &'a Labels,
    containers: &'a [Container],
    init_containers: &'a [Container],
    /// More attachments, `[NAMESPACE/]NAME`.
    networks: Vec<&'a str>,
    host_network: bool,
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

    fn machines(
        &mut self,
        present: &BTreeMap<(&str, &str, &str), &'a Object>,
        running: &BTreeSet<Workload>,
        attachments: &Attachments,
    ) {
        for (group, kind) in MACHINES {
            for (object, machine) in self.shaped::<Machine>(kind) {
                let workload = itself(object);
                let known = workload_of(object, present) != workload || running.contains(&workload);
                if object.type_name.group != **group || known {
                    continue;
                }
                let networks = match &machine.spec.template {
                    Some(template) => &template.spec.networks,
                    None => &machine.spec.networks,
                };
                let networks = networks.iter().filter_map(|it| it.multus.as_ref());
                let metadata = machine.spec.template.as_ref().map(|template| &template.metadata);
                let described = Described {
                    labels: metadata.map_or(&object.metadata.labels, |it| &it.labels),
                    annotations: metadata
                        .map_or(&object.metadata.annotations, |it| &it.annotations),
                    containers: &[],
                    init_containers: &[],
                    networks: networks.map(|it| &*it.network_name).collect(),
                    host_network: false,
                };
                self.pod(object, workload, &described, attachments);
            }
        }
    }

    fn pod(
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
            secondary,
        };
        self.cluster.pods.push(pod);
    }

    fn secondary(
        &mut self,
        object: &Object,
        described: &Described<'_>,
        attachments: &Attachments,
    ) -> Vec<usize> {
        let own = Name::new(object.namespace());
        let annotation = described.annotations.get(NETWORKS).map_or("", |text| text.as_str());
        let asked =
            asked(annotation).into_iter().chain(described.networks.iter().map(|it| short(it)));
        let mut networks = Vec::new();
        for (namespace, name) in asked {
            let key =
                (namespace.map_or_else(|| own.clone(), |it| Name::new(&it)), Name::new(&name));
            match attachments.secondary.get(&key) {
                Some(index) => networks.push(*index),
                None => self.note(
                    object,
                    format!(
                        "it asks for the network {}/{}, which the input does not define; traffic in it is not shown",
                        key.0, key.1
                    ),
                ),
            }
        }
        networks.sort_unstable();
        networks.dedup();
        networks
    }
}

impl<'a> Described<'a> {
    fn of(template: &'a PodTemplate) -> Self {
        Self {
            labels: &template.metadata.labels,
            annotations: &template.metadata.annotations,
            containers: &template.spec.containers,
            init_containers: &template.spec.init_containers,
            networks: Vec::new(),
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

/// The networks that the annotation asks for: namespace, if it names one, and name. A list of objects in
/// JSON, or `[NAMESPACE/]NAME[@INTERFACE]` separated by commas.
fn asked(annotation: &str) -> Vec<(Option<String>, String)> {
    if annotation.trim_start().starts_with('[') {
        let asked: Vec<Asked> = serde_json::from_str(annotation).unwrap_or_default();
        return asked.into_iter().map(|it| (it.namespace, it.name)).collect();
    }
    annotation.split(',').map(str::trim).filter(|part| !part.is_empty()).map(short).collect()
}

fn short(text: &str) -> (Option<String>, String) {
    let text = text.split_once('@').map_or(text, |(network, _)| network);
    match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, text.to_owned()),
    }
}

fn itself(object: &Object) -> Workload {
    let name = match &object.metadata.generate_name {
        Some(prefix) if object.metadata.name.is_empty() => Name::new(&format!("{prefix}*")),
        _ => object.metadata.name.clone(),
    };
    Workload { namespace: Name::new(object.namespace()), name, kind: object.type_name.kind.clone() }
}

/// The uppermost controller of an object: as far as the input shows them, and the last that is named.
/// What a node owns is a static pod, which is its own.
fn workload_of(object: &Object, present: &BTreeMap<(&str, &str, &str), &Object>) -> Workload {
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
