//! Rules of the specifications, each by an ascending row of versions.

use std::cmp::Ordering;

use bulkhead_versions::Scheme;

/// Versions between spaces, each before all that follow; `=` joins those that are equal.
fn check_ascending(scheme: Scheme, row: &str) {
    let steps: Vec<Vec<&str>> =
        row.split_whitespace().map(|step| step.split('=').collect()).collect();
    for (place, step) in steps.iter().enumerate() {
        for version in step {
            for (other_place, other_step) in steps.iter().enumerate() {
                for other in other_step {
                    assert_eq!(
                        scheme.compare(version.as_bytes(), other.as_bytes()),
                        place.cmp(&other_place),
                        "{}: {version} to {other}",
                        scheme.name()
                    );
                }
            }
        }
    }
}

#[test]
fn go_puts_tool_chains_between_semantic_versions() {
    check_ascending(
        Scheme::Go,
        "go1.20beta1=1.20.0-beta.1 go1.20rc2=v1.20.0-rc.2 go1.20=go1.20.0=v1.20.0 go1.20.3-vendor=1.20.3 \
         go1.21 1.21.0-0 go1.21rc2=1.21rc2=1.21.0-rc.2 go1.21rc10 go1.21.0=v1.21.0 go1.21.1",
    );
}

#[test]
fn go_orders_pseudo_versions_by_their_time() {
    check_ascending(
        Scheme::Go,
        "v0.0.0-20191109021931-daa7c04131f5 v0.0.0-20210101000000-000000000000 v0.0.0 \
         v1.2.3-0.20191109021931-daa7c04131f5 v1.2.3-pre v1.2.3-pre.0.20191109021931-daa7c04131f5 \
         v1.2.3 v2.0.0=v2.0.0+incompatible=v2",
    );
}

#[test]
fn maven_orders_qualifiers_by_the_specification() {
    check_ascending(
        Scheme::Maven,
        "1-alpha-1=1a1=1.0-ALPHA1 1-beta 1-milestone=1.0-milestone 1-rc=1-cr 1-SNAPSHOT \
         1=1.0=1-ga=1.final=1.0.0.RELEASE 1-sp 1-abc 1-xyz 1-1 1-2 1-10 1.0.1=1.0.1.Final 1.1",
    );
}

#[test]
fn maven_keeps_a_release_between_its_candidates_and_its_builds() {
    check_ascending(Scheme::Maven, "2.0-RC1 2.0.RC1 2.0 2.0-1 2.0.1");
}

#[test]
fn pep_440_has_its_own_example() {
    check_ascending(
        Scheme::Pep440,
        "0.9-legacy 1.dev0 1.0.dev456 1.0a1=1.0-alpha.1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 \
         1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1=v1.0c1=1.0.PREVIEW_1 1.0=1.0.0 \
         1.0+abc.5 1.0+abc.7 1.0+5=1.0+05 1.0.post456.dev34 1.0.post456=1.0-456 1.0.15 1.1.dev1 1!0.1",
    );
}

#[test]
fn rpm_has_tildes_before_and_carets_after() {
    check_ascending(
        Scheme::Rpm,
        "1.0~~-1 1.0~rc1-1=0:1.0~rc1-1 1.0 1.0- 1.0-1=1..0-1 1.0-1.el9 1.0^git1-1 1.0.a-1 1.0.1-1 1:0.1",
    );
}

/// The examples of vercmp(8), and what its segments and separators imply.
#[test]
fn pacman_has_the_order_of_its_manual() {
    check_ascending(
        Scheme::Pacman,
        "1.0a 1.0b 1.0beta 1.0p 1.0pre 1.0rc 1.0 1.0-1 1.0-2 1.0-10 1.0.a 1.0.1 1..0 1:0.1",
    );
    check_ascending(Scheme::Pacman, "1=01 1.0 1.1 1.1.1 1.2 2.0 3.0.0");
    check_ascending(Scheme::Pacman, "2.36.0+1+gabc-1 2.36.0+2+ga7c869a-1 2.36.0+10-1");
}

#[test]
fn conan_counts_letters_behind_numbers() {
    check_ascending(
        Scheme::Conan,
        "1.0-pre.1=1-pre.1 1.0=1=1.0.0 1.0+1=1+1 1.0.1 1.1.1 1.1.1k 1.1.1l 1.1.2 1.1.10 2 cci.20200101",
    );
}

#[test]
fn bitnami_has_revisions_behind_versions() {
    check_ascending(
        Scheme::Bitnami,
        "2.4.51-rc1 2.4.51=2.4.51+a 2.4.51-0 2.4.51-1 2.4.51-10 2.4.52-1",
    );
}

#[test]
fn dpkg_has_the_order_of_its_manual() {
    check_ascending(
        Scheme::Dpkg,
        "~~ ~~a ~ 0=0-0=0:0 1~rc1 1=0:1 1-0.1 1-1~bpo1 1-1 1-1+b1 1a 1+1 1.1 a + 1:0",
    );
}

#[test]
fn apk_has_suffixes_before_and_after() {
    check_ascending(
        Scheme::Apk,
        "1.2_alpha 1.2_alpha1 1.2_beta 1.2_pre 1.2_rc1 1.2 1.2-r0 1.2-r1 1.2_cvs 1.2_svn 1.2_git20200101 \
         1.2_hg 1.2_p 1.2_p1 1.2a 1.2.01 1.2.015 1.2.02 1.2.1 1.2.10 1.10",
    );
}

#[test]
fn gems_are_ordered_by_segments() {
    check_ascending(
        Scheme::Gem,
        "1.0.a=1.a=1.a.0 1.a.1 1.b 1.pre.a=1-a 1=1.0=1.0.0 1.0.1.rc1=1.0.1.rc.1 1.0.1 1.1",
    );
}

#[test]
fn nuget_has_four_numbers_and_no_case() {
    check_ascending(
        Scheme::NuGet,
        "1.0-ALPHA=1.0.0.0-alpha 1.0-alpha.1 1.0-beta 1=1.0.0.0+x 1.0.0.1-a 1.0.0.1",
    );
}

#[test]
fn packagist_compares_as_php_does() {
    check_ascending(
        Scheme::Packagist,
        "dev-a=DEV-a dev-main 1.0-unknown 1.0-dev 1.0a1=1.0-alpha1 1.0b1 1.0RC1=v1.0.rc1 1.0=1.0-stable=1.0.# \
         1.0.0 1.0pl1 1.9 1.x-dev=1.*-dev 2",
    );
}

#[test]
fn rows_of_numbers_grow() {
    check_ascending(Scheme::Cran, "0.9 0.75 1.8 1.8.0=1-8-0 1.8-1");
    check_ascending(Scheme::Hackage, "0.9 1 1.0 1.0.0 1.1");
}

#[test]
fn semantic_versions_ignore_builds_and_dart_does_not() {
    check_ascending(Scheme::Semver, "1.0.0-1 1.0.0-a 1.0.0-a.1 1.0.0=v1.0.0=1.0.0+a=1 1.0.1");
    check_ascending(Scheme::Npm, "1.2.3beta.2=1.2.3-beta.2 1.2.3=v1.2.3");
    check_ascending(Scheme::Pub, "1.0.0-a 1.0.0 1.0.0+1 1.0.0+a 1.0.0+a.1");
}

#[test]
fn names_and_numbers_of_schemes_are_their_own() {
    for scheme in Scheme::ALL {
        assert_eq!(Scheme::from_name(scheme.name()), Some(scheme));
        assert_eq!(Scheme::from_id(scheme.id()), Some(scheme));
    }
    assert_eq!(Scheme::from_id(0), None);
    // Stored in databases.
    let ids: Vec<u8> = Scheme::ALL.iter().map(|scheme| scheme.id()).collect();
    assert_eq!(ids, (1..=17).collect::<Vec<u8>>());
}

#[test]
fn valid_is_what_the_ecosystem_accepts() {
    let check = |scheme: Scheme, valid: &[&str], invalid: &[&str]| {
        for (versions, expected) in [(valid, true), (invalid, false)] {
            for version in versions {
                assert_eq!(
                    scheme.is_valid(version.as_bytes()),
                    expected,
                    "{}: {version}",
                    scheme.name()
                );
            }
        }
    };
    check(Scheme::Dpkg, &["1.0", "1:1.0:1-1"], &["", "a1", "1.0-", "1:", "x:1", "1_0"]);
    check(Scheme::Apk, &["1.2.3a_rc1-r0", "1~abc"], &["", "1..2", "1.2A", "1_foo", "1-1"]);
    check(Scheme::Rpm, &["1:1.0~rc1-1.el9"], &["", "1-", "1-1-1", "1 0"]);
    check(Scheme::Maven, &["1.0.Final"], &["", "[1,2)", "1 0"]);
    check(Scheme::Pep440, &["1!1.0.post1+x.1", " V1.0-1 "], &["", "1.0-x", "1..0", "1.0+"]);
    check(
        Scheme::Npm,
        &["1.2.3", "= v1.2.3beta"],
        &["", "1.2", "1.2.3.4", "1.2.99999999999999999"],
    );
    check(Scheme::Semver, &["1.2.3-a.1+b"], &["", "v1.2.3", "1.2", "01.2.3", "1.2.3-01"]);
    check(Scheme::Gem, &["", "1.0.a1", "1.0-x86-64"], &["a", "1..0", "1.0_1"]);
    check(Scheme::NuGet, &["1", "1.2.3.4-a+b", "01.2"], &["", "1.2.3.4.5", "v1", "1.0beta"]);
    check(Scheme::Packagist, &["v1.0-RC1", "dev-main", "1.x-dev"], &["", "main", "1.0-foo"]);
    check(Scheme::Cran, &["1.0", "1-0"], &["", "1", "1.a"]);
    check(Scheme::Hackage, &["1", "1.0"], &["", "1.", "1.01"]);
    check(Scheme::Pub, &["1.2.3-a+b"], &["", "v1.2.3", "1.2"]);
    check(
        Scheme::Go,
        &["v1.2.3", "v1", "go1.21rc2"],
        &["", "1.2.3", "go1.21rc.1", "v1.2.3.4", "go1.2.3rc1"],
    );
}

#[test]
fn numbers_have_any_length() {
    let (small, large) = (format!("1{}", "0".repeat(5_000)), format!("1{}1", "0".repeat(4_999)));
    for scheme in Scheme::ALL {
        assert_eq!(
            scheme.compare(small.as_bytes(), large.as_bytes()),
            Ordering::Less,
            "{}",
            scheme.name()
        );
    }
}
