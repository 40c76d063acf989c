//! Entries held against findings.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeMap;

use bulkhead_exceptions::{Candidate, Moment, read};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{
    Confidence, Detail, Ecosystem, Finding, FindingId, FindingKind, FixState, Inventory, Location,
    Package, PackageId, PackageType, Rating, SourcePackage, Subject, Text, VulnerabilityDetail,
};
use proptest::prelude::*;

/// A jar in an archive, and a library that a distribution built from another source.
fn inventory() -> Inventory {
    let mut jar = Location::of("opt/app.war");
    jar.inside.push("WEB-INF/lib/log4j.jar".into());
    let package = |package_type, name: &str, version: &str, purl: &str, location| Package {
        package_type,
        name: name.to_owned(),
        version: version.to_owned(),
        purl: purl.to_owned(),
        architecture: None,
        source: None,
        licences: Vec::new(),
        locations: vec![location],
        properties: BTreeMap::new(),
    };
    let mut library = package(
        PackageType::Deb,
        "libssl3",
        "3.0.9-1",
        "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12",
        Location::of("var/lib/dpkg/status"),
    );
    library.source =
        Some(SourcePackage { name: "openssl".to_owned(), version: "3.0.9-1".to_owned() });
    let jar = package(
        PackageType::Language(Ecosystem::Maven),
        "org.apache:log4j-core",
        "2.14.1",
        "pkg:maven/org.apache/log4j-core@2.14.1",
        jar,
    );
    Inventory { packages: vec![jar, library], ..Inventory::default() }
}

fn finding(inventory: &Inventory, id: u32) -> Finding {
    let package = inventory.package(PackageId(id)).unwrap();
    let subject = Subject::Package {
        purl: package.purl.clone(),
        name: package.name.clone(),
        version: package.version.clone(),
    };
    let location = package.locations[0].clone();
    Finding {
        id: FindingId::new(FindingKind::Vulnerability, "CVE-2021-1", &subject, &location),
        kind: FindingKind::Vulnerability,
        rule: "CVE-2021-1".to_owned(),
        subject,
        location,
        rating: Rating::default(),
        evidence: Vec::new(),
        detail: Detail::Vulnerability(Box::new(VulnerabilityDetail {
            package: PackageId(id),
            aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned()],
            state: FixState::WillNotFix,
            fixed_versions: Vec::new(),
            confidence: Confidence::Confirmed,
            cvss: Vec::new(),
            cwes: Vec::new(),
            exploited: None,
            epss: None,
            title: None,
            published: None,
            references: Vec::new(),
        })),
        text: Text { id: String::new(), arguments: BTreeMap::new() },
    }
}

/// What came of the only entry of a file for both packages: `OUTCOME`, or `-` where it is silent.
fn outcomes(name: &str, text: &str) -> [String; 2] {
    let file = read(name, text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
    assert_eq!(file.problems, [], "{text}");
    let inventory = inventory();
    let now = Moment::read("2026-11-24T12:00:00Z").unwrap();
    [0, 1].map(|id| {
        let finding = finding(&inventory, id);
        let candidate = Candidate::new(&finding, &inventory);
        let verdict = file.exceptions[0].judge(&candidate, now);
        verdict.map_or("-".to_owned(), |verdict| verdict.outcome.name().to_owned())
    })
}

#[track_caller]
fn check(name: &str, text: &str, expected: [&str; 2]) {
    assert_eq!(outcomes(name, text), expected, "{text}");
}

#[test]
fn ids_of_any_name() {
    let both = ["suppresses", "suppresses"];
    check(".trivyignore", "CVE-2021-1\n", both);
    check(".trivyignore", "ghsa-AAAA-bbbb-cccc\n", both);
    check(".trivyignore", "CVE-2021-11\n", ["-", "-"]);
    check(".trivyignore", "CVE-2021-1 exp:2026-11-24\n", ["expired", "expired"]);
    check(".trivyignore", "CVE-2021-1 exp:2026-11-25\n", both);
}

#[test]
fn paths_and_package_urls_of_trivy() {
    let yaml = |rest: &str| format!("vulnerabilities:\n  - id: CVE-2021-1\n    {rest}\n");
    for (rest, expected) in [
        ("paths: [opt/app.war]", ["suppresses", "other_path"]),
        ("paths: [\"/opt/*.war\"]", ["suppresses", "other_path"]),
        ("paths: [\"**/log4j.jar\"]", ["suppresses", "other_path"]),
        ("paths: [\"opt/app.war/WEB-INF/**\"]", ["suppresses", "other_path"]),
        ("paths: [\"opt/*\", \"var/**\"]", ["suppresses", "suppresses"]),
        ("paths: [\"WEB-INF/**\"]", ["other_path", "other_path"]),
        ("purls: [pkg:maven/org.apache/log4j-core]", ["suppresses", "other_product"]),
        ("purls: [pkg:maven/org.apache/log4j-core@2.14.2]", ["other_version", "other_product"]),
        ("purls: [pkg:maven/log4j-core]", ["other_product", "other_product"]),
        ("purls: [\"pkg:deb/debian/libssl3?arch=amd64\"]", ["other_product", "suppresses"]),
        ("purls: [\"pkg:deb/debian/libssl3?arch=arm64\"]", ["other_product", "other_product"]),
        ("paths: [opt/app.war]\n    purls: [pkg:npm/a]", ["other_product", "other_path"]),
    ] {
        check("a.yaml", &yaml(rest), expected);
    }
    check("a.yaml", "secrets:\n  - id: CVE-2021-1\n", ["other_criterion", "other_criterion"]);
}

#[test]
fn criteria_of_grype() {
    let rule = |rest: &str| format!("ignore:\n  - {rest}\n");
    for (rest, expected) in [
        ("package: { name: log4j-core }", ["suppresses", "-"]),
        ("package: { name: log4j }", ["-", "-"]),
        ("package: { name: \"org.apache:.*\" }", ["suppresses", "-"]),
        ("package: { name: \"lib.*\", version: 3.0.9-1 }", ["-", "suppresses"]),
        ("package: { version: 3.0.9 }", ["-", "-"]),
        ("package: { type: java-archive }", ["suppresses", "-"]),
        ("package: { type: deb }", ["-", "suppresses"]),
        ("package: { language: java }", ["suppresses", "-"]),
        ("package: { upstream-name: openssl }", ["-", "suppresses"]),
        ("package: { location: \"/opt/**\" }", ["suppresses", "-"]),
        ("package: { location: \"/opt/app.war/**\" }", ["suppresses", "-"]),
        ("fix-state: wont-fix", ["suppresses", "suppresses"]),
        ("fix-state: fixed", ["-", "-"]),
        ("match-type: exact-direct-match", ["suppresses", "suppresses"]),
        ("match-type: cpe-match", ["-", "-"]),
        ("{ vulnerability: CVE-2021-1, fix-state: fixed }", ["other_criterion", "other_criterion"]),
        ("{ vulnerability: CVE-2021-1, namespace: nvd }", ["not_judged", "not_judged"]),
        ("{ vex-status: fixed }", ["-", "-"]),
    ] {
        check(".grype.yaml", &rule(rest), expected);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_fail_badly(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for name in [".trivyignore", "a.yaml", "a.toml", "a"] {
            let _ = read(name, &bytes, &Budget::new(Limits::DEFAULT));
        }
    }

    /// Whatever else stands in a file of ids, only what it names is suppressed.
    #[test]
    fn lines_suppress_what_they_name(lines in prop::collection::vec("[A-Z0-9#: -]{0,16}", 0..12)) {
        let text = lines.join("\n");
        let file = read(".trivyignore", text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
        let inventory = inventory();
        let finding = finding(&inventory, 0);
        let candidate = Candidate::new(&finding, &inventory);
        let now = Moment::read("2026-11-24").unwrap();
        let suppressed = file
            .exceptions
            .iter()
            .filter_map(|exception| exception.judge(&candidate, now))
            .any(|verdict| verdict.outcome.name() == "suppresses");
        let named = lines.iter().any(|line| {
            line.split_whitespace().next().is_some_and(|id| candidate.is_named(id))
        });
        prop_assert!(!suppressed || named);
    }
}
