//! Ranges in `vers:` notation (VERS specification).

use std::cmp::Ordering;

use bulkhead_versions::Scheme;

/// Constraints that are read of one range.
const MOST: usize = 1_000;

/// One comparison of a range.
#[derive(Clone, Copy)]
struct Constraint<'a> {
    comparator: &'a str,
    version: &'a str,
}

/// Whether a version lies in a range; none where the range, or the order of its versions, is not
/// understood. `kind` is the package URL type of what it is about, for ranges that name none.
pub(super) fn contains(range: &str, version: &str, kind: Option<&str>) -> Option<bool> {
    let (scheme, constraints) = range.trim().strip_prefix("vers:")?.split_once('/')?;
    let constraints = constraints.trim();
    if constraints == "*" {
        return Some(true);
    }
    let scheme = match scheme {
        "generic" => order(kind?),
        named => order(named),
    }?;
    let mut read: Vec<Constraint<'_>> = Vec::new();
    for text in constraints.split('|').map(str::trim).filter(|text| !text.is_empty()) {
        read.push(constraint(text)?);
    }
    if read.is_empty() || read.len() > MOST {
        return None;
    }
    Some(decide(scheme, read, version))
}

/// The algorithm of the specification ("Checking if a version is contained within a range"), over
/// constraints that need not be sorted.
fn decide(scheme: Scheme, mut constraints: Vec<Constraint<'_>>, version: &str) -> bool {
    let compare = |one: &str, other: &str| scheme.compare(one.as_bytes(), other.as_bytes());
    for constraint in &constraints {
        if compare(version, constraint.version) == Ordering::Equal {
            match constraint.comparator {
                "!=" => return false,
                "=" | "<=" | ">=" => return true,
                _ => {}
            }
        }
    }
    constraints.retain(|it| it.comparator.starts_with(['<', '>']));
    constraints.sort_by(|one, other| compare(one.version, other.version));
    let below = |it: &Constraint<'_>| it.comparator.starts_with('<');
    let is_less = |it: &Constraint<'_>| compare(version, it.version) == Ordering::Less;
    let is_greater = |it: &Constraint<'_>| compare(version, it.version) == Ordering::Greater;
    constraints.first().is_some_and(|first| below(first) && is_less(first))
        || constraints.last().is_some_and(|last| !below(last) && is_greater(last))
        || constraints
            .iter()
            .zip(constraints.iter().skip(1))
            .any(|(low, high)| !below(low) && below(high) && is_greater(low) && is_less(high))
}

fn constraint(text: &str) -> Option<Constraint<'_>> {
    let comparators = ["!=", "<=", ">=", "<", ">", "="];
    let found = comparators.into_iter().find_map(|it| Some((it, text.strip_prefix(it)?)));
    let (comparator, version) = found.unwrap_or(("=", text));
    let version = version.trim();
    (!version.is_empty()).then_some(Constraint { comparator, version })
}

/// The order of the versions of a type, by its name in ranges and package URLs.
fn order(kind: &str) -> Option<Scheme> {
    Some(match kind {
        "deb" => Scheme::Dpkg,
        "apk" | "alpine" => Scheme::Apk,
        "rpm" => Scheme::Rpm,
        "maven" => Scheme::Maven,
        "pypi" => Scheme::Pep440,
        "npm" => Scheme::Npm,
        "semver" | "cargo" | "hex" | "conan" | "bitnami" | "github" => Scheme::Semver,
        "gem" => Scheme::Gem,
        "nuget" => Scheme::NuGet,
        "composer" => Scheme::Packagist,
        "cran" => Scheme::Cran,
        "hackage" => Scheme::Hackage,
        "pub" => Scheme::Pub,
        "golang" | "go" => Scheme::Go,
        "alpm" | "arch" => Scheme::Pacman,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, version, expected) in [
            ("vers:npm/*", "1.0.0", Some(true)),
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3", Some(true)),
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.4", Some(false)),
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "4.9.9", Some(true)),
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "5.0.0", Some(false)),
            ("vers:npm/>=1.0.0|!=1.5.0", "1.5.0", Some(false)),
            ("vers:npm/>=1.0.0|!=1.5.0", "1.5.1", Some(true)),
            ("vers:semver/<7.0.0|>=1.5.0", "1.5.0", Some(true)),
            ("vers:semver/<7.0.0|>=1.5.0", "1.4.9", Some(false)),
            ("vers:semver/<1.5.0|>=7.0.0", "0.1.0", Some(true)),
            ("vers:semver/<1.5.0|>=7.0.0", "5.0.0", Some(false)),
            ("vers:semver/<1.5.0|>=7.0.0", "7.0.0", Some(true)),
            ("vers:deb/<1.0-1", "1.0~rc1-1", Some(true)),
            ("vers:generic/>=2.9|<=4.1", "3.0", Some(true)),
            ("vers:cobol/<1", "0", None),
            ("vers:npm/", "0", None),
            ("vers:npm/<", "0", None),
            ("< 1.2", "1.0", None),
            ("", "1.0", None),
        ] {
            assert_eq!(contains(range, version, Some("maven")), expected, "{range} {version}");
        }
    }
}
