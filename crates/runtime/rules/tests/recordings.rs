//! For each rule that Falco ships: a recording that meets it, and one that misses it by a single condition.
//!
//! The events stand in `falco/*.yaml` as tests of rules. Here they become recordings, which are read back and held
//! against all rules at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_events::{Event, RecordingReader, RecordingWriter};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{
    ExplainedPart, Explanation, Matching, Rule, RuleFile, RuleSet, Scanner, Selection, Trial,
};

/// Rules that an event which meets the first meets in any case, since their conditions ask for less.
const ALSO: &[(&str, &str)] = &[
    ("Read sensitive file trusted after startup", "Read sensitive file untrusted"),
    ("Netcat Remote Code Execution in Container", "Launch Suspicious Network Tool in Container"),
    (
        "Contact cloud metadata service from container",
        "Contact EC2 Instance Metadata Service From Container",
    ),
    ("Adding ssh keys to authorized_keys", "Write below monitored dir"),
    ("Launch Disallowed Container", "Launch Sensitive Mount Container"),
    ("Netcat/Socat Remote Code Execution on Host", "Launch Suspicious Network Tool on Host"),
    (
        "Network Tool Executed During NPM Package Install",
        "Launch Suspicious Network Tool in Container",
    ),
];

#[test]
fn every_rule_of_falco_is_met_and_missed_by_one_condition() {
    let Some(set) = rules_with_scripts() else { return };
    let mut scripts: BTreeMap<&str, Vec<&Trial>> = BTreeMap::new();
    for trial in set.trials() {
        scripts.entry(&trial.rule).or_default().push(trial);
    }
    let mut problems = Vec::new();
    for rule in set.rules() {
        match scripts.get(&*rule.name) {
            Some(trials) => problems.extend(wrong(&set, rule, trials)),
            None => bulkhead_testing::skip(&format!("no recording for the rule {}", rule.name)),
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// All recordings one after the other, twice: what the scanner knows of the events before changes nothing.
#[test]
fn rules_are_met_whatever_came_before() {
    let Some(set) = rules_with_scripts() else { return };
    let mut scanner = Scanner::new(&set, Matching::All);
    let events: Vec<_> = set.trials().iter().flat_map(Trial::events).collect();
    for event in events.iter().chain(&events) {
        let found: Vec<_> = scanner.scan(event).map(|rule| rule.name.clone()).collect();
        let holding = set.rules().iter().filter(|rule| set.explain(rule, event).holds);
        let expected: Vec<_> = holding.map(|rule| rule.name.clone()).collect();
        assert_eq!(found, expected, "{event:#?}");
    }
}

/// The rule files of Falco with the scripts for their rules; none where the files are not there.
fn rules_with_scripts() -> Option<RuleSet> {
    let paths = bulkhead_testing::data_files("fixtures/falco-rules");
    if paths.is_empty() {
        return None;
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for path in &paths {
        files.push((path.display().to_string(), fs_err::read(path).unwrap()));
    }
    let known: BTreeSet<String> =
        load(&files).rules().iter().map(|rule| rule.name.to_string()).collect();
    let folder = bulkhead_testing::repository().join("crates/runtime/rules/tests/falco");
    for path in bulkhead_testing::files_below(&folder) {
        let text = scripts_of(&known, &fs_err::read_to_string(&path).unwrap());
        files.push((path.display().to_string(), text.into_bytes()));
    }
    Some(load(&files))
}

/// What is wrong with the recordings of a rule.
fn wrong(set: &RuleSet, rule: &Rule, trials: &[&Trial]) -> Vec<String> {
    let of = |alerts: bool| trials.iter().filter(move |trial| trial.alerts == alerts);
    let (Some(firing), true) = (of(true).next(), of(false).count() > 0) else {
        return vec![format!("{}: one that meets it and one that misses it", rule.name)];
    };
    let fired = replayed(firing);
    let mut expected = vec![&*rule.name];
    expected.extend(ALSO.iter().filter(|(of, _)| *of == &*rule.name).map(|(_, also)| *also));
    expected.sort_unstable();
    let mut problems = Vec::new();
    let found = met(set, &fired);
    if found != expected {
        problems.push(format!("{}: `{}` meets {found:?}", rule.name, firing.name));
    }
    for trial in of(false) {
        let missed = replayed(trial);
        if met(set, &missed).contains(&&*rule.name) {
            problems.push(format!("{}: `{}` meets it", rule.name, trial.name));
        }
        let pairs = fired.iter().zip(&missed);
        let explained = |event| set.explain(rule, event);
        let changed: Vec<String> = pairs
            .flat_map(|(fired, missed)| deciding(&explained(fired), &explained(missed)))
            .collect();
        if changed.len() != 1 || fired.len() != missed.len() {
            problems.push(format!("{}: `{}` decides by {changed:?}", rule.name, trial.name));
        }
    }
    problems
}

fn load(files: &[(String, Vec<u8>)]) -> RuleSet {
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let selection = Selection::everything();
    let loaded = bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT));
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

/// The scripts whose rules are there: another version of the files may have others.
fn scripts_of(known: &BTreeSet<String>, text: &str) -> String {
    let (head, scripts) = text.split_at(text.find("\n- test: ").unwrap());
    let mut kept = head.to_owned();
    for script in scripts.split("\n- test: ").skip(1) {
        let Some((_, of)) = script.split_once("\n  of: ") else { continue };
        let of = of.lines().next().unwrap_or_default().trim_matches('"');
        if known.contains(of) {
            kept.push_str("\n- test: ");
            kept.push_str(script);
        } else {
            bulkhead_testing::skip(&format!("no rule {of} for its recording"));
        }
    }
    kept
}

/// The events of a script, written to a recording and read back.
fn replayed(trial: &Trial) -> Vec<Event> {
    let mut writer = RecordingWriter::new(Vec::new()).unwrap();
    for event in trial.events() {
        writer.write(&event).unwrap();
    }
    let recording = writer.into_inner();
    let mut reader = RecordingReader::open(&*recording, &Budget::new(Limits::DEFAULT)).unwrap();
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        events.push(event.clone());
    }
    assert_eq!(events, trial.events(), "{}: not what was recorded", trial.name);
    events
}

/// The rules that are met, by their names.
fn met<'set>(set: &'set RuleSet, events: &[Event]) -> Vec<&'set str> {
    let mut scanner = Scanner::new(set, Matching::All);
    let mut names = BTreeSet::new();
    for event in events {
        names.extend(scanner.scan(event).map(|rule| &*rule.name));
    }
    names.into_iter().collect()
}

/// What decides that the second event misses a rule that the first meets: of the comparisons by which the first meets
/// those parts of the outermost conjunction that the second fails, the ones that come out another way, each once.
fn deciding(met: &Explanation, missed: &Explanation) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for (met, missed) in conjuncts(met, true).into_iter().zip(conjuncts(missed, true)) {
        if met.holds != missed.holds {
            let mut after = BTreeMap::new();
            verdicts(missed, &mut after);
            let before = met.decisive().into_iter().filter_map(comparison);
            changed.extend(
                before
                    .filter(|(text, holds)| after[text] != *holds)
                    .map(|(text, _)| text.to_owned()),
            );
        }
    }
    changed
}

fn comparison(part: &Explanation) -> Option<(&str, bool)> {
    match &part.part {
        ExplainedPart::Check { text, .. } => Some((text, part.holds)),
        _ => None,
    }
}

/// How all comparisons come out.
fn verdicts<'e>(part: &'e Explanation, found: &mut BTreeMap<&'e str, bool>) {
    found.extend(comparison(part));
    part.parts.iter().for_each(|part| verdicts(part, found));
}

/// The parts all of which must hold for a condition to hold, or none of which may for it not to.
fn conjuncts(explanation: &Explanation, holds: bool) -> Vec<&Explanation> {
    let parts = explanation.parts.iter();
    match (&explanation.part, holds) {
        (ExplainedPart::And, true)
        | (ExplainedPart::Or, false)
        | (ExplainedPart::Macro { .. }, _) => {
            parts.flat_map(|part| conjuncts(part, holds)).collect()
        }
        (ExplainedPart::Not, _) => parts.flat_map(|part| conjuncts(part, !holds)).collect(),
        _ => vec![explanation],
    }
}
