//! Our answer to a case.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Body, Objects};
use bulkhead_posture::{Cluster, Verdict, control};

use super::library::Case;
use super::node_facts;
use super::table::Row;

/// The worst verdict of each control that the row names.
pub(super) fn answer(case: &Case, row: &Row) -> BTreeMap<&'static str, Verdict> {
    let controls = row.ids().into_iter().filter_map(control);
    let mut answers: BTreeMap<_, _> =
        controls.map(|control| (control.id, Verdict::NotApplicable)).collect();
    let mut note = |id: &'static str, verdict: Verdict| {
        if let Some(worst) = answers.get_mut(id) {
            *worst = verdict.max(*worst);
        }
    };
    let files = if case.input.is_file() {
        vec![case.input.clone()]
    } else {
        bulkhead_testing::files_below(&case.input)
    };
    let mut objects = Objects::new();
    for file in &files {
        let Ok(text) = fs_err::read(file) else { continue };
        objects.add(&file.to_string_lossy(), &text, &Budget::new(Limits::DEFAULT));
        node_facts::judge(&text, row, &mut note);
    }
    let cluster = Cluster::new(&objects.objects, &case.settings);
    cluster.judge_all(&objects.objects, |judgement| note(judgement.control.id, judgement.verdict));
    // A kind of Kubernetes that cannot be read might be what the rule is about.
    let unread = objects
        .objects
        .iter()
        .any(|object| matches!(object.body, Body::Unknown(_)) && object.type_name.group.is_empty());
    if unread {
        for verdict in answers.values_mut() {
            *verdict = Verdict::NotCheckable.max(*verdict);
        }
    }
    answers
}
