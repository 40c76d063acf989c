//! VEX documents, each read and held against a finding.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{
    AnswerOutcome, Confidence, Detail, Finding, FindingId, FindingKind, FixState, Inventory,
    Location, PackageId, Rating, Scope, Subject, Text, VulnerabilityDetail,
};
use bulkhead_sbom::purl;
use bulkhead_sbom::vex::{self, ImageName, Knowledge, Scanned, Statements};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "openvex", run: decides, seeds: open_vex, data: &[] },
    Target { name: "cyclonedx-vex", run: decides, seeds: cyclonedx, data: &[] },
    Target { name: "csaf-vex", run: decides, seeds: csaf, data: &[] },
];

const LIMITS: Limits =
    Limits { bytes: 16 << 20, entries: 10_000, file_bytes: 1 << 20, ..Limits::DEFAULT };

/// Knows nothing.
struct Nobody;

impl Knowledge for Nobody {
    fn image(&self, _: &str) -> Option<ImageName> {
        None
    }

    fn platform(&self, _: &str, _: Option<&str>) -> Option<Scope> {
        None
    }
}

/// Reads a document; succeeds where a statement of it suppresses the finding.
fn decides(bytes: &[u8]) -> bool {
    let Ok(document) = vex::read("fuzz.json", bytes, &Budget::new(LIMITS)) else { return false };
    let Ok(inventory) = purl::inventory("pkg:npm/a@1.0.0") else { return false };
    let Some(finding) = finding(&inventory) else { return false };
    let target = bulkhead_model::Target::default();
    let scanned = Scanned::new(&target, &inventory, &Nobody);
    let documents = [document];
    let judged = Statements::new(&documents).judge(&finding, &scanned);
    judged.iter().any(|it| it.verdict.outcome == AnswerOutcome::Suppresses)
}

fn finding(inventory: &Inventory) -> Option<Finding> {
    let package = inventory.packages.first()?;
    let subject = Subject::Package {
        purl: package.purl.clone(),
        name: package.name.clone(),
        version: package.version.clone(),
    };
    let location = Location::default();
    Some(Finding {
        id: FindingId::new(FindingKind::Vulnerability, "CVE-1", &subject, &location),
        kind: FindingKind::Vulnerability,
        rule: "CVE-1".to_owned(),
        subject,
        location,
        rating: Rating::default(),
        evidence: Vec::new(),
        detail: Detail::Vulnerability(Box::new(VulnerabilityDetail {
            package: PackageId(0),
            aliases: Vec::new(),
            state: FixState::Affected,
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
    })
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn open_vex() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a",
            "timestamp": "2026-01-01T00:00:00Z", "statements": [
            {"vulnerability": {"@id": "https://x/CVE-1", "name": "CVE-1", "aliases": ["GHSA-1"]},
             "products": [{"@id": "pkg:oci/x", "hashes": {"sha-256": "00"},
                "identifiers": {"purl": "pkg:npm/a@1.0.0", "cpe23": "cpe:2.3:a:a:a"},
                "subcomponents": [{"@id": "pkg:npm/a"}]}, {"@id": "pkg:npm/a"}],
             "status": "not_affected", "justification": "component_not_present",
             "impact_statement": "no"},
            {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "x"}], "status": "fixed",
             "timestamp": "2026-01-01T00:00:00+23:59"}]}"#,
        r#"{"@context": "https://openvex.dev/ns", "statements": [{"vulnerability": "CVE-1",
            "products": ["pkg:npm/a"], "subcomponents": ["pkg:npm/a"], "status": "affected"},
            {"vulnerability": 1, "products": {}, "status": []}]}"#,
        r#"{"@context": "openvex"}"#,
        "[[[[",
    ])
}

fn cyclonedx() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1",
            "metadata": {"timestamp": "2026-01-01T00:00:00Z",
                "component": {"type": "container", "bom-ref": "t", "name": "x", "version": "1"}},
            "components": [{"bom-ref": "a", "name": "a", "purl": "pkg:npm/a@1.0.0"}],
            "vulnerabilities": [{"id": "CVE-1", "references": [{"id": "GHSA-1"}],
                "analysis": {"state": "resolved", "detail": "x", "lastUpdated": "x"},
                "affects": [{"ref": "a", "versions": [{"version": "1.0.0"},
                    {"range": "vers:npm/>=1.0.0|<2.0.0|!=1.1.0", "status": "unaffected"}]},
                    {"ref": "urn:cdx:1/1#pkg%3Anpm/a"}, {"ref": "t"}, {}]}]}"#,
        r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"analysis": {"state": "fine"}}, 1,
            {"id": "CVE-1", "analysis": {"state": "exploitable"}, "affects": [{"ref": "x",
             "versions": [{"range": "vers:/"}, 2]}]}]}"#,
        r#"{"bomFormat": "CycloneDX"}"#,
    ])
}

fn csaf() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"document": {"csaf_version": "2.1", "category": "csaf_vex",
                "tracking": {"id": "x", "current_release_date": "2026-01-01T00:00:00Z"}},
            "product_tree": {"branches": [{"category": "product_version_range",
                "name": "vers:npm/<2.0.0", "product": {"product_id": "a", "name": "a",
                "product_identification_helper": {"purls": ["pkg:npm/a"]}}}],
                "full_product_names": [{"product_id": "o", "name": "o",
                "product_identification_helper": {"cpe": "cpe:/o:x:y:1"}}],
                "relationships": [{"category": "installed_on", "product_reference": "a",
                "relates_to_product_reference": "o", "full_product_name": {"product_id": "o:a"}}]},
            "vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_not_affected": ["a"],
                "known_affected": ["o:a"], "under_investigation": ["o"]},
                "flags": [{"label": "component_not_present", "product_ids": ["a"]}],
                "threats": [{"category": "impact", "details": "x"}]}]}"#,
        r#"{"document": {"csaf_version": "2.0"}, "vulnerabilities": [
            {"ids": [{"text": "x"}], "product_status": {"fixed": ["lost"]}}]}"#,
    ])
}
