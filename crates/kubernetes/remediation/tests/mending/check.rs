//! What must hold of every repair.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_posture::{Catalogue, Cluster, Settings, Verdict, Wanted};
use bulkhead_remediation::{Change, Choice, Plan, plan};

/// An answer for every control that asks.
pub(crate) fn answers(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let answer = |wanted: Option<Wanted>| match wanted {
        None => "yes",
        Some(Wanted::Number) => "10001",
        Some(Wanted::Quantity) => "1Gi",
        Some(Wanted::Text) => "restricted",
    };
    catalogue.controls().map(|it| (it.id.clone(), answer(it.repair.value).to_owned())).collect()
}

pub(crate) fn read(name: &str, text: &str) -> Objects {
    let mut objects = Objects::new();
    objects.add(name, text.as_bytes(), &Budget::new(Limits::DEFAULT));
    objects
}

/// Verdicts by the position of the object and control.
pub(crate) fn verdicts(
    objects: &Objects,
    settings: &Settings,
) -> BTreeMap<(usize, &'static str), Verdict> {
    let cluster = Cluster::new(&objects.objects, settings);
    let mut verdicts = BTreeMap::new();
    for (position, object) in objects.objects.iter().enumerate() {
        cluster.judge(object, |judgement| {
            verdicts.insert((position, judgement.control.id), judgement.verdict);
        });
    }
    verdicts
}

/// Plans the repair of a text and holds it against everything that is promised. Gives the plan and the
/// text after it.
pub(crate) fn repaired(
    text: &str,
    settings: &Settings,
    catalogue: &Catalogue,
    choice: &Choice,
) -> (Plan, String) {
    let objects = read("a.yaml", text);
    let found = plan(&objects, settings, catalogue, choice, &|_| true);
    let Some(file) = found.files.first().cloned() else { return (found, text.to_owned()) };
    assert_eq!((found.files.len(), &*file.before), (1, text));
    let after = read("a.yaml", &file.after);
    let (old, new) = (verdicts(&objects, settings), verdicts(&after, settings));
    // Whatever was mended passes, and nothing fails that did not.
    for object in &file.objects {
        let name = &object.object;
        let position = objects.objects.iter().position(|it| it.to_string() == *name).unwrap();
        for step in &object.steps {
            let control = step.control.as_str();
            let verdict = new.iter().find(|((at, id), _)| (*at, *id) == (position, control));
            let verdict = verdict.map(|(_, verdict)| *verdict);
            assert!(!matches!(verdict, Some(Verdict::Fail)), "{control} of {name}: {verdict:?}");
        }
    }
    for (key, verdict) in &new {
        let was = old.get(key).copied();
        assert!(
            *verdict != Verdict::Fail || was == Some(Verdict::Fail),
            "{key:?} was {was:?}\n{text}\n{}",
            file.after
        );
    }
    kept(text, &file.after, removes(&found));
    // A second run changes nothing.
    let again = plan(&after, settings, catalogue, choice, &|_| true);
    assert!(again.files.is_empty(), "{:?}\n{}", again.files[0].objects, file.after);
    (found, file.after)
}

fn removes(plan: &Plan) -> bool {
    let steps = plan.files.iter().flat_map(|file| &file.objects).flat_map(|it| &it.steps);
    steps.flat_map(|step| &step.edits).any(|edit| edit.change == Change::Remove)
}

/// Comments stay, and so do lines that no edit is about.
fn kept(before: &str, after: &str, removes: bool) {
    let new: BTreeSet<&str> = after.lines().collect();
    let gone: Vec<&str> = before.lines().filter(|line| !new.contains(line)).collect();
    if !removes {
        for line in gone {
            let comment = line.split_once(" #").map(|(_, comment)| comment);
            let is_there = comment.is_none_or(|comment| after.contains(comment));
            assert!(is_there, "{line}\n{after}");
        }
    }
}
