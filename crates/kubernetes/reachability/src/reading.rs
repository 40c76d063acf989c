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

use bulkhead_objects::{Body, Labels, Mistake, Name, Object, Objects};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;

use crate::classes::NAME_LABEL;
use crate::{Cluster, NotAssessed, Workload};

/// Kinds that decide about traffic and are not reasoned about: group, kind, and what it means where
/// there is one.
const OTHER_POLICIES: &[(&str, &str)] = &[
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
    ("crd.antrea.io", "NetworkPolicy"),
    ("crd.antrea.io", "ClusterNetworkPolicy"),
    ("k8s.ovn.org", "EgressFirewall"),
    ("k8s.ovn.org", "ClusterNetworkConnect"),
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "PeerAuthentication"),
    ("policy.linkerd.io", "AuthorizationPolicy"),
    ("policy.linkerd.io", "ServerAuthorization"),
];

impl Cluster {
    /// The part of objects that connectivity depends on.
    pub fn of(objects: &Objects) -> Self {
        let mut reading = Reading {
            objects,
            cluster: Self { networks: vec![crate::Network::pods()], ..Self::default() },
            workloads: FxHashMap::default(),
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
    workloads: FxHashMap<Workload, usize>,
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

    fn others(&mut self) {
        for object in self.all() {
            let known = OTHER_POLICIES.iter().any(|(group, kind)| {
                object.type_name.group == **group && object.type_name.kind == **kind
            });
            if known {
                let reason = format!(
                    "{} of {} are not reasoned about; traffic that it stops or lets pass is shown as if it were not there",
                    object.type_name.kind, object.type_name.group
                );
                self.note(object, reason);
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
        let known: FxHashSet<*const Object> =
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
