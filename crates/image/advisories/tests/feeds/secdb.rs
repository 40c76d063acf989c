//! Alpine's security database.

use bulkhead_advisories::FeedError;

use super::{lines, problems, records, whole};

/// A document of release v3.18 with these packages.
fn document(packages: &str) -> String {
    format!(
        r#"{{"distroversion":"v3.18","reponame":"main","archs":["x86_64"],"packages":[{packages}]}}"#
    )
}

fn check(packages: &str, expected: &[&str]) {
    let (items, summary) = whole("alpine-secdb", document(packages).as_bytes()).unwrap();
    assert_eq!(lines(&items), expected, "{packages}");
    assert_eq!(problems(&summary), Vec::<String>::new(), "{packages}");
    assert_eq!(summary.date, None);
}

fn package(fixes: &str) -> String {
    format!(r#"{{"pkg":{{"name":"xen","secfixes":{{{fixes}}}}}}}"#)
}

#[test]
fn a_fix_makes_earlier_versions_affected() {
    check(
        &package(r#""1.2-r0":["CVE-2020-0001"]"#),
        &["CVE-2020-0001 alpine:3.18 xen (,1.2-r0) fixed"],
    );
}

#[test]
fn version_zero_yields_nothing() {
    check(&package(r#""0":["CVE-2020-0001","CVE-2020-0002 XSA-1"]"#), &[]);
    check(
        &package(r#""0":["CVE-2020-0001"],"1.2-r0":["CVE-2020-0002"]"#),
        &["CVE-2020-0002 alpine:3.18 xen (,1.2-r0) fixed"],
    );
}

#[test]
fn entries_are_split_into_names() {
    check(
        &package(
            r#""1.2-r0":["CVE-2020-0001 XSA-200","CVE-2020-0002 (+ regression)","ALPINE-1234"]"#,
        ),
        &[
            "ALPINE-1234 alpine:3.18 xen (,1.2-r0) fixed",
            "CVE-2020-0001=XSA-200 alpine:3.18 xen (,1.2-r0) fixed",
            "CVE-2020-0002 alpine:3.18 xen (,1.2-r0) fixed",
        ],
    );
}

#[test]
fn a_bulletin_about_several_is_no_other_name_of_any() {
    check(
        &package(r#""1.2-r0":["CVE-2020-0001 CVE-2020-0002 XSA-200"]"#),
        &[
            "CVE-2020-0001 alpine:3.18 xen (,1.2-r0) fixed",
            "CVE-2020-0002 alpine:3.18 xen (,1.2-r0) fixed",
        ],
    );
    check(
        &package(r#""1.2-r0":["CVE-2020-0001 XSA-200"],"1.3-r0":["CVE-2020-0002 XSA-200"]"#),
        &[
            "CVE-2020-0001 alpine:3.18 xen (,1.2-r0) fixed",
            "CVE-2020-0002 alpine:3.18 xen (,1.3-r0) fixed",
        ],
    );
}

#[test]
fn the_last_of_several_fixes_counts() {
    for fixes in [
        r#""1.9-r0":["CVE-2020-0001"],"1.10-r0":["CVE-2020-0001"]"#,
        r#""1.10-r0":["CVE-2020-0001"],"1.9-r0":["cve-2020-0001"]"#,
        r#""1.10-r0":["CVE-2020-0001","CVE-2020-0001"]"#,
    ] {
        check(&package(fixes), &["CVE-2020-0001 alpine:3.18 xen (,1.10-r0) fixed"]);
    }
}

#[test]
fn a_version_that_is_written_twice_keeps_both_lists() {
    check(
        &package(r#""1.2-r0":["CVE-2020-0001"],"1.2-r0":["CVE-2020-0002"],"1.3-r0":null"#),
        &[
            "CVE-2020-0001 alpine:3.18 xen (,1.2-r0) fixed",
            "CVE-2020-0002 alpine:3.18 xen (,1.2-r0) fixed",
        ],
    );
}

#[test]
fn a_remark_is_kept_for_people() {
    let packages = package(r#""1.2-r0":["CVE-2020-0001 (not in this build)"]"#);
    let (items, _) = whole("alpine-secdb", document(&packages).as_bytes()).unwrap();
    assert_eq!(records(&items)[0].title.as_deref(), Some("CVE-2020-0001 (not in this build)"));
}

#[test]
fn releases_are_named_as_os_release_does() {
    for (release, expected) in [("v3.21", "alpine:3.21"), ("edge", "alpine:edge")] {
        let document = document(&package(r#""1":["CVE-2020-0001"]"#)).replace("v3.18", release);
        let (_, summary) = whole("alpine-secdb", document.as_bytes()).unwrap();
        let scopes: Vec<String> = summary.scopes.iter().map(ToString::to_string).collect();
        assert_eq!(scopes, [expected]);
    }
}

#[test]
fn a_broken_package_is_a_problem_and_the_others_stand() {
    let packages = [
        r#"{"pkg":{"name":5}}"#.to_owned(),
        r#"{"pkg":{"name":"odd","secfixes":["CVE-2020-0001"]}}"#.to_owned(),
        r#"{"pkg":{"name":" ","secfixes":{"1":["CVE-2020-0001"]}}}"#.to_owned(),
        package(r#""1.2-r0":["CVE-12","CVE-2020-0002"],"":["CVE-2020-0003"]"#),
    ];
    let (items, summary) = whole("alpine-secdb", document(&packages.join(",")).as_bytes()).unwrap();
    assert_eq!(lines(&items), ["CVE-2020-0002 alpine:3.18 xen (,1.2-r0) fixed"]);
    let problems = problems(&summary);
    for (problem, name) in
        problems.iter().zip(["package 0", "package 1", "package 2", "xen", "xen"])
    {
        assert!(problem.starts_with(name), "{problems:?}");
    }
    assert_eq!(problems.len(), 5, "{problems:?}");
}

#[test]
fn a_broken_document_is_an_error() {
    let good = document(&package(r#""1":["CVE-2020-0001"]"#));
    for broken in [
        String::new(),
        "[]".to_owned(),
        good[..good.len() - 5].to_owned(),
        good.replace("v3.18", ""),
        good.replace("v3.18", "v3:18"),
        good.replace("distroversion", "release"),
    ] {
        let error = whole("alpine-secdb", broken.as_bytes()).unwrap_err();
        assert!(
            matches!(error, FeedError::Malformed { .. } | FeedError::Truncated),
            "{broken}: {error}"
        );
    }
}
