//! OVAL definitions of Oracle and Microsoft: a search of the text for what definitions call themselves
//! and what criteria say in words.

use std::collections::BTreeSet;

use super::walks::{documents, unpacked};
use super::{Fact, facts, read};

/// What stands between two texts, each time.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    let rest = text.split(start).skip(1);
    rest.filter_map(|rest| Some(rest.split_once(end)?.0)).collect()
}

/// Of each definition its bulletin and vulnerabilities, and of each of its packages the fix.
fn oracle(text: &str) -> BTreeSet<Fact> {
    let mut expected = BTreeSet::new();
    for definition in text.split("<definition ").skip(1) {
        let definition = definition.split("</definition>").next().unwrap();
        let release = between(definition, "<platform>Oracle Linux ", "<")[0];
        for id in between(definition, "ref_id=\"", "\"") {
            for comment in between(definition, "comment=\"", "\"") {
                let Some((package, fix)) = comment.split_once(" is earlier than ") else {
                    continue;
                };
                let fix = fix.strip_prefix("0:").unwrap_or(fix);
                expected.insert((
                    format!("ol:{release}"),
                    package.to_owned(),
                    id.to_owned(),
                    fix.to_owned(),
                ));
            }
        }
    }
    expected
}

#[test]
fn every_criterion_of_oracle_is_told() {
    let folders =
        ["pkg/fetch/oracle/linux/testdata/fixtures/", "tests/unit/providers/oracle/test-fixtures/"];
    // Some of the samples are cut: their criteria have no tests.
    let is_document = |path: &str| path.ends_with(".xml.bz2") || path.ends_with("ksplice_data");
    for (path, content) in documents(&folders, is_document) {
        let text = String::from_utf8(unpacked(&content)).unwrap();
        let (items, summary) = read("oracle-oval", &path, &content);
        let found: BTreeSet<Fact> =
            facts(&items).into_iter().filter(|fact| !fact.1.is_empty()).collect();
        assert_eq!(found, oracle(&text), "{path}");
        assert_eq!(summary.problems, [], "{path}");
    }
}

#[test]
fn every_definition_of_azure_linux_is_told() {
    for (path, content) in documents(&["tests/unit/providers/mariner/test-fixtures/"], |path| {
        path.ends_with("-oval.xml")
    }) {
        let text = String::from_utf8(content.clone()).unwrap();
        let (items, summary) = read("azure-oval", &path, &content);
        assert_eq!(summary.problems, [], "{path}");
        let found: BTreeSet<(String, String)> =
            facts(&items).into_iter().map(|fact| (fact.2, fact.1)).collect();
        let titles = between(&text, "<title>", "</title>");
        let expected: BTreeSet<(String, String)> = titles
            .iter()
            .map(|title| {
                let (id, rest) = title.split_once(" affecting package ").unwrap();
                (id.to_owned(), rest.split(' ').next().unwrap().to_owned())
            })
            .collect();
        assert_eq!(found, expected, "{path}");
        // Versions are those of the states, whatever the titles say.
        let told: BTreeSet<String> = facts(&items).into_iter().map(|fact| fact.3).collect();
        for version in told {
            let version = version.strip_prefix("<= ").unwrap_or(&version);
            assert!(text.contains(&format!("0:{version}<")), "{path} {version}");
        }
    }
}
