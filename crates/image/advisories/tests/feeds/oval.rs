//! Debian's OVAL definitions.

use std::fmt::Write as _;

use bulkhead_advisories::FeedError;

use super::{lines, problems, records, whole};

/// One definition with its test, object and state.
struct Case<'a> {
    class: &'a str,
    title: &'a str,
    platform: &'a str,
    references: &'a [&'a str],
    package: &'a str,
    operation: &'a str,
    version: &'a str,
}

const USUAL: Case<'_> = Case {
    class: "vulnerability",
    title: "CVE-2020-0001 glibc",
    platform: "Debian GNU/Linux 12",
    references: &["CVE-2020-0001"],
    package: "glibc",
    operation: "less than",
    version: "0:2.36-9",
};

fn document(cases: &[Case<'_>]) -> String {
    let (mut definitions, mut tests, mut objects, mut states) =
        (String::new(), String::new(), String::new(), String::new());
    for (number, case) in cases.iter().enumerate() {
        let Case { class, title, platform, references, package, operation, version } = case;
        let product = title.split(' ').next_back().unwrap();
        let mut links = String::new();
        for id in *references {
            write!(
                links,
                r#"<reference source="CVE" ref_id="{id}" ref_url="https://example.org"/>"#
            )
            .unwrap();
        }
        write!(definitions,
            r#"<definition id="oval:org.debian:def:{number}" version="1" class="{class}">
            <metadata><title>{title}</title>
            <affected family="unix"><platform>{platform}</platform><product>{product}</product></affected>
            {links}<description>security update</description>
            <debian><dsa>DSA-1</dsa><date>2023-01-02</date><moreinfo>
A &lt;b&gt; &amp; c &#233;.</moreinfo></debian></metadata>
            <criteria comment="Release section" operator="AND">
            <criterion test_ref="tst:release" comment="Debian is installed"/>
            <criteria comment="Architecture section" operator="OR">
            <criteria comment="Architecture independent section" operator="AND">
            <criterion test_ref="tst:all" comment="all architecture"/>
            <criterion test_ref="tst:{number}" comment="whatever"/>
            </criteria></criteria></criteria></definition>"#
        ).unwrap();
        write!(tests,
            r#"<dpkginfo_test id="tst:{number}"><object object_ref="obj:{number}"/><state state_ref="ste:{number}"/></dpkginfo_test>"#
        ).unwrap();
        write!(
            objects,
            r#"<dpkginfo_object id="obj:{number}"><name>{package}</name></dpkginfo_object>"#
        )
        .unwrap();
        write!(states,
            r#"<dpkginfo_state id="ste:{number}"><evr datatype="debian_evr_string" operation="{operation}">{version}</evr></dpkginfo_state>"#
        ).unwrap();
    }
    format!(
        r#"<?xml version='1.0' encoding='UTF-8'?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator><oval:timestamp>2023-07-14T03:39:10.188-04:00</oval:timestamp></generator>
<definitions>{definitions}</definitions>
<tests><textfilecontent54_test id="tst:release"><object object_ref="obj:r"/></textfilecontent54_test>
<uname_test id="tst:all"><object object_ref="obj:a"/></uname_test>{tests}</tests>
<objects><uname_object id="obj:a"/>{objects}</objects><states>{states}</states></oval_definitions>"#
    )
}

fn check(case: Case<'_>, expected: &[&str]) {
    let (items, summary) = whole("debian-oval", document(&[case]).as_bytes()).unwrap();
    assert_eq!(lines(&items), expected);
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!(summary.date.as_deref(), Some("2023-07-14"));
}

#[test]
fn earlier_than_a_version_is_affected_and_fixed_there() {
    check(USUAL, &["CVE-2020-0001 debian:12 glibc (,2.36-9) fixed"]);
    check(
        Case { version: "1:2.36-9", platform: "Debian GNU/Linux 11", ..USUAL },
        &["CVE-2020-0001 debian:11 glibc (,1:2.36-9) fixed"],
    );
}

#[test]
fn earlier_than_zero_means_that_there_is_no_fix() {
    for version in ["0:0", "0"] {
        check(Case { version, ..USUAL }, &["CVE-2020-0001 debian:12 glibc (,) affected"]);
    }
}

#[test]
fn bulletins_with_cves_add_nothing_to_their_definitions() {
    let bulletin = Case { class: "patch", title: "DSA-1-1 glibc", ..USUAL };
    check(bulletin, &[]);
    check(
        Case { class: "patch", title: "DSA-1-1 glibc", references: &[], ..USUAL },
        &["DSA-1-1 debian:12 glibc (,2.36-9) fixed"],
    );
}

#[test]
fn a_nameless_object_is_the_product() {
    check(Case { package: "", ..USUAL }, &["CVE-2020-0001 debian:12 glibc (,2.36-9) fixed"]);
}

#[test]
fn texts_are_decoded_and_bulletins_referred_to() {
    let (items, _) = whole("debian-oval", document(&[USUAL]).as_bytes()).unwrap();
    let record = records(&items)[0];
    assert_eq!(record.description.as_deref(), Some("A <b> & c é."));
    assert_eq!(record.references, ["https://security-tracker.debian.org/tracker/DSA-1"]);
    assert_eq!(record.published.as_deref(), Some("2023-01-02"));
}

#[test]
fn a_definition_of_another_shape_is_a_problem_and_the_others_stand() {
    let odd = [
        Case { operation: "greater than", ..USUAL },
        Case { platform: "Debian GNU/Hurd 12", ..USUAL },
        Case { platform: "Debian GNU/Linux ", ..USUAL },
        Case { title: "nothing glibc", references: &[], ..USUAL },
    ];
    for case in odd {
        let (items, summary) = whole("debian-oval", document(&[case, USUAL]).as_bytes()).unwrap();
        assert_eq!(lines(&items), ["CVE-2020-0001 debian:12 glibc (,2.36-9) fixed"]);
        assert_eq!(summary.problems.len(), 1, "{summary:?}");
    }
    for part in ["tst:0\"><object", "<dpkginfo_object id=\"obj:0", "<dpkginfo_state id=\"ste:0"] {
        let document = document(&[USUAL]).replace(part, &part.replace(":0", ":absent"));
        let (items, summary) = whole("debian-oval", document.as_bytes()).unwrap();
        assert_eq!(lines(&items), Vec::<String>::new(), "{part}");
        assert!(problems(&summary)[0].starts_with("CVE-2020-0001 glibc: no "), "{summary:?}");
    }
}

#[test]
fn a_negated_criterion_is_not_read_the_wrong_way() {
    let document =
        document(&[USUAL]).replace("test_ref=\"tst:0\"", "negate=\"true\" test_ref=\"tst:0\"");
    let (items, summary) = whole("debian-oval", document.as_bytes()).unwrap();
    assert_eq!((items.len(), summary.problems.len()), (0, 1));
}

#[test]
fn a_broken_document_is_an_error() {
    let good = document(&[USUAL]);
    for end in [0, 30, good.len() / 2, good.len() - 3] {
        assert!(whole("debian-oval", &good.as_bytes()[..end]).is_err(), "{end}");
    }
    for broken in ["<html></html>".to_owned(), good.replace("</metadata>", "</meta>")] {
        let error = whole("debian-oval", broken.as_bytes()).unwrap_err();
        assert!(matches!(error, FeedError::Malformed { .. }), "{error}");
    }
    let deep = format!("<oval_definitions>{}", "<a>".repeat(100_000));
    assert!(matches!(whole("debian-oval", deep.as_bytes()), Err(FeedError::Limit(_))));
}
