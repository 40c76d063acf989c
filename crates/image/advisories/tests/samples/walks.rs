//! Documents without an answer of another tool: a plain walk over each counts and compares.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use bulkhead_advisories::Item;
use bulkhead_limits::{Budget, Limits};
use serde_json::Value;

use super::{Fact, archive, facts, read, records};

/// The publishers' documents of a feed in both archives, but for those that are broken on purpose.
pub(super) fn documents(folders: &[&str], is_document: fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let mut documents = Vec::new();
    for name in ["vuls-data-update", "vunnel"] {
        let of_archive: Vec<&str> = folders
            .iter()
            .filter(|folder| folder.starts_with("pkg/") == (name == "vuls-data-update"))
            .copied()
            .collect();
        if !of_archive.is_empty() {
            documents.extend(archive::files(name, &of_archive).unwrap_or_default());
        }
    }
    documents.retain(|(path, _)| is_document(path) && !path.contains("invalid"));
    documents
}

pub(super) fn unpacked(content: &[u8]) -> Vec<u8> {
    let budget = Budget::new(Limits::DEFAULT);
    let mut text = Vec::new();
    bulkhead_archive::decode(content, &budget).unwrap().read_to_end(&mut text).unwrap();
    text
}

fn json(content: &[u8]) -> Value {
    serde_json::from_slice(&unpacked(content)).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_release_of_the_debian_tracker_is_told() {
    let releases = BTreeMap::from([
        ("wheezy", "7"),
        ("jessie", "8"),
        ("stretch", "9"),
        ("buster", "10"),
        ("bullseye", "11"),
        ("bookworm", "12"),
        ("trixie", "13"),
        ("forky", "14"),
        ("sid", "unstable"),
    ]);
    let folders =
        ["pkg/fetch/debian/tracker/api/testdata/fixtures/", "tests/unit/providers/debian/"];
    for (path, content) in documents(&folders, |path| {
        path.ends_with("advisory.json") || path.ends_with("input/debian.json")
    }) {
        let mut expected: BTreeSet<Fact> = BTreeSet::new();
        let mut broken = 0;
        for (package, found) in json(&content).as_object().unwrap() {
            for (id, vulnerability) in found.as_object().unwrap() {
                broken += usize::from(!vulnerability["releases"].is_object());
                for (codename, release) in
                    vulnerability["releases"].as_object().into_iter().flatten()
                {
                    let Some(number) = releases.get(codename.as_str()) else { continue };
                    let said = match (text(&release["status"]).as_str(), &release["fixed_version"])
                    {
                        ("resolved", version) if version == "0" => "not_affected".to_owned(),
                        ("resolved", version) => text(version),
                        ("undetermined", _) => "under_investigation".to_owned(),
                        _ if release["nodsa_reason"] == "ignored"
                            || release["urgency"] == "end-of-life" =>
                        {
                            "will_not_fix".to_owned()
                        }
                        _ => "affected".to_owned(),
                    };
                    let scope = format!("debian:{number}");
                    expected.insert((scope, package.clone(), id.clone(), said));
                }
            }
        }
        let (items, summary) = read("debian-tracker", &path, &content);
        assert_eq!(facts(&items), expected, "{path}");
        assert_eq!(summary.problems.len(), broken, "{path}: {:?}", summary.problems);
    }
}

#[test]
fn every_package_of_a_group_of_arch_is_told() {
    let folders = ["pkg/fetch/arch/testdata/fixtures/", "tests/unit/providers/arch/"];
    for (path, content) in
        documents(&folders, |path| path.ends_with("advisory.json") || path.ends_with("all.json"))
    {
        let mut expected: BTreeSet<Fact> = BTreeSet::new();
        let mut severities = Vec::new();
        for group in json(&content).as_array().unwrap() {
            severities.push(text(&group["severity"]).to_lowercase());
            let own = [&group["name"]];
            for id in group["issues"].as_array().unwrap().iter().chain(own) {
                for package in group["packages"].as_array().unwrap() {
                    let said = match (text(&group["status"]).as_str(), group["fixed"].as_str()) {
                        ("Not affected", _) => "not_affected",
                        (_, Some(version)) => version,
                        ("Unknown", None) => "under_investigation",
                        (_, None) => "affected",
                    };
                    let scope = "arch:rolling".to_owned();
                    expected.insert((scope, text(package), text(id), said.to_owned()));
                }
            }
        }
        let (items, summary) = read("arch-security", &path, &content);
        assert_eq!(facts(&items), expected, "{path}");
        assert_eq!(summary.problems, [], "{path}");
        let found: Vec<&str> =
            records(&items).iter().map(|record| record.severity.unwrap().name()).collect();
        assert_eq!(found, severities, "{path}");
    }
}

#[test]
fn every_row_of_photon_is_told_or_named() {
    let folders = ["pkg/fetch/photon/cve/testdata/fixtures/", "tests/unit/providers/photon/"];
    for (path, content) in documents(&folders, |path| path.contains("cve_data_photon")) {
        let (_, file) = path.rsplit_once("cve_data_photon").unwrap();
        let scope = format!("photon:{}", file.trim_end_matches(".json"));
        let mut expected: BTreeSet<Fact> = BTreeSet::new();
        let mut nameless = 0;
        for row in json(&content).as_array().unwrap() {
            let id = text(&row["cve_id"]);
            if !id.contains(|character: char| character.is_ascii_digit()) {
                nameless += 1;
                continue;
            }
            let said = match (text(&row["status"]).as_str(), text(&row["res_ver"]).as_str()) {
                ("Not Affected", _) => "not_affected".to_owned(),
                (_, "NA") => "affected".to_owned(),
                (_, version) => version.to_owned(),
            };
            expected.insert((scope.clone(), text(&row["pkg"]), id, said));
        }
        let (items, summary) = read("photon-cve", &path, &content);
        assert_eq!(facts(&items), expected, "{path}");
        assert_eq!(summary.problems.len(), nameless, "{path}: {:?}", summary.problems);
    }
}

#[test]
fn every_fix_of_a_database_of_apk_packages_is_told() {
    for (feed, scope) in [("wolfi", "wolfi:rolling"), ("chainguard", "chainguard:rolling")] {
        let folder = format!("pkg/fetch/{feed}/secdb/testdata/fixtures/");
        let other = format!("tests/unit/providers/{feed}/test-fixtures/input/secdb/");
        for (path, content) in documents(&[&folder, &other], |path| path.ends_with("security.json"))
        {
            let mut expected = BTreeSet::new();
            for entry in json(&content)["packages"].as_array().unwrap() {
                for (version, ids) in entry["pkg"]["secfixes"].as_object().unwrap() {
                    let ids = ids.as_array().into_iter().flatten().filter(|_| version != "0");
                    expected.extend(ids.map(|id| (text(&entry["pkg"]["name"]), text(id))));
                }
            }
            let (items, _) = read(&format!("{feed}-secdb"), &path, &content);
            let found: BTreeSet<(String, String)> = facts(&items)
                .into_iter()
                .inspect(|fact| assert_eq!(fact.0, scope, "{path}"))
                .map(|(_, package, id, _)| (package, id))
                .collect();
            assert_eq!(found, expected, "{path}");
        }
    }
}

#[test]
fn every_vector_and_weakness_of_the_national_database_is_told() {
    let folders =
        ["pkg/fetch/nvd/feed/cve/v2/", "pkg/fetch/nvd/api/cve/", "tests/unit/providers/nvd/"];
    let is_document = |path: &str| path.contains("fixtures/") && !path.contains("snapshots");
    for (path, content) in documents(&folders, is_document) {
        let document = json(&content);
        let entries = document["vulnerabilities"].as_array().unwrap();
        let wanted = entries.iter().filter(|entry| entry["cve"]["vulnStatus"] != "Rejected");
        let (items, summary) = read("nvd", &path, &content);
        let found = records(&items);
        assert_eq!(found.len() as u64 + summary.dropped, entries.len() as u64, "{path}");
        for (entry, record) in wanted.zip(found) {
            let cve = &entry["cve"];
            assert_eq!(cve["id"], record.id.as_str(), "{path}");
            assert_eq!(
                text(&cve["published"]).get(..10),
                record.published.as_deref().or(text(&cve["published"]).get(..10))
            );
            let metrics = cve["metrics"].as_object().unwrap().values();
            let vectors: BTreeSet<String> = metrics
                .flat_map(|metrics| metrics.as_array().unwrap())
                .filter_map(|metric| metric["cvssData"]["vectorString"].as_str())
                .map(str::to_owned)
                .collect();
            let own: BTreeSet<String> =
                record.cvss.iter().map(|cvss| cvss.vector.clone()).collect();
            assert_eq!(own, vectors, "{path} {}", record.id);
            let weaknesses: BTreeSet<String> = cve["weaknesses"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|weakness| weakness["description"].as_array().unwrap())
                .filter_map(|weakness| weakness["value"].as_str())
                .filter(|name| name.starts_with("CWE-"))
                .map(str::to_owned)
                .collect();
            let own: BTreeSet<String> =
                record.cwes.iter().map(|number| format!("CWE-{number}")).collect();
            assert_eq!(own, weaknesses, "{path} {}", record.id);
            assert_eq!(record.affected, [], "{path}");
        }
    }
}

#[test]
fn every_line_of_predictions_is_told() {
    let folders = ["pkg/fetch/epss/testdata/fixtures/", "tests/unit/providers/epss/test-fixtures/"];
    let is_document = |path: &str| path.contains(".csv");
    for (path, content) in documents(&folders, is_document) {
        let plain = String::from_utf8(unpacked(&content)).unwrap();
        let mut lines = plain.lines().filter(|line| !line.starts_with('#'));
        assert!(lines.next().unwrap().starts_with("cve,epss"), "{path}");
        let (items, summary) = read("epss", &path, &content);
        let found: Vec<String> = items
            .iter()
            .map(|item| match item {
                Item::Predicted(row) => {
                    let entry = &row.entry;
                    let percentile =
                        entry.percentile.map_or(String::new(), |share| format!(",{share}"));
                    format!("{},{}{percentile}", row.id, entry.score)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        // Shares are numbers: they may have been written with zeros at their end.
        let canonical = |line: &str| -> String {
            let fields = line.split(',').map(|field| {
                field.parse::<f64>().map_or_else(|_| field.to_owned(), |share| share.to_string())
            });
            fields.collect::<Vec<_>>().join(",")
        };
        assert_eq!(found, lines.map(canonical).collect::<Vec<_>>(), "{path}");
        let day =
            plain.lines().next().unwrap().split_once("score_date:").map(|(_, day)| &day[..10]);
        assert_eq!(summary.date.as_deref(), day, "{path}");
    }
}
