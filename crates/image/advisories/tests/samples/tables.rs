//! What vunnel made of documents: its table of fixes by vulnerability and package stands beside them.

use std::collections::BTreeSet;

use bulkhead_advisories::Item;

use super::{Fact, archive, facts, read};

/// Holds what is read of a provider's documents against its tables. `feed_of` names the feed of an
/// input, none for what is no document of the publisher. Nothing of a table that the documents tell
/// (`is_told`) may be missing, and nothing may be said beside it of what it speaks about.
fn check(
    provider: &str,
    feed_of: fn(&str) -> Option<&'static str>,
    is_told: fn(&Fact, &BTreeSet<Fact>) -> bool,
) {
    let folder = format!("tests/unit/providers/{provider}/test-fixtures/");
    let Some(files) = archive::files("vunnel", &[&folder]) else { return };
    let mut items: Vec<Item> = Vec::new();
    let mut expected: BTreeSet<Fact> = BTreeSet::new();
    for (path, content) in &files {
        let name = path.strip_prefix(&folder).unwrap();
        if name.starts_with("snapshots/") {
            expected.extend(table(content));
        } else if let Some(feed) = feed_of(name) {
            items.extend(read(feed, path, content).0);
        }
    }
    assert!(!items.is_empty() || files.is_empty(), "{provider}: nothing was read");
    let found: BTreeSet<Fact> = facts(&items).into_iter().map(without_reason).collect();
    expected.retain(|fact| is_told(fact, &found));
    let missing: Vec<&Fact> = expected.difference(&found).collect();
    assert!(missing.is_empty(), "{provider}: {missing:#?}");
    let about: BTreeSet<_> = expected.iter().map(|fact| (&fact.0, &fact.1, &fact.2)).collect();
    let beside: Vec<&Fact> = found
        .difference(&expected)
        .filter(|fact| about.contains(&(&fact.0, &fact.1, &fact.2)))
        .collect();
    assert!(beside.is_empty(), "{provider}: {beside:#?}");
}

/// The tables do not tell why there is no fix.
fn without_reason((scope, package, id, said): Fact) -> Fact {
    let said = if said == "will_not_fix" { "affected".to_owned() } else { said };
    (scope, package, id, said)
}

/// The facts of one answer.
fn table(content: &[u8]) -> Vec<Fact> {
    let answer: serde_json::Value = serde_json::from_slice(content).unwrap();
    let vulnerability = &answer["item"]["Vulnerability"];
    let fixes = vulnerability["FixedIn"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let fact = |fix: &serde_json::Value| {
        let version = text(&fix["Version"]);
        let said = match version.strip_prefix("0:").unwrap_or(&version) {
            "0" => "not_affected".to_owned(),
            "None" => match fix["VulnerableRange"].as_str() {
                Some(range) => range.replace("<= 0:", "<= "),
                None => "affected".to_owned(),
            },
            version => version.to_owned(),
        };
        (text(&fix["NamespaceName"]), text(&fix["Name"]), text(&vulnerability["Name"]), said)
    };
    fixes.iter().map(fact).collect()
}

#[test]
fn the_debian_tracker_agrees() {
    // The tables hold packages of older documents of another form, too.
    check(
        "debian",
        |name| (name == "input/debian.json").then_some("debian-tracker"),
        |fact, found| found.iter().any(|other| other.1 == fact.1),
    );
}

#[test]
fn arch_agrees() {
    check("arch", |name| name.ends_with("all.json").then_some("arch-security"), |_, _| true);
}

#[test]
fn photon_agrees() {
    check("photon", |name| name.contains("cve_data_photon").then_some("photon-cve"), |_, _| true);
}

#[test]
fn azure_linux_agrees() {
    check("mariner", |name| name.ends_with("-oval.xml").then_some("azure-oval"), |_, _| true);
}

#[test]
fn databases_of_apk_packages_agree() {
    // Version 0 says that a package never had it, of which nothing is taken.
    let affected = |fact: &Fact, _: &BTreeSet<Fact>| fact.3 != "not_affected";
    check("wolfi", |name| name.contains("input/secdb").then_some("wolfi-secdb"), affected);
    check(
        "chainguard",
        |name| name.contains("input/secdb").then_some("chainguard-secdb"),
        affected,
    );
}

#[test]
fn fedora_agrees() {
    check(
        "fedora",
        |name| name.ends_with(".json").then_some("fedora-bodhi"),
        |fact, _| {
            // The tables call releases of EPEL as those of Fedora.
            !fact.3.contains(".el")
        },
    );
}

#[test]
fn red_hat_agrees() {
    check(
        "rhel",
        |name| {
            let is_document = name.starts_with("csaf/") && name.ends_with(".json");
            (is_document && name.contains("/rhsa-")).then_some("redhat-csaf")
        },
        |fact, found| {
            found.iter().any(|other| (&other.0, &other.1, &other.2) == (&fact.0, &fact.1, &fact.2))
        },
    );
}
