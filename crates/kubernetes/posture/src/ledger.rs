//! The verdicts of a set of objects that changes: one change judges anew what it may touch, and nothing
//! else.
//!
//! [`Control::reads`] says which other objects a control reads, and where. A change of an object touches
//! every control about that object, and the controls about others that read its kind where it lies.

mod account;
mod touched;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bulkhead_objects::Object;

use account::{Account, Numbers};
pub use account::{Said, Told};
use touched::{Touches, Work, place};

use crate::controls::controls;
use crate::reads::{Related, Where};
use crate::{Cluster, Control, Settings};

/// The key of an object; all that name it share its bytes.
type Key = Arc<str>;

/// Objects under keys of the caller's, with their verdicts. Where the order of objects counts, it is that
/// of the keys.
#[derive(Debug)]
pub struct Ledger {
    settings: Settings,
    numbers: Numbers,
    objects: BTreeMap<Key, Object>,
    /// Keys by namespace; of a Namespace under its own name.
    by_namespace: BTreeMap<String, BTreeSet<Key>>,
    by_related: BTreeMap<Related, BTreeSet<Key>>,
    /// Keys of the objects that a control is about, for those that read others.
    by_control: BTreeMap<&'static str, BTreeSet<Key>>,
    accounts: BTreeMap<Key, Account>,
    /// The controls that read others, by what they read.
    readers: BTreeMap<Related, Vec<(&'static Control, Where)>>,
    judged: u64,
}

/// A verdict that is another than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The key of the object.
    pub key: Arc<str>,
    /// The control.
    pub control: &'static str,
    /// What it said; none where the object is new.
    pub before: Option<Said>,
    /// What it says; none where the object is gone.
    pub after: Option<Said>,
}

impl Ledger {
    /// No objects yet.
    pub fn new(settings: Settings) -> Self {
        let mut readers: BTreeMap<Related, Vec<(&'static Control, Where)>> = BTreeMap::new();
        let mut by_control = BTreeMap::new();
        for control in controls() {
            for (related, place) in control.reads().objects {
                readers.entry(*related).or_default().push((control, *place));
                by_control.insert(control.id, BTreeSet::new());
            }
        }
        Self {
            settings,
            numbers: Numbers::new(),
            objects: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
            by_related: BTreeMap::new(),
            by_control,
            accounts: BTreeMap::new(),
            readers,
            judged: 0,
        }
    }

    /// How many verdicts were given since the beginning.
    pub const fn judged(&self) -> u64 {
        self.judged
    }

    /// The objects by their keys.
    pub const fn objects(&self) -> &BTreeMap<Arc<str>, Object> {
        &self.objects
    }

    /// Every object's key, with what each control that is about it says.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, BTreeMap<&'static str, Said>)> {
        self.accounts.iter().map(|(key, account)| (&**key, account.said(&self.numbers)))
    }

    /// What each control that is about an object says of it.
    pub fn said(&self, key: &str) -> BTreeMap<&'static str, Said> {
        self.accounts.get(key).map(|account| account.said(&self.numbers)).unwrap_or_default()
    }

    /// Takes in changes, new objects or none where one is gone, and gives the verdicts that are others
    /// than before, by key and control.
    pub fn apply(&mut self, changes: Vec<(String, Option<Object>)>) -> Vec<Changed> {
        let mut changed = Vec::new();
        self.apply_each(changes, |it| changed.push(it));
        changed
    }

    /// The same, where so much may change that it is better not kept: what a cluster has at first.
    pub fn apply_each(
        &mut self,
        changes: impl IntoIterator<Item = (String, Option<Object>)>,
        mut each: impl FnMut(Changed),
    ) {
        let mut work: BTreeMap<Key, Work> = BTreeMap::new();
        let mut touched = Touches::default();
        for (key, new) in changes {
            let (key, old) = match self.objects.get_key_value(&*key) {
                Some((key, old)) => (Arc::clone(key), Some(old)),
                None => (Key::from(key), None),
            };
            if let (Some(old), Some(new)) = (old, &new)
                && is_same(old, new)
            {
                // It stands elsewhere, and says the same.
                self.objects.insert(key, new.clone());
                continue;
            }
            old.into_iter().chain(&new).for_each(|object| touched.add(object));
            self.take_out(&key);
            if let Some(new) = new {
                self.put_in(&key, new);
            }
            work.entry(key).or_default().everything = true;
        }
        self.add_readers(touched, &mut work);
        self.judge(&work, &mut each);
    }

    /// Other kinds are not there, or not all of them, than before: what reads one of these is judged anew.
    pub fn set_absent(&mut self, absent: Vec<Related>) -> Vec<Changed> {
        let before = std::mem::replace(&mut self.settings.absent, absent);
        let after = &self.settings.absent;
        let others = before.iter().filter(|it| !after.contains(it));
        let others = others.chain(after.iter().filter(|it| !before.contains(it))).copied();
        let (mut work, mut changed) = (BTreeMap::new(), Vec::new());
        self.add_readers(Touches::of_all(others), &mut work);
        self.judge(&work, &mut |it| changed.push(it));
        changed
    }

    fn put_in(&mut self, key: &Key, object: Object) {
        let namespace = self.by_namespace.entry(place(&object).to_owned()).or_default();
        namespace.insert(Arc::clone(key));
        if let Some(related) = Related::of(&object) {
            self.by_related.entry(related).or_default().insert(Arc::clone(key));
        }
        self.objects.insert(Arc::clone(key), object);
    }

    fn take_out(&mut self, key: &Key) {
        let Some(object) = self.objects.remove(key) else { return };
        if let Some(keys) = self.by_namespace.get_mut(place(&object)) {
            keys.remove(key);
        }
        for keys in self.by_related.values_mut().chain(self.by_control.values_mut()) {
            keys.remove(key);
        }
    }

    fn judge(&mut self, work: &BTreeMap<Key, Work>, each: &mut impl FnMut(Changed)) {
        if work.is_empty() {
            return;
        }
        let cluster = {
            let seen = self.seen(work);
            Cluster::of(seen.iter().filter_map(|key| self.objects.get(*key)), &self.settings)
        };
        for (key, work) in work {
            let before = self.accounts.remove(key).unwrap_or_default().said(&self.numbers);
            let mut after = if work.everything { BTreeMap::new() } else { before.clone() };
            if let Some(object) = self.objects.get(key) {
                let wanted = |it: &Control| work.everything || work.controls.contains(it.id);
                cluster.judge_some(object, wanted, |judgement| {
                    self.judged = self.judged.saturating_add(1);
                    after.insert(judgement.control.id, Said::of(&judgement));
                });
                for (control, about) in &mut self.by_control {
                    if after.contains_key(control) {
                        about.insert(Arc::clone(key));
                    }
                }
                self.accounts.insert(Arc::clone(key), Account::new(&after, &self.numbers));
            }
            tell(key, before, after, each);
        }
    }
}

/// Tells what is another than before.
fn tell(
    key: &Key,
    before: BTreeMap<&'static str, Said>,
    mut after: BTreeMap<&'static str, Said>,
    each: &mut impl FnMut(Changed),
) {
    let mut told = BTreeMap::new();
    for (control, before) in before {
        let after = after.remove(control);
        if after.as_ref() != Some(&before) {
            told.insert(control, (Some(before), after));
        }
    }
    told.extend(after.into_iter().map(|(control, after)| (control, (None, Some(after)))));
    for (control, (before, after)) in told {
        each(Changed { key: Arc::clone(key), control, before, after });
    }
}

/// Whether two objects say the same, wherever they stand.
fn is_same(a: &Object, b: &Object) -> bool {
    a.type_name == b.type_name
        && a.metadata == b.metadata
        && a.body == b.body
        && a.mistakes == b.mistakes
}
