//! What a finding tells beside that it is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "matching/world.rs"]
mod world;

use bulkhead_advisories::{BuildOptions, Builder, Database, Exploited, Item, Record};
use bulkhead_model::{
    Cvss, Detail, Finding, FindingId, KnownExploitation, Severity, VulnerabilityDetail,
};
use world::{database, inventory, matched, record};

fn vector(version: &str, source: &str, score: f64) -> Cvss {
    Cvss {
        source: source.to_owned(),
        version: version.to_owned(),
        vector: format!("{source}-{version}"),
        score,
    }
}

fn only(databases: &[&Database], system: &str, package: &str) -> Finding {
    let mut result = matched(databases, &inventory(system, &[package]));
    assert_eq!(result.findings.len(), 1, "{:?}", result.findings);
    result.findings.remove(0)
}

fn detail(finding: &Finding) -> &VulnerabilityDetail {
    let Detail::Vulnerability(detail) = &finding.detail else {
        panic!("no vulnerability of a package")
    };
    detail
}

/// The vendor's word, else the newest CVSS of any feed, else unknown.
#[test]
fn severity_has_an_order_of_sources() {
    let plain = || record("CVE-2023-1: debian:12 a (,2); npm a (,2)");
    let general = |cvss: Vec<Cvss>| Record { cvss, ..record("CVE-2023-1") };
    let rated = || Record { severity: Some(Severity::Low), ..plain() };
    let mut row_rated = rated();
    row_rated.affected[0].severity = Some(Severity::Negligible);
    let mut row_rated_of_npm = rated();
    row_rated_of_npm.affected[1].severity = Some(Severity::Negligible);
    let vectors =
        vec![vector("2.0", "nvd", 10.0), vector("3.1", "nvd", 7.5), vector("3.1", "cna", 8.1)];
    for (records, system, package, expected) in [
        (
            vec![("v", row_rated), ("cve", general(vectors.clone()))],
            "debian:12",
            "deb a 1",
            "negligible v -",
        ),
        (
            vec![("v", rated()), ("cve", general(vectors.clone()))],
            "debian:12",
            "deb a 1",
            "low v -",
        ),
        // A row's own word decides everywhere: it is about this package.
        (
            vec![("v", row_rated_of_npm), ("cve", general(vectors.clone()))],
            "",
            "npm a 1",
            "negligible v -",
        ),
        // Who writes about npm packages is not who makes them.
        (vec![("v", rated()), ("cve", general(vectors.clone()))], "", "npm a 1", "high cna 8.1"),
        (vec![("v", plain()), ("cve", general(vectors))], "debian:12", "deb a 1", "high cna 8.1"),
        (
            vec![
                ("v", plain()),
                ("cve", general(vec![vector("3.0", "nvd", 9.8), vector("4.0", "cna", 5.0)])),
            ],
            "debian:12",
            "deb a 1",
            "medium cna 5",
        ),
        (
            vec![("v", plain()), ("cve", general(vec![vector("2.0", "nvd", 3.0)]))],
            "",
            "npm a 1",
            "low nvd 3",
        ),
        (vec![("v", rated())], "", "npm a 1", "low v -"),
        (vec![("v", plain())], "", "npm a 1", "unknown  -"),
    ] {
        let finding = only(&[&database(records)], system, package);
        let score = finding.rating.score.map_or("-".to_owned(), |score| score.to_string());
        let rating = format!("{} {} {score}", finding.rating.severity, finding.rating.source);
        assert_eq!(rating, expected);
        assert_eq!(finding.rating.vector.is_some(), finding.rating.score.is_some());
    }
}

/// A vector of a bulletin may mean another of its vulnerabilities.
#[test]
fn vectors_of_bulletins_count_only_where_there_are_no_others() {
    let bulletin = || Record {
        cvss: vec![vector("3.1", "bulletin", 9.9)],
        ..record("ALSA-1 > CVE-2023-1: npm a (,2)")
    };
    let own = Record { cvss: vec![vector("3.1", "own", 5.0)], ..record("GHSA-a CVE-2023-1") };
    let with = only(&[&database(vec![("b", bulletin()), ("o", own)])], "", "npm a 1");
    assert_eq!(with.rating.source, "own");
    assert_eq!(detail(&with).cvss, [vector("3.1", "own", 5.0)]);
    let without = only(&[&database(vec![("b", bulletin())])], "", "npm a 1");
    assert_eq!(without.rating.source, "bulletin");
}

/// Every feed that knows the CVE adds what it knows, whichever database it is in.
#[test]
fn particulars_come_from_all_records() {
    let ghsa = Record {
        cwes: vec![79],
        cvss: vec![vector("3.1", "ghsa", 6.1)],
        published: Some("2023-02-02".to_owned()),
        title: Some("a: scripting".to_owned()),
        references: (0..4).map(|number| format!("https://a.example/{number}")).collect(),
        ..record("GHSA-a CVE-2023-1: npm a (,2)")
    };
    let general = Record {
        cwes: vec![22, 79],
        cvss: vec![vector("3.1", "nvd", 5.4), vector("2.0", "nvd", 4.3)],
        published: Some("2023-01-01".to_owned()),
        references: (2..9).map(|number| format!("https://a.example/{number}")).collect(),
        ..record("CVE-2023-1")
    };
    let mut builder = Builder::new();
    builder.push("cve", Item::Record(Box::new(general)));
    let entry = KnownExploitation {
        source: "kev".to_owned(),
        added: "2023-03-03".to_owned(),
        due: None,
        ransomware: false,
    };
    builder.push(
        "kev",
        Item::Exploited(Exploited { id: "CVE-2023-1".to_owned(), entry: entry.clone() }),
    );
    let scores =
        Database::from_bytes("scores", builder.finish(&BuildOptions::default()).unwrap()).unwrap();
    let finding = only(&[&database(vec![("ghsa", ghsa)]), &scores], "", "npm a 1");
    let detail = detail(&finding);
    assert_eq!(finding.rule, "CVE-2023-1");
    assert_eq!(detail.aliases, ["GHSA-a"]);
    assert_eq!(detail.cwes, [22, 79]);
    assert_eq!(
        detail.cvss,
        [vector("3.1", "ghsa", 6.1), vector("3.1", "nvd", 5.4), vector("2.0", "nvd", 4.3)]
    );
    assert_eq!(detail.exploited, Some(entry));
    assert_eq!(detail.title.as_deref(), Some("a: scripting"));
    assert_eq!(detail.published.as_deref(), Some("2023-01-01"));
    assert_eq!(
        detail.references,
        [0, 1, 2, 3, 4].map(|number| format!("https://a.example/{number}"))
    );
    assert_eq!(finding.text.id, "vulnerability.fixed");
    assert_eq!(finding.text.arguments["fixed"], "2");
    assert_eq!(finding.location.to_string(), "npm/a");
    let expected = FindingId::new(finding.kind, "CVE-2023-1", &finding.subject, &finding.location);
    assert_eq!(finding.id, expected);
}

#[test]
fn findings_stand_worst_first_and_always_in_the_same_order() {
    let rated = |id: &str, score| Record {
        cvss: vec![vector("3.1", "nvd", score)],
        ..record(&format!("{id}: npm a (,2); npm b (,2)"))
    };
    let records = vec![
        ("f", rated("CVE-2023-3", 9.0)),
        ("f", rated("CVE-2023-1", 9.8)),
        ("f", record("CVE-2023-9: npm a (,2)")),
        ("f", rated("CVE-2023-2", 3.0)),
    ];
    let database = database(records);
    let order = |packages: &[&str]| -> Vec<String> {
        let findings = matched(&[&database], &inventory("", packages)).findings;
        findings.iter().map(world::short).map(|short| short[..12].to_owned()).collect()
    };
    let expected = [
        "a CVE-2023-1",
        "b CVE-2023-1",
        "a CVE-2023-3",
        "b CVE-2023-3",
        "a CVE-2023-2",
        "b CVE-2023-2",
        "a CVE-2023-9",
    ];
    assert_eq!(order(&["npm a 1", "npm b 1"]), expected);
    assert_eq!(order(&["npm b 1", "npm a 1"]), expected);
}
