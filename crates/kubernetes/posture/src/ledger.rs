//! The verdicts of a set of objects that changes: one change judges anew what it may touch, and nothing
//! else.
//!
//! [`Control::reads`] says which other objects a control reads, and where. A change of an object touches
//! every control about that object, and the controls about others that read its kind where it lies.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_objects::{Binding, Body, Object};

use crate::control::Judge;
use crate::controls::controls;
use crate::reads::{Related, Where};
use crate::{Cluster, Control, Judgement, Settings, Verdict};

/// Objects under keys of the caller's, with their verdicts. Where the order of objects counts, it is that
/// of the keys.
#[derive(Debug)]
pub struct Ledger {
    settings: Settings,
    objects: BTreeMap<String, Object>,
    /// Keys by namespace; of a Namespace under its own name.
    by_namespace: BTreeMap<String, BTreeSet<String>>,
    by_related: BTreeMap<Related, BTreeSet<String>>,
    /// Keys of the objects that a control is about, for those that read others.
    by_control: BTreeMap<&'static str, BTreeSet<String>>,
    verdicts: BTreeMap<String, BTreeMap<&'static str, Said>>,
    /// The controls that read others, by what they read.
    readers: BTreeMap<Related, Vec<(&'static Control, Where)>>,
    judged: u64,
}

/// What a control says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The verdict.
    pub verdict: Verdict,
    /// What decided it, ordered.
    pub remarks: Vec<Told>,
}

/// One place that decided a verdict, and what is there, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The field.
    pub place: Box<str>,
    /// The name of the sentence, as [`Reason::text`](crate::Reason::text) gives it.
    pub text: &'static str,
    /// What goes into it.
    pub value: Box<str>,
}

/// A verdict that is another than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The key of the object.
    pub key: String,
    /// The control.
    pub control: &'static str,
    /// What it said; none where the object is new.
    pub before: Option<Said>,
    /// What it says; none where the object is gone.
    pub after: Option<Said>,
}

/// The namespaces that a change touches.
enum Touched {
    These(BTreeSet<String>),
    All,
}

/// What is judged anew of an object.
#[derive(Default)]
struct Work {
    everything: bool,
    controls: BTreeSet<&'static str>,
}

impl Ledger {
    /// No objects yet.
    pub fn new(settings: Settings) -> Self {
        let mut readers: BTreeMap<Related, Vec<(&'static Control, Where)>> = BTreeMap::new();
        for control in controls() {
            for (related, place) in control.reads().objects {
                readers.entry(*related).or_default().push((control, *place));
            }
        }
        Self {
            settings,
            objects: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
            by_related: BTreeMap::new(),
            by_control: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            readers,
            judged: 0,
        }
    }

    /// How many verdicts were given since the beginning.
    pub const fn judged(&self) -> u64 {
        self.judged
    }

    /// The objects by their keys.
    pub const fn objects(&self) -> &BTreeMap<String, Object> {
        &self.objects
    }

    /// Every verdict by object and control.
    pub const fn verdicts(&self) -> &BTreeMap<String, BTreeMap<&'static str, Said>> {
        &self.verdicts
    }

    /// Takes in changes, new objects or none where one is gone, and gives the verdicts that are others
    /// than before, by key and control.
    pub fn apply(&mut self, changes: Vec<(String, Option<Object>)>) -> Vec<Changed> {
        let mut work: BTreeMap<String, Work> = BTreeMap::new();
        let mut touched: Vec<(Related, Touched, bool)> = Vec::new();
        let mut gone = BTreeSet::new();
        for (key, new) in changes {
            let old = self.objects.get(&key);
            if let (Some(old), Some(new)) = (old, &new)
                && is_same(old, new)
            {
                // It stands elsewhere, and says the same.
                self.objects.insert(key, new.clone());
                continue;
            }
            touched.extend(old.and_then(|old| self.touched_by(old)));
            self.take_out(&key);
            if let Some(new) = new {
                self.put_in(&key, new);
                let new = self.objects.get(&key);
                touched.extend(new.and_then(|new| self.touched_by(new)));
                gone.remove(&key);
                work.entry(key).or_default().everything = true;
            } else {
                work.remove(&key);
                gone.insert(key);
            }
        }
        for (related, namespaces, of_cluster) in &touched {
            self.add_readers(*related, namespaces, *of_cluster, &mut work);
        }
        let mut changed = Vec::new();
        for key in gone {
            let before = self.verdicts.remove(&key).unwrap_or_default();
            changed.extend(before.into_iter().map(|(control, said)| Changed {
                key: key.clone(),
                control,
                before: Some(said),
                after: None,
            }));
        }
        self.judge(&work, &mut changed);
        changed.sort_by(|a, b| (&a.key, a.control).cmp(&(&b.key, b.control)));
        changed
    }

    /// Other kinds are not there, or not all of them, than before: what reads one of these is judged anew.
    pub fn set_absent(&mut self, absent: Vec<Related>) -> Vec<Changed> {
        let before = std::mem::replace(&mut self.settings.absent, absent);
        let after = &self.settings.absent;
        let others = before.iter().filter(|it| !after.contains(it));
        let others: BTreeSet<Related> =
            others.chain(after.iter().filter(|it| !before.contains(it))).copied().collect();
        let (mut work, mut changed) = (BTreeMap::new(), Vec::new());
        for related in others {
            self.add_readers(related, &Touched::All, true, &mut work);
        }
        self.judge(&work, &mut changed);
        changed
    }

    fn put_in(&mut self, key: &str, object: Object) {
        self.by_namespace.entry(place(&object).to_owned()).or_default().insert(key.to_owned());
        if let Some(related) = Related::of(&object) {
            self.by_related.entry(related).or_default().insert(key.to_owned());
        }
        self.objects.insert(key.to_owned(), object);
    }

    fn take_out(&mut self, key: &str) {
        let Some(object) = self.objects.remove(key) else { return };
        if let Some(keys) = self.by_namespace.get_mut(place(&object)) {
            keys.remove(key);
        }
        for keys in self.by_related.values_mut().chain(self.by_control.values_mut()) {
            keys.remove(key);
        }
    }

    /// What an object is to others, and the namespaces whose objects may read it. The last says whether
    /// it is one of the whole cluster.
    fn touched_by(&self, object: &Object) -> Option<(Related, Touched, bool)> {
        let related = Related::of(object)?;
        let of_cluster = !object.is_namespaced();
        let touched = match &object.body {
            Body::Binding(binding) => subjects(object, binding),
            Body::Role(_) => {
                let keys = self.by_related.get(&Related::Binding).into_iter().flatten();
                let bindings = keys.filter_map(|key| self.objects.get(key));
                let named = bindings.filter_map(|other| match &other.body {
                    Body::Binding(binding) if binding.role_ref.name == object.metadata.name => {
                        Some(subjects(other, binding))
                    }
                    _ => None,
                });
                named.fold(Touched::These(BTreeSet::new()), Touched::and)
            }
            _ if of_cluster => Touched::All,
            _ => Touched::These([place(object).to_owned()].into()),
        };
        Some((related, touched, of_cluster))
    }

    /// Adds the objects whose controls read an object of this kind that lies there.
    fn add_readers(
        &self,
        related: Related,
        namespaces: &Touched,
        of_cluster: bool,
        work: &mut BTreeMap<String, Work>,
    ) {
        for (control, scope) in self.readers.get(&related).into_iter().flatten() {
            let Some(about) = self.by_control.get(control.id) else { continue };
            let everywhere = *scope == Where::Anywhere
                || (*scope == Where::Same && of_cluster)
                || matches!(namespaces, Touched::All);
            let mut add = |key: &String| {
                work.entry(key.clone()).or_default().controls.insert(control.id);
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
    fn seen(&self, work: &BTreeMap<String, Work>) -> BTreeSet<&String> {
        let mut seen: BTreeSet<&String> = BTreeSet::new();
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
    fn is_asked(&self, control: &Control, work: &BTreeMap<String, Work>) -> bool {
        work.iter().any(|(key, work)| {
            work.controls.contains(control.id)
                || (work.everything
                    && self.objects.get(key).is_some_and(|object| may_concern(control, object)))
        })
    }

    fn judge(&mut self, work: &BTreeMap<String, Work>, changed: &mut Vec<Changed>) {
        if work.is_empty() {
            return;
        }
        let seen = self.seen(work);
        let objects = seen.iter().filter_map(|key| self.objects.get(*key));
        let cluster = Cluster::of(objects, &self.settings);
        let mut judged: Vec<(String, bool, BTreeMap<&'static str, Said>)> = Vec::new();
        for (key, work) in work {
            let Some(object) = self.objects.get(key) else { continue };
            let mut said = BTreeMap::new();
            let wanted = |control: &Control| work.everything || work.controls.contains(control.id);
            cluster.judge_some(object, wanted, |judgement| {
                said.insert(judgement.control.id, Said::of(&judgement));
            });
            judged.push((key.clone(), work.everything, said));
        }
        for (key, everything, said) in judged {
            self.judged = self.judged.saturating_add(said.len() as u64);
            self.keep(&key, everything, said, changed);
        }
    }

    /// Keeps what controls say of an object, and notes what is another than before.
    fn keep(
        &mut self,
        key: &str,
        everything: bool,
        said: BTreeMap<&'static str, Said>,
        changed: &mut Vec<Changed>,
    ) {
        let known = self.verdicts.entry(key.to_owned()).or_default();
        if everything {
            let silent: Vec<&'static str> =
                known.keys().copied().filter(|control| !said.contains_key(control)).collect();
            for control in silent {
                let before = known.remove(control);
                changed.push(Changed { key: key.to_owned(), control, before, after: None });
            }
        }
        for (control, after) in said {
            if self.readers.values().flatten().any(|(reader, _)| reader.id == control) {
                self.by_control.entry(control).or_default().insert(key.to_owned());
            }
            let before = known.insert(control, after.clone());
            if before.as_ref() != Some(&after) {
                changed.push(Changed { key: key.to_owned(), control, before, after: Some(after) });
            }
        }
    }
}

impl Said {
    /// What is kept of an answer.
    pub fn of(judgement: &Judgement<'_, '_>) -> Self {
        let told = |remark: &crate::Remark<'_>| {
            let (text, value) = remark.reason.text();
            let place = remark.place.path().to_string().into();
            Told { place, text, value: value.into() }
        };
        let mut remarks: Vec<_> = judgement.remarks.iter().map(told).collect();
        remarks.sort();
        Self { verdict: judgement.verdict, remarks }
    }
}

impl Touched {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::These(mut names), Self::These(others)) => {
                names.extend(others);
                Self::These(names)
            }
            _ => Self::All,
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
fn place(object: &Object) -> &str {
    match object.body {
        Body::Namespace => &object.metadata.name,
        _ => object.namespace(),
    }
}

/// Whether two objects say the same, wherever they stand.
fn is_same(a: &Object, b: &Object) -> bool {
    a.type_name == b.type_name
        && a.metadata == b.metadata
        && a.body == b.body
        && a.mistakes == b.mistakes
}
