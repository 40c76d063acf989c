//! Repairs of objects in a live cluster.
//!
//! A repair is tried by a dry run, written down, applied under a field manager of its own, watched, and
//! taken back where the controls do not pass or the workload does not get well. It never takes a field
//! from another manager. Each step is on the disk before it is taken: see [`crate::Record`].

mod settle;
mod verify;

use std::time::Duration;

use bulkhead_cluster::{Cluster, ClusterError, Method};
use bulkhead_objects::{FieldPath, Object, Objects};
use bulkhead_posture as posture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::choice::Choice;
use crate::edit::{Change, Edit, at};
use crate::error::RemediationError;
use crate::files::ObjectRepair;
use crate::health::{self, Health};
use crate::mend::{Mended, Mender, Step};
use crate::open::{Open, Reason};
use crate::owned::{FIELD_MANAGER, add, applied_by, is_same, server_path};
use crate::record::{RECORD_VERSION, Record, Records, State, Target};
use crate::write::id;

/// An object of a cluster, and how to undo its repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveTarget {
    /// Where the server keeps it.
    pub path: String,
    /// Its name for people: `Deployment shop/web`.
    pub object: String,
    /// The server's identity of it.
    pub uid: String,
    /// The version that the repair was planned for.
    pub resource_version: String,
    /// What is applied: all fields of ours.
    pub configuration: Value,
    /// What was applied by us before: what remains of ours when the repair is taken back.
    pub former: Value,
    /// The values before at the places that change.
    pub values: Vec<Former>,
    /// The pods that were there before, whose troubles are not ours.
    pub pods: Vec<String>,
}

/// A value before a repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Former {
    /// The field.
    pub path: String,
    /// Its value; none where it had none.
    pub value: Option<Value>,
    /// Its value behind the repair.
    pub wanted: Option<Value>,
}

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until when a workload has to be well.
    pub within: Duration,
    /// How long it has to stay so.
    pub window: Duration,
}

/// What a repair has just done. Nothing goes on until the listener returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The server accepts the repair.
    Tried,
    /// The record is on the disk with this state.
    Recorded(State),
    /// The server has the repair.
    Sent,
    /// The server has the former object again.
    TakenBack,
}

/// The plan of one object.
#[derive(Debug)]
pub struct LiveRepair {
    /// The controls and their edits; nothing to do where it has no steps.
    pub repair: ObjectRepair,
    /// What stays as it is.
    pub open: Vec<Open>,
    /// The object now, without what the server writes down of its managers.
    pub before: Value,
    /// The object then.
    pub after: Value,
    live: Value,
    path: String,
}

/// Repairs of a cluster.
pub struct LiveRepairs<'c> {
    /// The connection.
    pub cluster: &'c Cluster,
    /// Texts and recipes of the controls.
    pub catalogue: &'c posture::Catalogue,
    /// What is asked for and answered.
    pub choice: &'c Choice,
    /// All objects of the cluster.
    pub context: &'c posture::Cluster<'c>,
    /// How long is waited.
    pub patience: Patience,
    /// Whether objects that Helm or a `GitOps` controller keeps are changed, too.
    pub managed: bool,
}

impl LiveRepairs<'_> {
    /// Whether an object has a failure that is asked for and that a repair may mend.
    pub fn may_mend(&self, object: &Object) -> bool {
        let mut may = false;
        let name = object.to_string();
        self.context.judge(object, |judgement| {
            let repair = self.catalogue.get(judgement.control.id).map(|text| &text.repair);
            may |= judgement.verdict == posture::Verdict::Fail
                && self.choice.wants(judgement.control.id, &name)
                && repair.is_some_and(|repair| repair.strategy != posture::Strategy::Never);
        });
        may
    }

    /// Plans the repair of an object at a path of the server. Nothing is written.
    ///
    /// # Errors
    /// Where the server does not give it.
    pub fn plan(&self, object: &Object, path: &str) -> Result<LiveRepair, RemediationError> {
        let live: Value = self.cluster.ask(Method::Get, path, None)?;
        let mender =
            Mender { catalogue: self.catalogue, choice: self.choice, context: self.context };
        let mended = match self.obstacle(&live) {
            Some(reason) => crate::files::told(&mender, object, &reason),
            None => mender.mend(&object.to_string(), live.clone(), &mut refuse_removals),
        };
        let Mended { root, steps, open } = mended;
        let before = shown(&live);
        let after = if steps.is_empty() { before.clone() } else { shown(&root) };
        let repair = ObjectRepair { object: object.to_string(), steps };
        Ok(LiveRepair { repair, open, before, after, live, path: path.to_owned() })
    }

    /// Carries a plan out and watches it. The record says how it ended; `listen` hears of each step.
    ///
    /// # Errors
    /// Where the server does not answer or the record cannot be written: then the next run goes on
    /// from the record. Where the server refuses, nothing was changed, and that is the outcome.
    pub fn carry_out(
        &self,
        plan: &mut LiveRepair,
        records: &Records,
        now: &str,
        listen: &mut dyn FnMut(Event),
    ) -> Result<Outcome, RemediationError> {
        if let Some(reason) = Self::unwell(&plan.live) {
            return Ok(Outcome::Refused(reason));
        }
        let tried = match self.try_out(plan) {
            Ok(tried) => tried,
            Err(error) => return refusal(error),
        };
        if let Some(reason) = self.failing(&plan.repair.steps, &tried) {
            return Ok(Outcome::Refused(format!("after a dry run {reason}")));
        }
        let pods = self.pods(&plan.live).iter().map(|pod| uid(pod).to_owned()).collect();
        let target = LiveTarget { pods, ..Self::target(plan) };
        listen(Event::Tried);
        let mut record = Record {
            version: RECORD_VERSION,
            id: id(&[&target.path, &target.uid, &target.resource_version, now]),
            begun: now.to_owned(),
            state: State::Applying,
            target: Target::Object(Box::new(target.clone())),
            objects: vec![plan.repair.clone()],
            reason: None,
        };
        let write = |record: &Record, listen: &mut dyn FnMut(Event)| {
            records.write(record)?;
            listen(Event::Recorded(record.state));
            Ok::<_, RemediationError>(())
        };
        write(&record, listen)?;
        match self.send(&target, &target.configuration, false) {
            Ok(_) => listen(Event::Sent),
            Err(error) => {
                let outcome = refusal(error)?;
                record.state = State::Abandoned;
                if let Outcome::Refused(reason) = &outcome {
                    record.reason = Some(reason.clone());
                }
                write(&record, listen)?;
                return Ok(outcome);
            }
        }
        record.state = State::Applied;
        write(&record, listen)?;
        self.finish(&mut record, &target, records, listen)?;
        Ok(Outcome::Recorded(Box::new(record)))
    }

    /// Has the server try a plan, which loses the controls whose fields belong to other managers.
    fn try_out(&self, plan: &mut LiveRepair) -> Result<Value, ClusterError> {
        let mut choice = self.choice.clone();
        loop {
            let target = Self::target(plan);
            let error = match self.send(&target, &target.configuration, true) {
                Ok(tried) => return Ok(tried),
                Err(error) => error,
            };
            let steps = plan.repair.steps.iter();
            let conflicts = steps.filter_map(|step| Some((step, conflict(step, plan, &error)?)));
            let conflicts: Vec<_> =
                conflicts.map(|(step, what)| (step.control.clone(), what)).collect();
            if conflicts.is_empty() || conflicts.len() == plan.repair.steps.len() {
                return Err(error);
            }
            for (control, what) in conflicts {
                if let Some(text) = self.catalogue.get(&control) {
                    let reason = Reason::Refused(format!("{what} is another manager's field"));
                    plan.open.push(Open::new(text, &plan.repair.object, &[], reason));
                }
                choice.except.insert(control);
            }
            let mender =
                Mender { catalogue: self.catalogue, choice: &choice, context: self.context };
            let mended = mender.mend(&plan.repair.object, plan.live.clone(), &mut refuse_removals);
            plan.repair.steps = mended.steps;
            plan.after = shown(&mended.root);
        }
    }

    /// Sends an apply configuration.
    fn send(
        &self,
        target: &LiveTarget,
        configuration: &Value,
        dry: bool,
    ) -> Result<Value, ClusterError> {
        let dry = if dry { "&dryRun=All" } else { "" };
        let path =
            format!("{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict{dry}", target.path);
        self.cluster.ask(Method::Apply, &path, Some(configuration))
    }

    fn target(plan: &LiveRepair) -> LiveTarget {
        let edits = || plan.repair.steps.iter().flat_map(|step| &step.edits);
        let former = applied_by(&plan.live, FIELD_MANAGER);
        let mut configuration = former.clone();
        add(&mut configuration, &plan.after, edits().map(|edit| &edit.path));
        let version = plan.live["metadata"]["resourceVersion"].clone();
        configuration["metadata"]["resourceVersion"] = version.clone();
        let values = edits().map(|edit| Former {
            path: edit.path.to_string(),
            value: at(&plan.live, edit.path.steps()).cloned(),
            wanted: at(&plan.after, edit.path.steps()).cloned(),
        });
        LiveTarget {
            path: plan.path.clone(),
            object: plan.repair.object.clone(),
            uid: uid(&plan.live).to_owned(),
            resource_version: version.as_str().unwrap_or_default().to_owned(),
            configuration,
            former,
            values: values.collect(),
            pods: Vec::new(),
        }
    }

    /// Why an object is not for us to mend.
    fn obstacle(&self, live: &Value) -> Option<String> {
        let metadata = &live["metadata"];
        if let Some(owner) = metadata["ownerReferences"].get(0) {
            let (kind, name) = (&owner["kind"], &owner["name"]);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            return Some(format!("{} {} makes it: mend that one", text(kind), text(name)));
        }
        if metadata.get("deletionTimestamp").is_some() {
            return Some("it is being deleted".to_owned());
        }
        if metadata["annotations"].get("kubernetes.io/config.mirror").is_some() {
            return Some("a kubelet makes it of a file of its node: mend that file".to_owned());
        }
        if self.managed {
            return None;
        }
        let keeper = KEEPERS.iter().find(|(list, key, value, _)| {
            let own = metadata[list].get(key).and_then(Value::as_str);
            own.is_some_and(|own| value.is_empty() || own == *value)
        });
        keeper.map(|(.., name)| format!("{name} keeps it and may undo a repair: mend its source"))
    }
}

/// How a repair ended.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing was changed, and why.
    Refused(String),
    /// As the record says.
    Recorded(Box<Record>),
}

/// Marks of those who keep objects as a source elsewhere has them.
const KEEPERS: [(&str, &str, &str, &str); 8] = [
    ("labels", "app.kubernetes.io/managed-by", "Helm", "Helm"),
    ("annotations", "meta.helm.sh/release-name", "", "Helm"),
    ("annotations", "argocd.argoproj.io/tracking-id", "", "Argo CD"),
    ("labels", "argocd.argoproj.io/instance", "", "Argo CD"),
    ("labels", "kustomize.toolkit.fluxcd.io/name", "", "Flux"),
    ("labels", "helm.toolkit.fluxcd.io/name", "", "Flux"),
    ("annotations", "configmanagement.gke.io/managed", "enabled", "Config Sync"),
    ("labels", "addonmanager.kubernetes.io/mode", "Reconcile", "the addon manager"),
];

/// An object without what the server writes down of managers and its state.
fn shown(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    if let Some(map) = value.as_object_mut() {
        map.remove("status");
    }
    value
}

/// The field of a step that the server says belongs to another manager.
fn conflict(step: &Step, plan: &LiveRepair, error: &ClusterError) -> Option<String> {
    let ClusterError::Refused { code: 409, message, .. } = error else { return None };
    let fields = fields(message);
    let mut own = step.edits.iter().map(|edit| server_path(&plan.after, edit.path.steps()));
    let is_it = |own: &str, field: &str| own.starts_with(field) || field.starts_with(own);
    let found = own.find_map(|own| fields.iter().find(|field| is_it(&own, field)));
    found.map(|field| (*field).to_owned())
}

/// The fields that a conflict is about. The server names several on lines of their own, and one behind its manager.
/// (`apimachinery`, `util/managedfields`, `conflictErrorMessage`)
fn fields(message: &str) -> Vec<&str> {
    let field = |line: &'_ str| line.find(" .").map(|at| at.saturating_add(1));
    message.lines().filter_map(|line| line.get(field(line)?..)).collect()
}

/// Only its owner may take a field away, and the server does not say that it is ours.
fn refuse_removals(edits: &[Edit]) -> Result<(), String> {
    match edits.iter().find(|edit| edit.change == Change::Remove) {
        Some(edit) => Err(format!(
            "{} is another manager's field, which only that one can take away: mend its source",
            edit.path
        )),
        None => Ok(()),
    }
}

/// A refusal of the server is an outcome; no answer is not.
fn refusal(error: ClusterError) -> Result<Outcome, RemediationError> {
    match error {
        ClusterError::Refused { code, message, .. } if code < 500 || is_webhook(&message) => {
            Ok(Outcome::Refused(format!("the API server refuses it: {code} {message}")))
        }
        error => Err(error.into()),
    }
}

/// A webhook that cannot be asked is an answer of 500, and nothing was changed.
fn is_webhook(message: &str) -> bool {
    message.contains("webhook")
}

fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_and_several_are_found_in_a_conflict() {
        let one =
            "Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas";
        assert_eq!(fields(one), [".spec.replicas"]);
        let several = "Apply failed with 2 conflicts: conflicts with \"kubectl\" using apps/v1:\n\
                       - .spec.replicas\n- .spec.template.spec.containers[name=\"web\"].image";
        assert_eq!(
            fields(several),
            [".spec.replicas", ".spec.template.spec.containers[name=\"web\"].image"]
        );
    }
}
