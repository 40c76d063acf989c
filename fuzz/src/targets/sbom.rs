//! Bills of materials, advisories in the form of documents, and package URLs.

use bulkhead_limits::{Budget, Limits};
use bulkhead_sbom::cyclonedx::{self, Contents};
use bulkhead_sbom::{csaf, purl};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target { name: "csaf-document", run: read_advisory, seeds: advisories, data: PUBLISHED },
    Target { name: "cyclonedx", run: read_document, seeds: documents, data: BILLS },
    Target { name: "purl", run: read_purl, seeds: purls, data: &[] },
];

/// Advisories of publishers, and what else lies beside them.
const PUBLISHED: &[Real] = &[Real { below: "fixtures/feed-samples", named: &[".json"] }];

const BILLS: &[Real] = &[
    Real { below: "fixtures/cyclonedx-examples.tar.gz", named: &[".json"] },
    Real { below: "fixtures/cyclonedx-spec-cases.tar.gz", named: &[".json"] },
];

const LIMITS: Limits =
    Limits { bytes: 16 << 20, entries: 10_000, file_bytes: 1 << 20, ..Limits::DEFAULT };

/// Reads a document; what was read is written and read again as the same. Succeeds where it has a
/// package.
fn read_document(bytes: &[u8]) -> bool {
    let Ok(bom) = cyclonedx::read(bytes, &Budget::new(LIMITS)) else { return false };
    let target = bom.target.unwrap_or_default();
    let contents = Contents {
        target: &target,
        inventory: &bom.inventory,
        findings: &[],
        suppressed: &[],
        not_assessed: &[],
        tool: "fuzz 1",
        created: "",
    };
    let Ok(text) = cyclonedx::write(contents) else { return false };
    let Ok(again) = cyclonedx::read(text.as_bytes(), &Budget::new(Limits::DEFAULT)) else {
        return false;
    };
    assert_eq!(again.inventory.packages.len(), bom.inventory.packages.len(), "a package is lost");
    !bom.inventory.packages.is_empty()
}

fn documents() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {"component": {"type": "container", "name": "x"},
                "properties": [{"name": "bulkhead:format", "value": "1"}]},
            "components": [
                {"type": "operating-system", "name": "debian", "version": "12",
                 "properties": [{"name": "bulkhead:os:scope", "value": "debian:12"}]},
                {"type": "library", "bom-ref": "a", "group": "@x", "name": "y", "version": "1",
                 "purl": "pkg:npm/%40x/y@1", "licenses": [{"license": {"name": "MIT"}}],
                 "evidence": {"occurrences": [{"location": "a.jar!b"}]},
                 "properties": [{"name": "bulkhead:location:0:path", "value": "a.jar"},
                    {"name": "bulkhead:location:0:inside:0", "value": "b"},
                    {"name": "bulkhead:owned-by", "value": "a"}]}],
            "dependencies": [{"ref": "a", "dependsOn": ["a"]}]}"#,
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [
            {"type": "library", "name": "x", "purl": "pkg:deb/debian/x@1?distro=debian-12",
             "components": [{"name": "inner", "purl": "pkg:gem/inner@2"}]},
            7, "odd", {"purl": []}]}"#,
        r#"{"bomFormat": "CycloneDX"}"#,
        r#"{"spdxVersion": "SPDX-2.3"}"#,
        "[[[[[[[[",
        "",
    ];
    texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Reads an advisory and resolves each product that it names. Succeeds where one has a component.
fn read_advisory(bytes: &[u8]) -> bool {
    let Ok(document) = csaf::read(bytes, &Budget::new(LIMITS)) else { return false };
    let states = document.vulnerabilities.iter().flat_map(|one| one.product_status.values());
    states.flatten().any(|id| !document.products.resolve(id).is_empty())
}

fn advisories() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"document": {"csaf_version": "2.0", "category": "csaf_vex"},
            "product_tree": {"branches": [{"category": "vendor", "name": "V", "branches": [
                {"category": "product_version", "name": "1", "product": {"product_id": "p",
                 "name": "p", "product_identification_helper": {"purl": "pkg:npm/p@1"}}}]}],
              "full_product_names": [{"product_id": "o", "name": "o"}],
              "relationships": [{"category": "default_component_of", "product_reference": "p",
                "relates_to_product_reference": "o", "full_product_name": {"product_id": "o:p"}}],
              "product_groups": [{"group_id": "g", "product_ids": ["p", "o"]}]},
            "vulnerabilities": [{"cve": "CVE-1-1", "cwe": {"id": "CWE-79"},
              "product_status": {"known_not_affected": ["o:p"], "fixed": ["p"]},
              "flags": [{"label": "component_not_present", "group_ids": ["g"]}],
              "scores": [{"cvss_v3": {"vectorString": "CVSS:3.1/", "baseScore": 1}}]}]}"#,
        r#"{"document": {"csaf_version": "2.0"}, "product_tree": {"relationships": [
            {"product_reference": "a", "relates_to_product_reference": "a",
             "full_product_name": {"product_id": "a"}}]},
            "vulnerabilities": [[{"ids": [{"text": "x"}], "product_status": {"fixed": ["a"]}}], 4]}"#,
        r#"{"document": {}}"#,
        "[[[[",
    ];
    texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Reads a package URL; succeeds where it names a package.
fn read_purl(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| purl::inventory(text).is_ok())
}

fn purls() -> Vec<Vec<u8>> {
    let texts = [
        "pkg:npm/%40babel/core@7.0.0",
        "pkg:deb/debian/libssl3@1:3.0.9?arch=amd64&distro=debian-12&upstream=openssl@3",
        "pkg:golang/github.com/a/b@v1.0.0#sub/path",
        "pkg:maven/g/a@1%2",
        "pkg:/@?#",
        "npm:lodash",
    ];
    texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
}
