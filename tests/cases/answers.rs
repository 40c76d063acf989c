//! Ignore files and VEX documents, from the command line to every form of the result.

use std::collections::BTreeSet;
use std::path::Path;

use bulkhead_end_to_end::Tar;
use serde_json::{Value, json};

use crate::bulkhead::{Scan, run, text};
use crate::samples::{folder, layout, lodash, log4j};

/// 2026-01-01 and 2028-01-01.
const BEFORE: &str = "1767225600";
const AFTER: &str = "1830297600";

/// An image with a vulnerable package of npm and one of Maven.
fn image(folder: &Path) -> String {
    layout(folder, vec![lodash().finish(), Tar::new().file("opt/app/log4j.jar", log4j()).finish()])
        .1
}

fn scan(target: &str, folder: &Path, epoch: &str, arguments: &[&str]) -> Scan {
    Scan::prepared(target, arguments, |command| {
        command.current_dir(folder).env("SOURCE_DATE_EPOCH", epoch)
    })
}

/// Every suppressed finding as vulnerability and package.
fn suppressed(scan: &Scan) -> BTreeSet<(String, String)> {
    let each = scan.list("/suppressed");
    each.map(|it| (text(it, "/finding/rule"), text(it, "/finding/subject/name"))).collect()
}

fn write(folder: &Path, name: &str, content: &str) {
    fs_err::write(folder.join(name), content).expect("a file");
}

#[test]
fn an_exception_holds_until_its_day() {
    let folder = folder();
    let target = image(folder.path());
    // By another name than the finding's own.
    write(folder.path(), ".trivyignore", "# no lookups\nGHSA-jfh8-c2jp-5v3q exp:2027-03-31\n");
    let held = scan(&target, folder.path(), BEFORE, &["--fail-on", "exploited"]);
    let log4shell = ("CVE-2021-44228".to_owned(), "org.apache.logging.log4j:log4j-core".to_owned());
    assert!(suppressed(&held).contains(&log4shell), "{}", held.report);
    assert!(!held.findings().iter().any(|(rule, _)| *rule == log4shell.0));
    let by = held.list("/suppressed").next().expect("one");
    assert_eq!(
        by["by"],
        json!({
            "source": {"type": "ignore_file", "file": ".trivyignore", "line": 2},
            "reason": "no lookups",
            "expires": "2027-03-31"
        })
    );

    let over = scan(&target, folder.path(), AFTER, &["--fail-on", "exploited"]);
    assert_eq!(over.code, Some(2), "{}", over.errors);
    assert_eq!(suppressed(&over), BTreeSet::new());
    assert!(over.findings().iter().any(|(rule, _)| *rule == log4shell.0));
    assert_eq!(text(&over.report, "/answers/0/void/why"), "expired");

    let without = scan(&target, folder.path(), BEFORE, &["--ignorefile", "none"]);
    assert_eq!(suppressed(&without), BTreeSet::new(), "nothing of the folder is read");
}

#[test]
fn each_form_of_ignore_file_suppresses_what_it_says_and_nothing_else() {
    let folder = folder();
    let target = image(folder.path());
    let all = scan(&target, folder.path(), BEFORE, &[]);
    let of = |package: &str| -> BTreeSet<(String, String)> {
        let findings = all.list("/findings");
        let named = |it: &&Value| text(it, "/subject/name") == package;
        findings.filter(named).map(|it| (text(it, "/rule"), package.to_owned())).collect()
    };
    let lodash = of("lodash");
    assert!(lodash.len() > 1, "{}", all.report);
    let one: BTreeSet<_> = lodash.iter().take(1).cloned().collect();
    let id = &one.first().expect("one").0;
    for (name, content, expected) in [
        ("a.trivyignore", format!("{id}\n"), &one),
        (
            "a.trivyignore.yaml",
            format!("vulnerabilities:\n  - id: {id}\n    paths: [\"**/lodash/package.json\"]\n"),
            &one,
        ),
        (
            "b.yaml",
            format!("vulnerabilities:\n  - id: {id}\n    paths: [\"opt/**\"]\n"),
            &BTreeSet::new(),
        ),
        (
            "c.yaml",
            format!("vulnerabilities:\n  - id: {id}\n    purls: [\"pkg:npm/lodash@4.17.5\"]\n"),
            &BTreeSet::new(),
        ),
        (
            "a.grype.yaml",
            "ignore:\n  - package:\n      name: lod.*\n      type: npm\n      version: 4.17.4\n      \
             location: \"/srv/**\"\n"
                .to_owned(),
            &lodash,
        ),
        ("b.grype.yaml", "ignore:\n  - package: { name: lod.*, language: java }\n".to_owned(), &BTreeSet::new()),
        ("c.grype.yaml", format!("ignore:\n  - vulnerability: {id}\n    namespace: x\n"), &BTreeSet::new()),
        ("osv-scanner.toml", format!("[[IgnoredVulns]]\nid = \"{id}\"\n"), &one),
        (
            "accepted.yaml",
            format!(
                "exceptions:\n  - id: {id}\n    owner: shop\n    reason: ours\n    purls: \
                 [pkg:npm/lodash]\n"
            ),
            &one,
        ),
    ] {
        write(folder.path(), name, &content);
        let scan = scan(&target, folder.path(), BEFORE, &["--ignorefile", name]);
        assert_eq!(suppressed(&scan), *expected, "{name}: {}", scan.errors);
        let left = all.findings().len() - expected.len();
        assert_eq!(scan.findings().len(), left, "{name}: nothing is lost and nothing added");
    }
}

#[test]
fn statements_of_every_form_suppress_and_are_explained() {
    let folder = folder();
    let target = image(folder.path());
    let report = folder.path().join("report.json");
    let report = report.to_str().expect("a plain path");
    for (name, document) in [("openvex", open_vex()), ("cyclonedx", cyclonedx()), ("csaf", csaf())]
    {
        let file = format!("{name}.json");
        write(folder.path(), &file, &document.to_string());
        let scan = scan(&target, folder.path(), BEFORE, &["--vex", &file]);
        let rules: BTreeSet<String> = suppressed(&scan).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, BTreeSet::from(["CVE-2021-44228".to_owned()]), "{name}: {}", scan.errors);
        assert_eq!(text(&scan.report, "/suppressed/0/by/source/status"), "not_affected", "{name}");

        // The other statement is about another version: why, the report itself tells.
        fs_err::write(report, scan.report.to_string()).expect("a report");
        for (id, why) in [
            ("CVE-2021-44228", "applies: the finding is suppressed"),
            ("CVE-2021-45046", "does not apply: it is about another version (2.15.0; here 2.14.1)"),
        ] {
            let output = run(&["explain", id, report]);
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            let line: Vec<&str> = shown.split_whitespace().collect();
            assert!(line.join(" ").contains(why), "{name} {id}: {shown}");
        }
    }
}

#[test]
fn more_may_be_said_about_a_finished_report() {
    let folder = folder();
    let target = image(folder.path());
    let plain = scan(&target, folder.path(), BEFORE, &[]);
    let file = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
    write(folder.path(), "report.json", &plain.report.to_string());
    write(folder.path(), "vex.json", &open_vex().to_string());
    let output =
        run(&["explain", "CVE-2021-44228", &file("report.json"), "--vex", &file("vex.json")]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("Suppressed"), "{shown}");
    assert!(shown.contains("https://acme.example/vex/1 by Acme: not affected"), "{shown}");
}

#[test]
fn suppressed_findings_are_counted_listed_and_analysed() {
    let folder = folder();
    let target = image(folder.path());
    write(folder.path(), "vex.json", &open_vex().to_string());
    write(folder.path(), "accepted.trivyignore", "CVE-2019-10744 exp:2027-03-31\nCVE-1990-1\n");
    let table = folder.path().join("table.txt");
    let bom = folder.path().join("bom.json");
    let outputs = [&table, &bom].map(|path| path.display().to_string());
    let [table_output, bom_output] =
        [format!("table={}", outputs[0]), format!("cyclonedx={}", outputs[1])];
    let arguments = [
        "--vex",
        "vex.json",
        "--ignorefile",
        "accepted.trivyignore",
        "-o",
        &table_output,
        "-o",
        &bom_output,
    ];
    let counted = scan(&target, folder.path(), BEFORE, &arguments);
    let read = |path: &Path| fs_err::read_to_string(path).expect("an output");
    let shown = read(&table);
    assert!(shown.contains("2 suppressed"), "{shown}");
    assert!(!shown.contains("Suppressed ("), "{shown}");
    assert!(shown.contains("CVE-1990-1: matched nothing · accepted.trivyignore line 2"), "{shown}");

    let document: Value = serde_json::from_str(&read(&bom)).expect("a document");
    let analysed: Vec<&Value> = document["vulnerabilities"]
        .as_array()
        .expect("vulnerabilities")
        .iter()
        .filter(|it| it.get("analysis").is_some())
        .collect();
    assert_eq!(analysed.len(), 2, "{analysed:#?}");
    for (vulnerability, state) in
        analysed.iter().map(|it| (text(it, "/id"), it["analysis"]["state"].clone()))
    {
        let expected = if vulnerability == "CVE-2021-44228" {
            json!("not_affected")
        } else {
            // That somebody lives with it does not make it one that does not matter.
            Value::Null
        };
        assert_eq!(state, expected, "{vulnerability}");
    }

    // What was written says the same when it is read as VEX: the exception is not in it.
    let bom = bom.to_str().expect("a plain path");
    let again = scan(&target, folder.path(), BEFORE, &["--vex", bom, "--ignorefile", "none"]);
    let rules: Vec<String> = suppressed(&again).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["CVE-2021-44228"], "{}", again.errors);
    assert_eq!(counted.findings().len() + 1, again.findings().len());

    let mut listed = arguments.to_vec();
    listed.push("--show-suppressed");
    scan(&target, folder.path(), BEFORE, &listed);
    let shown = read(&table);
    assert!(shown.contains("Suppressed (2)"), "{shown}");
    assert!(shown.contains("accepted · until 2027-03-31 · accepted.trivyignore line 1"), "{shown}");
}

#[test]
fn a_gate_passes_over_what_is_suppressed() {
    let folder = folder();
    let (_, target) = layout(folder.path(), vec![lodash().finish()]);
    write(folder.path(), "all.grype.yaml", "ignore:\n  - package: { name: lodash }\n");
    let open = scan(&target, folder.path(), BEFORE, &["--fail-on", "any"]);
    assert_eq!(open.code, Some(2));
    let ignored = scan(
        &target,
        folder.path(),
        BEFORE,
        &["--fail-on", "any", "--ignorefile", "all.grype.yaml"],
    );
    assert_eq!(ignored.code, Some(0), "{}", ignored.errors);
    assert!(!suppressed(&ignored).is_empty());
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_line_and_a_hint() {
    let folder = folder();
    let (_, target) = layout(folder.path(), vec![lodash().finish()]);
    write(folder.path(), "broken.yaml", "vulnerabilities:\n  - id: [\n");
    write(folder.path(), "other.json", "{}");
    for (arguments, said) in [
        (["--ignorefile", "absent"], "absent"),
        (["--ignorefile", "broken.yaml"], "broken.yaml, line "),
        (["--vex", "absent.json"], "absent.json"),
        (["--vex", "broken.yaml"], "broken.yaml: not a JSON document"),
        (["--vex", "other.json"], "other.json: not a VEX document"),
    ] {
        let scan = scan(&target, folder.path(), BEFORE, &arguments);
        assert_eq!(scan.code, Some(1), "{arguments:?}: {}", scan.errors);
        assert!(scan.errors.contains(said), "{arguments:?}: {}", scan.errors);
    }
}

fn open_vex() -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/vex/1",
        "author": "Acme", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
        "statements": [
            {"vulnerability": {"name": "CVE-2021-44228"},
             "products": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
             "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"},
            {"vulnerability": {"name": "CVE-2021-45046"},
             "products": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0"}],
             "status": "fixed"},
        ],
    })
}

fn cyclonedx() -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": "2026-01-01T00:00:00Z"},
        "vulnerabilities": [
            {"id": "CVE-2021-44228",
             "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
             "affects": [{"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#\
                pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]},
            {"id": "CVE-2021-45046", "analysis": {"state": "resolved"},
             "affects": [{"ref": "pkg:maven/org.apache.logging.log4j/log4j-core",
                "versions": [{"version": "2.15.0"}]}]},
        ],
    })
}

fn csaf() -> Value {
    let product = |id: &str, version: &str| {
        let purl = format!("pkg:maven/org.apache.logging.log4j/log4j-core@{version}");
        json!({"product_id": id, "name": id, "product_identification_helper": {"purl": purl}})
    };
    json!({
        "document": {
            "category": "csaf_vex", "csaf_version": "2.0", "title": "Acme",
            "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://acme.example"},
            "tracking": {"id": "ACME-1", "status": "final", "version": "1",
                "current_release_date": "2026-01-01T00:00:00Z",
                "initial_release_date": "2026-01-01T00:00:00Z"},
        },
        "product_tree": {"full_product_names": [product("a", "2.14.1"), product("b", "2.15.0")]},
        "vulnerabilities": [
            {"cve": "CVE-2021-44228", "product_status": {"known_not_affected": ["a"]},
             "flags": [{"label": "vulnerable_code_not_in_execute_path", "product_ids": ["a"]}]},
            {"cve": "CVE-2021-45046", "product_status": {"fixed": ["b"]}},
        ],
    })
}
