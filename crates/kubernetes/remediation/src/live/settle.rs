//! Taking a repair back, and going on with one that was cut short.

use super::{
    Event, FIELD_MANAGER, FieldPath, LiveRepairs, LiveTarget, Method, Record, Records,
    RemediationError, State, Value, applied_by, at, is_same, uid,
};

impl LiveRepairs<'_> {
    /// Gives an object back as it was before its repair.
    ///
    /// # Errors
    /// Where the server does not answer, or somebody else has changed the same fields since.
    pub(crate) fn take_back(
        &self,
        record: &mut Record,
        target: &LiveTarget,
        records: &Records,
        listen: &mut dyn FnMut(Event),
    ) -> Result<(), RemediationError> {
        record.state = State::RollingBack;
        records.write(record)?;
        listen(Event::Recorded(State::RollingBack));
        if self.is_there(target)? {
            // What is ours and is not sent again goes, unless somebody else owns it, too.
            let back: Value = self.send(target, &target.former, false)?;
            listen(Event::TakenBack);
            if let Some(cause) = differs(&back, target) {
                let object = target.object.clone();
                return Err(RemediationError::NotGivenBack { object, cause });
            }
        }
        record.state = State::RolledBack;
        records.write(record)?;
        listen(Event::Recorded(State::RolledBack));
        Ok(())
    }

    /// Goes on with a repair that was cut short.
    pub(crate) fn resume(
        &self,
        record: &mut Record,
        target: &LiveTarget,
        records: &Records,
        listen: &mut dyn FnMut(Event),
    ) -> Result<(), RemediationError> {
        if record.state == State::RollingBack {
            return self.take_back(record, target, records, listen);
        }
        if self.is_there(target)? && self.has_arrived(target)? {
            record.state = State::Applied;
            records.write(record)?;
            listen(Event::Recorded(State::Applied));
            return self.finish(record, target, records, listen);
        }
        record.state = State::Abandoned;
        record.reason = Some("it was cut short before the API server had it".to_owned());
        records.write(record)?;
        listen(Event::Recorded(State::Abandoned));
        Ok(())
    }

    fn is_there(&self, target: &LiveTarget) -> Result<bool, RemediationError> {
        match self.cluster.ask::<Value>(Method::Get, &target.path, None) {
            Ok(live) => Ok(uid(&live) == target.uid),
            Err(error) if error.code() == Some(404) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the server has the repair: our fields are those that it was to bring.
    fn has_arrived(&self, target: &LiveTarget) -> Result<bool, RemediationError> {
        let live: Value = self.cluster.ask(Method::Get, &target.path, None)?;
        let mut wanted = target.configuration.clone();
        if let Some(metadata) = wanted["metadata"].as_object_mut() {
            metadata.remove("resourceVersion");
        }
        Ok(is_same(&applied_by(&live, FIELD_MANAGER), &wanted))
    }
}

/// What is not as it was.
fn differs(back: &Value, target: &LiveTarget) -> Option<String> {
    let own = applied_by(back, FIELD_MANAGER);
    if !is_same(&own, &target.former) {
        return Some("the field manager still owns fields of the repair".to_owned());
    }
    target.values.iter().find_map(|former| {
        let path = FieldPath::parse(&former.path)?;
        let now = at(back, path.steps());
        let changed = now != former.value.as_ref() && now == former.wanted.as_ref();
        changed.then(|| format!("somebody else owns {} by now", former.path))
    })
}
