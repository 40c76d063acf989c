//! Documents of publishers are read for all that they say, and broken ones for what stands.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeSet;
use std::io::{BufReader, Read as _};

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};
use bulkhead_sbom::csaf::{self, Document, Status};
use serde_json::{Value, json};

/// Every document of the samples: name, bytes, and the JSON as the oracle walks it.
fn each_sample(mut check: impl FnMut(&str, &[u8], &Value)) {
    let mut count = 0;
    for archive in bulkhead_testing::data_files("fixtures/feed-samples") {
        if !archive.to_string_lossy().ends_with(".tar.gz") {
            continue;
        }
        let budget = Budget::new(Limits::DEFAULT);
        let file = BufReader::new(fs_err::File::open(&archive).unwrap());
        let mut reader = tar::Reader::new(BufReader::new(decode(file, &budget).unwrap()), &budget);
        while let Some(entry) = reader.next_entry().unwrap() {
            let name = String::from_utf8_lossy(&entry.path).into_owned();
            if !name.to_lowercase().ends_with(".json") {
                continue;
            }
            let mut bytes = Vec::new();
            reader.content().read_to_end(&mut bytes).unwrap();
            let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
            if value["document"]["csaf_version"].is_string() {
                check(&name, &bytes, &value);
                count += 1;
            }
        }
    }
    if count == 0 {
        bulkhead_testing::skip("no CSAF document among the feed samples");
    }
}

fn read(bytes: &[u8]) -> Document {
    csaf::read(bytes, &Budget::new(Limits::DEFAULT)).unwrap()
}

/// Every string under a key of this name, at any depth.
fn strings<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == key => found.push(text),
                    _ => strings(member, key, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| strings(element, key, found)),
        _ => {}
    }
}

fn under<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    strings(value, key, &mut found);
    found.sort_unstable();
    found
}

#[test]
fn publishers_documents_are_read_whole() {
    each_sample(|name, bytes, value| {
        let document = read(bytes);
        let products: BTreeSet<&str> = document.products.iter().map(|p| p.id.as_str()).collect();
        let expected: BTreeSet<&str> =
            under(&value["product_tree"], "product_id").into_iter().collect();
        assert_eq!(products, expected, "{name}: products");

        let vulnerabilities = &value["vulnerabilities"];
        let mut names: Vec<&str> =
            document.vulnerabilities.iter().filter_map(|v| v.cve.as_deref()).collect();
        names.sort_unstable();
        assert_eq!(names, under(vulnerabilities, "cve"), "{name}: vulnerabilities");
        let mut vectors: Vec<&str> = document
            .vulnerabilities
            .iter()
            .flat_map(|v| &v.scores)
            .flat_map(|score| &score.vectors)
            .map(|(vector, _)| vector.as_str())
            .collect();
        vectors.sort_unstable();
        assert_eq!(vectors, under(vulnerabilities, "vectorString"), "{name}: vectors");

        let count: usize = document
            .vulnerabilities
            .iter()
            .flat_map(|v| v.product_status.values())
            .map(Vec::len)
            .sum();
        assert_eq!(count, status_entries(vulnerabilities), "{name}: product states");
        assert_eq!(document.tracking.id, value["document"]["tracking"]["id"], "{name}");
    });
}

/// How many product ids stand under any status.
fn status_entries(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| match member {
                Value::Object(states) if name == "product_status" => {
                    states.values().map(|ids| ids.as_array().map_or(0, Vec::len)).sum()
                }
                _ => 0,
            })
            .sum(),
        Value::Array(elements) => elements.iter().map(status_entries).sum(),
        _ => 0,
    }
}

/// Publishers' ids of components are made of the parts; what they are resolved to has the package
/// URL of the reference that the relationship names.
#[test]
fn publishers_relationships_are_resolved() {
    each_sample(|name, bytes, value| {
        let document = read(bytes);
        let Some(relationships) = value["product_tree"]["relationships"].as_array() else { return };
        for relationship in relationships {
            let id = relationship["full_product_name"]["product_id"].as_str().unwrap();
            let chain = document.products.resolve(id);
            let known = |key: &str| {
                relationship[key].as_str().and_then(|id| document.products.get(id)).is_some()
            };
            if known("product_reference") && known("relates_to_product_reference") {
                assert!(chain.len() >= 2, "{name}: {id} is {chain:?}");
                assert!(chain.iter().all(|product| product.relationship.is_none()), "{name}: {id}");
            }
        }
    });
}

#[test]
fn a_module_stands_between_package_and_platform() {
    let product = |id: &str, purl: &str| {
        json!({"category": "product_version", "name": id, "product": {"name": id, "product_id": id,
            "product_identification_helper": {"purl": purl}}})
    };
    let part = |inner: &str, outer: &str| {
        json!({"category": "default_component_of", "product_reference": inner,
            "relates_to_product_reference": outer,
            "full_product_name": {"name": "x", "product_id": format!("{outer}:{inner}")}})
    };
    let value = json!({
        "document": {"csaf_version": "2.0"},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Red Hat", "branches": [
                {"category": "product_name", "name": "AppStream",
                 "product": {"name": "Red Hat Enterprise Linux AppStream", "product_id": "AppStream-9",
                    "product_identification_helper": {"cpe": "cpe:/a:redhat:enterprise_linux:9"}}},
                product("nodejs:18:9", "pkg:rpmmod/redhat/nodejs@18:9"),
                product("npm-1:8.19-1.x86_64", "pkg:rpm/redhat/npm@8.19-1?arch=x86_64&epoch=1"),
            ]}],
            "relationships": [part("nodejs:18:9", "AppStream-9"),
                part("npm-1:8.19-1.x86_64", "AppStream-9:nodejs:18:9")],
            "product_groups": [{"group_id": "all", "product_ids": ["AppStream-9"]}],
        },
        "vulnerabilities": [{
            "cve": "CVE-2023-1",
            "product_status": {"fixed": ["AppStream-9:nodejs:18:9:npm-1:8.19-1.x86_64"],
                "known not affected": ["AppStream-9"]},
            "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["all"]}],
        }],
    });
    let document = read(value.to_string().as_bytes());
    assert_eq!(document.problems, Vec::new());
    let vulnerability = &document.vulnerabilities[0];
    let [fixed] = vulnerability.products(Status::Fixed) else { panic!("{vulnerability:?}") };
    let chain = document.products.resolve(fixed);
    let ids: Vec<&str> = chain.iter().map(|product| product.id.as_str()).collect();
    assert_eq!(ids, ["npm-1:8.19-1.x86_64", "nodejs:18:9", "AppStream-9"]);
    assert_eq!(chain[0].branch("vendor"), Some("Red Hat"));
    assert_eq!(chain[0].branch("product_version"), Some("npm-1:8.19-1.x86_64"));
    assert_eq!(vulnerability.products(Status::KnownNotAffected), ["AppStream-9"]);
    assert!(document.products.selects(&vulnerability.flags[0].selection, "AppStream-9"));
    assert!(!document.products.selects(&vulnerability.flags[0].selection, "nodejs:18:9"));
}

#[test]
fn what_is_broken_spoils_nothing_else() {
    let value = json!({
        "document": {"csaf_version": "3.0", "title": 7, "tracking": []},
        "product_tree": {"branches": [{"product": {"name": "nameless"}}, "odd", {"branches": 1}],
            "full_product_names": [{"product_id": "a"}, {"product_id": "a", "name": "b"}]},
        "vulnerabilities": [null, 5, {}, [{"cve": "CVE-1", "product_status": {"fixed": ["a", "b", 3],
            "perhaps": []}, "scores": [{"products": ["a"], "cvss_v3": {"vectorString": "CVSS:3.1/AV:N",
            "baseScore": "9.8"}}]}]],
    });
    let document = read(value.to_string().as_bytes());
    let messages: Vec<&str> = document.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "CSAF \"3.0\" is read as 2.0",
            "the product \"nameless\" has no id",
            "a second product has the id \"a\"",
            "1 vulnerabilities are no JSON objects",
            "vulnerability 0 has neither an id nor a title",
            "CVE-1: status \"perhaps\" is not known",
            "CVE-1: 1 product ids stand for no product",
        ]
    );
    let [vulnerability] = document.vulnerabilities.as_slice() else { panic!("{document:?}") };
    assert_eq!(vulnerability.products(Status::Fixed), ["a", "b"]);
    let vectors = &vulnerability.scores[0].vectors;
    assert_eq!(vectors, &[("CVSS:3.1/AV:N".to_owned(), Some(9.8))]);
}

#[test]
fn other_documents_are_refused() {
    for text in ["", "[]", "{}", "<html>", r#"{"document": {}}"#, r#"{"bomFormat": "CycloneDX"}"#] {
        let result = csaf::read(text.as_bytes(), &Budget::new(Limits::DEFAULT));
        assert!(result.is_err(), "{text}");
    }
}

#[test]
fn limits_hold() {
    let products: Vec<Value> = (0..100).map(|id| json!({"product_id": id.to_string()})).collect();
    let value = json!({"document": {"csaf_version": "2.0"},
        "product_tree": {"full_product_names": products}});
    let budget = Budget::new(Limits { entries: 50, ..Limits::DEFAULT });
    assert!(csaf::read(value.to_string().as_bytes(), &budget).is_err());
}
