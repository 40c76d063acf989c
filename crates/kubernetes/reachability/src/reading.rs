//! A cluster out of objects.
//!
//! What the API server would refuse is left out and noted, as is what could change the answer and is
//! not understood here: nothing is guessed at.

mod addresses;
mod entries;
mod machines;
mod networks;
mod pods;
mod policies;

use std::collections::{HashMap, HashSet};

use bulkhead_objects::{Body, Labels, Mistake, Name, Object, Objects, Unknown};
use serde::de::DeserializeOwned;

use crate::classes::NAME_LABEL;
use crate::{Cluster, NotAssessed, Workload};

/// What an object of a kind that is not understood means for the answer.
enum Meaning {
    /// It decides about traffic.
    Decides,
    /// It makes pods.
    MakesPods,
}

/// Kinds that are not reasoned about: group, kind, meaning.
const OTHERS: &[(&str, &str, Meaning)] = &[
    ("cilium.io", "CiliumNetworkPolicy", Meaning::Decides),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", Meaning::Decides),
    ("crd.projectcalico.org", "NetworkPolicy", Meaning::Decides),
    ("crd.projectcalico.org", "GlobalNetworkPolicy", Meaning::Decides),
    ("projectcalico.org", "NetworkPolicy", Meaning::Decides),
    ("projectcalico.org", "GlobalNetworkPolicy", Meaning::Decides),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy", Meaning::Decides),
    ("crd.antrea.io", "NetworkPolicy", Meaning::Decides),
    ("crd.antrea.io", "ClusterNetworkPolicy", Meaning::Decides),
    ("k8s.ovn.org", "EgressFirewall", Meaning::Decides),
    ("k8s.ovn.org", "ClusterNetworkConnect", Meaning::Decides),
    ("security.istio.io", "AuthorizationPolicy", Meaning::Decides),
    ("security.istio.io", "PeerAuthentication", Meaning::Decides),
    ("policy.linkerd.io", "AuthorizationPolicy", Meaning::Decides),
    ("policy.linkerd.io", "ServerAuthorization", Meaning::Decides),
    ("kubevirt.io", "VirtualMachineInstanceReplicaSet", Meaning::MakesPods),
    ("pool.kubevirt.io", "VirtualMachinePool", Meaning::MakesPods),
    ("apps.kruise.io", "CloneSet", Meaning::MakesPods),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet", Meaning::MakesPods),
    ("serving.knative.dev", "Service", Meaning::MakesPods),
];

impl Cluster {
    /// The part of objects that connectivity depends on.
    pub fn of(objects: &Objects) -> Self {
        let mut reading = Reading {
            objects,
            cluster: Self { networks: vec![crate::Network::pods()], ..Self::default() },
            workloads: HashMap::default(),
        };
        reading.namespaces();
        let attachments = reading.networks();
        reading.pods(&attachments);
        reading.policies(&attachments);
        reading.entries();
        reading.others();
        let notes = &mut reading.cluster.not_assessed;
        notes.sort();
        notes.dedup();
        reading.cluster
    }
}

struct Reading<'a> {
    objects: &'a Objects,
    cluster: Cluster,
    /// Where each workload stands in the cluster.
    workloads: HashMap<Workload, usize>,
}

impl<'a> Reading<'a> {
    fn namespaces(&mut self) {
        for object in self.all() {
            if matches!(object.body, Body::Namespace) {
                let labels = named(&object.metadata.name, &object.metadata.labels);
                self.cluster.namespaces.insert(object.metadata.name.clone(), labels);
            }
        }
        for object in self.all() {
            let namespace = Name::new(object.namespace());
            self.cluster
                .namespaces
                .entry(namespace.clone())
                .or_insert_with(|| named(&namespace, &Labels::default()));
        }
    }

    /// Puts on record what was not read, or not whole.
    fn others(&mut self) {
        for object in self.all() {
            let other = OTHERS.iter().find(|(group, kind, _)| {
                object.type_name.group == **group && object.type_name.kind == **kind
            });
            if let Some((_, _, meaning)) = other {
                let reason = match meaning {
                    Meaning::Decides => {
                        "such objects are not reasoned about; traffic is shown as if it were not there"
                    }
                    Meaning::MakesPods => {
                        "such objects are not read; the pods that it makes are not shown"
                    }
                };
                self.note(object, reason);
            } else if matches!(object.body, Body::Unknown(Unknown::Version)) {
                let version = object.type_name.api_version();
                self.note(
                    object,
                    format!("{version} is an unknown version of its kind; it is not read"),
                );
            } else if let Some(mistake) = object.mistakes.first()
                && matches!(
                    object.body,
                    Body::Workload(_) | Body::Service(_) | Body::Ingress(_) | Body::Route(_)
                )
            {
                let text = mistake_text(mistake);
                self.note(
                    object,
                    format!("the API server refuses it: {text}; it is read without that field"),
                );
            }
        }
    }

    fn all(&self) -> std::slice::Iter<'a, Object> {
        self.objects.objects.iter()
    }

    /// Objects of a kind of others, read as a shape of our own. One with a mistake is left out.
    fn shaped<T: DeserializeOwned + Default>(&mut self, kind: &str) -> Vec<(&'a Object, T)> {
        let mut shaped = Vec::new();
        let read = self.objects.reread(|object| object.type_name.kind == *kind);
        let known: HashSet<*const Object> =
            read.iter().map(|(it, _, _)| std::ptr::from_ref(*it)).collect();
        let all = self.all().filter(|object| object.type_name.kind == *kind);
        for object in all.filter(|object| !known.contains(&std::ptr::from_ref(*object))) {
            self.note(object, "its text is not in the input, only what is known of every kind");
        }
        for (object, shape, mistakes) in read {
            match mistakes.first() {
                None => shaped.push((object, shape)),
                Some(mistake) => self.refused(object, &mistake_text(mistake)),
            }
        }
        shaped
    }

    fn refused(&mut self, object: &Object, reason: &str) {
        self.note(object, format!("left out, for the API server refuses it: {reason}"));
    }

    fn note(&mut self, object: &Object, reason: impl Into<String>) {
        let note = NotAssessed { subject: object.to_string(), reason: reason.into() };
        self.cluster.not_assessed.push(note);
    }

    /// `FILE:LINE` of an object.
    fn origin(&self, object: &Object) -> Option<Name> {
        let file = self.objects.file(object)?;
        Some(Name::new(&format!("{}:{}", file.path, object.origin.line)))
    }
}

fn mistake_text(mistake: &Mistake) -> String {
    format!("{}: {}", mistake.path, mistake.message)
}

/// The labels of a namespace as the API server keeps them: its name is always one.
fn named(name: &Name, labels: &Labels) -> Labels {
    let pairs = labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    Labels::new(pairs.chain([(Name::new(NAME_LABEL), name.clone())]))
}
