//! What fails now, and what of it is answered.
//!
//! A failure is not kept: the verdicts have all that it is made of. Only what an exception answers is,
//! by its id and with the end of the exception.

use std::collections::{BTreeMap, HashMap};

use bulkhead_exceptions::{ExceptionFile, Expiry, Moment};
use bulkhead_model::{Finding, FindingId, Posture, Subject, Suppression};
use bulkhead_posture::{Catalogue, ControlText, Verdict, subject};
use bulkhead_scan::{Evidence, JudgeOptions, Testimony, conclude};
use jiff::Timestamp;

use super::line::{Event, Now};
use super::world::{Touched, World};
use crate::commands::k8s::annotations;
use crate::failure::Failure;

/// The failures of all objects, with what answers them.
pub(super) struct Standing {
    texts: HashMap<String, ControlText>,
    testimony: Testimony,
    /// Answered failures by object, each with the time until which it is answered.
    answered: BTreeMap<String, BTreeMap<FindingId, Option<Expiry>>>,
    /// How many failures there are, and how many of them are answered.
    counts: (u64, u64),
    problems: Vec<String>,
}

/// Failures of one object, each with what answers it.
type Failures = BTreeMap<FindingId, (Finding, Option<Suppression>)>;

impl Standing {
    pub(super) fn new(testimony: Testimony) -> Result<Self, Failure> {
        let catalogue = Catalogue::built_in()?;
        let texts = catalogue.controls().map(|text| (text.id.clone(), text.clone())).collect();
        let (answered, problems) = (BTreeMap::new(), Vec::new());
        Ok(Self { texts, testimony, answered, counts: (0, 0), problems })
    }

    /// How many failures there are that nothing answers, and how many that something does.
    pub(super) const fn counts(&self) -> (u64, u64) {
        let (all, answered) = self.counts;
        (all.saturating_sub(answered), answered)
    }

    /// Objects with failures that were answered until now.
    pub(super) fn expired(&self, now: Timestamp) -> Vec<Touched> {
        let now = moment(now);
        let is_past = |until: &Option<Expiry>| until.as_ref().is_some_and(|it| it.is_past(now));
        let objects = self.answered.iter().filter(|(_, all)| all.values().any(is_past));
        objects.map(|(key, _)| Touched::of(key)).collect()
    }

    /// Takes in what is said of these objects now, and gives what is otherwise than before.
    pub(super) fn check(
        &mut self,
        world: &World,
        touched: &[Touched],
        now: Timestamp,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let mut current = self.answer(world, touched, now);
        for object in touched {
            let new = current.remove(&object.key).unwrap_or_default();
            let answered = self.answered.remove(&object.key).unwrap_or_default();
            let old = self.old(world, object, &new);
            self.count(&old, &new, &answered);
            for (id, finding) in &old {
                if !new.contains_key(id) {
                    let was_answered = answered.contains_key(id);
                    events.push(self.gone(world, &object.key, finding, was_answered));
                }
            }
            for (id, (finding, by)) in &new {
                let title = self.title(finding);
                let finding = || finding.clone();
                let was_answered = old.contains_key(id).then(|| answered.contains_key(id));
                match (by, was_answered) {
                    (None, Some(false)) | (Some(_), Some(true)) => {}
                    (None, _) => events.push(Event::Appeared { title, finding: finding() }),
                    (Some(by), _) => events.push(Event::Answered {
                        title,
                        finding: finding(),
                        by: by.clone(),
                        is_new: was_answered.is_none(),
                    }),
                }
            }
            let until = |by: Suppression| by.expires.as_deref().and_then(Expiry::read);
            let answered: BTreeMap<_, _> =
                new.into_iter().filter_map(|(id, (_, by))| Some((id, until(by?)))).collect();
            if !answered.is_empty() {
                self.answered.insert(object.key.clone(), answered);
            }
        }
        events
    }

    /// What failed before and does not now, of findings that nothing stands for any more.
    pub(super) fn gone_since(
        &self,
        base: &BTreeMap<FindingId, Finding>,
        world: &World,
    ) -> Vec<Event> {
        let objects = world.ledger().objects().iter();
        let keys: BTreeMap<_, _> = objects.map(|(key, object)| (subject(object), key)).collect();
        let key = |finding: &Finding| keys.get(&finding.subject).map_or("", |key| &***key);
        base.values().map(|finding| self.gone(world, key(finding), finding, false)).collect()
    }

    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    fn count(
        &mut self,
        old: &BTreeMap<FindingId, Finding>,
        new: &Failures,
        answered: &BTreeMap<FindingId, Option<Expiry>>,
    ) {
        let now = new.values().filter(|(_, by)| by.is_some()).count();
        let changed = |count: u64, old: usize, new: usize| {
            count.saturating_add(new as u64).saturating_sub(old as u64)
        };
        let (all, answers) = self.counts;
        self.counts = (changed(all, old.len(), new.len()), changed(answers, answered.len(), now));
    }

    /// What failed of an object before: what fails now and is not told to be otherwise, and what is.
    fn old(&self, world: &World, object: &Touched, new: &Failures) -> BTreeMap<FindingId, Finding> {
        if object.is_new {
            return BTreeMap::new();
        }
        let as_before = new.iter().filter(|(_, (it, _))| !object.before.contains_key(&*it.rule));
        let mut old: BTreeMap<_, _> =
            as_before.map(|(id, (finding, _))| (id.clone(), finding.clone())).collect();
        let known = world.ledger().objects().get(&*object.key);
        let Some(subject) = known.map(subject).or_else(|| object.was.clone()) else { return old };
        let file = world.file(&object.key);
        for (control, said) in &object.before {
            let (Some(text), Some(said)) = (self.texts.get(*control), said) else { continue };
            let findings = said.findings(text, &subject, &file).into_iter();
            old.extend(findings.map(|finding| (finding.id.clone(), finding)));
        }
        old
    }

    fn gone(&self, world: &World, key: &str, finding: &Finding, was_answered: bool) -> Event {
        let verdicts = world.ledger().said(key);
        let verdict = verdicts.get(&*finding.rule);
        let now = match verdict.map(|said| said.verdict) {
            _ if !world.ledger().objects().contains_key(key) => Now::Deleted,
            Some(Verdict::NotCheckable) => Now::NotCheckable,
            _ => Now::Mended,
        };
        Event::Gone { title: self.title(finding), finding: finding.clone(), now, was_answered }
    }

    fn title(&self, finding: &Finding) -> String {
        self.texts.get(&finding.rule).map(|text| text.title.clone()).unwrap_or_default()
    }

    /// The failures of these objects, held against exceptions: those on the objects first, which are nearest.
    fn answer(
        &mut self,
        world: &World,
        touched: &[Touched],
        now: Timestamp,
    ) -> BTreeMap<String, Failures> {
        let (mut findings, mut owners) = (Vec::new(), HashMap::new());
        let mut files = Vec::new();
        for Touched { key, .. } in touched {
            let Some(object) = world.ledger().objects().get(&**key) else { continue };
            let (subject, file): (Subject, _) = (subject(object), world.file(key));
            let mut own = ExceptionFile { name: file.clone(), ..ExceptionFile::default() };
            for annotation in annotations::of(object, &file) {
                match annotation.exception {
                    Ok(exception) => own.exceptions.push(exception),
                    Err(mistake) => self.problems.push(mistake),
                }
            }
            if !own.exceptions.is_empty() {
                files.push(own);
            }
            let said = world.ledger().said(key).into_iter();
            for (control, said) in said.filter(|(_, said)| said.verdict == Verdict::Fail) {
                let Some(text) = self.texts.get(control) else { continue };
                for finding in said.findings(text, &subject, &file) {
                    owners.insert(finding.id.clone(), key);
                    findings.push(finding);
                }
            }
        }
        let mut testimony = self.testimony.clone();
        testimony.exceptions.splice(0..0, files);
        let options =
            JudgeOptions { testimony, created: now.to_string(), ..JudgeOptions::default() };
        let posture = Some(Posture::default());
        let report =
            conclude(Evidence { posture, findings, ..Evidence::default() }, Vec::new(), &options);
        let open = report.findings.into_iter().map(|finding| (finding, None));
        let answered = report.suppressed.into_iter().map(|it| (it.finding, Some(it.by)));
        let mut current: BTreeMap<String, Failures> = BTreeMap::new();
        for (finding, answered) in open.chain(answered) {
            let Some(key) = owners.get(&finding.id) else { continue };
            let failures = current.entry((*key).clone()).or_default();
            failures.insert(finding.id.clone(), (finding, answered));
        }
        current
    }
}

fn moment(now: Timestamp) -> Moment {
    Moment::read(&now.to_string()).unwrap_or(Moment::LAST)
}

#[cfg(test)]
mod tests {
    use bulkhead_cluster::{Collection, News};
    use bulkhead_exceptions::read;
    use bulkhead_limits::{Budget, Limits};
    use bulkhead_posture::Settings;

    use super::*;

    const NOON: &str = "2026-11-28T12:00:00Z";

    /// What was told, as `event control object`.
    type Told = Vec<String>;

    /// A cluster of pods that is told what happens in it.
    struct Tried {
        pods: Collection,
        world: World,
        standing: Standing,
    }

    impl Tried {
        fn new(exceptions: &str) -> Self {
            let collections = Collection::SCANNED;
            let pods = *collections.iter().find(|it| it.plural == "pods").unwrap();
            let budget = Budget::new(Limits::DEFAULT);
            let exceptions = vec![read("own.yaml", exceptions.as_bytes(), &budget).unwrap()];
            let testimony = Testimony { exceptions, ..Testimony::default() };
            let world = World::new(collections, Vec::new(), Settings::default());
            Self { pods, world, standing: Standing::new(testimony).unwrap() }
        }

        fn settle(&mut self, now: &str) -> Told {
            let touched = self.world.settle();
            self.check(&touched, now)
        }

        fn check(&mut self, touched: &[Touched], now: &str) -> Told {
            let events = self.standing.check(&self.world, touched, now.parse().unwrap());
            let told = events.iter().map(|event| {
                let what = match event {
                    Event::Appeared { .. } => "appeared",
                    Event::Answered { is_new: true, .. } => "answered from the beginning",
                    Event::Answered { .. } => "answered",
                    Event::Gone { now: Now::Deleted, .. } => "deleted",
                    Event::Gone { .. } => "gone",
                    other => panic!("{other:?}"),
                };
                let finding = event.finding().unwrap();
                format!("{what} {} {}", finding.rule, finding.control().unwrap().place)
            });
            told.collect()
        }

        fn put(&mut self, annotations: &str, spec: &str) {
            let pod = format!(
                "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"p\",\"namespace\":\"n\",\
                 \"annotations\":{{{annotations}}}}},\"spec\":{{\"containers\":[{{\"name\":\"c\",\"image\":\"x:1\"}}],{spec}}}}}"
            );
            self.world.take(News::Changed(self.pods, pod), NOON.parse().unwrap());
        }
    }

    fn about(told: &[String], control: &str) -> Told {
        told.iter().filter(|it| it.contains(&format!(" {control} "))).cloned().collect()
    }

    #[test]
    fn a_change_tells_what_it_changes() {
        let mut tried = Tried::new("exceptions: []");
        tried.put("", "\"hostPID\":true,\"hostIPC\":true");
        let first = tried.settle(NOON);
        assert_eq!(about(&first, "host-pid"), ["appeared host-pid spec.hostPID"]);
        assert_eq!(tried.standing.counts(), (first.len() as u64, 0));
        assert_eq!(tried.settle(NOON), Told::new(), "nothing happened");

        tried.put("", "\"hostIPC\":true");
        assert_eq!(about(&tried.settle(NOON), "host-pid"), ["gone host-pid spec.hostPID"]);
        let left = first.len() as u64 - 1;
        let counts = tried.standing.counts();
        assert!(counts.0 <= left && counts.1 == 0, "{counts:?} of {left}");

        let gone = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n"}}"#;
        tried.world.take(News::Gone(tried.pods, gone.to_owned()), NOON.parse().unwrap());
        let told = tried.settle(NOON);
        assert_eq!(told.len() as u64, counts.0);
        assert!(told.iter().all(|it| it.starts_with("deleted ")), "{told:?}");
        assert_eq!(tried.standing.counts(), (0, 0));
    }

    /// An exception that ends while nothing happens: what it answered appears.
    #[test]
    fn exceptions_expire_while_nothing_happens() {
        let key = "bulkhead.io/except.host-ipc";
        let until = |time| format!("\"{key}\":\"reason=it shares; owner=me; until={time}\"");
        let mut tried = Tried::new(
            "exceptions:\n- {id: host-pid, reason: debugging, owner: me, expires: 2026-11-28T13:00:00Z}\n",
        );
        tried.put(&until("2026-11-30"), "\"hostPID\":true,\"hostIPC\":true");
        let told = tried.settle(NOON);
        let from = "answered from the beginning";
        assert_eq!(about(&told, "host-pid"), [format!("{from} host-pid spec.hostPID")]);
        assert_eq!(about(&told, "host-ipc"), [format!("{from} host-ipc spec.hostIPC")]);
        assert_eq!(tried.standing.counts().1, 2);
        for (now, appears) in [
            ("2026-11-28T12:59:59Z", None),
            ("2026-11-28T13:00:01Z", Some("appeared host-pid spec.hostPID")),
            ("2026-11-28T13:00:02Z", None),
            ("2026-11-30T00:00:01Z", Some("appeared host-ipc spec.hostIPC")),
            ("2026-12-30T00:00:01Z", None),
        ] {
            let expired = tried.standing.expired(now.parse().unwrap());
            assert_eq!(expired.len(), usize::from(appears.is_some()), "{now}");
            assert_eq!(tried.check(&expired, now), Vec::from_iter(appears), "{now}");
        }
        assert_eq!(tried.standing.counts().1, 0);
        tried.put(&until("2999-01-01"), "\"hostPID\":true,\"hostIPC\":true");
        let told = tried.settle("2026-12-30T00:00:02Z");
        assert_eq!(told, ["answered host-ipc spec.hostIPC"]);
    }
}
