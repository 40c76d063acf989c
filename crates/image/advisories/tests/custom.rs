//! The format of users' own advisories: what it says, and what it tells of mistakes.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_advisories::{Item, Record, custom};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{FixState, Severity};
use bulkhead_versions::Scheme;

fn read(text: &str) -> (Vec<Item>, Vec<String>) {
    let (items, problems) = custom::read("own.yaml", text, &Budget::new(Limits::DEFAULT));
    (items, problems.into_iter().map(|problem| problem.message).collect())
}

fn records(items: &[Item]) -> Vec<&Record> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Record(record) => Some(&**record),
            Item::Exploited(_) | Item::Predicted(_) | Item::EndOfLife(_) => None,
        })
        .collect()
}

const FULL: &str = r#"
advisories:
  - id: CVE-2026-12345
    aliases: [ACME-2026-1]
    title: "widget: code execution"
    published: 2026-01-31
    modified: 2026-02-01
    exploited: { since: 2026-02-02, source: acme, ransomware: true }
    severity: high
    cvss:
      acme: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
      nvd: AV:N/AC:L/Au:N/C:P/I:P/A:P
    cwes: [502]
    references: [https://acme.example/1]
    affected:
      - package: npm/@acme/widget
        versions: ["< 1.2.3", ">= 2.0, < 2.1"]
      - package: debian:12/widget
        versions: ["*"]
        state: will_not_fix
        architectures: [amd64]
"#;

#[test]
fn every_field_arrives() {
    let (items, problems) = read(FULL);
    assert_eq!(problems, [""; 0]);
    let [Item::Record(record), Item::Exploited(exploited)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(
        (record.id.as_str(), record.aliases.as_slice()),
        ("CVE-2026-12345", &["ACME-2026-1".to_owned()][..])
    );
    assert_eq!(record.title.as_deref(), Some("widget: code execution"));
    assert_eq!(
        (record.published.as_deref(), record.modified.as_deref()),
        (Some("2026-01-31"), Some("2026-02-01"))
    );
    assert_eq!(record.severity, Some(Severity::High));
    let vectors: Vec<_> = record
        .cvss
        .iter()
        .map(|one| (one.source.as_str(), one.version.as_str(), one.score))
        .collect();
    assert_eq!(vectors, [("acme", "3.1", 9.8), ("nvd", "2.0", 7.5)]);
    assert_eq!((record.cwes.as_slice(), record.references.len()), (&[502][..], 1));
    let [widget, debian] = record.affected.as_slice() else { panic!("{:?}", record.affected) };
    assert_eq!(widget.severity, Some(Severity::High), "it decides before any vector");
    assert_eq!(
        (widget.key.to_string().as_str(), widget.scheme, widget.state),
        ("npm @acme/widget", Scheme::Npm, FixState::Fixed)
    );
    assert!(
        widget.versions.contains(widget.scheme, b"2.0.5")
            && !widget.versions.contains(widget.scheme, b"1.2.3")
    );
    assert_eq!(
        (debian.key.to_string().as_str(), debian.scheme, debian.state),
        ("debian:12 widget", Scheme::Dpkg, FixState::WillNotFix)
    );
    assert_eq!(debian.architectures, ["amd64"]);
    assert_eq!(
        (exploited.id.as_str(), exploited.entry.source.as_str(), exploited.entry.ransomware),
        ("CVE-2026-12345", "acme", true)
    );
}

/// A file of three advisories whose middle one has this line in place of its like.
fn with_line(line: &str) -> String {
    let key = line.split(':').next().unwrap();
    let mut middle = vec![
        "id: ACME-2",
        "published: 2026-01-31",
        "severity: high",
        "affected: [{ package: npm/b, versions: [\"*\"] }]",
    ];
    middle.retain(|own| own.split(':').next() != Some(key));
    middle.insert(usize::from(key != "id"), line);
    format!(
        "advisories:\n  - id: ACME-1\n    affected:\n      - package: npm/a\n        versions: [\"*\"]\n\n  \
         - {}\n  - id: ACME-3\n    affected:\n      - package: npm/c\n        versions: [\"= 1\"]\n",
        middle.join("\n    ")
    )
}

#[test]
fn a_mistake_costs_one_advisory_and_is_told_by_line_and_id() {
    for (line, told) in [
        ("severity: awful", "line 8: ACME-2: unknown variant"),
        ("serverity: high", "line 8: ACME-2: unknown field `serverity`"),
        ("severity: [", "line"),
        ("published: yesterday", "line 8: ACME-2: \"yesterday\" is no day"),
        ("cwes: [CWE-79]", "line 8: ACME-2: "),
        (
            "cvss: { nvd: \"CVSS:3.1/AV:N\" }",
            "line 8: ACME-2: no CVSS vector: \"CVSS:3.1/AV:N\" (without AC)",
        ),
        ("affected: []", "line 8: ACME-2: affected names no package"),
        ("affected: [{ package: b, versions: [\"*\"] }]", "line 8: ACME-2: \"b\" has no scope"),
        ("affected: [{ package: npm/b, versions: [] }]", "line 8: ACME-2: versions is empty"),
        (
            "affected: [{ package: npm/b, versions: [\"1.0\"] }]",
            "line 8: ACME-2: \"1.0\" says no comparison",
        ),
        ("affected: [{ package: npm/b }]", "line 8: ACME-2: missing field `versions`"),
        ("aliases: [CVE-2026-1234, CVE-2026-1235]", "line 7: ACME-2: names several CVEs"),
        ("id: 7", "line 7: 7: \"7\" is no id"),
        ("id: CVE-26-1", "line 7: CVE-26-1: \"CVE-26-1\" is no id"),
    ] {
        let (items, problems) = read(&with_line(line));
        assert_eq!(problems.len(), 1, "{line}: {problems:?}");
        assert!(problems[0].starts_with(told), "{line}: {problems:?}");
        if line.ends_with('[') {
            continue; // No YAML at all.
        }
        let ids: Vec<_> = records(&items).iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, ["ACME-1", "ACME-3"], "{line}");
    }
}

#[test]
fn every_mistake_of_an_advisory_is_told_at_once() {
    let text = "advisories:\n- id: ACME-1\n  published: soon\n  affected:\n  - package: npm\n    versions: [\"*\"]\n";
    let (items, problems) = read(text);
    assert!(items.is_empty());
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].starts_with("line 3:") && problems[1].starts_with("line 5:"),
        "{problems:?}"
    );
}

#[test]
fn files_of_another_kind_are_told() {
    for text in
        ["", "advisories", "advisories: {}", "- id: A-1", "other: []", "\u{0}", "a: &a [*a]"]
    {
        let (items, problems) = read(text);
        assert!(items.is_empty() && problems.len() == 1, "{text:?}: {problems:?}");
        assert!(problems[0].starts_with("line "), "{text:?}: {problems:?}");
    }
    let tight = Budget::new(Limits { file_bytes: 10, ..Limits::DEFAULT });
    let (items, problems) = custom::read("own.yaml", FULL, &tight);
    assert!(items.is_empty() && problems.len() == 1);
}

#[test]
fn problems_beyond_the_limit_are_counted() {
    let wrong = "- { id: A-1, affected: [] }\n".repeat(9);
    let budget = Budget::new(Limits { problems: 3, ..Limits::DEFAULT });
    let (_, problems) = custom::read("own.yaml", &format!("advisories:\n{wrong}"), &budget);
    assert_eq!(problems.len(), 4);
    assert_eq!(problems[3].message, "6 further problems");
}

#[test]
fn files_of_a_folder_become_one_database() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("b.yaml"), FULL).unwrap();
    fs_err::write(folder.path().join("a.yml"), with_line("severity: awful")).unwrap();
    fs_err::write(folder.path().join("README.md"), "no advisories").unwrap();
    let files = custom::files(folder.path()).unwrap();
    assert_eq!(files.len(), 2);
    let (database, problems) = custom::compile(&files).unwrap();
    assert_eq!(problems.len(), 1);
    let file = problems[0].location.as_ref().unwrap().to_string();
    assert!(file.ends_with("a.yml"), "{file}");
    let statement = database.statement("2026-03-01").unwrap();
    let [feed] = statement.feeds.as_slice() else { panic!("{:?}", statement.feeds) };
    assert_eq!((feed.id.as_str(), feed.date.as_deref()), (custom::FEED, Some("2026-02-02")));
    assert_eq!(feed.scopes, ["debian:12", "npm"]);
    assert_eq!(database.exploited("CVE-2026-12345").unwrap().len(), 1);
    assert_eq!(database.advisory("ACME-3").unwrap().len(), 1);
}

#[test]
fn a_folder_without_advisories_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = custom::files(folder.path()).unwrap_err().to_string();
    assert!(told.contains("expected files ending in .yaml"), "{told}");
    assert!(custom::files(&folder.path().join("none.yaml")).is_err());
}

/// The committed schema is the one that the types make. `BULKHEAD_BLESS=1` writes it anew.
#[test]
fn the_schema_is_that_of_the_types() {
    let path = bulkhead_testing::repository().join("content/advisories/advisory.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&custom::schema()).unwrap());
    if std::env::var_os("BULKHEAD_BLESS").is_some() {
        fs_err::write(&path, &made).unwrap();
    }
    assert_eq!(fs_err::read_to_string(path).unwrap(), made, "run this test with BULKHEAD_BLESS=1");
}

/// What the documentation shows as YAML is read without a word of complaint.
#[test]
fn the_examples_of_the_documentation_are_right() {
    let path = bulkhead_testing::repository().join("docs/advisories.md");
    let text = fs_err::read_to_string(path).unwrap();
    let examples: Vec<&str> =
        text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let (items, problems) = read(example);
        assert!(problems.is_empty() && !items.is_empty(), "{example}: {problems:?}");
    }
}
