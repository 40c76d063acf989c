//! CSAF and CVRF: a plain walk over the products of each vulnerability, and a search for what is told
//! in the document's text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};
use serde_json::Value;

use super::walks::documents;
use super::{facts, read};

/// Scope, vulnerability, and a build without its architecture.
type Build = (String, String, String);

/// The documents in a file that is one, or a tar of them.
fn unpack(path: &str, content: &[u8], ending: &str) -> Vec<(String, String)> {
    let budget = Budget::new(Limits { ratio: 100_000, ..Limits::DEFAULT });
    if path.ends_with(ending) {
        return vec![(path.to_owned(), String::from_utf8(content.to_vec()).unwrap())];
    }
    let mut archive = tar::Reader::new(decode(content, &budget).unwrap().buffered(), &budget);
    let mut found = Vec::new();
    while let Some(entry) = archive.next_entry().unwrap() {
        let name = String::from_utf8(entry.path.clone()).unwrap();
        let mut text = String::new();
        archive.content().read_to_string(&mut text).unwrap();
        if name.ends_with(ending) {
            found.push((format!("{path}/{name}"), text));
        }
    }
    found
}

/// The scope of the platforms that are easily told.
fn scope(name: &str, cpe: &str) -> Option<String> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if let Some(rest) = cpe.get(6..).and_then(|cpe| cpe.strip_prefix(":redhat:enterprise_linux:")) {
        return Some(format!("rhel:{}", rest.split([':', '.']).next().unwrap()));
    }
    if let Some(release) = name.strip_prefix("openEuler-") {
        return Some(format!("openeuler:{}", release.to_lowercase()));
    }
    if let Some(release) = name.strip_prefix("openSUSE Leap ").filter(|release| number(release)) {
        return Some(format!("opensuse-leap:{release}"));
    }
    let release = name.strip_prefix("SUSE Linux Enterprise Server ")?.replace(" SP", ".");
    number(&release).then(|| format!("sles:{release}"))
}

/// `bind-32:9.8.2-0.68.rc1.el6_10.17`, without epoch 0, architecture and module.
fn build(component: &str) -> String {
    let text = component.split("::").next().unwrap().split(".rpm").next().unwrap();
    let known = [
        "x86_64", "aarch64", "noarch", "src", "ppc64le", "s390x", "i586", "i686", "ia64", "ppc64",
        "s390", "ppc", "i386",
    ];
    let text = match text.rsplit_once('.') {
        Some((rest, last)) if known.contains(&last) => rest,
        _ => text,
    };
    text.replacen("-0:", "-", 1)
}

fn products(branch: &Value, names: &mut BTreeMap<String, (String, String)>) {
    for child in branch["branches"].as_array().into_iter().flatten() {
        products(child, names);
    }
    let product = &branch["product"];
    if let Some(id) = product["product_id"].as_str() {
        let cpe = product["product_identification_helper"]["cpe"].as_str().unwrap_or_default();
        names.insert(id.to_owned(), (product["name"].as_str().unwrap().to_owned(), cpe.to_owned()));
    }
}

/// The builds with a fix that a CSAF document names.
fn of_csaf(text: &str) -> BTreeSet<Build> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return BTreeSet::new() };
    let mut names = BTreeMap::new();
    products(&document["product_tree"], &mut names);
    let mut related = BTreeMap::new();
    for one in document["product_tree"]["relationships"].as_array().into_iter().flatten() {
        let id = one["full_product_name"]["product_id"].as_str().unwrap();
        let ends = [&one["product_reference"], &one["relates_to_product_reference"]];
        related.insert(id, ends.map(|end| end.as_str().unwrap()));
    }
    let mut expected = BTreeSet::new();
    for vulnerability in document["vulnerabilities"].as_array().into_iter().flatten() {
        for status in ["fixed", "first_fixed", "recommended"] {
            for id in vulnerability["product_status"][status].as_array().into_iter().flatten() {
                let Some([component, platform]) = related.get(id.as_str().unwrap()) else {
                    continue;
                };
                let Some((name, cpe)) = names.get(*platform) else { continue };
                let Some(scope) = scope(name, cpe) else { continue };
                if !component.contains(".src") {
                    let cve = vulnerability["cve"].as_str().unwrap().to_owned();
                    expected.insert((scope, cve, build(component)));
                }
            }
        }
    }
    expected
}

/// The builds with a fix that a CVRF document of SUSE names.
fn of_cvrf(text: &str) -> BTreeSet<Build> {
    let mut expected = BTreeSet::new();
    let text = text.replace("vuln:", "").replace("prod:", "");
    for vulnerability in text.split("<Vulnerability ").skip(1) {
        let cve = vulnerability.split("<CVE>").nth(1).unwrap().split('<').next().unwrap();
        for status in vulnerability.split("<Status Type=\"").skip(1) {
            if !["Fixed", "First Fixed"].iter().any(|kind| status.starts_with(kind)) {
                continue;
            }
            let status = status.split("</Status>").next().unwrap();
            for id in status.split("<ProductID>").skip(1) {
                let Some((platform, component)) = id.split('<').next().unwrap().split_once(':')
                else {
                    continue;
                };
                if let Some(scope) = scope(platform, "") {
                    expected.insert((scope, cve.to_owned(), build(component)));
                }
            }
        }
    }
    expected
}

fn check(
    feed: &str,
    ending: &str,
    of_text: fn(&str) -> BTreeSet<Build>,
    path: &str,
    content: &[u8],
) {
    let (items, summary) = read(feed, path, content);
    let found: BTreeSet<Build> = facts(&items)
        .into_iter()
        .filter(|fact| fact.2.starts_with("CVE-"))
        .filter(|fact| fact.3.contains('-'))
        .map(|(scope, name, id, version)| (scope, id, format!("{name}-{version}")))
        .collect();
    let documents = unpack(path, content, ending);
    // openEuler's generator writes JSON by hand, and once in a while a comma too many.
    let is_broken = |text: &str| ending == ".json" && serde_json::from_str::<Value>(text).is_err();
    let broken = documents.iter().filter(|(_, text)| is_broken(text)).count();
    assert_eq!(summary.problems.len(), broken, "{path}: {:?}", summary.problems);
    let mut expected = BTreeSet::new();
    for (_, text) in &documents {
        expected.extend(of_text(text));
    }
    let missing: Vec<_> = expected.difference(&found).take(5).collect();
    assert!(missing.is_empty(), "{path}: {missing:?}");
    let texts: String = documents.into_iter().map(|(_, text)| text.replace("-0:", "-")).collect();
    let invented: Vec<_> = found.iter().filter(|one| !texts.contains(&one.2)).take(5).collect();
    assert!(invented.is_empty(), "{path}: {invented:?}");
}

#[test]
fn every_fix_of_a_csaf_document_is_told() {
    for (feed, folder) in [
        ("redhat-csaf", "pkg/fetch/redhat/csaf/testdata/fixtures/"),
        ("redhat-vex", "pkg/fetch/redhat/vex/"),
        ("suse-csaf", "pkg/fetch/suse/csaf/testdata/fixtures/"),
        ("suse-vex", "pkg/fetch/suse/csaf_vex/testdata/fixtures/"),
        ("openeuler-csaf", "pkg/fetch/openeuler/csaf/testdata/fixtures/happy/"),
        ("redhat-csaf", "tests/unit/providers/rhel/test-fixtures/csaf/"),
    ] {
        let is_document = |path: &str| {
            let kind = path.contains("fixtures/") && !path.contains("/snapshots/");
            let own = !path.contains("/hydra/") && !path.contains("/input/");
            kind && own && [".json", ".tar.zst", ".tar.bz2"].iter().any(|end| path.ends_with(end))
        };
        for (path, content) in documents(&[folder], is_document) {
            // One archive of the samples is a text that stands for one.
            let is_stand_in = path.ends_with(".zst") && !content.starts_with(b"\x28\xb5\x2f\xfd");
            if !is_stand_in {
                check(feed, ".json", of_csaf, &path, &content);
            }
        }
    }
}

#[test]
fn every_fix_of_a_cvrf_document_is_told() {
    for (feed, folder) in [
        ("suse-cvrf", "pkg/fetch/suse/cvrf/testdata/fixtures/"),
        ("suse-cvrf", "pkg/fetch/suse/cvrf_cve/testdata/fixtures/happy/"),
        ("openeuler-cvrf", "pkg/fetch/openeuler/cvrf/testdata/fixtures/happy/"),
    ] {
        let is_document = |path: &str| path.ends_with(".xml") || path.ends_with(".tar.bz2");
        for (path, content) in documents(&[folder], is_document) {
            check(feed, ".xml", of_cvrf, &path, &content);
        }
    }
}
