//! What is known of the cluster, kept up to date by news.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use bulkhead_cluster::{Collection, News};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{NotAssessed, NotAssessedReason, Subject, VerdictCounts};
use bulkhead_objects::{Absent, Object, Objects};
use bulkhead_posture::{Changed, Ledger, Related, Said, Settings, Verdict, subject};
use jiff::{SignedDuration, Timestamp};

use super::line::Event;
use super::sight::{Changes, Gap, Sight};
use crate::commands::k8s::assess;

/// The objects of a cluster with their verdicts, and which kinds of them are seen.
pub(super) struct World {
    kinds: Vec<Kind>,
    /// What is left out knowingly.
    absent: Vec<Absent>,
    ledger: Ledger,
    /// What is not judged yet.
    pending: BTreeMap<String, Option<Object>>,
    problems: Vec<String>,
    had_problems: bool,
}

/// An object of which something else may have to be told now, and what is no longer known of it.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) key: String,
    /// It was not there before.
    pub(super) is_new: bool,
    /// What it was, where it is gone.
    pub(super) was: Option<Subject>,
    /// What said something else before, and how it failed then.
    pub(super) before: BTreeMap<&'static str, Option<Said>>,
}

/// One kind, in all its versions.
struct Kind {
    /// The version that is seen.
    collection: Collection,
    sight: Sight,
    was_listed: bool,
    /// It was told that it is not seen.
    is_told: bool,
    /// For how long it was not seen, which is not told yet.
    gap: Option<Gap>,
    /// What the list that is coming has named so far.
    listing: BTreeSet<String>,
}

impl World {
    pub(super) fn new(
        collections: &[Collection],
        absent: Vec<Absent>,
        organisation: Settings,
    ) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        for collection in collections {
            if !kinds.iter().any(|kind| kind.collection.is_of_kind(collection)) {
                kinds.push(Kind {
                    collection: *collection,
                    sight: Sight::Unknown,
                    was_listed: false,
                    is_told: false,
                    gap: None,
                    listing: BTreeSet::new(),
                });
            }
        }
        Self {
            kinds,
            absent,
            ledger: Ledger::new(organisation),
            pending: BTreeMap::new(),
            problems: Vec::new(),
            had_problems: false,
        }
    }

    pub(super) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether something was heard of each kind.
    pub(super) fn is_known(&self) -> bool {
        self.kinds.iter().all(|kind| kind.sight != Sight::Unknown)
    }

    /// Takes in what was heard now. It is judged later.
    pub(super) fn take(&mut self, news: News, now: Timestamp) {
        match news {
            News::Begun(collection) => {
                if let Some((_, kind)) = self.kind(collection) {
                    kind.collection = collection;
                    kind.listing.clear();
                }
            }
            News::Page(collection, text) => self.put(collection, &text, true),
            News::Listed(collection) => {
                self.find(collection, true);
                self.clear_away(collection);
            }
            News::Changed(collection, text) => self.put(collection, &text, false),
            News::Gone(collection, text) => {
                for (key, _) in self.read(collection, &text) {
                    self.pending.insert(key, None);
                }
            }
            News::Lost { collection, reason, silent } => {
                let since = SignedDuration::try_from(silent).unwrap_or_default();
                let since = now.checked_sub(since).unwrap_or(now);
                if let Some((_, kind)) = self.kind(collection) {
                    kind.sight = Sight::Lost { since, reason };
                }
            }
            News::Found(collection) => self.find(collection, false),
        }
    }

    /// What was lost and found since the last time.
    pub(super) fn sights(&mut self, now: Timestamp) -> Vec<Event> {
        let mut changes = Changes::default();
        for kind in &mut self.kinds {
            match (&kind.sight, kind.gap.take()) {
                (Sight::Lost { since, reason }, _) if !kind.is_told => {
                    changes.lose(kind.collection, *since, reason);
                    kind.is_told = true;
                }
                // A short break of which nothing was missed is not worth a word.
                (Sight::Seen, Some(gap)) if kind.is_told || gap.listed_anew => {
                    changes.find(kind.collection, gap);
                    kind.is_told = false;
                }
                (_, gap) => kind.gap = gap,
            }
        }
        changes.events(now).collect()
    }

    /// Judges what is touched by what was taken in, and gives these objects.
    pub(super) fn settle(&mut self) -> Vec<Touched> {
        let pending = std::mem::take(&mut self.pending);
        let objects = self.ledger.objects();
        let mut touched: BTreeMap<String, Touched> = BTreeMap::new();
        for (key, new) in &pending {
            let old = objects.get(&**key);
            let was = old.filter(|_| new.is_none()).map(subject);
            let of_it = Touched { is_new: old.is_none(), was, ..Touched::of(key) };
            touched.insert(key.clone(), of_it);
        }
        self.ledger.apply_each(pending, |changed| add(&mut touched, changed));
        for changed in self.ledger.set_absent(self.unlisted()) {
            add(&mut touched, changed);
        }
        touched.into_values().collect()
    }

    /// The list that an object comes from, as findings name it.
    pub(super) fn file(&self, key: &str) -> String {
        let number = key.split('/').next().and_then(|number| number.parse::<usize>().ok());
        let kind = number.and_then(|number| self.kinds.get(number));
        kind.map(|kind| kind.collection.path()).unwrap_or_default()
    }

    pub(super) fn counts(&self) -> VerdictCounts {
        let mut counts = VerdictCounts::default();
        for said in self.ledger.verdicts().flat_map(|(_, said)| said.into_values()) {
            assess::count(&mut counts, said.verdict);
        }
        counts
    }

    /// What is not assessed as it stands: kinds that are not seen, objects that controls do not know, and
    /// verdicts that nothing decided.
    pub(super) fn not_assessed(&self) -> Vec<NotAssessed> {
        let lost = self.kinds.iter().filter_map(|kind| match &kind.sight {
            Sight::Lost { reason, .. } => Some((kind.collection.resource(), reason.clone())),
            Sight::Unknown | Sight::Seen => None,
        });
        let absent = self.absent.iter().map(|it| (it.resource.clone(), it.reason.clone()));
        let reasons = lost.chain(absent);
        let reasons =
            reasons.map(|(resource, cause)| NotAssessedReason::Collection { resource, cause });
        let mut all: Vec<NotAssessed> =
            reasons.map(|reason| NotAssessed { reason, count: 0, hint: None }).collect();
        all.extend(assess::unknown(self.ledger.objects().values()));
        let mut open = assess::Open::default();
        for (control, said) in self.ledger.verdicts().flat_map(|(_, said)| said) {
            if said.verdict == Verdict::NotCheckable {
                open.add(control, said.remarks.first().map(|told| told.value.to_string()));
            }
        }
        all.extend(open.not_assessed());
        all
    }

    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Whether something that was sent could not be read.
    pub(super) const fn had_problems(&self) -> bool {
        self.had_problems
    }

    fn kind(&mut self, collection: Collection) -> Option<(usize, &mut Kind)> {
        let mut kinds = self.kinds.iter_mut().enumerate();
        kinds.find(|(_, kind)| kind.collection.is_of_kind(&collection))
    }

    fn find(&mut self, collection: Collection, listed_anew: bool) {
        let Some((_, kind)) = self.kind(collection) else { return };
        kind.was_listed = true;
        if let Sight::Lost { since, .. } = std::mem::replace(&mut kind.sight, Sight::Seen) {
            let gap = kind.gap.get_or_insert(Gap { since, listed_anew: false });
            gap.listed_anew |= listed_anew;
        }
    }

    fn put(&mut self, collection: Collection, text: &str, is_listed: bool) {
        for (key, object) in self.read(collection, text) {
            if is_listed && let Some((_, kind)) = self.kind(collection) {
                kind.listing.insert(key.clone());
            }
            self.pending.insert(key, Some(object));
        }
    }

    /// What is known of a kind, and was not named by its list.
    fn clear_away(&mut self, collection: Collection) {
        let Some((number, kind)) = self.kind(collection) else { return };
        let listing = std::mem::take(&mut kind.listing);
        let prefix = prefix(number);
        let known = self
            .ledger
            .objects()
            .range::<str, _>((Bound::Included(&*prefix), Bound::Unbounded))
            .map(|(key, _)| key);
        let known = known.take_while(|key| key.starts_with(&prefix));
        let gone: Vec<String> =
            known.filter(|key| !listing.contains(&***key)).map(ToString::to_string).collect();
        let pending = self.pending.iter_mut().filter(|(key, _)| key.starts_with(&prefix));
        for (_, object) in pending.filter(|(key, _)| !listing.contains(*key)) {
            *object = None;
        }
        self.pending.extend(gone.into_iter().map(|key| (key, None)));
    }

    /// The objects of a text, each with its key: in the order in which a scan lists them.
    fn read(&mut self, collection: Collection, text: &str) -> Vec<(String, Object)> {
        let Some((number, _)) = self.kind(collection) else { return Vec::new() };
        let mut objects = Objects::new();
        objects.add(&collection.path(), text.as_bytes(), &Budget::new(Limits::DEFAULT));
        for problem in objects.problems {
            self.had_problems = true;
            self.problems.push(format!("not assessed: {}: {}", problem.file, problem.message));
        }
        let key = |object: &Object| {
            let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
            format!("{}{namespace}/{}", prefix(number), object.metadata.name)
        };
        objects.objects.into_iter().map(|object| (key(&object), object)).collect()
    }

    /// Kinds of which nothing is known: what should be among them may be.
    fn unlisted(&self) -> Vec<Related> {
        let kinds = self.kinds.iter().filter(|kind| !kind.was_listed);
        let unlisted = kinds.map(|kind| kind.collection.plural);
        // Those of the core group have no more of a name.
        let absent = self.absent.iter().map(|absent| absent.resource.as_str());
        let all: BTreeSet<Related> =
            unlisted.chain(absent).filter_map(Related::of_resource).collect();
        all.into_iter().collect()
    }
}

impl Touched {
    /// Nothing that was judged is otherwise.
    pub(super) fn of(key: &str) -> Self {
        Self { key: key.to_owned(), ..Self::default() }
    }
}

/// Adds what a control said before it said something else.
fn add(touched: &mut BTreeMap<String, Touched>, changed: Changed) {
    if !touched.contains_key(&*changed.key) {
        touched.insert(changed.key.to_string(), Touched::of(&changed.key));
    }
    let Some(of_it) = touched.get_mut(&*changed.key).filter(|it| !it.is_new) else { return };
    let fails = |said: &Said| said.verdict == Verdict::Fail;
    if changed.before.iter().chain(&changed.after).any(fails) {
        // Of several changes at once the first knows how it was.
        of_it.before.entry(changed.control).or_insert(changed.before.filter(fails));
    }
}

/// How the keys of a kind's objects begin.
fn prefix(number: usize) -> String {
    format!("{number:03}/")
}
