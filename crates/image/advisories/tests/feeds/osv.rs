//! Records of Open Source Vulnerability.

use bulkhead_model::Severity;

use super::{feed, lines, one, problems, records};

/// A record of the Python database with these fields.
fn python(fields: &str) -> String {
    format!(
        r#"{{"id":"PYSEC-2020-1","modified":"2024-10-10T00:00:00Z","published":"2020-01-02T00:00:00Z",{fields}}}"#
    )
}

fn package(fields: &str) -> String {
    python(&format!(
        r#""affected":[{{"package":{{"ecosystem":"PyPI","name":"Some_Package"}},{fields}}}]"#
    ))
}

fn check(feed: &str, record: &str, expected: &[&str]) {
    let (items, summary) = one(feed, record);
    assert_eq!(lines(&items), expected, "{record}");
    assert_eq!(problems(&summary), Vec::<String>::new(), "{record}");
}

#[test]
fn ranges_are_rows() {
    for (fields, expected) in [
        (
            r#""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"}]}]"#,
            "PYSEC-2020-1 pypi some-package (,1.2) fixed",
        ),
        (
            r#""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0"},{"last_affected":"1.2"}]}]"#,
            "PYSEC-2020-1 pypi some-package [1.0,1.2] affected",
        ),
        (
            r#""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]"#,
            "PYSEC-2020-1 pypi some-package (,) affected",
        ),
        (r#""versions":["1.0","1.1"]"#, "PYSEC-2020-1 pypi some-package =1.0 =1.1 affected"),
        // Listed versions that the range holds say nothing more; the others do.
        (
            r#""versions":["1.0","3.0"],"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]"#,
            "PYSEC-2020-1 pypi some-package (,2.0) =3.0 fixed",
        ),
    ] {
        check("osv-pypi", &package(fields), &[expected]);
    }
}

#[test]
fn commits_alone_are_no_row() {
    let commits = r#"{"type":"GIT","repo":"https://example.org","events":[{"introduced":"0"},{"fixed":"abc"}]}"#;
    check("osv-pypi", &package(&format!(r#""ranges":[{commits}]"#)), &["PYSEC-2020-1"]);
    check(
        "osv-pypi",
        &package(&format!(r#""ranges":[{commits}],"versions":["1.0"]"#)),
        &["PYSEC-2020-1 pypi some-package =1.0 affected"],
    );
}

#[test]
fn only_aliases_are_other_names() {
    check(
        "osv-pypi",
        &python(
            r#""aliases":["CVE-2020-0001","PYSEC-2020-1","ghsa-AAAA-bbbb-1234"],"related":["CVE-2020-0002"],"upstream":["CVE-2020-0003"]"#,
        ),
        &["PYSEC-2020-1=CVE-2020-0001=GHSA-aaaa-bbbb-1234+CVE-2020-0003"],
    );
}

#[test]
fn a_distribution_bulletin_covers_what_it_relates_to() {
    let record = r#"{"id":"ALSA-2022:4587","modified":"2022-05-17T00:00:00Z","related":["CVE-2022-1154","CVE-2022-1155"],"affected":[
        {"package":{"ecosystem":"AlmaLinux:9","name":"vim"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2:8.2.2637-16.el9"}]}]},
        {"package":{"ecosystem":"AlmaLinux","name":"vim"},"versions":["1"]}]}"#;
    let mut almalinux = feed("osv-almalinux");
    almalinux.postponed = None;
    let mut items = Vec::new();
    let sink = &mut |item| items.push(item);
    let content = record.as_bytes();
    bulkhead_advisories::read_record(&almalinux, "x", content, &super::budget(), sink).unwrap();
    assert_eq!(
        lines(&items),
        ["ALSA-2022:4587+CVE-2022-1154+CVE-2022-1155 almalinux:9 vim (,2:8.2.2637-16.el9) fixed"]
    );
}

#[test]
fn rows_of_other_scopes_are_left_out() {
    let record = python(
        r#""affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1.0"]},{"package":{"ecosystem":"Cobol","name":"a"},"versions":["1.0"]},{"versions":["1"]}]"#,
    );
    check("osv-pypi", &record, &["PYSEC-2020-1"]);
    check("osv-npm", &record, &["PYSEC-2020-1 npm a =1.0 affected"]);
}

#[test]
fn go_names_stay_as_they_are() {
    for name in
        ["stdlib", "toolchain", "github.com/Masterminds/goutils", "gopkg.in/yaml.v2", "k8s.io/a/v3"]
    {
        let record = format!(
            r#"{{"id":"GO-2020-0001","modified":"0001-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"Go","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.6.0"}}]}}]}}]}}"#
        );
        check("osv-go", &record, &[&format!("GO-2020-0001 golang {name} (,1.6.0) fixed")]);
        assert_eq!(one("osv-go", &record).1.date, None);
    }
}

#[test]
fn withdrawn_records_are_dropped() {
    let (items, summary) = one("osv-pypi", &python(r#""withdrawn":"2021-01-01T00:00:00Z""#));
    assert_eq!((items.len(), summary.dropped, summary.records), (0, 1, 0));
}

#[test]
fn severities_are_the_publishers_words_and_vectors() {
    let record = python(
        r#""severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "database_specific":{"severity":"MODERATE","cwe_ids":["CWE-79","CWE-22","CWE-79"],"other":{"a":[1]}},
        "affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1"],"database_specific":{"severity":"low"},
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},{"type":"Ubuntu","score":"medium"}]}]"#,
    );
    let (items, summary) = one("osv-pypi", &record);
    assert_eq!(problems(&summary), Vec::<String>::new());
    let record = records(&items)[0];
    assert_eq!(record.severity, Some(Severity::Medium));
    assert_eq!(record.affected[0].severity, Some(Severity::Low));
    assert_eq!(record.cwes, [22, 79]);
    let [cvss] = record.cvss.as_slice() else { panic!("{record:?}") };
    assert_eq!((cvss.source.as_str(), cvss.version.as_str(), cvss.score), ("osv-pypi", "3.1", 9.8));
    assert_eq!(summary.date.as_deref(), Some("2024-10-10"));
}

#[test]
fn a_broken_record_is_a_problem_with_its_name() {
    for (record, expected) in [
        ("", 0),
        ("{}", 0),
        (r#"{"id":5}"#, 0),
        (r#"{"id":"no name"}"#, 0),
        ("[1,2", 0),
        // What can be read of it stands.
        (&python(r#""severity":[{"type":"CVSS_V3","score":"9.8"}]"#), 1),
        (&package(r#""ranges":[{"type":"SEMVER","events":[{"fixed":""}]}]"#), 1),
        (&python(r#""affected":[{"package":{"ecosystem":"PyPI","name":""},"versions":["1"]}]"#), 1),
    ] {
        let (items, summary) = one("osv-pypi", record);
        assert_eq!(items.len(), expected, "{record}");
        assert!(problems(&summary)[0].starts_with("test record: "), "{record}");
    }
}
