//! What is read of each format, and what is left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_exceptions::{Exception, ExceptionFile, ExceptionsError, read};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Void;

fn file(name: &str, text: &str) -> ExceptionFile {
    read(name, text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap()
}

/// Entries as `LINE ID [until DAY] [by OWNER] [: REASON] [+CRITERIA] [void]`.
fn shown(exception: &Exception) -> String {
    let criteria = exception.criteria.len();
    let parts = [
        Some(format!("{} {}", exception.line, exception.id.as_deref().unwrap_or("*"))),
        exception.expiry.as_ref().map(|expiry| format!(" until {}", expiry.text())),
        exception.owner.as_ref().map(|owner| format!(" by {owner}")),
        exception.reason.as_ref().map(|reason| format!(": {reason}")),
        (criteria > 0).then(|| format!(" +{criteria}")),
        match &exception.void {
            Some(Void::NotJudged { criterion }) => Some(format!(" ({criterion}?)")),
            Some(Void::OtherScanner { scanner }) => Some(format!(" ({scanner})")),
            _ => None,
        },
    ];
    parts.into_iter().flatten().collect()
}

#[track_caller]
fn check(name: &str, text: &str, entries: &[&str], problems: &[&str]) {
    let file = file(name, text);
    let found: Vec<String> = file.exceptions.iter().map(shown).collect();
    assert_eq!(found, entries, "{name}");
    let messages: Vec<&str> = file.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages.len(), problems.len(), "{messages:#?}");
    for (message, start) in messages.iter().zip(problems) {
        assert!(message.starts_with(start), "{message:?} does not start with {start:?}");
    }
}

#[test]
fn lines_of_trivy() {
    check(
        ".trivyignore",
        "# reachable by nobody\nCVE-2022-40897\n\n## team platform\n\
         \tGHSA-jfh8-c2jp-5v3q  exp:2027-03-31 ticket:7\r\nCVE-1 exp:tomorrow\n  # end\n\
         CVE-2 # ours\n",
        &[
            "2 CVE-2022-40897: reachable by nobody",
            "5 GHSA-jfh8-c2jp-5v3q until 2027-03-31: team platform",
            "8 CVE-2: ours",
        ],
        &["line 6: \"CVE-1\" is left out: \"tomorrow\" is no day"],
    );
    check(".trivyignore", "", &[], &[]);
}

#[test]
fn yaml_of_trivy() {
    check(
        ".trivyignore.yaml",
        "vulnerabilities:\n  - id: CVE-1\n    paths: [\"usr/**\", \"*.jar\"]\n    purls:\n      \
         - pkg:npm/lodash\n    expired_at: 2027-03-31\n    statement: never called\n  \
         - id: CVE-2\n    pathes: [a]\n  - id: CVE-3\n    paths: [\"[\"]\n  - paths: [a]\n  \
         - CVE-4\n  - id: CVE-5\n    purls: [lodash]\n  - id: CVE-6\n    expired_at: soon\n  \
         - id: CVE-7\n    id: CVE-8\nsecrets:\n  - id: aws-key\nvulnerabilites:\n  - id: CVE-9\n",
        &["2 CVE-1 until 2027-03-31: never called +2", "21 aws-key (secrets)"],
        &[
            "line 9: CVE-2: the key \"pathes\" is not known; the entry is left out",
            "line 11: CVE-3: \"[\" is no pattern of paths",
            "line 12: an entry: it has no id",
            "line 13: no entry: write it as `- id: CVE-…`",
            "line 15: CVE-5: \"lodash\" is no package URL",
            "line 17: CVE-6: `expired_at`: \"soon\" is no day",
            "line 19: CVE-7: \"id\" stands twice",
            "line 23: the key \"vulnerabilites\" is not known",
        ],
    );
}

#[test]
fn rules_of_grype() {
    check(
        ".grype.yaml",
        "fail-on-severity: high\nignore:\n  - vulnerability: CVE-1\n    reason: never called\n    \
         include-aliases: true\n  - fix-state: wont-fix\n    package: { name: \"lib.*\", type: deb, \
         version: 1.10, location: \"/usr/**\" }\n  - vulnerability: CVE-2\n    \
         namespace: debian:distro:debian:12\n  - reason: everything\n  - package: { nam: x }\n  \
         - fix-state: fixd\n  - package: { name: \"(\" }\n  - vex-status: fixed\n  \
         - vulnerability: \"\"\n    package: { name: x }\n",
        &[
            "3 CVE-1: never called",
            "6 * +5",
            "8 CVE-2 (namespace: debian:distro:debian:12?)",
            "14 * (vex-status: fixed?)",
            "15 * +1",
        ],
        &[
            "line 10: an entry: it asks for nothing",
            "line 11: an entry: the key \"nam\" is not known",
            "line 12: an entry: `fix-state` is none of fixed, not-fixed, wont-fix, unknown",
            "line 13: (: \"(\" is no regular expression",
        ],
    );
    check(".grype.yaml", "output: json\n", &[], &[]);
}

#[test]
fn tables_of_osv_scanner() {
    check(
        "osv-scanner.toml",
        "GoVersionOverride = \"1.20\"\n[[IgnoredVulns]]\nid = \"GO-2022-0968\"\n\
         ignoreUntil = 2027-03-31\nreason = \"no ssh\"\n[[IgnoredVulns]]\nid = \"GO-1\"\n\
         ignoreUntil = \"later\"\n[[PackageOverrides]]\nname = \"lib\"\nignore = true\n",
        &["2 GO-2022-0968 until 2027-03-31: no ssh", "9 * (PackageOverrides?)"],
        &["line 6: \"GO-1\": `ignoreUntil` is no day"],
    );
}

#[test]
fn files_of_our_own() {
    check(
        "accepted.yaml",
        "exceptions:\n  - id: CVE-1\n    purls: [pkg:npm/lodash@4.17.4]\n    paths: [srv/**]\n    \
         owner: shop@acme.example\n    reason: input is ours\n    expires: 2027-03-31T12:00:00Z\n  \
         - id: CVE-2\n    owner: nobody\n  - reason: all of it\n",
        &["2 CVE-1 until 2027-03-31T12:00:00Z by shop@acme.example: input is ours +2"],
        &["line 8: CVE-2: it has no reason", "line 10: an entry: it has no id"],
    );
}

#[test]
fn a_format_is_told_by_what_is_in_the_file() {
    check("ignore", "ignore:\n  - vulnerability: CVE-1\n", &["2 CVE-1"], &[]);
    check("ignore", "# our own\n---\nexceptions: []\n", &[], &[]);
    check("ignore", "[[IgnoredVulns]]\nid = \"CVE-1\"\n", &["1 CVE-1"], &[]);
    check("ignore", "\u{feff}CVE-1\n", &["1 CVE-1"], &[]);
    check("ignore.yml", "# nothing yet\n", &[], &[]);
}

#[test]
fn what_is_no_ignore_file_is_refused_with_a_hint() {
    for (name, bytes) in [
        ("a.yaml", &b"a: 1\n"[..]),
        ("a.yaml", b"- CVE-1\n"),
        ("a.yaml", b"ignore: [\n"),
        ("a.toml", b"IgnoredVulns = \n"),
        ("a", b"\xff"),
    ] {
        let error = read(name, bytes, &Budget::new(Limits::DEFAULT)).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        assert!(error.to_string().starts_with(name), "{error}");
    }
    let small = Limits { file_bytes: 4, ..Limits::DEFAULT };
    let error = read("a", b"CVE-1\n", &Budget::new(small)).unwrap_err();
    assert!(matches!(error, ExceptionsError::Limit { .. }));
}

#[test]
fn problems_are_counted_past_the_limit() {
    let text = "CVE-1 exp:x\n".repeat(30);
    let limits = Limits { problems: 5, ..Limits::DEFAULT };
    let file = read(".trivyignore", text.as_bytes(), &Budget::new(limits)).unwrap();
    assert_eq!(file.problems.len(), 6);
    assert_eq!(file.problems[5].message, "25 further problems");
}
