//! RPM packages beside the usual: statements about their sources, and builds of another kind.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "matching/world.rs"]
mod world;

use bulkhead_advisories::Record;
use world::{database, inventory, matched, record, shorts};

fn check(records: &[&str], system: &str, packages: &[&str], findings: &[&str]) {
    let mut records: Vec<Record> = records.iter().map(|text| record(text)).collect();
    // In these texts the stroke of `_fips` would stand for a blank.
    for row in records.iter_mut().flat_map(|record| &mut record.affected) {
        row.versions = row.versions.to_string().replace("FIPS", "_fips").parse().unwrap();
    }
    let database = database(records.into_iter().map(|record| ("vex", record)).collect());
    let result = matched(&[&database], &inventory(system, packages));
    assert_eq!(shorts(&result.findings), findings, "{packages:?}");
}

#[test]
fn what_is_said_of_a_source_holds_for_packages_of_which_nothing_else_is_said() {
    let packages = [
        "rpm libtiff 4.0-1 libtiff 4.0-1",
        "rpm libtiff-tools 4.0-1 libtiff 4.0-1",
        "rpm tiff 1-1",
    ];
    let source = "CVE-1-1: rhel:9 libtiff.src (,) will-not-fix";
    let both = ["libtiff CVE-1-1 will_not_fix", "libtiff-tools CVE-1-1 will_not_fix"];
    check(&[source], "rhel:9", &packages, &both);
    // The package's own name is nearer.
    for (own, findings) in [
        ("CVE-1-1: rhel:9 libtiff (,) not-affected", &both[1..]),
        ("CVE-1-1: rhel:9 libtiff (,4.0-1)", &both[1..]),
        ("CVE-1-1: rhel:9 libtiff (,4.0-2)", &["libtiff CVE-1-1 fixed 4.0-2", both[1]][..]),
        ("CVE-1-2: rhel:9 libtiff (,4.0-1)", &both[..]),
    ] {
        check(&[source, own], "rhel:9", &packages, findings);
    }
    // A source that differs in its version, and a publisher that names sources only.
    let range = "CVE-1-1: rhel:9 glibc.src (,2.0-1] affected";
    check(&[range], "rhel:9", &["rpm nscd 9-1 glibc 2.0-1"], &["nscd CVE-1-1 affected"]);
    check(&[range], "rhel:9", &["rpm nscd 1-1 glibc 2.0-2"], &[]);
    check(&["CVE-1-1: fedora:40 a.src (,)"], "fedora:40", &["rpm a 1-1 a 1-1"], &[]);
}

#[test]
fn builds_of_another_kind_are_not_compared() {
    let records = [
        "ELSA-1:1 > CVE-1-1: ol:8 openssl (,1:1.1.1g-15.el8)",
        "ELSA-1:2 > CVE-1-1: ol:8 openssl (,2:1.1.1g-15.ksplice1.el8)",
        "ELSA-1:3 > CVE-1-1: ol:8 openssl (,10:1.1.1g-15.el8FIPS)",
    ];
    for (version, findings) in [
        ("1:1.1.1g-14.el8", &["openssl CVE-1-1 fixed 1:1.1.1g-15.el8"][..]),
        ("1:1.1.1g-15.el8", &[]),
        ("2:1.1.1g-14.ksplice1.el8", &["openssl CVE-1-1 fixed 2:1.1.1g-15.ksplice1.el8"]),
        ("2:1.1.1g-15.ksplice1.el8", &[]),
        ("10:1.1.1g-14.el8_fips", &["openssl CVE-1-1 fixed 10:1.1.1g-15.el8_fips"]),
    ] {
        check(&records, "ol:8", &[&format!("rpm openssl {version}")], findings);
    }
}
