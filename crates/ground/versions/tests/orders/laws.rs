//! Each order is one over any bytes: reflexive, antisymmetric, transitive.

use std::cmp::Ordering;
use std::sync::LazyLock;

use bulkhead_versions::Scheme;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::published;

/// Versions to draw from where the test data is absent, of all schemes and of none.
const BUILT_IN: &[&str] = &[
    "1",
    "1.0",
    "1.0.0",
    "1.0.0.0",
    "1.0.1",
    "1.10",
    "2.0.0-rc.1",
    "2.0.0-rc1",
    "2.0.0",
    "2.0.0-1",
    "2.0.0.RC1",
    "2.0.0.Final",
    "2.0.0.Final-redhat-1",
    "2.0.0-SNAPSHOT",
    "2.0.0.SP1",
    "1-0-1",
    "1-ga-1",
    "1.0a1",
    "1.0a",
    "1.0b2.dev3",
    "1.0.post1",
    "1.0.dev0",
    "1!1.0",
    "1.0+local.1",
    "1.0+1",
    "0.9-doduo",
    "v1.2.3",
    "v0.0.0-20210101000000-abcdefabcdef",
    "v2.0.0+incompatible",
    "go1.21",
    "go1.21rc2",
    "go1.21.0",
    "go1.20",
    "go1.20.3-vendor",
    "1.2.3-alpha.1",
    "1.2.3-alpha.beta",
    "1.2.3+build",
    "1.0.0.a",
    "1.0.a.0.b",
    "1.a.0",
    "1.0-beta",
    "dev-main",
    "2.x-dev",
    "1.0pl1",
    "1.0.#",
    "1.0-stable",
    "1:1.0-1",
    "1.0~rc1-1",
    "1.0-1+deb12u1",
    "1.0^git1-1.el9",
    "1.0~~",
    "1.0-",
    "a:1",
    "1.2_rc1-r0",
    "1.2b_p1-r3",
    "1.02.3",
    "1.2~abcdef-r1",
    "0..1",
    "",
    ".",
    "-",
    "~",
    "x",
    "1.0.0--1",
];

/// Bytes that have a meaning in some scheme.
const MEANINGFUL: &[u8] = b"0129.-_+~^:!#abcprvx";

static PUBLISHED: LazyLock<Vec<(Scheme, Vec<Vec<u8>>)>> = LazyLock::new(|| {
    let built_in = |scheme: Scheme| {
        let versions = BUILT_IN.iter().map(|version| version.as_bytes().to_vec());
        versions.filter(|version| scheme.is_valid(version)).collect::<Vec<_>>()
    };
    let mut pools: Vec<_> =
        Scheme::ALL.into_iter().map(|scheme| (scheme, built_in(scheme))).collect();
    for (path, schemes) in published::files() {
        let versions = published::read(&path).into_iter().flat_map(|pair| [pair.left, pair.right]);
        let versions: Vec<Vec<u8>> = versions.map(String::into_bytes).collect();
        for (scheme, pool) in pools.iter_mut().filter(|(scheme, _)| schemes.contains(scheme)) {
            let prefix: &[u8] = if *scheme == Scheme::Go { b"v" } else { b"" };
            pool.extend(versions.iter().map(|version| [prefix, version].concat()));
        }
    }
    pools
});

/// Versions of a pool, as they are or with up to two bytes changed.
fn mutated() -> impl Strategy<Value = (Scheme, [Vec<u8>; 3])> {
    let edit = (any::<Index>(), select(MEANINGFUL), 0..3_u8);
    let edits = prop::collection::vec(edit, 0..=2);
    // Two of three are mutations of one version: neighbours are where an order may fail.
    let triple = (any::<[Index; 2]>(), prop::array::uniform3(edits));
    (any::<Index>(), triple).prop_map(|(pool, (picks, edits))| {
        let (scheme, pool) = pool.get(&PUBLISHED);
        let [first, second] = picks.map(|pick| pick.get(pool).clone());
        let [mut left, mut middle, mut right] = [first.clone(), first, second];
        for (version, edits) in [&mut left, &mut middle, &mut right].into_iter().zip(edits) {
            for edit in edits {
                apply(version, edit);
            }
        }
        (*scheme, [left, middle, right])
    })
}

fn apply(version: &mut Vec<u8>, (place, byte, kind): (Index, u8, u8)) {
    let at = place.index(version.len() + 1);
    match kind {
        0 => version.insert(at, byte),
        1 => drop(version.drain(at..(at + 1).min(version.len()))),
        _ => version.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
    }
}

/// Suffixes of one version: the corner in which orders run in circles.
fn suffixed() -> impl Strategy<Value = (Scheme, [Vec<u8>; 3])> {
    let suffix =
        prop::string::string_regex("([-._+~^]?(0|1|20|a|rc|RC|sp|x|final|dev|pre|post|p)){0,4}");
    let suffixes = prop::array::uniform3(suffix.expect("a regular expression"));
    (select(&Scheme::ALL[..]), suffixes).prop_map(|(scheme, suffixes)| {
        (scheme, suffixes.map(|suffix| format!("1{suffix}").into_bytes()))
    })
}

fn arbitrary() -> impl Strategy<Value = (Scheme, [Vec<u8>; 3])> {
    let meaningful = prop::collection::vec(select(MEANINGFUL), 0..12);
    let bytes = prop::collection::vec(any::<u8>(), 0..24);
    let digits = prop::collection::vec(select(&b"0019"[..]), 0..400);
    let built_in = select(BUILT_IN).prop_map(|version| version.as_bytes().to_vec());
    let any_of = prop_oneof![3 => meaningful, 1 => bytes, 1 => digits, 2 => built_in];
    (select(&Scheme::ALL[..]), prop::array::uniform3(any_of))
}

fn check_laws(scheme: Scheme, [left, middle, right]: &[Vec<u8>; 3]) -> Result<(), TestCaseError> {
    let compare = |left: &[u8], right: &[u8]| scheme.compare(left, right);
    prop_assert_eq!(compare(left, left), Ordering::Equal);
    for (one, other) in [(left, middle), (middle, right), (left, right)] {
        prop_assert_eq!(compare(one, other), compare(other, one).reverse());
    }
    let mut sorted = [left, middle, right];
    sorted.sort_by(|one, other| compare(one, other));
    let [first, second, third] = sorted;
    prop_assert!(compare(first, second).is_le() && compare(second, third).is_le());
    let ends = compare(first, third);
    let expected = compare(first, second).then(compare(second, third));
    prop_assert_eq!(ends, expected, "{} goes in a circle", scheme.name());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_hold_near_published_versions((scheme, versions) in mutated()) {
        check_laws(scheme, &versions)?;
    }

    #[test]
    fn laws_hold_for_suffixes_of_one_version((scheme, versions) in suffixed()) {
        check_laws(scheme, &versions)?;
    }

    #[test]
    fn laws_hold_for_any_bytes((scheme, versions) in arbitrary()) {
        check_laws(scheme, &versions)?;
    }
}

/// The laws would say little if nearly all that is drawn were no version at all.
#[test]
fn most_drawn_versions_are_valid() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut valid, mut all) = (0_usize, 0_usize);
    for _ in 0..3_000 {
        let (scheme, versions) = mutated().new_tree(&mut runner).expect("a value").current();
        valid += versions.iter().filter(|version| scheme.is_valid(version)).count();
        all += versions.len();
    }
    assert!(valid * 100 >= all * 55, "{valid} of {all} are valid");
}
