//! VEX documents of every form, held against an image.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

#[path = "vex/oracle.rs"]
mod oracle;
#[path = "vex/world.rs"]
mod world;

use bulkhead_limits::{Budget, Limits};
use bulkhead_sbom::SbomError;
use bulkhead_sbom::vex::{self, Document};
use proptest::prelude::*;
use world::{World, open_vex};

fn read(text: &str) -> Document {
    vex::read("vex.json", text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap()
}

/// Products as OpenVEX writes them, and what a statement about them means for lodash 4.17.4 of the
/// application in the image `ghcr.io/acme/shop:1.4`.
#[test]
fn products_are_images_packages_and_packages_in_them() {
    let image = world::DIGEST;
    for (products, expected) in [
        (r#"{"@id": "pkg:npm/lodash@4.17.4"}"#, "suppresses"),
        (r#"{"@id": "pkg:npm/lodash"}"#, "suppresses"),
        (r#"{"identifiers": {"purl": "pkg:npm/lodash"}}"#, "suppresses"),
        (r#"{"@id": "pkg:npm/lodash@4.17.21"}"#, "other_version 4.17.21 4.17.4"),
        (r#"{"@id": "pkg:npm/lodash@4.17.4?vcs_url=x"}"#, "other_product"),
        (r#"{"@id": "pkg:npm/lodash-es@4.17.4"}"#, "other_product"),
        (r#"{"@id": "pkg:pypi/lodash@4.17.4"}"#, "other_product"),
        // The whole image.
        (r#"{"@id": "pkg:oci/shop"}"#, "suppresses"),
        (&format!(r#"{{"@id": "pkg:oci/shop@{}"}}"#, image.replace(':', "%3A")), "suppresses"),
        (r#"{"@id": "pkg:oci/shop?repository_url=ghcr.io/acme/shop"}"#, "suppresses"),
        (r#"{"@id": "pkg:oci/shop?repository_url=ghcr.io/acme"}"#, "suppresses"),
        (r#"{"@id": "pkg:oci/shop?repository_url=ghcr.io/evil/shop"}"#, "other_product"),
        (r#"{"@id": "pkg:oci/shop?arch=arm64"}"#, "other_product"),
        (r#"{"@id": "pkg:oci/shop?tag=1.4&arch=amd64"}"#, "suppresses"),
        (r#"{"@id": "pkg:oci/shop?tag=1.5"}"#, "other_version 1.5 1.4"),
        (r#"{"@id": "pkg:docker/acme/shop@1.4?repository_url=ghcr.io"}"#, "suppresses"),
        (r#"{"@id": "pkg:oci/other"}"#, "other_product"),
        (r#"{"@id": "ghcr.io/acme/shop:1.4"}"#, "suppresses"),
        (r#"{"@id": "ghcr.io/acme/shop"}"#, "suppresses"),
        (r#"{"@id": "ghcr.io/acme/shop:1.3"}"#, "other_version 1.3 1.4"),
        (r#"{"@id": "https://acme.example/shop"}"#, "other_product"),
        (&format!(r#"{{"hashes": {{"sha-256": "{}"}}}}"#, &image[7..]), "suppresses"),
        (r#"{"hashes": {"sha-256": "00"}}"#, "not_judged sha256:00"),
        (
            r#"{"identifiers": {"cpe23": "cpe:2.3:a:lodash:lodash:4.17.4"}}"#,
            "not_judged cpe:2.3:a:lodash:lodash:4.17.4",
        ),
        // A package in the image.
        (r#"{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:npm/lodash"}]}"#, "suppresses"),
        (
            r#"{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:npm/lodash@5"}]}"#,
            "other_version 5 4.17.4",
        ),
        (
            r#"{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:npm/axios"}]}"#,
            "other_product",
        ),
        (r#"{"@id": "pkg:oci/shop", "subcomponents": [{"supplier": "x"}]}"#, "other_product"),
        (
            r#"{"@id": "pkg:oci/other", "subcomponents": [{"@id": "pkg:npm/lodash"}]}"#,
            "other_product",
        ),
        // What brings it: nothing else does, for the application needs it by that alone.
        (r#"{"@id": "pkg:npm/shop-front@1.4.0"}"#, "suppresses"),
        (
            r#"{"@id": "pkg:npm/shop-front@1.4.0", "subcomponents": [{"@id": "pkg:npm/lodash"}]}"#,
            "suppresses",
        ),
        (r#"{"@id": "pkg:npm/one-of-two@1.0.0"}"#, "other_product"),
    ] {
        let document = read(&open_vex("not_affected", products, "2026-01-01T00:00:00Z"));
        World::default().check(&[document], "CVE-2019-10744", "lodash", &[expected]);
    }
}

#[test]
fn system_packages_are_named_by_source_release_and_architecture() {
    for (purl, expected) in [
        ("pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12", "suppresses"),
        ("pkg:deb/debian/libssl3?distro=bookworm", "suppresses"),
        ("pkg:deb/debian/libssl3?distro=debian-11", "other_product"),
        ("pkg:deb/debian/libssl3?arch=arm64", "other_product"),
        ("pkg:deb/ubuntu/libssl3", "other_product"),
        ("pkg:deb/debian/openssl?arch=source", "suppresses"),
        ("pkg:deb/debian/openssl@3.0.9-1?arch=source&distro=debian-12", "suppresses"),
        ("pkg:deb/debian/openssl@3.0.10-1?arch=source", "other_version 3.0.10-1 3.0.9-1"),
        ("pkg:deb/debian/openssl", "other_product"),
        ("pkg:apk/alpine/libssl3", "other_product"),
    ] {
        let products = format!(r#"{{"@id": "{purl}"}}"#);
        let document = read(&open_vex("fixed", &products, "2026-01-01T00:00:00Z"));
        World::default().check(&[document], "CVE-2023-5678", "libssl3", &[expected]);
    }
}

#[test]
fn the_newest_statement_decides_and_of_equals_the_most_cautious() {
    let lodash = r#"{"@id": "pkg:npm/lodash"}"#;
    let at = |status: &str, time: &str| read(&open_vex(status, lodash, time));
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-01-01T01:30:00+01:00");
    for (first, second, expected) in [
        (("not_affected", old), ("affected", new), ["superseded", "confirms"]),
        (("not_affected", new), ("affected", old), ["suppresses", "superseded"]),
        (("not_affected", old), ("affected", old), ["contradicted", "confirms"]),
        (("fixed", old), ("not_affected", old), ["suppresses", "also_suppresses"]),
        (("not_affected", ""), ("under_investigation", old), ["superseded", "undecided"]),
        (("affected", old), ("under_investigation", old), ["confirms", "contradicted"]),
    ] {
        let documents = [at(first.0, first.1), at(second.0, second.1)];
        World::default().check_outcomes(&documents, "CVE-2019-10744", "lodash", &expected);
    }
}

#[test]
fn any_name_of_the_vulnerability_will_do() {
    for name in ["CVE-2019-10744", "GHSA-jf85-cpcp-j695", "ghsa-JF85-cpcp-j695"] {
        let text = open_vex("not_affected", r#"{"@id": "pkg:npm/lodash"}"#, "")
            .replace("CVE-2019-10744", name);
        World::default().check(&[read(&text)], "CVE-2019-10744", "lodash", &["suppresses"]);
    }
    let other = open_vex("not_affected", r#"{"@id": "pkg:npm/lodash"}"#, "")
        .replace("CVE-2019-10744", "CVE-2019-10745");
    World::default().check(&[read(&other)], "CVE-2019-10744", "lodash", &[]);
}

#[test]
fn the_first_form_of_open_vex_is_read() {
    let text = r#"{"@context": "https://openvex.dev/ns", "@id": "x", "author": "Acme",
        "timestamp": "2023-01-08T18:02:03.647787998-06:00", "version": "1", "statements": [
        {"vulnerability": "CVE-2019-10744", "products": ["pkg:oci/shop"],
         "subcomponents": ["pkg:npm/lodash@4.17.4"], "status": "not_affected",
         "justification": "vulnerable_code_not_in_execute_path"},
        {"vulnerability": "CVE-1", "products": [], "status": "fixed"},
        {"vulnerability": "CVE-1", "products": ["x"], "status": "maybe"},
        {"products": ["x"], "status": "fixed"}, 7]}"#;
    let document = read(text);
    assert_eq!(document.statements.len(), 1);
    assert_eq!(document.problems.len(), 3, "{:#?}", document.problems);
    assert_eq!(
        document.statements[0].justification.as_deref(),
        Some("vulnerable_code_not_in_execute_path")
    );
    World::default().check(&[document], "CVE-2019-10744", "lodash", &["suppresses"]);
}

#[test]
fn cyclonedx_names_components_and_links() {
    let with = |analysis: &str, affects: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {{"timestamp": "2026-01-01T00:00:00Z",
                "component": {{"type": "container", "bom-ref": "image", "name": "shop",
                    "version": "{}"}}}},
            "components": [{{"type": "library", "bom-ref": "package:3", "name": "lodash",
                "version": "4.17.4", "purl": "pkg:npm/lodash@4.17.4"}}],
            "vulnerabilities": [{{"id": "CVE-2019-10744", "analysis": {analysis},
                "affects": [{affects}]}}]}}"#,
            world::DIGEST
        )
    };
    let not_affected = r#"{"state": "not_affected", "justification": "code_not_reachable"}"#;
    for (analysis, affects, expected) in [
        (not_affected, r#"{"ref": "package:3"}"#, &["suppresses"][..]),
        (not_affected, r#"{"ref": "image"}"#, &["suppresses"]),
        (not_affected, r#"{"ref": "pkg:npm/lodash@4.17.4"}"#, &["suppresses"]),
        (
            not_affected,
            r#"{"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:npm/lodash@4.17.4"}"#,
            &["suppresses"],
        ),
        (
            not_affected,
            r#"{"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Anpm%2Flodash%404.17.4"}"#,
            &["suppresses"],
        ),
        (
            not_affected,
            r#"{"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#package:3"}"#,
            &["other_product"],
        ),
        (
            not_affected,
            r#"{"ref": "package:3", "versions": [{"range": "vers:npm/<4.0.0"}]}"#,
            &["other_version vers:npm/<4.0.0 4.17.4"],
        ),
        (
            not_affected,
            r#"{"ref": "package:3", "versions": [{"range": "vers:npm/<4.0.0"}, {"version": "4.17.4"}]}"#,
            &["suppresses"],
        ),
        (not_affected, r#"{"ref": "package:3", "versions": [7]}"#, &["not_judged"]),
        (r#"{"state": "exploitable"}"#, r#"{"ref": "package:3"}"#, &["confirms"]),
        (
            r#"{"state": "exploitable"}"#,
            r#"{"ref": "package:3", "versions": [{"version": "4.17.4", "status": "unaffected"}]}"#,
            &["not_judged"],
        ),
        (r#"{"state": "resolved"}"#, r#"{"ref": "package:3"}"#, &["suppresses"]),
        (r#"{"state": "in_triage"}"#, r#"{"ref": "package:3"}"#, &["undecided"]),
        (r#"{"response": ["will_not_fix"]}"#, r#"{"ref": "package:3"}"#, &[]),
    ] {
        World::default().check(
            &[read(&with(analysis, affects))],
            "CVE-2019-10744",
            "lodash",
            expected,
        );
    }
    let odd = read(&with(r#"{"state": "fine"}"#, r#"{"ref": "image"}"#));
    assert_eq!((odd.statements.len(), odd.problems.len()), (0, 1));
}

#[test]
fn csaf_names_packages_on_platforms() {
    let with = |component: &str, platform: &str| {
        format!(
            r#"{{"document": {{"csaf_version": "2.0", "category": "csaf_vex",
                "publisher": {{"name": "Debian"}},
                "tracking": {{"id": "X-1", "current_release_date": "2026-01-01T00:00:00Z"}}}},
            "product_tree": {{"branches": [{{"category": "vendor", "name": "V", "branches": [
                {{"category": "product_version", "name": "c", "product": {{"product_id": "c",
                    "name": "c", "product_identification_helper": {{"purl": "{component}"}}}}}},
                {{"category": "product_name", "name": "p", "product": {{"product_id": "p",
                    "name": "{platform}"}}}}]}}],
              "relationships": [{{"category": "default_component_of", "product_reference": "c",
                "relates_to_product_reference": "p", "full_product_name": {{"product_id": "p:c"}}}}]}},
            "vulnerabilities": [{{"cve": "CVE-2023-5678",
                "product_status": {{"known_not_affected": ["p:c"]}},
                "flags": [{{"label": "component_not_present", "product_ids": ["p:c"]}}]}}]}}"#
        )
    };
    for (component, platform, expected) in [
        ("pkg:deb/debian/libssl3", "Debian 12", "suppresses"),
        ("pkg:deb/debian/libssl3", "Debian 11", "other_product"),
        ("pkg:deb/debian/libssl3@1", "Debian 12", "other_version 1 3.0.9-1"),
        ("pkg:deb/debian/other", "Debian 12", "other_product"),
        ("pkg:deb/debian/libssl3", "Debian of my own", "not_judged Debian of my own"),
    ] {
        let document = read(&with(component, platform));
        assert_eq!(document.author.as_deref(), Some("Debian"));
        World::default().check(&[document], "CVE-2023-5678", "libssl3", &[expected]);
    }
}

#[test]
fn other_documents_are_refused_with_a_hint() {
    for text in ["", "[]", "{}", r#"{"spdxVersion": "SPDX-2.3"}"#, r#"{"document": {}}"#] {
        let error = vex::read("x", text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap_err();
        assert!(error.hint().is_some(), "{text}: {error}");
        assert!(matches!(error, SbomError::Vex { .. } | SbomError::Syntax { .. }), "{text}");
    }
}

/// Every published document of the test data that is VEX by its own words is read; a package that it names by its URL is found.
#[test]
fn published_documents_are_read() {
    const DECIDED: [&str; 6] =
        ["suppresses", "confirms", "undecided", "superseded", "contradicted", "also_suppresses"];
    let mut found = 0;
    let documents = world::published();
    for (name, bytes) in &documents {
        let document = vex::read(name, bytes, &Budget::new(Limits::DEFAULT)).unwrap();
        // An analysis that is about no component cannot be used, and is told.
        let says = !document.statements.is_empty() || !document.problems.is_empty();
        assert!(says, "{name} says nothing");
        for statement in &document.statements {
            let alone = statement.products.iter().filter(|product| product.parts.is_empty());
            let purl = alone.flat_map(|product| &product.wholes).find_map(|it| it.purls.first());
            let world = purl.and_then(|purl| World::of(purl, &statement.vulnerabilities[0]));
            if let Some(world) = world {
                let outcomes = world.outcomes(std::slice::from_ref(&document));
                let decided = outcomes.iter().any(|it| DECIDED.contains(&it.as_str()));
                assert!(decided, "{name}: {purl:?} {outcomes:?}");
                found += 1;
            }
        }
    }
    assert!(documents.is_empty() || found > 0, "no published statement names a package by its URL");
}

proptest! {
    /// A statement about another version, or a package by another name, never suppresses.
    #[test]
    fn nothing_else_is_suppressed(name in "[a-z]{1,8}", version in "[0-9]{1,2}(\\.[0-9]{1,2}){2}") {
        prop_assume!(name != "lodash" && version != "4.17.4");
        for purl in [format!("pkg:npm/{name}@4.17.4"), format!("pkg:npm/lodash@{version}")] {
            let products = format!(r#"{{"@id": "{purl}"}}"#);
            let document = read(&open_vex("not_affected", &products, ""));
            let outcomes = World::default().of_package("CVE-2019-10744", "lodash").outcomes(&[document]);
            prop_assert!(!outcomes.iter().any(|it| it == "suppresses"), "{}: {:?}", purl, outcomes);
        }
    }
}
