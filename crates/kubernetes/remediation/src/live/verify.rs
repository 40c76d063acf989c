//! Watching a repair.

use super::{
    Cluster, Duration, Event, FieldPath, Health, LiveRepairs, LiveTarget, Method, Objects, Record,
    Records, RemediationError, State, Step, Value, at, health, posture, uid,
};
use bulkhead_limits::{Budget, Limits};

/// How often a workload is looked at.
const PAUSE: Duration = Duration::from_millis(300);

impl LiveRepairs<'_> {
    /// Watches a repair that the server has, and takes it back where it does harm.
    pub(super) fn finish(
        &self,
        record: &mut Record,
        target: &LiveTarget,
        records: &Records,
        listen: &mut dyn FnMut(Event),
    ) -> Result<(), RemediationError> {
        match self.verify(record, target)? {
            None => {
                record.state = State::Done;
                records.write(record)?;
                listen(Event::Recorded(State::Done));
                Ok(())
            }
            Some(reason) => {
                record.reason = Some(reason);
                self.take_back(record, target, records, listen)
            }
        }
    }

    /// What is wrong with an object after its repair; waits for its workload.
    fn verify(
        &self,
        record: &Record,
        target: &LiveTarget,
    ) -> Result<Option<String>, RemediationError> {
        // Time is counted by the pauses: answers take less.
        let (mut waited, mut well) = (Duration::ZERO, Duration::ZERO);
        loop {
            let live: Value = match self.cluster.ask(Method::Get, &target.path, None) {
                Ok(live) => live,
                Err(error) if error.code() == Some(404) => {
                    return Ok(Some("somebody deleted it".to_owned()));
                }
                Err(error) => return Err(error.into()),
            };
            if uid(&live) != target.uid {
                return Ok(Some("somebody made it anew".to_owned()));
            }
            let steps: Vec<Step> =
                record.objects.iter().flat_map(|object| object.steps.clone()).collect();
            if let Some(reason) = self.failing(&steps, &live) {
                return Ok(Some(reason));
            }
            let pods = self.pods(&live);
            let new = pods.iter().filter(|pod| !target.pods.iter().any(|old| old == uid(pod)));
            let trouble = new.into_iter().find_map(health::trouble);
            match trouble.map_or_else(|| health::of(&live), Health::Failed) {
                Health::Failed(reason) => return Ok(Some(reason)),
                Health::Healthy if !makes_pods(&live) => return Ok(None),
                Health::Healthy if well >= self.patience.window => return Ok(None),
                Health::Healthy => well += PAUSE,
                Health::Waiting(what) => {
                    well = Duration::ZERO;
                    if waited >= self.patience.within {
                        let seconds = self.patience.within.as_secs();
                        return Ok(Some(format!("not well after {seconds} s: {what}")));
                    }
                }
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// Why a workload is not to be touched: what it suffers from would be held against the repair.
    pub(super) fn unwell(live: &Value) -> Option<String> {
        match health::of(live) {
            Health::Healthy => None,
            Health::Waiting(what) | Health::Failed(what) => {
                Some(format!("it is not well before the repair: {what}"))
            }
        }
    }

    /// The first of the controls that does not pass.
    pub(super) fn failing(&self, steps: &[Step], live: &Value) -> Option<String> {
        let mut objects = Objects::new();
        objects.add("object.json", live.to_string().as_bytes(), &Budget::new(Limits::DEFAULT));
        let Some(object) = objects.objects.first() else {
            return Some("the object cannot be read".to_owned());
        };
        let verdicts = crate::mend::verdicts(self.context, object);
        let fails = |step: &&Step| {
            let verdict = verdicts.get(step.control.as_str()).map(|(verdict, _)| *verdict);
            verdict == Some(posture::Verdict::Fail)
        };
        steps.iter().find(fails).map(|step| format!("{} does not pass", step.control))
    }

    /// The pods that a workload selects; none where they may not be listed.
    pub(super) fn pods(&self, live: &Value) -> Vec<Value> {
        pods(self.cluster, live).unwrap_or_default()
    }
}

fn makes_pods(live: &Value) -> bool {
    let kind = live["kind"].as_str().unwrap_or_default();
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"]
        .contains(&kind)
}

fn pods(cluster: &Cluster, live: &Value) -> Option<Vec<Value>> {
    let namespace = live["metadata"]["namespace"].as_str()?;
    let path = FieldPath::parse("spec.selector.matchLabels")?;
    let labels = at(live, path.steps())?.as_object()?;
    let pairs = labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let selector = pairs.collect::<Vec<_>>().join(",").replace('=', "%3D").replace('/', "%2F");
    let selector = selector.replace(',', "%2C");
    let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector={selector}");
    let list: Value = cluster.ask(Method::Get, &path, None).ok()?;
    Some(list["items"].as_array()?.clone())
}
