//! Failures that somebody accepted: they are left as they are.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{Subject, Suppression};
use bulkhead_posture::subject;
use bulkhead_remediation::Choice;
use bulkhead_report::printable;
use bulkhead_scan::Testimony;
use schemars::JsonSchema;
use serde::Serialize;

use super::is_wanted;
use crate::arguments::K8sFix;
use crate::commands::k8s::objects::Loaded;
use crate::commands::k8s::{annotations, scan};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// A failure that stays because an exception answers it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Accepted {
    /// The control.
    pub(super) control: String,
    /// The object.
    pub(super) object: String,
    /// The exception.
    pub(super) by: Suppression,
}

/// Takes out of what is to be mended whatever `k8s scan` would show as answered. A control that is answered
/// for one place of an object is left alone on the whole of it: a repair does not stop between containers.
pub(super) fn spare(
    loaded: &Loaded,
    testimony: &Testimony,
    arguments: &K8sFix,
    choice: &mut Choice,
    terminal: Terminal,
) -> Result<Vec<Accepted>, Failure> {
    let own = annotations::exceptions(&loaded.objects);
    // Who wrote it takes the failure for accepted, and it is going to be mended.
    for problem in testimony.exceptions.iter().chain(&own).flat_map(|file| &file.problems) {
        terminal.warning(&printable(&problem.message), None);
    }
    let wanted = loaded.objects.objects.iter().filter(|object| is_wanted(arguments, object));
    let names: BTreeMap<Subject, String> =
        wanted.map(|object| (subject(object), object.to_string())).collect();
    let (mut all, mut known) = (Vec::new(), BTreeSet::new());
    for answered in scan::answered(loaded, testimony.clone())? {
        let control = answered.finding.rule;
        let Some(object) = names.get(&answered.finding.subject) else { continue };
        let is_asked = choice.controls.is_empty() || choice.controls.contains(&control);
        if is_asked && known.insert((control.clone(), object.clone())) {
            choice.accepted.entry(object.clone()).or_default().insert(control.clone());
            all.push(Accepted { control, object: object.clone(), by: answered.by });
        }
    }
    Ok(all)
}
