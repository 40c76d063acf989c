//! Whom observed traffic is between.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bulkhead_objects::{Labels, Name};

use super::manifest::Peer;
use crate::{
    Addresses, Cluster, Connections, End, FlowEnd, FlowPod, Party, Pod, Selector, Workload,
};

/// Labels that differ from pod to pod or from one roll-out to the next: no policy should hang on them.
const VOLATILE: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
];

/// One who takes part: a workload by its index, or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Partner {
    Workload(usize),
    Address(IpAddr),
}

/// The workloads of the input, and those that only flows tell of.
pub(super) struct Parties {
    /// The input, with pods for workloads that only flows tell of.
    pub(super) cluster: Cluster,
    /// How many workloads the input itself has.
    own: usize,
}

impl Parties {
    pub(super) fn new(cluster: &Cluster) -> Self {
        Self { cluster: cluster.clone(), own: cluster.workloads.len() }
    }

    /// Who an end is: by the name of the workload, the name of the pod, or the labels.
    pub(super) fn find(&mut self, end: &FlowEnd) -> Result<Partner, String> {
        let told = match end {
            FlowEnd::Outside(address) => return Ok(Partner::Address(*address)),
            FlowEnd::Pod(told) => told,
        };
        if let Some(found) = self.by_name(told)?.or_else(|| self.by_labels(told)) {
            return Ok(Partner::Workload(found));
        }
        let labels = lasting(&told.labels);
        if labels.is_empty() {
            let name = told.workload.as_ref().or(told.pod.as_ref()).map_or("", |name| name);
            return Err(format!(
                "the input has no workload {}/{name}, and the flow tells no labels of it",
                told.namespace
            ));
        }
        Ok(Partner::Workload(self.stranger(told, &labels)))
    }

    fn by_name(&self, told: &FlowPod) -> Result<Option<usize>, String> {
        let workloads = || {
            let all = self.cluster.workloads.iter().enumerate();
            all.filter(|(_, workload)| workload.namespace == told.namespace)
        };
        let one = |found: Vec<usize>, name: &Name| match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(format!("several workloads of {} are called {name}", told.namespace)),
        };
        let of = |meets: &dyn Fn(&Workload) -> bool| {
            workloads().filter(|(_, it)| meets(it)).map(|(index, _)| index).collect::<Vec<usize>>()
        };
        if let Some(name) = &told.workload
            && let Some(found) = one(of(&|it| it.name == *name), name)?
        {
            return Ok(Some(found));
        }
        let Some(pod) = &told.pod else { return Ok(None) };
        if let Some(found) = one(of(&|it| it.name == *pod), pod)? {
            return Ok(Some(found));
        }
        // Controllers name their pods after themselves: of several the longest name is meant.
        let named = |it: &Workload| {
            it.kind != "Pod"
                && pod.strip_prefix(it.name.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        let longest = workloads().filter(|(_, it)| named(it)).max_by_key(|(_, it)| it.name.len());
        Ok(longest.map(|(index, _)| index))
    }

    /// The workload whose pods have just these labels, but for volatile ones.
    fn by_labels(&self, told: &FlowPod) -> Option<usize> {
        let labels = lasting(&told.labels);
        let mut found = self.cluster.pods.iter().filter(|pod| {
            let workload = self.cluster.workloads.get(pod.workload);
            workload.is_some_and(|it| it.namespace == told.namespace)
                && !labels.is_empty()
                && lasting(&pod.labels) == labels
        });
        let first = found.next()?.workload;
        found.all(|pod| pod.workload == first).then_some(first)
    }

    /// A pod that the input does not have.
    fn stranger(&mut self, told: &FlowPod, labels: &BTreeMap<Name, Name>) -> usize {
        let name = told.workload.clone().or_else(|| told.pod.clone()).unwrap_or_else(|| {
            let labels: Vec<String> =
                labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            Name::new(&labels.join(","))
        });
        let namespace = told.namespace.clone();
        let name_label = (Name::new(crate::classes::NAME_LABEL), namespace.clone());
        self.cluster
            .namespaces
            .entry(namespace.clone())
            .or_insert_with(|| Labels::new([name_label]));
        self.cluster.workloads.push(Workload { namespace, name, kind: "Observed".into() });
        let workload = self.cluster.workloads.len().saturating_sub(1);
        self.cluster.pods.push(Pod {
            workload,
            labels: Labels::new(labels.iter().map(|(key, value)| (key.clone(), value.clone()))),
            ports: Vec::new(),
            primary: 0,
            secondary: Vec::new(),
            addresses: Vec::new(),
        });
        workload
    }

    /// The namespaces with a workload of the input that takes part.
    pub(super) fn namespaces(
        &self,
        observed: &[(usize, Partner, Partner, Connections)],
    ) -> BTreeSet<Name> {
        let partners =
            observed.iter().flat_map(|(_, source, destination, _)| [source, destination]);
        let own = partners.filter_map(|partner| match partner {
            Partner::Workload(workload) if *workload < self.own => {
                Some(self.namespace(*workload).clone())
            }
            _ => None,
        });
        own.collect()
    }

    pub(super) fn namespace(&self, workload: usize) -> &Name {
        static NOWHERE: std::sync::LazyLock<Name> = std::sync::LazyLock::new(Name::default);
        self.cluster.workloads.get(workload).map_or(&NOWHERE, |it| &it.namespace)
    }

    /// The fewest labels, by the order of their keys, that no pod of another workload of the namespace has, too;
    /// all lasting ones where these do not tell them apart.
    pub(super) fn labels(&self, workload: usize) -> BTreeMap<Name, Name> {
        let mut own = self.cluster.pods.iter().filter(|pod| pod.workload == workload);
        let Some(first) = own.next() else { return BTreeMap::new() };
        let mut common = lasting(&first.labels);
        for pod in own {
            common.retain(|key, value| pod.labels.get(key) == Some(value));
        }
        let namespace = self.namespace(workload);
        let others: Vec<&Labels> = self
            .cluster
            .pods
            .iter()
            .filter(|pod| pod.workload != workload && self.namespace(pod.workload) == namespace)
            .map(|pod| &pod.labels)
            .collect();
        let mut kept = common.clone();
        for key in common.keys().rev() {
            let mut fewer = kept.clone();
            fewer.remove(key);
            let selector = Selector::of_labels(&fewer);
            if !fewer.is_empty() && !others.iter().any(|labels| selector.selects(labels)) {
                kept = fewer;
            }
        }
        kept
    }

    pub(super) fn policy_name(&self, workload: usize) -> String {
        let it = self.cluster.workloads.get(workload);
        let (name, kind) = it.map_or(("", ""), |it| (&it.name, &it.kind));
        let name = format!("observed-{name}-{kind}").to_ascii_lowercase();
        // The name of an object: RFC 1123, of at most 253 letters.
        let letter = |letter: char| {
            if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' }
        };
        name.chars().map(letter).take(253).collect()
    }

    pub(super) fn peer(&self, partner: Partner) -> Peer {
        match partner {
            Partner::Address(address) => Peer::Address(address),
            Partner::Workload(workload) => Peer::Pods {
                namespace: self.namespace(workload).clone(),
                labels: self.labels(workload),
            },
        }
    }

    pub(super) fn party(&self, partner: Partner) -> Party {
        match partner {
            Partner::Address(address) => Party::Address(address),
            Partner::Workload(workload) => {
                let pod = self.cluster.pods.iter().position(|pod| pod.workload == workload);
                Party::Pod(pod.unwrap_or(usize::MAX))
            }
        }
    }

    /// Whether an end is this partner, and at which addresses of it: all of them for a workload.
    pub(super) fn is(&self, partner: Partner, end: &End<'_>) -> Option<Addresses> {
        match (partner, end) {
            (Partner::Address(address), End::Outside(_)) => Some(Addresses::one(address)),
            (Partner::Workload(workload), End::Workload(it)) => {
                (self.cluster.workloads.get(workload) == Some(it)).then(Addresses::all)
            }
            _ => None,
        }
    }
}

fn lasting(labels: &Labels) -> BTreeMap<Name, Name> {
    let lasting = labels.iter().filter(|(key, _)| !VOLATILE.contains(&key.as_str()));
    lasting.map(|(key, value)| (key.clone(), value.clone())).collect()
}
