//! Virtual machines of `KubeVirt`: each runs in a pod of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bulkhead_objects::{Object, TemplateMetadata};
use serde::Deserialize;

use super::Reading;
use super::addresses::{Asked, of_cloud_init, short};
use super::networks::Attachments;
use super::pods::{Described, itself, workload_of};
use crate::Workload;

const GROUP: &str = "kubevirt.io";

/// `VirtualMachine` has a template of what `VirtualMachineInstance` is.
const KINDS: [&str; 2] = ["VirtualMachine", "VirtualMachineInstance"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Machine {
    spec: Instance,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Instance {
    template: Option<Box<Template>>,
    networks: Vec<Network>,
    volumes: Vec<Volume>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Template {
    metadata: TemplateMetadata,
    spec: Instance,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Network {
    multus: Option<Attachment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attachment {
    network_name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Volume {
    cloud_init_no_cloud: CloudInit,
    cloud_init_config_drive: CloudInit,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CloudInit {
    network_data: String,
}

impl<'a> Reading<'a> {
    pub(super) fn machines(
        &mut self,
        present: &BTreeMap<(&str, &str, &str), &'a Object>,
        running: &BTreeSet<Workload>,
        attachments: &Attachments,
    ) {
        let machines = KINDS.map(|kind| self.shaped::<Machine>(kind));
        for (object, machine) in machines.into_iter().flatten() {
            let workload = itself(object);
            let counted = workload_of(object, present) == workload && !running.contains(&workload);
            if object.type_name.group != *GROUP || !counted {
                continue;
            }
            let template = machine.spec.template.as_ref();
            let instance = template.map_or(&machine.spec, |it| &it.spec);
            let described = Described {
                labels: template.map_or(&object.metadata.labels, |it| &it.metadata.labels),
                annotations: template
                    .map_or(&object.metadata.annotations, |it| &it.metadata.annotations),
                containers: &[],
                init_containers: &[],
                attached: instance.attached(),
                host_network: false,
            };
            self.pod(object, workload, &described, attachments);
        }
    }
}

impl Instance {
    /// The networks that it is attached to. Cloud-init names interfaces and no networks: its addresses are
    /// taken as those of the one network beside the first, where there is just one.
    fn attached(&self) -> Vec<Asked> {
        let mut attached: Vec<Asked> = self
            .networks
            .iter()
            .filter_map(|network| network.multus.as_ref())
            .map(|attachment| short(&attachment.network_name))
            .collect();
        if let [one] = attached.as_mut_slice() {
            one.addresses = self.addresses();
        }
        attached
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let sources = self
            .volumes
            .iter()
            .flat_map(|it| [&it.cloud_init_no_cloud, &it.cloud_init_config_drive]);
        sources.flat_map(|source| of_cloud_init(&source.network_data)).collect()
    }
}
