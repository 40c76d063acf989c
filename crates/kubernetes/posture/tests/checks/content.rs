//! Texts of controls: complete, and about the same controls as the verdicts.

use std::collections::BTreeSet;

use bulkhead_model::Severity;
use bulkhead_posture::{Catalogue, Family, Strategy, controls};

#[test]
fn verdicts_and_texts_are_of_the_same_controls() {
    let catalogue = Catalogue::built_in().unwrap();
    let verdicts: Vec<_> = controls().map(|control| control.id).collect();
    let texts: Vec<_> = catalogue.controls().map(|text| text.id.as_str()).collect();
    let (verdict_set, text_set): (BTreeSet<_>, BTreeSet<_>) =
        (verdicts.iter().copied().collect(), texts.iter().copied().collect());
    let without_text: Vec<_> = verdict_set.difference(&text_set).collect();
    let without_verdict: Vec<_> = text_set.difference(&verdict_set).collect();
    assert!(without_text.is_empty(), "controls without a text: {without_text:?}");
    assert!(without_verdict.is_empty(), "texts without a control: {without_verdict:?}");
    assert_eq!(verdicts.len(), verdict_set.len(), "an id stands twice");
    assert!(verdicts.len() >= 150, "{} controls", verdicts.len());
}

#[test]
fn texts_are_complete() {
    for text in Catalogue::built_in().unwrap().controls() {
        let id = &text.id;
        assert!(text.severity != Severity::Unknown, "{id} has no severity");
        for (name, sentence, stop) in [
            ("title", &text.title, false),
            ("why", &text.why, true),
            ("risk", &text.risk, true),
            ("fix", &text.fix, true),
        ] {
            assert!(!sentence.is_empty(), "{id} has no {name}");
            assert_eq!(sentence.ends_with('.'), stop, "{id}: {name} ends as it should not");
            assert!(!sentence.contains('!'), "{id}: {name}");
        }
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
    }
}

#[test]
fn repairs_are_complete() {
    let catalogue = Catalogue::built_in().unwrap();
    for text in catalogue.controls() {
        let (id, repair) = (&text.id, &text.repair);
        assert!(repair.because.ends_with('.'), "{id}: {}", repair.because);
        assert_eq!(repair.edits.is_empty(), repair.strategy == Strategy::Never, "{id}");
        assert!(repair.only.is_empty() || repair.strategy == Strategy::Automatic, "{id}");
    }
    let automatic = catalogue.controls().filter(|it| it.repair.strategy == Strategy::Automatic);
    assert!(automatic.count() >= 60);
}

/// What documents say of how many there are.
#[test]
fn documents_count_what_there_is() {
    let catalogue = Catalogue::built_in().unwrap();
    let all = catalogue.controls().count();
    let of = |strategy| catalogue.controls().filter(|it| it.repair.strategy == strategy).count();
    let (automatic, ask, never) = (of(Strategy::Automatic), of(Strategy::Ask), of(Strategy::Never));
    for (document, says) in [
        ("README.md", format!("judged by {all} controls")),
        ("CHANGELOG.md", format!("by {all} controls")),
        ("CHANGELOG.md", format!("{automatic} of them without asking")),
        ("docs/kubernetes-repair.md", format!("**automatic** ({automatic} controls)")),
        ("docs/kubernetes-repair.md", format!("**ask** ({ask} controls)")),
        ("docs/kubernetes-repair.md", format!("**never** ({never} controls)")),
    ] {
        let text = fs_err::read_to_string(bulkhead_testing::repository().join(document)).unwrap();
        assert!(text.contains(&says), "{document} does not say \"{says}\"");
    }
}

#[test]
fn files_follow_their_schema() {
    let folder = bulkhead_testing::repository().join("content/controls");
    let schema = fs_err::read_to_string(folder.join("control.schema.json")).unwrap();
    let published: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let own = serde_json::to_value(schemars::schema_for!(Family)).unwrap();
    if std::env::var_os("BULKHEAD_WRITE").is_some() {
        let text = serde_json::to_string_pretty(&own).unwrap();
        fs_err::write(folder.join("control.schema.json"), text + "\n").unwrap();
    } else {
        assert_eq!(
            published, own,
            "control.schema.json is old: run this test with BULKHEAD_WRITE=1"
        );
    }
    let validator = jsonschema::validator_for(&own).unwrap();
    for family in Catalogue::built_in().unwrap().families {
        let value = serde_json::to_value(&family).unwrap();
        assert!(validator.is_valid(&value), "{}", family.family);
    }
}

#[test]
fn mappings_name_what_there_is() {
    let catalogue = Catalogue::built_in().unwrap();
    let techniques = bulkhead_testing::data("fixtures/attack-techniques.json").map(|path| {
        let value: Vec<serde_json::Value> =
            serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
        value
            .iter()
            .map(|technique| technique["id"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    });
    let mut mapped = BTreeSet::new();
    for text in catalogue.controls() {
        for (framework, clauses) in text.map.by_framework() {
            assert!(
                catalogue.frameworks.contains_key(framework),
                "{framework} has no title and version"
            );
            mapped.extend((!clauses.is_empty()).then_some(framework));
            let distinct: BTreeSet<_> = clauses.iter().collect();
            assert_eq!(distinct.len(), clauses.len(), "{}: a clause stands twice", text.id);
        }
        for clause in &text.map.cis {
            assert!(
                clause.split('.').all(|part| part.parse::<u8>().is_ok()),
                "{}: {clause}",
                text.id
            );
        }
        for clause in &text.map.pss {
            let known = clause.starts_with("Baseline/") || clause.starts_with("Restricted/");
            assert!(known, "{}: {clause}", text.id);
        }
        for technique in &text.map.attack {
            let known = techniques.as_ref().is_none_or(|known| known.contains(technique));
            assert!(known, "{}: {technique} is no technique", text.id);
        }
    }
    let titled: BTreeSet<_> = catalogue.frameworks.keys().map(String::as_str).collect();
    assert_eq!(mapped, titled, "a document that nothing is mapped to");
}
