//! Ignore files.

use bulkhead_exceptions::{Moment, read};
use bulkhead_limits::{Budget, Limits};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "trivyignore", run: lines, seeds: seeds_of_lines, data: &[] },
    Target { name: "trivyignore-yaml", run: trivy_yaml, seeds: seeds_of_trivy, data: &[] },
    Target { name: "grype-yaml", run: grype, seeds: seeds_of_grype, data: &[] },
    Target { name: "osv-scanner-toml", run: osv, seeds: seeds_of_osv, data: &[] },
    Target { name: "exceptions-yaml", run: own, seeds: seeds_of_own, data: &[] },
];

const LIMITS: Limits = Limits { problems: 20, file_bytes: 1 << 20, ..Limits::DEFAULT };

/// Reads a file; succeeds where it has an entry that could apply.
fn reaches(name: &str, bytes: &[u8]) -> bool {
    let Ok(file) = read(name, bytes, &Budget::new(LIMITS)) else { return false };
    let now = Moment::read("2026-01-01").unwrap_or(Moment::LAST);
    file.exceptions.iter().any(|exception| {
        assert!(
            exception.id.is_some() || !exception.criteria.is_empty() || exception.void.is_some()
        );
        exception.void(bulkhead_model::FindingKind::Vulnerability, now).is_none()
    })
}

fn lines(bytes: &[u8]) -> bool {
    reaches(".trivyignore", bytes)
}

fn trivy_yaml(bytes: &[u8]) -> bool {
    reaches(".trivyignore.yaml", bytes)
}

fn grype(bytes: &[u8]) -> bool {
    reaches(".grype.yaml", bytes)
}

fn osv(bytes: &[u8]) -> bool {
    reaches("osv-scanner.toml", bytes)
}

fn own(bytes: &[u8]) -> bool {
    reaches("exceptions.yaml", bytes)
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn seeds_of_lines() -> Vec<Vec<u8>> {
    texts(&["# why\nCVE-2022-1 exp:2027-01-31 x:y\nAVD-1\n", "CVE-1 exp:\n", "exp:1\n\u{feff}", ""])
}

fn seeds_of_trivy() -> Vec<Vec<u8>> {
    texts(&[
        "vulnerabilities:\n  - id: CVE-1\n    paths: [\"a/{b,c}/**\", \"[!x-z]?\"]\n    purls: \
         [\"pkg:npm/%40a/b@1?c=d#e\"]\n    expired_at: 2027-01-31\n    statement: why\n",
        "secrets:\n  - id: a\nlicenses: [{id: MIT}]\nodd: 1\n",
        "vulnerabilities: &a\n  - *a\n",
        "vulnerabilities:\n  - id: [1]\n  - 7\n  - paths: x\n    expired_at: {}\n",
        "vulnerabilities:\n  - {id: 1.10, id: 2}\n",
        "[",
    ])
}

fn seeds_of_grype() -> Vec<Vec<u8>> {
    texts(&[
        "ignore:\n  - vulnerability: CVE-1\n    fix-state: fixed\n    match-type: \
         exact-direct-match\n    package: {name: \"a.*|b\", version: 1.0, type: deb, language: go, \
         location: \"/a/**\", upstream-name: c}\n",
        "ignore:\n  - namespace: x\n  - vex-status: fixed\n  - package: {name: \"(a{9}){9}\"}\n",
        "ignore:\n  - package: {name: \"(\"}\n  - reason: x\n",
        "ignore: {a: b}\n",
    ])
}

fn seeds_of_osv() -> Vec<Vec<u8>> {
    texts(&[
        "[[IgnoredVulns]]\nid = \"GO-1\"\nignoreUntil = 2027-01-31T00:00:00Z\nreason = \"why\"\n",
        "[[IgnoredVulns]]\nid = 1\nignoreUntil = 12:00:00\n[[PackageOverrides]]\nname = \"x\"\n",
        "IgnoredVulns = 1\n",
        "[[",
    ])
}

fn seeds_of_own() -> Vec<Vec<u8>> {
    texts(&[
        "exceptions:\n  - id: CVE-1\n    purls: [pkg:npm/a@1]\n    paths: [a]\n    owner: b\n    \
         reason: c\n    expires: 2027-01-31\n",
        "exceptions:\n  - id: CVE-1\n  - reason: x\n",
        "exceptions:\n",
    ])
}
