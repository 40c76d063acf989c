//! OVAL definitions of bulletins: Ubuntu's, Red Hat's and Rocky's shapes.

use bulkhead_advisories::FeedError;

use super::{lines, problems, records, whole};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5">
<generator><oval:timestamp>2023-04-04T10:00:00</oval:timestamp></generator>"#;

/// A notice over two packages of one variable, one of a kernel, and one without a vulnerability.
fn ubuntu() -> String {
    format!(
        r#"{HEAD}<definitions>
<definition class="inventory" id="def:100"><metadata>
<title>Check that Ubuntu 24.04 LTS (noble) is installed.</title></metadata>
<criteria><criterion test_ref="tst:release"/></criteria></definition>
<definition class="patch" id="def:1"><metadata><title>USN-5371-2 -- nginx vulnerabilities</title>
<affected family="unix"/>
<reference source="USN" ref_id="USN-5371-2" ref_url="https://ubuntu.com/security/notices/USN-5371-2"/>
<reference source="CVE" ref_id="CVE-2021-3618" ref_url="https://ubuntu.com/security/CVE-2021-3618"/>
<reference source="CVE" ref_id="CVE-2022-0001" ref_url="https://ubuntu.com/security/CVE-2022-0001"/>
<description>Two things.</description>
<advisory from="security@ubuntu.com"><severity>Medium</severity><issued date="2022-04-28"/>
<cve href="https://ubuntu.com/security/CVE-2021-3618" priority="low" public="20220323" cvss_score="7.4" cvss_vector="CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N" usns="5371-1,5371-2">CVE-2021-3618</cve>
<cve href="https://ubuntu.com/security/CVE-2022-0001" priority="medium" public="20220101">CVE-2022-0001</cve>
</advisory></metadata>
<criteria><extend_definition definition_ref="def:100" applicability_check="true"/>
<criteria operator="OR"><criterion test_ref="tst:1"/></criteria></criteria></definition>
<definition class="patch" id="def:2"><metadata><title>USN-7000-1 -- Linux kernel vulnerabilities</title>
<reference source="USN" ref_id="USN-7000-1" ref_url="https://ubuntu.com/security/notices/USN-7000-1"/>
<reference source="CVE" ref_id="CVE-2024-0001" ref_url="https://ubuntu.com/security/CVE-2024-0001"/>
<advisory from="security@ubuntu.com"><severity>High</severity></advisory></metadata>
<criteria><extend_definition definition_ref="def:100"/>
<criteria operator="AND"><criterion test_ref="tst:uname"/><criterion test_ref="tst:variable"/></criteria></criteria></definition>
<definition class="patch" id="def:3"><metadata><title>USN-5376-3 -- Git regression</title>
<reference source="USN" ref_id="USN-5376-3" ref_url="https://ubuntu.com/security/notices/USN-5376-3"/>
<advisory from="security@ubuntu.com"><severity>None</severity></advisory></metadata>
<criteria><extend_definition definition_ref="def:100"/><criterion test_ref="tst:1"/></criteria></definition>
</definitions>
<tests><family_test id="tst:release"/><uname_test id="tst:uname"/>
<ind:variable_test xmlns:ind="i" id="tst:variable"><ind:object object_ref="obj:v"/><ind:state state_ref="ste:v"/></ind:variable_test>
<linux:dpkginfo_test xmlns:linux="l" id="tst:1" check_existence="at_least_one_exists" check="at least one">
<linux:object object_ref="obj:1"/><linux:state state_ref="ste:1"/></linux:dpkginfo_test></tests>
<objects><linux:dpkginfo_object xmlns:linux="l" id="obj:1"><linux:name var_ref="var:1" var_check="at least one"/></linux:dpkginfo_object></objects>
<states><linux:dpkginfo_state xmlns:linux="l" id="ste:1"><linux:evr datatype="debian_evr_string" operation="less than">0:1.18.0-6ubuntu14.1</linux:evr></linux:dpkginfo_state></states>
<variables><constant_variable id="var:1" datatype="string"><value>nginx</value><value>nginx-core</value></constant_variable></variables>
</oval_definitions>"#
    )
}

#[test]
fn a_notice_covers_its_vulnerabilities_and_names_binary_packages() {
    let (items, summary) = whole("ubuntu-oval", ubuntu().as_bytes()).unwrap();
    assert_eq!(
        lines(&items),
        [
            "USN-5371-2+CVE-2021-3618+CVE-2022-0001 ubuntu:24.04 nginx (,1.18.0-6ubuntu14.1) fixed",
            "USN-5371-2+CVE-2021-3618+CVE-2022-0001 ubuntu:24.04 nginx-core (,1.18.0-6ubuntu14.1) fixed",
            // Which kernel runs is told by no package.
            "USN-7000-1+CVE-2024-0001",
            "CVE-2021-3618",
            "CVE-2022-0001",
        ]
    );
    assert_eq!((problems(&summary), summary.dropped), (Vec::new(), 1));
    let all = records(&items);
    assert_eq!(all[0].title.as_deref(), Some("nginx vulnerabilities"));
    assert_eq!(all[0].severity.unwrap().name(), "medium");
    assert_eq!(all[0].published.as_deref(), Some("2022-04-28"));
    let vulnerability = all[2];
    assert_eq!(vulnerability.severity.unwrap().name(), "low");
    assert_eq!(vulnerability.published.as_deref(), Some("2022-03-23"));
    assert_eq!(
        (vulnerability.cvss[0].source.as_str(), vulnerability.cvss[0].score),
        ("ubuntu-oval", 7.4)
    );
}

/// An advisory of two packages, one of a module; the criteria as given.
fn red_hat(criteria: &str) -> String {
    format!(
        r#"{HEAD}<definitions><definition class="patch" id="def:1"><metadata>
<title>RHSA-2022:8832: nodejs:18 security update (Moderate)</title>
<affected family="unix"><platform>Red Hat Enterprise Linux 9</platform></affected>
<reference ref_id="RHSA-2022:8832" ref_url="https://access.redhat.com/errata/RHSA-2022:8832" source="RHSA"/>
<reference ref_id="CVE-2022-3517" ref_url="https://access.redhat.com/security/cve/CVE-2022-3517" source="CVE"/>
<advisory from="secalert@redhat.com"><severity>Moderate</severity><issued date="2022-12-06"/><updated date="2022-12-07"/>
<cve cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" cwe="(CWE-400-&gt;CWE-770|CWE-937)" href="https://access.redhat.com/security/cve/CVE-2022-3517" impact="important" public="20220206:1300">CVE-2022-3517</cve>
</advisory></metadata>
<criteria operator="OR"><criterion comment="Red Hat Enterprise Linux must be installed" test_ref="tst:absent"/>
<criteria operator="AND"><criterion comment="Red Hat Enterprise Linux 9 is installed" test_ref="tst:release"/>{criteria}</criteria></criteria>
</definition></definitions><tests>
<red:rpmverifyfile_test xmlns:red="r" check="none satisfy" id="tst:absent"/><red:rpmverifyfile_test xmlns:red="r" check="at least one" id="tst:release"/>
<ind:textfilecontent54_test xmlns:ind="i" comment="Module nodejs:18 is enabled" id="tst:module"/>
<red:rpminfo_test xmlns:red="r" id="tst:nodejs"><red:object object_ref="obj:nodejs"/><red:state state_ref="ste:18"/></red:rpminfo_test>
<red:rpminfo_test xmlns:red="r" id="tst:signed"><red:object object_ref="obj:nodejs"/><red:state state_ref="ste:key"/></red:rpminfo_test>
<red:rpminfo_test xmlns:red="r" id="tst:npm"><red:object object_ref="obj:npm"/><red:state state_ref="ste:9"/></red:rpminfo_test>
<red:rpminfo_test xmlns:red="r" id="tst:equal"><red:object object_ref="obj:nodejs"/><red:state state_ref="ste:equal"/></red:rpminfo_test>
<red:rpminfo_test xmlns:red="r" check_existence="none_exist" id="tst:none"><red:object object_ref="obj:npm"/></red:rpminfo_test>
</tests><objects>
<red:rpminfo_object xmlns:red="r" id="obj:nodejs"><red:name>nodejs</red:name></red:rpminfo_object>
<red:rpminfo_object xmlns:red="r" id="obj:npm"><red:name>npm</red:name></red:rpminfo_object></objects><states>
<red:rpminfo_state xmlns:red="r" id="ste:key"><red:signature_keyid operation="equals">199e2f91fd431d51</red:signature_keyid></red:rpminfo_state>
<red:rpminfo_state xmlns:red="r" id="ste:18"><red:arch datatype="string" operation="pattern match">aarch64|x86_64</red:arch><red:evr operation="less than">1:18.12.1-1</red:evr></red:rpminfo_state>
<red:rpminfo_state xmlns:red="r" id="ste:9"><red:evr operation="less than">0:9.2.0-1.module+el9.1.0+1+a</red:evr></red:rpminfo_state>
<red:rpminfo_state xmlns:red="r" id="ste:equal"><red:evr operation="equals">1:18.0-1</red:evr></red:rpminfo_state>
</states></oval_definitions>"#
    )
}

/// The rows as `package range module architectures`.
fn check(criteria: &str, expected: &[&str]) {
    let (items, summary) = whole("redhat-oval", red_hat(criteria).as_bytes()).unwrap();
    assert_eq!(problems(&summary), Vec::<String>::new(), "{criteria}");
    let rows: Vec<String> = records(&items)[0]
        .affected
        .iter()
        .map(|row| {
            let module = row.module.as_deref().unwrap_or("-");
            format!("{} {} {module} {}", row.key, row.versions, row.architectures.join(","))
        })
        .collect();
    assert_eq!(rows, expected, "{criteria}");
}

#[test]
fn trees_of_criteria_become_rows() {
    const NODE: &str = r#"<criterion test_ref="tst:nodejs"/>"#;
    const SIGNED: &str = r#"<criteria operator="AND"><criterion test_ref="tst:nodejs"/><criterion test_ref="tst:signed"/></criteria>"#;
    const NPM: &str = r#"<criterion test_ref="tst:npm"/>"#;
    const MODULE: &str = r#"<criterion test_ref="tst:module"/>"#;
    let node = "rhel:9 nodejs (,1:18.12.1-1) - aarch64,x86_64";
    let npm = "rhel:9 npm (,9.2.0-1.module+el9.1.0+1+a) nodejs:18 ";
    for (criteria, expected) in [
        (NODE.to_owned(), vec![node]),
        (SIGNED.to_owned(), vec![node]),
        (format!(r#"<criteria operator="OR">{SIGNED}{NPM}</criteria>"#), vec![node, npm]),
        (
            format!("{MODULE}<criteria operator=\"OR\">{SIGNED}{NPM}</criteria>"),
            vec!["rhel:9 nodejs (,1:18.12.1-1) nodejs:18 aarch64,x86_64", npm],
        ),
        // Not (not this and not that) is this or that.
        (
            r#"<criteria operator="AND" negate="true"><criterion test_ref="tst:nodejs" negate="true"/><criterion test_ref="tst:npm" negate="true"/></criteria>"#.to_owned(),
            vec![node, npm],
        ),
        (
            r#"<criterion test_ref="tst:nodejs" negate="true"/>"#.to_owned(),
            vec!["rhel:9 nodejs [1:18.12.1-1,) - aarch64,x86_64"],
        ),
        (r#"<criterion test_ref="tst:absent"/>"#.to_owned() + NODE, vec![]),
        (r#"<criterion test_ref="tst:release" negate="true"/>"#.to_owned() + NODE, vec![]),
        // A live patch: the kernel is at a version, and the patch is absent or old.
        (
            format!(r#"<criterion test_ref="tst:equal"/><criteria operator="OR"><criterion test_ref="tst:none"/>{NPM}</criteria>"#),
            vec!["rhel:9 nodejs [1:18.0-1,1:18.0-1] - ", npm],
        ),
        // Both bounds of one package meet.
        (format!(r#"<criterion test_ref="tst:equal"/>{NODE}"#),
            vec!["rhel:9 nodejs [1:18.0-1,1:18.0-1] - aarch64,x86_64"]),
    ] {
        check(&criteria, &expected);
    }
}

#[test]
fn an_advisory_tells_of_each_vulnerability() {
    let document = red_hat(r#"<criterion test_ref="tst:nodejs"/>"#);
    let (items, summary) = whole("redhat-oval", document.as_bytes()).unwrap();
    assert_eq!(summary.date.as_deref(), Some("2023-04-04"));
    let [bulletin, vulnerability] = records(&items)[..] else { panic!("{items:?}") };
    assert_eq!(
        (bulletin.id.as_str(), bulletin.covers.join(" ")),
        ("RHSA-2022:8832", "CVE-2022-3517".to_owned())
    );
    assert_eq!(bulletin.modified.as_deref(), Some("2022-12-07"));
    assert_eq!(
        (vulnerability.id.as_str(), vulnerability.severity.unwrap().name()),
        ("CVE-2022-3517", "high")
    );
    assert_eq!((vulnerability.cvss[0].score, &vulnerability.cwes[..]), (7.5, &[400, 770][..]));
    assert_eq!(vulnerability.published.as_deref(), Some("2022-02-06"));
    assert_eq!(vulnerability.references, ["https://access.redhat.com/security/cve/CVE-2022-3517"]);
}

#[test]
fn what_cannot_be_read_is_a_problem_of_its_advisory() {
    for (criteria, cause) in [
        (r#"<criterion test_ref="tst:gone"/>"#, "no test"),
        (r#"<extend_definition definition_ref="def:gone"/>"#, "no definition"),
        (r#"<extend_definition definition_ref="def:1"/>"#, "extend one another"),
        (
            r#"<criterion test_ref="tst:module" negate="true"/><criterion test_ref="tst:nodejs"/>"#,
            "not enabled",
        ),
        (r#"<criterion test_ref="tst:equal" negate="true"/>"#, "equals"),
    ] {
        let (items, summary) = whole("redhat-oval", red_hat(criteria).as_bytes()).unwrap();
        assert_eq!(lines(&items), ["RHSA-2022:8832+CVE-2022-3517", "CVE-2022-3517"], "{criteria}");
        assert!(problems(&summary)[0].contains(cause), "{criteria}: {summary:?}");
    }
    // What can be read of alternatives stands.
    let half = red_hat(
        r#"<criteria operator="OR"><criterion test_ref="tst:gone"/><criterion test_ref="tst:nodejs"/></criteria>"#,
    );
    let (items, summary) = whole("redhat-oval", half.as_bytes()).unwrap();
    assert_eq!((items.len(), summary.problems.len()), (2, 1), "{summary:?}");
    let elsewhere = red_hat("").replace("Linux 9<", "CoreOS 4<");
    let (_, summary) = whole("redhat-oval", elsewhere.as_bytes()).unwrap();
    assert!(problems(&summary)[0].contains("unknown platform"), "{summary:?}");
}

/// Many alternatives of many alternatives are refused, not computed.
#[test]
fn criteria_cannot_grow_without_bound() {
    let any = r#"<criteria operator="OR"><criterion test_ref="tst:nodejs"/><criterion test_ref="tst:npm"/></criteria>"#;
    let (_, summary) = whole("redhat-oval", red_hat(&any.repeat(4000)).as_bytes()).unwrap();
    assert!(summary.problems.len() < 2, "{summary:?}");
    let long = red_hat("").replace("Moderate)", &"x".repeat(20 << 20));
    let error = whole("redhat-oval", long.as_bytes()).unwrap_err();
    assert!(matches!(error, FeedError::Archive(_) | FeedError::Malformed { .. }), "{error}");
}

/// Rocky names the release in the issuer, and vulnerabilities in the text; the criteria of packages
/// stand beside those of the release, and each test twice.
#[test]
fn rockys_advisories_are_read_from_what_they_have() {
    let document = red_hat(r#"<criteria operator="AND"><criterion test_ref="tst:npm"/><criterion test_ref="tst:npm"/></criteria>"#)
        .replace("<platform>Red Hat Enterprise Linux 9</platform>", "")
        .replace("secalert@redhat.com", "cpe:/o:rocky:rocky:9:GA")
        .replace("RHSA", "RLSA")
        .replace("<advisory", "<description>* minimatch: slow (CVE-2022-3517), (CVE-2022-43548)</description><advisory");
    let document = document
        .lines()
        .filter(|line| !line.contains("source=\"CVE\"") && !line.starts_with("<cve "))
        .collect::<Vec<_>>()
        .join("\n");
    let (items, summary) = whole("rocky-oval", document.as_bytes()).unwrap();
    assert_eq!(
        lines(&items),
        [
            "RLSA-2022:8832+CVE-2022-3517+CVE-2022-43548 rocky:9 npm (,9.2.0-1.module+el9.1.0+1+a) fixed"
        ]
    );
    assert_eq!(records(&items)[0].affected[0].module.as_deref(), Some("nodejs:18"));
    assert_eq!(problems(&summary), Vec::<String>::new());
    // The same document is not taken for another distribution's.
    let (items, summary) = whole("redhat-oval", document.as_bytes()).unwrap();
    assert_eq!((items.len(), summary.problems.len()), (0, 1));
}
