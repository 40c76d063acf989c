use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};
use proptest::prelude::*;

#[test]
fn a_set_contains_what_lies_between_its_bounds() {
    let set: RangeSet = "[1.2,1.5) (2.0,2.1] =3.0 (9,)".parse().expect("a canonical text");
    for version in ["1.2", "1.2.0", "1.4.99", "1.5-alpha", "2.0.1", "2.1", "3", "3.0.0-ga", "10"] {
        assert!(set.contains(Scheme::Maven, version.as_bytes()), "{version}");
    }
    for version in ["", "1.1", "1.5", "2.0", "2.1.1", "3.0.1", "9.0"] {
        assert!(!set.contains(Scheme::Maven, version.as_bytes()), "{version}");
    }
    assert_eq!(set.upper_bounds().collect::<Vec<_>>(), ["1.5"]);
}

/// PEP 440, "Version specifiers": a local label counts only where the specifier has one.
#[test]
fn local_labels_lie_in_ranges_without_them() {
    let set: RangeSet = "[1.0,1.6.0] =2.0 (3.0,4.0)".parse().expect("a canonical text");
    for version in ["1.6.0+nv1", "1.0+cu118", "2.0+local", "3.1+a"] {
        assert!(set.contains(Scheme::Pep440, version.as_bytes()), "{version}");
    }
    for version in ["1.6.1+nv1", "3.0+a", "4.0+a", "2.0.1+a"] {
        assert!(!set.contains(Scheme::Pep440, version.as_bytes()), "{version}");
    }
    let labelled: RangeSet = "(,1.6.0+nv1]".parse().expect("a canonical text");
    assert!(!labelled.contains(Scheme::Pep440, b"1.6.0+nv2"));
}

/// Composer fills both sides up to four numbers before it compares them, and `>=` and `<` begin at
/// the first pre-release.
#[test]
fn composer_knows_no_shorter_version() {
    let set: RangeSet = "[3.0.0,6.0] =7.0 [8,9)".parse().expect("a canonical text");
    for version in [
        "3.0",
        "v3",
        "3.0.0.0",
        "3.0.0-RC1",
        "6.0.0",
        "6.0.0.0",
        "6.0.0-BETA1",
        "7.0.0",
        "3.0+x1",
        "6.0.0+1",
        "7+x",
    ] {
        assert!(set.contains(Scheme::Packagist, version.as_bytes()), "{version}");
    }
    for version in ["2.9.9", "6.0.1", "7.0.0-alpha", "9.0.0-alpha1", "9+a", "dev-main"] {
        assert!(!set.contains(Scheme::Packagist, version.as_bytes()), "{version}");
    }
}

#[test]
fn everything_and_nothing() {
    assert_eq!(RangeSet::everything().to_string(), "(,)");
    assert_eq!(RangeSet::empty().to_string(), "none");
    assert!(RangeSet::everything().contains(Scheme::Dpkg, b""));
    assert!(!RangeSet::empty().contains(Scheme::Dpkg, b""));
    let one: RangeSet = "(,1) =2".parse().expect("a canonical text");
    let both = one.clone().union("=2 =3".parse().expect("a canonical text"));
    assert_eq!(both.to_string(), "(,1) =2 =3");
    assert!(one.union(RangeSet::everything()).is_everything());
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "", "1.0", "[1,2", "1,2)", "[,1)", "(,1]x", "(,1) ", "  ", "=", "=a b", "=%2", "=%zz",
        "=%41", "=%ff", "(1)", "=1,2",
    ] {
        assert!(text.parse::<RangeSet>().is_err(), "{text:?}");
    }
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9a-c.~:-]{0,6}", "[%\\[\\](),= \t\u{e9}\u{a0}0-9]{0,4}", any::<String>()]
}

fn bound() -> impl Strategy<Value = Bound> {
    prop_oneof![
        Just(Bound::Unbounded),
        version().prop_map(Bound::Inclusive),
        version().prop_map(Bound::Exclusive),
    ]
}

fn range_set() -> impl Strategy<Value = RangeSet> {
    let interval = (bound(), bound()).prop_map(|(low, high)| Interval { low, high });
    (prop::collection::vec(interval, 0..4), prop::collection::vec(version(), 0..4))
        .prop_map(|(intervals, exact)| RangeSet::new(intervals, exact))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_text_gives_the_set_back(set in range_set()) {
        prop_assert_eq!(set.to_string().parse::<RangeSet>(), Ok(set));
    }

    #[test]
    fn only_canonical_texts_are_read(text in "[\\[(=]?[0-9%,]{0,5}[\\])]?( =[0-9%A-F]{0,4})?") {
        if let Ok(set) = text.parse::<RangeSet>() {
            // What repeats is said once, and everything includes the rest.
            prop_assert!(set.is_everything() || text.len() >= set.to_string().len());
            prop_assert_eq!(set.to_string().parse::<RangeSet>(), Ok(set));
        }
    }

    #[test]
    fn containing_agrees_with_the_order(
        scheme in prop::sample::select(&Scheme::ALL[..]), low in version(), high in version(), version in version(),
    ) {
        // Two tools change versions before they hold them against ranges: tests of their own say how.
        let is_changed = scheme == Scheme::Packagist || (scheme == Scheme::Pep440 && version.contains('+'));
        if is_changed {
            return Ok(());
        }
        let compare = |bound: &str| scheme.compare(version.as_bytes(), bound.as_bytes());
        let interval = Interval { low: Bound::Inclusive(low.clone()), high: Bound::Exclusive(high.clone()) };
        let set = RangeSet::new(vec![interval], Vec::new());
        let expected = compare(&low).is_ge() && compare(&high).is_lt();
        prop_assert_eq!(set.contains(scheme, version.as_bytes()), expected);
        let exact = RangeSet::new(Vec::new(), vec![low.clone()]);
        prop_assert_eq!(exact.contains(scheme, version.as_bytes()), compare(&low).is_eq());
    }
}

#[test]
fn a_complement_is_what_is_not_in_the_set() {
    for (set, expected) in [
        ("none", "(,)"),
        ("(,)", "none"),
        ("[1.0,2.0)", "(,1.0) [2.0,)"),
        ("(,1.0] (2.0,)", "(1.0,2.0]"),
        ("=1.5", "(,1.5) (1.5,)"),
        ("[3.0,4.0) [1.0,2.0) =2.5", "(,1.0) [2.0,2.5) (2.5,3.0) [4.0,)"),
        ("[1.0,3.0) [2.0,4.0)", "(,1.0) [4.0,)"),
    ] {
        let set: RangeSet = set.parse().unwrap();
        let complement = set.complement(Scheme::Semver).unwrap();
        assert_eq!(complement.to_string(), expected, "{set}");
        for version in ["0.5", "1.0", "1.5", "2.0", "2.5", "3.0", "4.0", "9.0"] {
            let version = version.as_bytes();
            let both = [&set, &complement].map(|one| one.contains(Scheme::Semver, version));
            assert_eq!(both.iter().filter(|inside| **inside).count(), 1, "{set} {version:?}");
        }
    }
    let many = (0..2000).map(|number| number.to_string()).collect();
    assert_eq!(RangeSet::new(Vec::new(), many).complement(Scheme::Semver), None);
}
