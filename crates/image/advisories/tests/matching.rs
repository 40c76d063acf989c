//! The rules of matching, one test each.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, reason = "modules of a test are its own")]

#[path = "matching/world.rs"]
mod world;

use bulkhead_model::{Evidence, NotAssessedReason, RelationKind};
use world::{check, database, feed, inventory, matched, record, related, short, shorts};

#[test]
fn distributions_speak_about_source_packages() {
    let records =
        ["CVE-2023-1: debian:12 openssl (,3.0.9-1)", "CVE-2023-2: debian:12 libssl3 (,9)"];
    // The source's version counts, not the binary's.
    let installed = inventory("debian:12", &["deb libssl3 9:1 openssl 3.0.8-1"]);
    check(&records, &installed, &["libssl3 CVE-2023-1 fixed 3.0.9-1"], &[]);
    let fixed = inventory("debian:12", &["deb libssl3 0.1 openssl 3.0.9-1"]);
    check(&records, &fixed, &[], &[]);
    // A package that names no source is its own.
    let own = inventory("debian:12", &["deb openssl 3.0.8-1"]);
    check(&records, &own, &["openssl CVE-2023-1 fixed 3.0.9-1"], &[]);
    let origin = inventory("alpine:3.11", &["apk libcrypto1.1 1.1.1d-r3 openssl 1.1.1d-r3"]);
    let alpine =
        ["CVE-2020-1: alpine:3.11 openssl (,1.1.1g-r0)", "CVE-2020-2: alpine:3.10 openssl (,9)"];
    check(&alpine, &origin, &["libcrypto1.1 CVE-2020-1 fixed 1.1.1g-r0"], &[]);
}

#[test]
fn rpm_distributions_speak_about_binary_packages() {
    let records = ["ALSA-1 > CVE-2023-1: almalinux:9 openssl-libs (,3.0.9-1)"];
    let installed = inventory(
        "almalinux:9",
        &["rpm openssl 3.0.8-1 openssl 3.0.8-1", "rpm openssl-libs 3.0.8-1 openssl 3.0.8-1"],
    );
    check(&records, &installed, &["openssl-libs CVE-2023-1 fixed 3.0.9-1"], &[]);
}

#[test]
fn arch_speaks_about_packages_of_pacman() {
    let records = ["AVG-1 > CVE-2023-1: arch:rolling openssl (,1:1.1-2)"];
    let installed = inventory("arch:rolling", &["alpm openssl 1.9-1 base 2-1", "deb openssl 1"]);
    check(&records, &installed, &["openssl CVE-2023-1 fixed 1:1.1-2"], &[]);
}

#[test]
fn an_owner_without_a_vendor_overrules_nothing() {
    let record = ["CVE-2023-1: pypi a (,2)"];
    let installed = inventory("", &["pypi a 1", "conda a 1"]);
    let owned = related(installed, 0, RelationKind::OwnedBy, 1);
    check(&record, &owned, &["a CVE-2023-1 fixed 2"], &[]);
}

#[test]
fn the_publisher_says_whether_there_is_a_fix() {
    let installed =
        inventory("debian:12", &["deb a 1", "deb b 1", "deb c 1", "deb d 1", "deb e 1"]);
    check(
        &[
            "CVE-2023-1: debian:12 a (,2)",
            "CVE-2023-2: debian:12 b (,) affected",
            "CVE-2023-3: debian:12 c (,) will-not-fix",
            "CVE-2023-4: debian:12 d (,) not-affected",
            "CVE-2023-5: debian:12 e (,) under-investigation",
        ],
        &installed,
        &[
            "a CVE-2023-1 fixed 2",
            "b CVE-2023-2 affected",
            "c CVE-2023-3 will_not_fix",
            "e CVE-2023-5 under_investigation",
        ],
        &[],
    );
}

#[test]
fn the_fix_is_that_of_the_installed_line() {
    let record =
        ["CVE-2023-1: npm a [2.0,2.3.1)_[3.0,3.1.2)_[4.0,4.5]_[5.0,) fixed 2.3.1 3.1.2 4.6.0"];
    for (version, expected) in [
        ("2.1.0", "a CVE-2023-1 fixed 2.3.1"),
        ("3.0.5", "a CVE-2023-1 fixed 3.1.2"),
        ("4.5.0", "a CVE-2023-1 fixed 4.6.0"),
        // Other lines are fixed, this one is not.
        ("5.1.0", "a CVE-2023-1 affected"),
    ] {
        let installed = inventory("", &[&format!("npm a {version}")]);
        check(&record, &installed, &[expected], &[]);
    }
    check(&record, &inventory("", &["npm a 1.9.9"]), &[], &[]);
    check(&record, &inventory("", &["npm a 2.3.1"]), &[], &[]);
}

#[test]
fn several_records_make_one_finding_with_all_of_them_as_evidence() {
    let database = world::database(vec![
        ("osv", record("GHSA-a CVE-2023-1: npm a (,2.0)")),
        ("gitlab", record("CVE-2023-1: npm a (,2.1)")),
        ("other", record("GHSA-a: npm a (,1.0)")),
    ]);
    let result = matched(&[&database], &inventory("", &["npm a 1.5"]));
    let [finding] = &result.findings[..] else { panic!("{:?}", result.findings) };
    assert_eq!(short(finding), "a CVE-2023-1 fixed 2.0,2.1");
    let evidence: Vec<_> = finding
        .evidence
        .iter()
        .map(|piece| match piece {
            Evidence::Advisory(row) => (row.feed.as_str(), row.range.as_str(), row.inside),
            other => panic!("nobody owns it: {other:?}"),
        })
        .collect();
    assert_eq!(
        evidence,
        [("gitlab", "(,2.1)", true), ("osv", "(,2.0)", true), ("other", "(,1.0)", false)]
    );
}

#[test]
fn bulletins_make_a_finding_for_each_cve() {
    check(
        &[
            "GO-1 CVE-2023-1 CVE-2023-2: golang a (,2.0)",
            "ALSA-1 > CVE-2023-3 GHSA-x: golang b (,2.0)",
            "GHSA-x CVE-2023-4: npm unrelated (,2.0)",
        ],
        &inventory("", &["golang a 1.0", "golang b 1.0"]),
        &[
            "a CVE-2023-1 fixed 2.0",
            "a CVE-2023-2 fixed 2.0",
            "b CVE-2023-3 fixed 2.0",
            "b CVE-2023-4 fixed 2.0",
        ],
        &[],
    );
}

#[test]
fn names_without_a_cve_have_one_canonical_name() {
    let installed = inventory("", &["pypi a 1.0"]);
    let records = ["PYSEC-1 GHSA-a: pypi a (,2.0)", "GHSA-a: pypi a (,2.0)"];
    check(&records, &installed, &["a GHSA-a fixed 2.0"], &[]);
    check(&["PYSEC-1: pypi a (,2.0)"], &installed, &["a PYSEC-1 fixed 2.0"], &[]);
}

#[test]
fn names_reach_over_databases() {
    let own = feed(&["ACME-1 GHSA-a: npm a (,2.0)"]);
    let full = feed(&["GO-1 CVE-2023-1 GHSA-a: golang b (,1.0)", "CVE-2023-1: npm a (,1.9)"]);
    for databases in [[&own, &full], [&full, &own]] {
        let result = matched(&databases, &inventory("", &["npm a 1.0"]));
        assert_eq!(world::shorts(&result.findings), ["a CVE-2023-1 fixed 1.9,2.0"]);
    }
}

/// Debian's word counts for what Debian built.
#[test]
fn the_vendor_decides_about_what_it_built() {
    let records = [
        "GHSA-a CVE-2023-1: pypi django (,4.2)",
        "GHSA-b CVE-2023-2: pypi django (,4.2)",
        "GHSA-c CVE-2023-3: pypi django (,4.2)",
        "GHSA-d CVE-2023-4: pypi django (,4.2)",
        "CVE-2023-1: debian:12 python-django (,3:3.2.1-1)",
        "CVE-2023-2: debian:12 python-django (,) not-affected",
        "CVE-2023-3: debian:12 python-django (,) will-not-fix",
    ];
    let installed = inventory(
        "debian:12",
        &["deb python3-django 3:3.2.1-2 python-django 3:3.2.1-2", "pypi Django 3.2.1"],
    );
    let owned = related(installed.clone(), 1, RelationKind::OwnedBy, 0);
    check(
        &records,
        &owned,
        &["Django CVE-2023-4 fixed 4.2 unconfirmed", "python3-django CVE-2023-3 will_not_fix"],
        &[
            "Django CVE-2023-1 fixed 4.2",
            "Django CVE-2023-2 not_affected 4.2",
            "Django CVE-2023-3 will_not_fix 4.2",
        ],
    );
    // Each is explained by the row that decided, and the silence by its owner.
    let result = matched(&[&feed(&records)], &owned);
    let vendor = |finding: &bulkhead_model::Finding| match finding.evidence.last() {
        Some(Evidence::Vendor { owner, verdict }) => {
            assert_eq!(owner, "pkg:deb/python3-django@3:3.2.1-2");
            verdict.as_ref().map(|row| (row.record.clone(), row.inside))
        }
        other => panic!("{other:?}"),
    };
    for finding in &result.overruled {
        let inside = finding.rule != "CVE-2023-1";
        assert_eq!(vendor(finding), Some((finding.rule.clone(), inside)));
    }
    assert_eq!(vendor(result.findings.iter().find(|one| one.rule == "CVE-2023-4").unwrap()), None);
    // What nobody owns is as upstream says.
    check(
        &records,
        &installed,
        &[
            "Django CVE-2023-1 fixed 4.2",
            "Django CVE-2023-2 fixed 4.2",
            "Django CVE-2023-3 fixed 4.2",
            "Django CVE-2023-4 fixed 4.2",
            "python3-django CVE-2023-3 will_not_fix",
        ],
        &[],
    );
}

#[test]
fn a_vendor_that_is_not_assessed_is_silent() {
    let installed =
        inventory("debian:13", &["deb python3-django 1 python-django 1", "pypi django 3.2"]);
    let owned = related(installed, 1, RelationKind::OwnedBy, 0);
    let records =
        ["GHSA-a CVE-2023-1: pypi django (,4.2)", "CVE-2023-1: debian:12 python-django (,)"];
    check(&records, &owned, &["django CVE-2023-1 fixed 4.2 unconfirmed"], &[]);
}

#[test]
fn what_lies_inside_an_owned_archive_is_owned() {
    let installed =
        inventory("debian:12", &["deb libapp-java 1 app 1", "maven g:outer 1", "maven g:inner 1"]);
    let owned = related(installed, 1, RelationKind::OwnedBy, 0);
    let nested = related(owned, 2, RelationKind::ContainedIn, 1);
    let records =
        ["CVE-2023-1: maven g:inner (,2); debian:12 app (,1)", "CVE-2023-2: maven g:inner (,2)"];
    check(
        &records,
        &nested,
        &["g:inner CVE-2023-2 fixed 2 unconfirmed"],
        &["g:inner CVE-2023-1 fixed 2"],
    );
}

#[test]
fn a_statement_of_not_affected_overrules_affected() {
    let records = [
        "CVE-2023-1: npm a (,2.0); npm a [1.5,1.6) not-affected",
        "CVE-2023-2: npm a [1.5,1.6) not-affected",
    ];
    check(&records, &inventory("", &["npm a 1.5.1"]), &[], &["a CVE-2023-1 not_affected 2.0"]);
    check(&records, &inventory("", &["npm a 1.4.0"]), &["a CVE-2023-1 fixed 2.0"], &[]);
}

#[test]
fn architectures_are_honoured_where_the_package_names_its_own() {
    for (limits, architecture, expected) in [
        ("x86_64", None, 1),
        ("x86_64", Some("x86_64"), 1),
        ("x86_64", Some("amd64"), 1),
        ("x86_64", Some("noarch"), 1),
        ("x86_64", Some("aarch64"), 0),
        ("s390x ppc64le", Some("x86_64"), 0),
        ("noarch", Some("x86_64"), 0),
        ("noarch src", Some("noarch"), 1),
        ("src", Some("noarch"), 0),
        ("src", Some("x86_64"), 0),
        ("src", Some("src"), 1),
    ] {
        let mut limited = record("CVE-2023-1: almalinux:9 nodejs (,18)");
        limited.affected[0].architectures = limits.split(' ').map(str::to_owned).collect();
        let mut installed = inventory("almalinux:9", &["rpm nodejs 16"]);
        installed.packages[0].architecture = architecture.map(str::to_owned);
        let database = world::database(vec![("feed", limited)]);
        let findings = matched(&[&database], &installed).findings;
        assert_eq!(findings.len(), expected, "{limits} {architecture:?}");
    }
}

/// A statement about a module says nothing of packages outside of it, and the other way round.
#[test]
fn modules_and_what_is_outside_of_them_are_apart() {
    const MODULAR: &str = "1:16.1.0-1.module+el9.1.0+1+a";
    for (module, version, label, expected) in [
        (Some("nodejs:16"), "16-1", Some("nodejs:16:9010:rhel9"), 1),
        (Some("nodejs:16"), "16-1", Some("nodejs:16"), 1),
        (Some("nodejs:16"), "16-1", Some("nodejs:18:9010:rhel9"), 0),
        (Some("nodejs:1"), "16-1", Some("nodejs:18:9010:rhel9"), 0),
        (Some("nodejs:16"), "16-1", None, 0),
        (Some("nodejs:16"), "16-1", Some(""), 0),
        // Of a module, as its version tells, but of an unknown one: nothing excludes it.
        (Some("nodejs:16"), MODULAR, None, 1),
        (None, "16-1", Some("nodejs:16:9010:rhel9"), 0),
        (None, MODULAR, None, 0),
        (None, "16-1", None, 1),
        (Some("*"), "16-1", Some("nodejs:16:9010:rhel9"), 1),
        (Some("*"), MODULAR, None, 1),
        (Some("*"), "16-1", None, 0),
    ] {
        let mut limited = record("CVE-2023-1: almalinux:9 nodejs (,1:18)");
        limited.affected[0].module = module.map(str::to_owned);
        let mut installed = inventory("almalinux:9", &[&format!("rpm nodejs {version}")]);
        if let Some(label) = label {
            let properties = &mut installed.packages[0].properties;
            properties.insert("rpm:modularity".to_owned(), label.to_owned());
        }
        let database = world::database(vec![("feed", limited)]);
        let findings = matched(&[&database], &installed).findings;
        assert_eq!(findings.len(), expected, "{module:?} {version} {label:?}");
    }
}

/// What no database speaks about: by system, version, ecosystem and count.
#[test]
fn the_unknown_is_not_assessed() {
    let database = feed(&["CVE-2023-1: debian:12 a (,2); npm a (,2)"]);
    for (system, packages, expected) in [
        ("debian:12", &["deb a 2", "npm a 2"][..], &[][..]),
        ("debian:13", &["deb a 1", "deb b 1", "npm b 1"], &["debian 13 2"]),
        ("linuxmint:12", &["deb a 1"], &["linuxmint 12 1"]),
        ("debian:", &["deb a 1"], &["debian  1"]),
        // Nothing was found because nobody looked for this system's packages.
        ("arch:1", &[], &["arch 1 0"]),
        // Something is installed, and nothing says what.
        ("debian:12", &["npm a 2"], &["debian 12 lists nothing"]),
        ("", &["deb a 1"], &["  1"]),
        ("", &[], &[]),
        ("debian:12", &["apk a 1"], &["debian 12 1"]),
        ("debian:12", &["deb a 2", "pypi b 1", "pypi c 1", "gem d 1"], &["pypi 2", "gem 1"]),
    ] {
        let result = matched(&[&database], &inventory(system, packages));
        let mut left_out: Vec<String> = result
            .not_assessed
            .iter()
            .map(|one| {
                assert!(one.hint.as_ref().is_some_and(|hint| hint.len() > 20));
                match &one.reason {
                    NotAssessedReason::Distribution { id, version } => {
                        format!("{id} {version} {}", one.count)
                    }
                    NotAssessedReason::Packages { id, version } => {
                        format!("{id} {version} lists nothing")
                    }
                    NotAssessedReason::Ecosystem { ecosystem } => {
                        format!("{} {}", ecosystem.name(), one.count)
                    }
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        left_out.sort_by_key(|text| !text.starts_with("pypi"));
        assert_eq!(left_out, expected, "{system} {packages:?}");
        assert_eq!(result.findings, []);
    }
}

/// Somebody's own advisory is matched, and says nothing about everything else.
#[test]
fn own_advisories_do_not_make_a_scope_assessed() {
    let own = || ("custom", record("ACME-1: debian:12 a (,2); npm a (,2)"));
    let packages = inventory("debian:12", &["deb a 1", "deb b 1", "npm a 1"]);
    let result = matched(&[&database(vec![own()])], &packages);
    assert_eq!(shorts(&result.findings), ["a ACME-1 fixed 2", "a ACME-1 fixed 2"]);
    let counts: Vec<u64> = result.not_assessed.iter().map(|one| one.count).collect();
    assert_eq!(counts.iter().sum::<u64>(), 3, "{:?}", result.not_assessed);
    let published = database(vec![own(), ("feed", record("CVE-2023-1: debian:12 b (,2)"))]);
    let result = matched(&[&published], &packages);
    assert_eq!(result.not_assessed.len(), 1, "npm alone: {:?}", result.not_assessed);
}

/// Advisories name packages of Maven's by group and artifact.
#[test]
fn archives_without_a_group_are_told_once() {
    let database = database(vec![("feed", record("CVE-2023-1: maven g:a (,2)"))]);
    for (packages, expected) in [
        (&["maven g:a 2"][..], None),
        (&["maven a 1", "maven g:a 2"], Some("package \"a\": what has none")),
        (&["maven a 1", "maven b 1", "maven c 1"], Some("\"a\", nor of 2 other packages")),
    ] {
        let result = matched(&[&database], &inventory("", packages));
        let [problem] = &result.problems[..] else {
            assert!(expected.is_none() && result.problems.is_empty(), "{:?}", result.problems);
            continue;
        };
        assert!(expected.is_some_and(|it| problem.message.contains(it)), "{}", problem.message);
    }
}

/// `v0.0.0-…` is a revision before any release, and not a version below every fix.
#[test]
fn programs_built_from_a_revision_are_a_problem() {
    let database = feed(&["CVE-2023-1: golang k8s.io/kubernetes (,1.29)"]);
    let mut packages =
        inventory("", &["golang k8s.io/kubernetes v0.0.0-20240105000000-aaaaaaaaaaaa"]);
    packages.packages[0].properties.insert("golang:untagged".to_owned(), "true".to_owned());
    let result = matched(&[&database], &packages);
    assert_eq!(result.findings, []);
    let [problem] = &result.problems[..] else { panic!("{:?}", result.problems) };
    assert!(problem.message.contains("names no release"), "{problem:?}");
}

#[test]
fn a_package_without_a_version_is_a_problem() {
    let database = feed(&["CVE-2023-1: npm a (,2)"]);
    let result = matched(&[&database], &inventory("", &["npm a "]));
    assert_eq!(result.findings, []);
    let [problem] = &result.problems[..] else { panic!("{:?}", result.problems) };
    assert!(problem.message.contains("no version") && problem.location.is_some(), "{problem:?}");
}

#[test]
fn a_damaged_page_leaves_its_packages_not_assessed() {
    let mut builder = bulkhead_advisories::Builder::new();
    let text = "CVE-2023-1: npm a (,2)";
    builder.push("feed", bulkhead_advisories::Item::Record(Box::new(record(text))));
    let whole = builder.finish(&bulkhead_advisories::BuildOptions::default()).unwrap();
    let (mut damaged, mut silent) = (0, Vec::new());
    for position in 4096..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 1;
        let Ok(database) = bulkhead_advisories::Database::from_bytes("x", bytes) else { continue };
        let result = matched(&[&database], &inventory("", &["npm a 1"]));
        if result.not_assessed.is_empty() {
            // Pages that matching does not need: the statement about feeds.
            assert_eq!(world::shorts(&result.findings), ["a CVE-2023-1 fixed 2"]);
            silent.push(position);
        } else {
            let is_damage = |one: &bulkhead_model::NotAssessed| {
                matches!(
                    one.reason,
                    NotAssessedReason::Database { .. } | NotAssessedReason::Ecosystem { .. }
                )
            };
            assert!(result.not_assessed.iter().all(is_damage));
            damaged += 1;
        }
    }
    assert!(damaged > silent.len(), "{damaged} {silent:?}");
}
