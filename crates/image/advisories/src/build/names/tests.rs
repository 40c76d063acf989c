use super::*;

fn claim(text: &str) -> Claim {
    // `ID = alias alias > covered covered`
    let (names, covers) = text.split_once('>').unwrap_or((text, ""));
    let (id, aliases) = names.split_once('=').unwrap_or((names, ""));
    let list = |text: &str| text.split_whitespace().map(Into::into).collect();
    Claim { feed: "f".into(), id: id.trim().into(), aliases: list(aliases), covers: list(covers) }
}

/// Checks what each record is about, whatever the order of the records.
fn check(records: &[(&str, &str)]) {
    let mut claims: Vec<Claim> = records.iter().map(|(text, _)| claim(text)).collect();
    for _ in 0..claims.len() {
        let names = Names::of(&claims);
        for (text, expected) in records {
            let own = claim(text);
            let own = claims.iter().find(|claim| **claim == own).unwrap();
            assert_eq!(names.vulnerabilities(own).join(" "), *expected, "{text}");
        }
        claims.rotate_left(1);
    }
}

#[test]
fn the_cve_is_the_name_where_there_is_one() {
    check(&[
        ("GHSA-a = CVE-2020-1", "CVE-2020-1"),
        ("PYSEC-1 = GHSA-a", "CVE-2020-1"),
        ("CVE-2020-1", "CVE-2020-1"),
        ("GO-1 = GHSA-b", "GHSA-b"),
        ("GHSA-b", "GHSA-b"),
        ("RUSTSEC-1", "RUSTSEC-1"),
    ]);
}

#[test]
fn names_reach_over_several_records() {
    check(&[
        ("PYSEC-1 = GHSA-a", "CVE-2020-1"),
        ("GHSA-a = GO-1", "CVE-2020-1"),
        ("GO-1 = RUSTSEC-1", "CVE-2020-1"),
        ("RUSTSEC-1 = CVE-2020-1", "CVE-2020-1"),
    ]);
}

#[test]
fn a_bulletin_is_no_alias() {
    check(&[
        ("GO-1 = CVE-2020-1 CVE-2020-2 GHSA-a GHSA-b", "CVE-2020-1 CVE-2020-2"),
        ("GHSA-a = CVE-2020-1", "CVE-2020-1"),
        ("GHSA-b = CVE-2020-2", "CVE-2020-2"),
        ("ALSA-1 > CVE-2020-3 CVE-2020-4", "CVE-2020-3 CVE-2020-4"),
        ("ALSA-2 > CVE-2020-5", "CVE-2020-5"),
        ("ALSA-3 > GHSA-a PYSEC-9", "CVE-2020-1 PYSEC-9"),
    ]);
}

/// Nobody can know which of the two a name without its own CVE means: it stands for both, and they
/// stay two.
#[test]
fn two_cves_never_become_one() {
    check(&[
        ("GHSA-x = CVE-2020-1", "CVE-2020-1"),
        ("GO-5 = GHSA-x CVE-2020-2", "CVE-2020-2"),
        ("PYSEC-7 = GHSA-x", "CVE-2020-1 CVE-2020-2"),
        ("CVE-2020-1", "CVE-2020-1"),
        ("CVE-2020-2", "CVE-2020-2"),
    ]);
    check(&[
        ("GO-1 = CVE-2020-1 CVE-2020-2 GHSA-a", "CVE-2020-1 CVE-2020-2"),
        ("GHSA-a", "CVE-2020-1 CVE-2020-2"),
    ]);
}

#[test]
fn rows_name_every_other_name_and_record() {
    let claims = [
        claim("GHSA-a = CVE-2020-1"),
        claim("PYSEC-1 = GHSA-a"),
        claim("ALSA-1 > CVE-2020-1 CVE-2020-2"),
        claim("CVE-2020-3"),
    ];
    let names = Names::of(&claims);
    let rows = names.rows();
    let row = &rows["CVE-2020-1"];
    assert_eq!(row.vulnerabilities, ["CVE-2020-1"]);
    assert_eq!(row.names, ["GHSA-a", "PYSEC-1"]);
    let records: Vec<_> =
        row.records.iter().map(|one| (one.record.as_str(), one.bulletin)).collect();
    assert_eq!(records, [("ALSA-1", true), ("GHSA-a", false), ("PYSEC-1", false)]);
    assert_eq!(rows["PYSEC-1"].vulnerabilities, ["CVE-2020-1"]);
    assert_eq!(rows["ALSA-1"].vulnerabilities, ["CVE-2020-1", "CVE-2020-2"]);
    assert!(!rows.contains_key("CVE-2020-3"), "its own record says it all");
}

#[test]
fn cves_are_recognised_by_their_form() {
    for (id, expect) in [
        ("CVE-2021-44228", true),
        ("CVE-2021-4422812", true),
        ("CVE-20210-1", false),
        ("CVE-2021-", false),
        ("cve-2021-1", false),
        ("TEMP-0000000-ABC", false),
    ] {
        assert_eq!(is_cve(id), expect, "{id}");
    }
}
