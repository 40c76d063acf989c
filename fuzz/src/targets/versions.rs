//! Version orders and ranges.

use std::cmp::Ordering;

use bulkhead_versions::{RangeSet, Scheme};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    order("order-dpkg", |bytes| compare(Scheme::Dpkg, bytes)),
    order("order-apk", |bytes| compare(Scheme::Apk, bytes)),
    order("order-rpm", |bytes| compare(Scheme::Rpm, bytes)),
    order("order-maven", |bytes| compare(Scheme::Maven, bytes)),
    order("order-pep440", |bytes| compare(Scheme::Pep440, bytes)),
    order("order-npm", |bytes| compare(Scheme::Npm, bytes)),
    order("order-semver", |bytes| compare(Scheme::Semver, bytes)),
    order("order-gem", |bytes| compare(Scheme::Gem, bytes)),
    order("order-nuget", |bytes| compare(Scheme::NuGet, bytes)),
    order("order-packagist", |bytes| compare(Scheme::Packagist, bytes)),
    order("order-cran", |bytes| compare(Scheme::Cran, bytes)),
    order("order-hackage", |bytes| compare(Scheme::Hackage, bytes)),
    order("order-pub", |bytes| compare(Scheme::Pub, bytes)),
    order("order-go", |bytes| compare(Scheme::Go, bytes)),
    order("order-pacman", |bytes| compare(Scheme::Pacman, bytes)),
    order("order-conan", |bytes| compare(Scheme::Conan, bytes)),
    order("order-bitnami", |bytes| compare(Scheme::Bitnami, bytes)),
    Target { name: "version-range", run: read_range, seeds: range_seeds, data: &[] },
    Target { name: "stored-version-range", run: read_stored_range, seeds: stored_seeds, data: &[] },
];

const fn order(name: &'static str, run: fn(&[u8]) -> bool) -> Target {
    Target { name, run, seeds: order_seeds, data: &[] }
}

/// Holds three versions, one a line, to the laws of an order; true where the first is valid.
fn compare(scheme: Scheme, bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let mut versions = [next(), next(), next()];
    let is_valid = scheme.is_valid(versions[0]);
    versions.sort_by(|left, right| scheme.compare(left, right));
    let [first, second, third] = versions;
    let steps = [scheme.compare(first, second), scheme.compare(second, third)];
    assert!(steps.iter().all(|step| step.is_le()), "{scheme:?} orders nothing");
    assert_eq!(scheme.compare(second, first), steps[0].reverse(), "{scheme:?} depends on the side");
    let expected = if steps == [Ordering::Equal; 2] { Ordering::Equal } else { Ordering::Less };
    assert_eq!(scheme.compare(first, third), expected, "{scheme:?} goes in a circle");
    is_valid
}

/// Versions that some scheme accepts, and the corners of each.
fn order_seeds() -> Vec<Vec<u8>> {
    [
        "1.2.3\n1.2.4\n1.10.0",
        "v1.2.3\nv1.2.3+incompatible\nv0.0.0-20210101000000-abcdefabcdef",
        "go1.21\ngo1.21rc2\n1.21.0-rc.2",
        "2.0.0.RC1\n2.0.0\n2.0.0-1",
        "1.0.Final-redhat-1\n1-0-ga-0.1\n1.0.0.0-sp",
        "1!1.0a1.post2.dev3+local.1\n0.9-doduo\n1.0-1",
        "1:1.0~rc1-1+deb12u1\n1.0^git1-1.el9\n1.0~~",
        "1.2.3a_rc1~abcdef-r1\n1.2_p1\n0..1",
        "1.0.a.0.b\n1.a\n1-a.0",
        "dev-main\n2.x-dev\n1.0-RC1.#.pl3",
        "000000000000000000001\n1\n99999999999999999999999999",
        "\n-\n\u{0}.~^",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Reads a range in the notation of every scheme; what is read has a text that gives it back.
fn read_range(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut is_read = false;
    for scheme in Scheme::ALL {
        if let Ok(set) = scheme.parse_range(&text) {
            is_read = true;
            set.contains(scheme, b"1.2.3");
            assert_eq!(set.to_string().parse().as_ref(), Ok(&set), "{scheme:?}");
        }
    }
    is_read
}

fn range_seeds() -> Vec<Vec<u8>> {
    [
        "<1.2.3||>=2.0.0 <2.0.5",
        ">=1.0,<2,!=1.5 || ==3.* || ~=4.1",
        "[1.0,2.0),(,0.5],[3.0]",
        "^1.2 || ~> 2.3 || 1.x || 1.0 - 2.0 || *",
        "1!2.* || ^>=1.2 && <3",
        "[1,2",
        ">=",
        "<>1 || ",
        "==1,==2",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn read_stored_range(bytes: &[u8]) -> bool {
    let Ok(set) = String::from_utf8_lossy(bytes).parse::<RangeSet>() else { return false };
    assert_eq!(set.to_string().parse().as_ref(), Ok(&set));
    true
}

fn stored_seeds() -> Vec<Vec<u8>> {
    ["[1.2,1.5) (2.0,2.1] =3.0", "(,)", "none", "=%% (,%5B%20%C3%A9]", "[,1)", "=%", "(1", "=1  =2"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}
