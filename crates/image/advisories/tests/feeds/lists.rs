//! Publishers of one JSON document or table: Debian's tracker, Arch, Photon, Wolfi, NVD, EPSS.

use bulkhead_advisories::{FeedError, Item};
use bulkhead_model::Severity;

use super::{lines, problems, records, whole};

fn check(feed: &str, document: &str, expected: &[&str], wrong: &[&str]) {
    let (items, summary) = whole(feed, document.as_bytes()).unwrap();
    assert_eq!(lines(&items), expected, "{document}");
    let problems = problems(&summary);
    assert_eq!(problems.len(), wrong.len(), "{problems:?}");
    for (problem, wrong) in problems.iter().zip(wrong) {
        assert!(problem.contains(wrong), "{problem:?} is not about {wrong:?}");
    }
}

fn tracker(release: &str) -> String {
    format!(r#"{{"glibc":{{"CVE-2020-0001":{{"releases":{{"bookworm":{{{release}}}}}}}}}}}"#)
}

#[test]
fn the_debian_tracker_tells_what_becomes_of_a_vulnerability() {
    for (release, expected) in [
        (r#""status":"resolved","fixed_version":"2.36-9""#, "(,2.36-9) fixed"),
        (r#""status":"resolved","fixed_version":"0","urgency":"unimportant""#, "(,) not_affected"),
        (r#""status":"open","urgency":"low""#, "(,) affected"),
        (r#""status":"open","nodsa":"Minor issue","nodsa_reason":"""#, "(,) affected"),
        (r#""status":"open","nodsa":"later","nodsa_reason":"postponed""#, "(,) affected"),
        (r#""status":"open","nodsa":"Minor issue","nodsa_reason":"ignored""#, "(,) will_not_fix"),
        (r#""status":"open","urgency":"end-of-life""#, "(,) will_not_fix"),
        (r#""status":"undetermined""#, "(,) under_investigation"),
    ] {
        let expected = format!("CVE-2020-0001 debian:12 glibc {expected}");
        check("debian-tracker", &tracker(release), &[&expected], &[]);
    }
    for (release, wrong) in [
        (r#""status":"resolved""#, "bookworm: resolved in no version"),
        (r#""status":"gone""#, "gone"),
    ] {
        check("debian-tracker", &tracker(release), &["CVE-2020-0001"], &[wrong]);
    }
}

#[test]
fn urgencies_of_others_are_no_severity_of_debian() {
    for (urgency, expected) in [
        ("high", Some(Severity::High)),
        ("unimportant", Some(Severity::Negligible)),
        ("high**", None),
        ("not yet assigned", None),
        ("end-of-life", None),
    ] {
        let document = tracker(&format!(r#""status":"open","urgency":"{urgency}""#));
        let (items, _) = whole("debian-tracker", document.as_bytes()).unwrap();
        assert_eq!(records(&items)[0].affected[0].severity, expected, "{urgency}");
    }
}

#[test]
fn what_the_debian_tracker_breaks_is_named_and_the_rest_stands() {
    check(
        "debian-tracker",
        r#"{"a":[],"b":{"CVE-2020-0001":{"releases":[]},"nothing":{"releases":{}},
            "TEMP-0000000-0CA7E3":{"releases":{"sid":{"status":"open"},"zurg":{"status":"open"}}}}}"#,
        &["TEMP-0000000-0CA7E3 debian:unstable b (,) affected"],
        &["a: ", "b CVE-2020-0001: ", "b nothing: ", "\"zurg\" is no known release"],
    );
}

#[test]
fn groups_of_arch_are_about_their_issues() {
    let group = |rest: &str| {
        format!(
            r#"[{{"name":"AVG-5","packages":["libtiff","lib32-libtiff"],"affected":"4.0.8-1",
            "severity":"High","type":"denial of service","issues":["CVE-2016-10095","CVE-2015-7554"],
            "advisories":["ASA-201707-17"],{rest}}}]"#
        )
    };
    for (rest, expected) in [
        (r#""status":"Fixed","fixed":"4.0.8-2""#, "(,4.0.8-2) fixed"),
        (r#""status":"Testing","fixed":"4.0.8-2""#, "(,4.0.8-2) fixed"),
        (r#""status":"Vulnerable","fixed":null"#, "(,) affected"),
        (r#""status":"Unknown","fixed":null"#, "(,) under_investigation"),
        (r#""status":"Not affected","fixed":null"#, "(,) not_affected"),
    ] {
        let line = |package: &str| {
            format!("AVG-5+CVE-2016-10095+CVE-2015-7554 arch:rolling {package} {expected}")
        };
        let lines = [line("libtiff"), line("lib32-libtiff")];
        check("arch-security", &group(rest), &lines.each_ref().map(String::as_str), &[]);
    }
    check("arch-security", &group(r#""status":"Odd""#), &[], &["Odd"]);
    check(
        "arch-security",
        r#"[5,{"name":"AVG-1","packages":[],"status":"Fixed"}]"#,
        &[],
        &["group 0", "without a package"],
    );
}

#[test]
fn the_release_of_photon_is_in_its_versions() {
    let row = |id: &str, resolved: &str, status: &str| {
        format!(
            r#"{{"cve_id":"{id}","pkg":"curl","cve_score":7.5,
            "aff_ver":"all versions before 8.1-1.ph4 are vulnerable","res_ver":"{resolved}","status":"{status}"}}"#
        )
    };
    let fixed = row("CVE-2020-0001", "8.1-1.ph4", "Fixed");
    let free = row("CVE-2020-0002", "NA", "Not Affected");
    let known = "CVE-2020-0001 photon:4.0 curl (,8.1-1.ph4) fixed";
    check(
        "photon-cve",
        &format!("[{free},{fixed}]"),
        &[known, "CVE-2020-0002 photon:4.0 curl (,) not_affected"],
        &[],
    );
    check("photon-cve", &format!("[{free}]"), &[], &["1 rows are about no certain release"]);
    check("photon-cve", &format!("[{}]", row("CVE-2020-0001", "NA", "Fixed")), &[known], &[]);
    check("photon-cve", &format!("[{fixed},{}]", row("Re", "1", "Fixed")), &[known], &["\"Re\""]);
    check(
        "photon-cve",
        &format!("[{}]", row("CVE-2020-0001", "8.1", "Fixed")),
        &[],
        &["no release"],
    );
}

#[test]
fn distributions_without_releases_write_none() {
    let document = r#"{"reponame":"os","packages":[{"pkg":{"name":"git","secfixes":{"2.38-r0":["CVE-2022-39253"]}}}]}"#;
    for (feed, scope) in [("wolfi-secdb", "wolfi"), ("chainguard-secdb", "chainguard")] {
        let line = format!("CVE-2022-39253 {scope}:rolling git (,2.38-r0) fixed");
        check(feed, document, &[&line], &[]);
    }
}

#[test]
fn the_national_database_gives_vectors_and_weaknesses() {
    let document = r#"{"totalResults":2,"timestamp":"2023-01-03T21:56:15.797","vulnerabilities":[
        {"cve":{"id":"CVE-2022-1576","vulnStatus":"Modified","published":"2022-07-11T13:15:08.503",
         "metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","cvssData":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:H/A:N"}}],
                    "cvssMetricV2":[{"source":"a@example.org","cvssData":{"vectorString":"AV:N/AC:M/Au:N/C:N/I:P/A:N"}}],
                    "ssvcV203":[{"source":"b"}]},
         "weaknesses":[{"description":[{"lang":"en","value":"CWE-352"},{"lang":"en","value":"NVD-CWE-noinfo"}]}],
         "configurations":[{"nodes":[{"cpeMatch":[{"criteria":"cpe:2.3:a:b:c:*"}]}]}]}},
        {"cve":{"id":"CVE-2022-0002","vulnStatus":"Rejected"}},{"cve":{"id":"5"}}]}"#;
    let (items, summary) = whole("nvd", document.as_bytes()).unwrap();
    let [record] = records(&items)[..] else { panic!("{items:?}") };
    let cvss: Vec<_> = record.cvss.iter().map(|cvss| (cvss.source.as_str(), cvss.score)).collect();
    assert_eq!(cvss, [("a@example.org", 4.3), ("nvd", 6.5)]);
    assert_eq!((record.cwes.as_slice(), record.affected.len()), (&[352][..], 0));
    assert_eq!((summary.dropped, summary.date.as_deref()), (1, Some("2023-01-03")));
    assert_eq!(problems(&summary).len(), 1);
}

#[test]
fn predictions_are_shares() {
    let table = "#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\ncve,epss,percentile\n\
                 CVE-2020-5902,0.97567,0.99995\nCVE-2018-1,x,0.1\nCVE-2018-19571,1.5,0.4\nno,0.1,0.1\n";
    let (items, summary) = whole("epss", table.as_bytes()).unwrap();
    let [Item::Predicted(row)] = &items[..] else { panic!("{items:?}") };
    assert_eq!(row.id, "CVE-2020-5902");
    assert_eq!((row.entry.score, row.entry.percentile), (0.97567, Some(0.99995)));
    assert_eq!(row.entry.date.as_deref(), Some("2023-03-07"));
    assert_eq!(problems(&summary).len(), 3);
    assert_eq!(summary.date.as_deref(), Some("2023-03-07"));
}

#[test]
fn other_documents_are_refused() {
    for feed in ["debian-tracker", "arch-security", "photon-cve", "nvd", "epss", "wolfi-secdb"] {
        for broken in ["", "5", "\u{0}", "{", r#"[{"a":"#, r#"{"a":"#] {
            let error = whole(feed, broken.as_bytes());
            assert!(
                matches!(error, Err(FeedError::Malformed { .. } | FeedError::Truncated)),
                "{feed} {broken}: {error:?}"
            );
        }
    }
}
