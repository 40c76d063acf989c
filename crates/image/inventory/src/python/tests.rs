//! Metadata of distributions, their origins, and what they require where.

mod locks;

use super::kind::is_evidence;
use super::marker::Environment;
use super::requirement::Requirement;
use super::{metadata, origin};
use crate::fixture::{Tree, summary};

const SITE: &str = "usr/lib/python3.11/site-packages";

#[test]
fn evidence_is_found_under_all_its_names() {
    for (path, expected) in [
        ("site-packages/a-1.dist-info/METADATA", true),
        ("site-packages/a-1.egg-info/PKG-INFO", true),
        ("site-packages/a.egg/EGG-INFO/PKG-INFO", true),
        ("site-packages/a-1.egg-info", true),
        ("site-packages/dist-info/METADATA", true),
        ("site-packages/METADATA", false),
        ("a-1/PKG-INFO", false),
        ("site-packages/a-1.dist-info/RECORD", false),
    ] {
        assert_eq!(is_evidence(path.as_bytes()), expected, "{path}");
    }
}

#[test]
fn headers_name_the_distribution() {
    let check = |text: &str, name: &str, version: &str, licences: &[&str]| {
        let read = metadata::parse(text.as_bytes()).value.unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), (name, version), "{text}");
        assert_eq!(read.licences, licences, "{text}");
    };
    check("Metadata-Version: 2.1\nName: A.b\nVersion: 1.0\n\nName: prose\n", "A.b", "1.0", &[]);
    check("Name: a\nVersion: 1\nLicense: MIT\nLicense-Expression: ISC\n", "a", "1", &["ISC"]);
    check(
        "Name: a\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n",
        "a",
        "1",
        &["BSD License"],
    );
    check("Name: a\r\nVersion: 1\r\nLicense: long\r\n text\r\n", "a", "1", &[]);
    check("Name: a\n", "a", "", &[]);
}

#[test]
fn what_is_no_distribution() {
    assert_eq!(metadata::parse(b"Name: Python\nVersion: 2.7.18\n").value, None);
    for text in ["", "Version: 1\n", "\0\0"] {
        assert_eq!(metadata::parse(text.as_bytes()).faults.len(), 1, "{text}");
    }
}

#[test]
fn requirements_have_a_name_and_a_marker() {
    let check = |text: &str, expected: Option<(&str, Option<&str>)>| {
        let read = Requirement::parse(text).map(|read| (read.name, read.marker));
        assert_eq!(read, expected, "{text}");
    };
    check("a", Some(("a", None)));
    check("a.b_c (>=1,<2) ; extra == 'x'", Some(("a.b_c", Some("extra == 'x'"))));
    check("a[x,y]>=1;python_version<'3'", Some(("a", Some("python_version<'3'"))));
    check("a @ https://host/a;b.whl ; os_name=='nt'", Some(("a", Some("os_name=='nt'"))));
    check(">=1", None);
    check("", None);
}

#[test]
fn markers_are_judged_for_the_installation() {
    let environment = Environment::of_site(&SITE.into());
    for (marker, expected) in [
        ("python_version >= '3.8'", true),
        ("python_version < '3.8'", false),
        ("python_version > \"3.9\"", true),
        ("python_version == '3.*'", true),
        ("'3.10' < python_version", true),
        ("sys_platform == 'win32'", false),
        ("sys_platform != 'win32' and os_name == 'posix'", true),
        ("(sys_platform == 'win32' or extra == 'test') and os_name == 'posix'", false),
        ("extra == 'test'", false),
        ("platform_system in 'Linux Darwin'", true),
        ("platform_system not in 'Linux'", false),
        ("platform_machine == 'arm64'", true),
        ("python_version >= '3' or", true),
        ("nonsense", true),
        ("", true),
    ] {
        assert_eq!(environment.applies(marker), expected, "{marker}");
    }
    assert!(environment.applies(&"(".repeat(100_000)));
}

#[test]
fn origins_lose_their_credentials() {
    let check = |json: &str, expected: Option<&str>| {
        let read = origin::parse(json.as_bytes()).value.map(|origin| origin.to_string());
        assert_eq!(read.as_deref(), expected, "{json}");
    };
    check(
        r#"{"url":"https://user:word@host/a.git","vcs_info":{"vcs":"git","commit_id":"abc"}}"#,
        Some("git+https://host/a.git@abc"),
    );
    check(r#"{"url":"file:///src","dir_info":{"editable":true}}"#, Some("file:///src"));
    check(r#"{"url":1,"vcs_info":[]}"#, Some("1"));
    check("{}", None);
}

fn distribution(name: &str, requires: &[&str]) -> String {
    let requires = requires.iter().flat_map(|name| ["Requires-Dist: ", name, "\n"]);
    let requires: String = requires.collect();
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{requires}")
}

#[test]
fn requirements_are_found_where_python_looks() {
    let tree = Tree::default()
        .file(
            &format!("{SITE}/A_x-1.dist-info/METADATA"),
            distribution("A_x", &["b.Y>1", "c; extra == 'z'", "d; python_version < '3'"]),
        )
        .file(&format!("{SITE}/A_x-1.dist-info/direct_url.json"), r#"{"url":"file:///a"}"#)
        .file("usr/lib/python3/dist-packages/b-y-1.egg-info/PKG-INFO", distribution("b-y", &[]))
        .file(&format!("{SITE}/c-1.dist-info/METADATA"), distribution("c", &[]))
        .file(&format!("{SITE}/d-1.dist-info/METADATA"), distribution("d", &[]))
        .file(
            "venv/lib/python3.11/site-packages/e-1.dist-info/METADATA",
            distribution("e", &["c"]),
        );
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["pypi A_x@1", "pypi b-y@1", "pypi c@1", "pypi d@1", "pypi e@1"]);
    assert_eq!(shown.relations, ["A_x@1 depends_on b-y@1"]);
    assert_eq!(inventory.packages[0].purl, "pkg:pypi/a-x@1");
    assert_eq!(inventory.packages[0].properties["python:direct_url"], "file:///a");
}
