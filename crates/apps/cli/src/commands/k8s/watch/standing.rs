//! What fails now, and what of it is answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bulkhead_exceptions::ExceptionFile;
use bulkhead_model::{Finding, FindingId, Posture, Suppression};
use bulkhead_posture::{Catalogue, ControlText, Verdict};
use bulkhead_scan::{Evidence, JudgeOptions, Testimony, conclude};
use jiff::Timestamp;

use super::line::{Event, Now};
use super::world::World;
use crate::commands::k8s::annotations;
use crate::failure::Failure;

/// The failures of every object, with what answers them.
pub(super) struct Standing {
    texts: HashMap<String, ControlText>,
    testimony: Testimony,
    by_object: BTreeMap<String, BTreeMap<FindingId, Stand>>,
    problems: Vec<String>,
}

/// A failure as it stands.
struct Stand {
    finding: Finding,
    answered: Option<Suppression>,
}

impl Standing {
    pub(super) fn new(testimony: Testimony) -> Result<Self, Failure> {
        let catalogue = Catalogue::built_in()?;
        let texts = catalogue.controls().map(|text| (text.id.clone(), text.clone())).collect();
        Ok(Self { texts, testimony, by_object: BTreeMap::new(), problems: Vec::new() })
    }

    /// How many failures there are that nothing answers, and how many that something does.
    pub(super) fn counts(&self) -> (u64, u64) {
        let all = || self.by_object.values().flat_map(BTreeMap::values);
        let answered = all().filter(|stand| stand.answered.is_some()).count() as u64;
        ((all().count() as u64).saturating_sub(answered), answered)
    }

    /// Objects with failures that are answered until some time.
    pub(super) fn expiring(&self) -> Vec<String> {
        let expires =
            |stand: &Stand| stand.answered.as_ref().is_some_and(|by| by.expires.is_some());
        let objects = self.by_object.iter().filter(|(_, stands)| stands.values().any(expires));
        objects.map(|(key, _)| key.clone()).collect()
    }

    /// Takes in what is said of these objects now, and gives what is otherwise than before.
    pub(super) fn check(
        &mut self,
        world: &World,
        touched: &BTreeSet<String>,
        now: Timestamp,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let mut current = self.answer(world, touched, now);
        for key in touched {
            let new = current.remove(key).unwrap_or_default();
            let old = self.by_object.remove(key).unwrap_or_default();
            for (id, stand) in &old {
                if !new.contains_key(id) {
                    events.push(self.gone(world, key, stand));
                }
            }
            for (id, stand) in &new {
                let before = old.get(id).map(|before| before.answered.is_some());
                let title = self.title(&stand.finding);
                let finding = || stand.finding.clone();
                match (&stand.answered, before) {
                    (None, Some(false)) | (Some(_), Some(true)) => {}
                    (None, _) => events.push(Event::Appeared { title, finding: finding() }),
                    (Some(by), before) => events.push(Event::Answered {
                        title,
                        finding: finding(),
                        by: by.clone(),
                        is_new: before.is_none(),
                    }),
                }
            }
            if !new.is_empty() {
                self.by_object.insert(key.clone(), new);
            }
        }
        events
    }

    /// What failed before and does not now.
    pub(super) fn gone_since(
        &self,
        base: &BTreeMap<FindingId, Finding>,
        world: &World,
    ) -> Vec<Event> {
        let standing: BTreeSet<&FindingId> =
            self.by_object.values().flat_map(BTreeMap::keys).collect();
        let objects = world.ledger().objects().iter();
        let keys: BTreeMap<_, _> =
            objects.map(|(key, object)| (bulkhead_posture::subject(object), key)).collect();
        let gone = base.values().filter(|finding| !standing.contains(&finding.id));
        gone.map(|finding| {
            let key = keys.get(&finding.subject).map_or("", |key| &***key);
            self.gone(world, key, &Stand { finding: finding.clone(), answered: None })
        })
        .collect()
    }

    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    fn gone(&self, world: &World, key: &str, stand: &Stand) -> Event {
        let verdicts = world.ledger().said(key);
        let verdict = verdicts.get(&*stand.finding.rule);
        let now = match verdict.map(|said| said.verdict) {
            _ if !world.ledger().objects().contains_key(key) => Now::Deleted,
            Some(Verdict::NotCheckable) => Now::NotCheckable,
            _ => Now::Mended,
        };
        let (title, finding) = (self.title(&stand.finding), stand.finding.clone());
        Event::Gone { title, finding, now, was_answered: stand.answered.is_some() }
    }

    fn title(&self, finding: &Finding) -> String {
        self.texts.get(&finding.rule).map(|text| text.title.clone()).unwrap_or_default()
    }

    /// The failures of these objects, held against exceptions: those on the objects first, which are nearest.
    fn answer(
        &mut self,
        world: &World,
        touched: &BTreeSet<String>,
        now: Timestamp,
    ) -> BTreeMap<String, BTreeMap<FindingId, Stand>> {
        let (mut findings, mut owners) = (Vec::new(), HashMap::new());
        let mut files = Vec::new();
        for key in touched {
            let Some(object) = world.ledger().objects().get(&**key) else { continue };
            let file = world.file(key);
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
                for finding in said.findings(text, object, &file) {
                    owners.insert(finding.id.clone(), key.clone());
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
        let mut current: BTreeMap<String, BTreeMap<FindingId, Stand>> = BTreeMap::new();
        for (finding, answered) in open.chain(answered) {
            let Some(key) = owners.get(&finding.id) else { continue };
            let stands = current.entry(key.clone()).or_default();
            stands.insert(finding.id.clone(), Stand { finding, answered });
        }
        current
    }
}
