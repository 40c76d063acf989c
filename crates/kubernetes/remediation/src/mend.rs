//! One object, mended control by control.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{FieldPath, Object, Objects};
use bulkhead_posture::{Catalogue, Cluster, ControlText, Strategy, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::choice::Choice;
use crate::condition;
use crate::edit::Edit;
use crate::open::{Open, Reason};
use crate::recipe;
use crate::site::Site;

/// A control that passes after some edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The control.
    pub control: String,
    /// What makes it pass, in this order.
    pub edits: Vec<Edit>,
}

/// An object after its repair.
pub(crate) struct Mended {
    pub(crate) root: Value,
    pub(crate) steps: Vec<Step>,
    pub(crate) open: Vec<Open>,
}

/// What every object of a run shares.
#[derive(Clone, Copy)]
pub(crate) struct Mender<'c> {
    pub(crate) catalogue: &'c Catalogue,
    pub(crate) choice: &'c Choice,
    pub(crate) context: &'c Cluster<'c>,
}

/// What the controls say of one object: verdicts, and the places of failures.
type Verdicts = BTreeMap<&'static str, (Verdict, Vec<FieldPath>)>;

/// Failures that stay, and whether for good.
type Settled = BTreeMap<&'static str, (bool, Open)>;

impl Mender<'_> {
    /// Mends what may be mended. `write` carries edits over to wherever the object is written, and may
    /// refuse them; it sees them before they count.
    pub(crate) fn mend(
        &self,
        name: &str,
        root: Value,
        write: &mut dyn FnMut(&[Edit]) -> Result<(), String>,
    ) -> Mended {
        let mut mended = Mended { root, steps: Vec::new(), open: Vec::new() };
        let Some(mut verdicts) = self.verdicts(&mended.root) else { return mended };
        let mut settled = Settled::new();
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            // A repair may make another one possible: what was not, is tried again behind the last.
            settled.retain(|_, (is_final, _)| *is_final);
            while let Some((control, places)) = self.next(name, &verdicts, &settled) {
                let Some(text) = self.catalogue.get(control) else { return mended };
                let refused = match self.attempt(text, &mended.root, &places, name, &verdicts) {
                    Ok((edits, root, after)) => match write(&edits) {
                        Ok(()) => {
                            mended.steps.push(Step { control: control.to_owned(), edits });
                            mended.root = root;
                            verdicts = after;
                            goes_on = true;
                            continue;
                        }
                        Err(refused) => Reason::Refused(refused),
                    },
                    Err(reason) => reason,
                };
                let is_final = refused == Reason::Never;
                settled.insert(control, (is_final, Open::new(text, name, &places, refused)));
            }
        }
        mended.open.extend(settled.into_values().map(|(_, open)| open));
        mended
    }

    /// The next failing control that is asked for and was not tried.
    fn next(
        &self,
        object: &str,
        verdicts: &Verdicts,
        settled: &Settled,
    ) -> Option<(&'static str, Vec<FieldPath>)> {
        verdicts
            .iter()
            .filter(|(control, (verdict, _))| {
                *verdict == Verdict::Fail && !settled.contains_key(*control)
            })
            .find(|(control, _)| self.choice.wants(control, object))
            .map(|(control, (_, places))| (*control, places.clone()))
    }

    /// The edits that make a control pass, the object after them and what the controls say then.
    fn attempt(
        &self,
        text: &ControlText,
        root: &Value,
        places: &[FieldPath],
        object: &str,
        before: &Verdicts,
    ) -> Result<(Vec<Edit>, Value, Verdicts), Reason> {
        let repair = &text.repair;
        if repair.strategy == Strategy::Never {
            return Err(Reason::Never);
        }
        let answer = self.choice.answer(&text.id, object, repair.value)?;
        let mut changed = root.clone();
        let mut all = Vec::new();
        // From the last place to the first: elements that go do not move those that are still to go.
        for place in places.iter().rev() {
            let site = Site { root: &changed, place, answer: None };
            let default =
                repair.default.as_ref().and_then(|path| site.value(&path.as_str().into()));
            let site = Site { answer: answer.as_ref().or(default.as_ref()), ..site };
            let needs_value = repair.value.is_some() && site.answer.is_none();
            // What one place of several changed says nothing about the object as it is.
            let now = Site { root, ..site };
            let safe = repair.strategy == Strategy::Automatic
                && repair.only.iter().all(|condition| condition::holds(condition, &now));
            if !repair.needs.iter().all(|condition| condition::holds(condition, &now)) {
                return Err(Reason::Unfit);
            }
            if needs_value || (!safe && answer.is_none()) {
                return Err(Reason::Ask);
            }
            let edits: Option<Vec<Vec<Edit>>> =
                repair.edits.iter().map(|it| recipe::edits(it, &site)).collect();
            let edits = edits.ok_or(Reason::Ask)?;
            for edit in edits.into_iter().flatten() {
                if all.contains(&edit) {
                    continue;
                }
                if !edit.apply(&mut changed) {
                    return Err(Reason::Refused(format!("{} has another shape", edit.path)));
                }
                all.push(edit);
            }
        }
        let after = self.verdicts(&changed).ok_or(Reason::Ineffective)?;
        let still = after.get(text.id.as_str()).map(|(verdict, _)| *verdict);
        if all.is_empty() || !matches!(still, Some(Verdict::Pass | Verdict::NotApplicable) | None) {
            return Err(Reason::Ineffective);
        }
        match worse(before, &after) {
            Some(control) => Err(Reason::Harms(control.to_owned())),
            None => Ok((all, changed, after)),
        }
    }

    /// What the controls say of an object, among the others.
    fn verdicts(&self, root: &Value) -> Option<Verdicts> {
        let mut objects = Objects::new();
        objects.add("object.json", root.to_string().as_bytes(), &Budget::new(Limits::DEFAULT));
        let [object] = objects.objects.as_slice() else { return None };
        Some(verdicts(self.context, object))
    }
}

/// What the controls say of an object.
pub(crate) fn verdicts(context: &Cluster<'_>, object: &Object) -> Verdicts {
    let mut verdicts = Verdicts::new();
    context.judge(object, |judgement| {
        let fails = judgement.verdict == Verdict::Fail;
        let places = judgement.remarks.iter().filter(|_| fails);
        let places = places.map(|remark| remark.place.path()).collect();
        verdicts.insert(judgement.control.id, (judgement.verdict, places));
    });
    verdicts
}

/// A control that did not fail and does now.
pub(crate) fn worse(before: &Verdicts, after: &Verdicts) -> Option<&'static str> {
    after
        .iter()
        .filter(|(_, (verdict, _))| *verdict == Verdict::Fail)
        .find(|(control, _)| before.get(*control).is_none_or(|(old, _)| *old != Verdict::Fail))
        .map(|(control, _)| *control)
}
