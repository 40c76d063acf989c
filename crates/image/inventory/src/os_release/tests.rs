//! What systems call themselves, and what is made of it.

use super::*;

#[test]
fn values_lose_their_quotes() {
    let check = |line: &str, expected: &str| {
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.value, [("A".to_owned(), expected.to_owned())], "{line}");
    };
    check("A=b", "b");
    check("A=\"b c\"", "b c");
    check("A='b \\c'", "b \\c");
    check("A=\"b \\\"c\\\" \\$d \\\\\"", "b \"c\" $d \\");
    check("A=\"open", "open");
    check("# x\n\n A = \"b\" \r\n", "b");
    check("A=first\nA=last", "last");
    check("A=", "");
}

#[test]
fn lines_that_assign_nothing_are_problems() {
    let parsed = parse(b"ID=debian\nnonsense\nVERSION_ID=12\n");
    assert_eq!(parsed.value.len(), 2);
    assert_eq!(parsed.faults.len(), 1);
}

#[test]
fn scopes_are_what_publishers_call_the_release() {
    let check = |variables: &str, repositories: &[&str], expected: Option<&str>| {
        let variables = parse(variables.replace(' ', "\n").as_bytes()).value;
        let system = from_variables(&variables, &Location::default()).unwrap();
        let repositories: Vec<String> = repositories.iter().map(|&line| line.to_owned()).collect();
        let scope = scope::of(&system, &repositories).map(|scope| scope.to_string());
        assert_eq!(scope.as_deref(), expected, "{variables:?}");
    };
    check("ID=alpine VERSION_ID=3.18.4", &["https://host/alpine/v3.18/main"], Some("alpine:3.18"));
    check("ID=alpine VERSION_ID=3.18.4", &["https://host/alpine/edge/main"], Some("alpine:edge"));
    check(
        "ID=alpine VERSION_ID=3.18.4",
        &["https://host/alpine/v3.18/main", "@edge https://host/alpine/edge/main"],
        Some("alpine:3.18"),
    );
    check("ID=alpine VERSION_ID=3.21_alpha20240807", &[], Some("alpine:edge"));
    check("ID=alpine VERSION_ID=edge", &[], None);
    check("ID=debian VERSION_ID=12", &[], Some("debian:12"));
    check("ID=debian VERSION_CODENAME=sid", &[], Some("debian:unstable"));
    check("ID=debian VERSION_CODENAME=trixie PRETTY_NAME=Debian/trixie/sid", &[], None);
    check("ID=debian VERSION_CODENAME=bookworm", &[], Some("debian:12"));
    check("ID=ubuntu VERSION_ID=22.04 ID_LIKE=debian", &[], Some("ubuntu:22.04"));
    check("ID=kali VERSION_ID=2024.1 ID_LIKE=debian", &[], Some("kali:2024.1"));
    check("ID=rocky VERSION_ID=9.2", &[], Some("rocky:9"));
    check("ID=arch", &[], Some("arch:rolling"));
    check(
        "ID=openEuler VERSION_ID=22.03 PRETTY_NAME=openEuler/22.03/(LTS-SP1)",
        &[],
        Some("openeuler:22.03-lts-sp1"),
    );
    check(
        "ID=openEuler VERSION_ID=25.03 PRETTY_NAME=openEuler/25.03",
        &[],
        Some("openeuler:25.03"),
    );
    check("ID=nobody", &[], None);
}
