//! The rules that come with the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{RuleSet, SHIPPED, Selection};

fn shipped() -> RuleSet {
    let loaded =
        bulkhead_rules::load(SHIPPED, &Selection::default(), &Budget::new(Limits::DEFAULT));
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.set.unwrap()
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = bulkhead_testing::repository().join("content/rules");
    let files: BTreeSet<String> = bulkhead_testing::files_below(&folder)
        .iter()
        .map(|path| {
            assert!(fs_err::read_to_string(path).unwrap().lines().count() <= 500, "{path:?}");
            format!("content/rules/{}", path.file_name().unwrap().to_string_lossy())
        })
        .collect();
    assert_eq!(files, SHIPPED.iter().map(|file| file.name.to_owned()).collect());
}

/// Each rule has a test in which it is met and one in which it is not, and both come as they should.
#[test]
fn every_rule_is_tested_both_ways() {
    let set = shipped();
    let mut tested: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for trial in set.trials() {
        let outcome = set.try_out(trial);
        assert!(outcome.passed, "{}: {}: {:#?}", trial.place, trial.name, outcome.explanations);
        tested.entry(&trial.rule).or_default().insert(trial.alerts);
    }
    for rule in set.rules() {
        let tests = tested.get(&*rule.name).map_or(0, BTreeSet::len);
        assert_eq!(tests, 2, "{} has no test each way", rule.name);
    }
}

/// What an analyst needs stands in every rule: what to do, where in ATT&CK, and who did it.
#[test]
fn every_rule_says_what_it_is_about() {
    for rule in shipped().rules() {
        let name = &rule.name;
        assert!(rule.description.len() > 60, "{name} does not say why");
        assert!(rule.tags.iter().any(|tag| tag.starts_with("mitre_")), "{name} has no tactic");
        assert!(rule.tags.iter().any(|tag| is_technique(tag)), "{name} has no technique");
        let place = ["host", "container"];
        assert!(rule.tags.iter().any(|tag| place.contains(&&**tag)), "{name} says no place");
    }
}

/// The tags of rules are techniques that there are; those of containers have a rule or a reason why not.
#[test]
fn every_technique_of_containers_is_answered() {
    let Some(path) = bulkhead_testing::data("fixtures/attack-techniques.json") else { return };
    let techniques: Vec<Technique> =
        serde_saphyr::from_slice(&fs_err::read(path).unwrap()).unwrap();
    let set = shipped();
    let tags: BTreeSet<&str> =
        set.rules().iter().flat_map(|rule| &rule.tags).map(String::as_str).collect();
    let known: BTreeSet<&str> = techniques.iter().map(|technique| &*technique.id).collect();
    for tag in tags.iter().filter(|tag| is_technique(tag) && !known.contains(*tag)) {
        bulkhead_testing::skip(&format!("no technique {tag} in the test data"));
    }
    let content = bulkhead_testing::repository().join("content/attack.yaml");
    let answers: Answers = serde_saphyr::from_slice(&fs_err::read(content).unwrap()).unwrap();
    let answers: BTreeMap<&str, &Answer> =
        answers.techniques.iter().map(|answer| (&*answer.id, answer)).collect();
    for technique in &techniques {
        if !technique.platforms.iter().any(|platform| platform == "Containers") {
            continue;
        }
        let Some(answer) = answers.get(&*technique.id) else {
            bulkhead_testing::skip(&format!("{} is in no answer", technique.id));
            continue;
        };
        assert_eq!(answer.name, technique.name, "{}", technique.id);
        let has_rule = tags.contains(&*technique.id);
        assert_eq!(has_rule, answer.seen.is_some(), "{}: a rule, or none", technique.id);
        assert!(has_rule || answer.unseen.is_some(), "{} has neither", technique.id);
    }
    for id in answers.keys().filter(|id| !known.contains(*id)) {
        bulkhead_testing::skip(&format!("{id} is not in the test data"));
    }
}

#[test]
fn the_answers_follow_their_schema() {
    let content = bulkhead_testing::repository().join("content");
    let answers = fs_err::read(content.join("attack.yaml")).unwrap();
    let answers: serde_json::Value = serde_saphyr::from_slice(&answers).unwrap();
    let schema = fs_err::read(content.join("attack.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&answers).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// `docs/rules-shipped.md` lists what is there. `BULKHEAD_BLESS=1` writes it anew.
#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let content = bulkhead_testing::repository().join("content/attack.yaml");
    let answers: Answers = serde_saphyr::from_slice(&fs_err::read(content).unwrap()).unwrap();
    let made = page(&shipped(), &answers);
    let path = bulkhead_testing::repository().join("docs/rules-shipped.md");
    if std::env::var_os("BULKHEAD_BLESS").is_some() {
        fs_err::write(&path, &made).unwrap();
    }
    assert!(fs_err::read_to_string(path).unwrap() == made, "run this test with BULKHEAD_BLESS=1");
}

fn page(set: &RuleSet, answers: &Answers) -> String {
    let mut page = "# Rules that come with the program\n\nMade of `content/rules` and `content/attack.yaml` by a test: change \
        those. `bulkhead rules list` shows the\nkinds of events, `bulkhead rules test` runs their tests; how rules are \
        written and changed stands in\n[rules.md](rules.md).\n"
        .to_owned();
    for file in SHIPPED {
        let text = std::str::from_utf8(file.bytes).unwrap();
        let rules = set.rules().iter().filter(|rule| &*rule.place.file == file.name);
        let rows: Vec<String> = rules
            .map(|rule| {
                let techniques: Vec<&str> =
                    rule.tags.iter().map(String::as_str).filter(|tag| is_technique(tag)).collect();
                let (name, priority) = (&rule.name, rule.priority.name());
                format!(
                    "| {name} | {priority} | {} | {} |\n",
                    techniques.join(", "),
                    rule.description
                )
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let title = text.lines().next().unwrap().trim_start_matches("# ").trim_end_matches('.');
        let name = file.name;
        let _infallible = writeln!(
            page,
            "\n## {title}\n\n`{name}`\n\n| rule | priority | ATT&CK | why, and what to do |\n|---|---|---|---|"
        );
        page.extend(rows);
    }
    page += "\n## Techniques of ATT&CK for containers\n\nWhat rules see of each, and what a node cannot see.\n\n";
    page += "| technique | rules | seen | not seen on a node |\n|---|---|---|---|\n";
    for answer in &answers.techniques {
        let rules = set.rules().iter().filter(|rule| rule.tags.contains(&answer.id)).count();
        let (id, name) = (&answer.id, &answer.name);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let _infallible = writeln!(
            page,
            "| {id} {name} | {rules} | {} | {} |",
            text(&answer.seen),
            text(&answer.unseen)
        );
    }
    page
}

fn is_technique(tag: &str) -> bool {
    tag.strip_prefix('T').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[derive(serde::Deserialize)]
struct Technique {
    id: String,
    name: String,
    platforms: Vec<String>,
}

/// `content/attack.yaml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    techniques: Vec<Answer>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: String,
    name: String,
    /// What rules see of it.
    #[serde(default)]
    seen: Option<String>,
    /// What a node cannot see of it.
    #[serde(default)]
    unseen: Option<String>,
}
