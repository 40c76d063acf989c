//! Which verdicts a change may touch, and what judging these needs to see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bulkhead_objects::{Binding, Body, Name, Object};

use super::{Key, Ledger};
use crate::Control;
use crate::control::Judge;
use crate::reads::{Related, Where};

/// What changes touch.
#[derive(Default)]
pub(super) struct Touches {
    /// The namespaces whose objects may read what changed, by what that is; whether it is an object of the
    /// whole cluster.
    namespaces: BTreeMap<(Related, bool), Touched>,
    /// The names of roles that changed.
    roles: BTreeSet<Name>,
}

/// The namespaces that a change touches.
enum Touched {
    These(BTreeSet<String>),
    All,
}

/// What is judged anew of an object.
#[derive(Default)]
pub(super) struct Work {
    pub(super) everything: bool,
    pub(super) controls: BTreeSet<&'static str>,
}

impl Touches {
    /// All that there is of some kinds.
    pub(super) fn of_all(kinds: impl Iterator<Item = Related>) -> Self {
        let namespaces = kinds.map(|related| ((related, true), Touched::All)).collect();
        Self { namespaces, roles: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, object: &Object) {
        let Some(related) = Related::of(object) else { return };
        let of_cluster = !object.is_namespaced();
        let touched = match &object.body {
            Body::Binding(binding) => subjects(object, binding),
            // Those whom their bindings name.
            Body::Role(_) => {
                self.roles.insert(object.metadata.name.clone());
                Touched::default()
            }
            _ if of_cluster => Touched::All,
            _ => Touched::These([place(object).to_owned()].into()),
        };
        self.namespaces.entry((related, of_cluster)).or_default().add(touched);
    }
}

impl Ledger {
    /// Adds the objects whose controls read what changed.
    pub(super) fn add_readers(&self, mut touches: Touches, work: &mut BTreeMap<Key, Work>) {
        if !touches.roles.is_empty() {
            let keys = self.by_related.get(&Related::Binding).into_iter().flatten();
            for other in keys.filter_map(|key| self.objects.get(key)) {
                let Body::Binding(binding) = &other.body else { continue };
                if touches.roles.contains(&binding.role_ref.name) {
                    let named = subjects(other, binding);
                    touches.namespaces.entry((Related::Role, true)).or_default().add(named);
                }
            }
        }
        for ((related, of_cluster), namespaces) in &touches.namespaces {
            self.add_readers_of(*related, namespaces, *of_cluster, work);
        }
    }

    fn add_readers_of(
        &self,
        related: Related,
        namespaces: &Touched,
        of_cluster: bool,
        work: &mut BTreeMap<Key, Work>,
    ) {
        for (control, scope) in self.readers.get(&related).into_iter().flatten() {
            let Some(about) = self.by_control.get(control.id) else { continue };
            let everywhere = *scope == Where::Anywhere
                || (*scope == Where::Same && of_cluster)
                || matches!(namespaces, Touched::All);
            let mut add = |key: &Key| {
                work.entry(Arc::clone(key)).or_default().controls.insert(control.id);
            };
            match namespaces {
                Touched::These(names) if !everywhere => {
                    let keys = names.iter().filter_map(|name| self.by_namespace.get(name));
                    keys.flatten().filter(|key| about.contains(*key)).for_each(&mut add);
                }
                _ => about.iter().for_each(&mut add),
            }
        }
    }

    /// The objects that the work needs to see: those of its namespaces, and what its controls read
    /// elsewhere.
    pub(super) fn seen(&self, work: &BTreeMap<Key, Work>) -> BTreeSet<&Key> {
        let mut seen: BTreeSet<&Key> = BTreeSet::new();
        let objects = work.keys().filter_map(|key| self.objects.get(key));
        let mut names: BTreeSet<&str> = objects.map(place).collect();
        // The API server's command line is read wherever etcd is judged.
        names.insert("kube-system");
        seen.extend(names.iter().filter_map(|name| self.by_namespace.get(*name)).flatten());
        for (related, readers) in &self.readers {
            // Workloads outside of kube-system decide nothing elsewhere.
            let needed = *related == Related::OtherPolicy
                || (*related != Related::Workload
                    && readers.iter().any(|(control, scope)| {
                        *scope != Where::Same && self.is_asked(control, work)
                    }));
            if needed {
                seen.extend(self.by_related.get(related).into_iter().flatten());
            }
        }
        seen
    }

    /// Whether a control judges any object of the work.
    fn is_asked(&self, control: &Control, work: &BTreeMap<Key, Work>) -> bool {
        work.iter().any(|(key, work)| {
            work.controls.contains(control.id)
                || (work.everything
                    && self.objects.get(key).is_some_and(|object| may_concern(control, object)))
        })
    }
}

impl Default for Touched {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Touched {
    fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::These(names), Self::These(others)) => names.extend(others),
            (all, _) => *all = Self::All,
        }
    }
}

/// The namespaces in which a binding gives somebody rights, and its own.
fn subjects(object: &Object, binding: &Binding) -> Touched {
    let mut names: BTreeSet<String> = BTreeSet::new();
    if object.is_namespaced() {
        names.insert(object.namespace().to_owned());
    }
    for subject in &binding.subjects {
        match subject.kind.as_str() {
            "ServiceAccount" => {
                let own = || object.namespace().to_owned();
                names.insert(subject.namespace.as_ref().map_or_else(own, ToString::to_string));
            }
            "Group" => match subject.name.strip_prefix("system:serviceaccounts") {
                Some("") => return Touched::All,
                Some(rest) => {
                    names.extend(rest.strip_prefix(':').map(str::to_owned));
                }
                None => {}
            },
            _ => {}
        }
    }
    Touched::These(names)
}

/// Whether a control that reads others elsewhere may be about an object.
const fn may_concern(control: &Control, object: &Object) -> bool {
    matches!(
        (control.judge, &object.body),
        (Judge::Pod(_) | Judge::Component(..), Body::Workload(_))
            | (Judge::ServiceAccount(_), Body::ServiceAccount(_))
            | (Judge::Role(_), Body::Role(_))
            | (Judge::Binding(_), Body::Binding(_))
            | (Judge::Ingress(_), Body::Ingress(_))
            | (Judge::Route(_), Body::Route(_))
            | (Judge::Webhooks(_), Body::Webhooks(_))
            | (Judge::ApiService(_), Body::ApiService(_))
            | (Judge::PersistentVolume(_), Body::PersistentVolume(_))
            | (Judge::AdmissionPolicy(_), Body::AdmissionPolicy(_))
    )
}

/// The namespace in which an object is looked for; a Namespace is looked at with what it holds.
pub(super) fn place(object: &Object) -> &str {
    match object.body {
        Body::Namespace => &object.metadata.name,
        _ => object.namespace(),
    }
}
