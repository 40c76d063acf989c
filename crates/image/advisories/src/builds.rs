//! Builds that a distribution of RPM packages keeps beside its usual ones.
//!
//! Oracle builds some packages a second time, for live patching (`2:1.1.1g-15.ksplice1.el8_3`) and as
//! certified cryptography (`10:3.6.16-4.0.1.el8_fips`), with an epoch that puts them above the usual
//! builds. Their versions compare with those of other builds, and the comparison says nothing.

use bulkhead_model::{Package, PackageType};

use crate::AffectedRow;

/// Marks in the release.
const MARKS: [&str; 2] = [".ksplice", "_fips"];

/// Whether the row is about builds as this package is: told by the version that has the fix.
pub(crate) fn concerns(row: &AffectedRow, package: &Package) -> bool {
    if package.package_type != PackageType::Rpm {
        return true;
    }
    let mut fixes = row.versions.upper_bounds();
    fixes.next().is_none_or(|fix| mark(fix) == mark(&package.version))
}

fn mark(version: &str) -> Option<&'static str> {
    MARKS.into_iter().find(|mark| version.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_of_their_builds() {
        for (version, expected) in [
            ("2:1.1.1g-15.ksplice1.el8_3", Some(".ksplice")),
            ("10:3.6.16-4.0.1.el8_fips", Some("_fips")),
            ("1:1.1.1g-15.el8_3", None),
            ("1:3.0.7-16.fips.el9", None),
        ] {
            assert_eq!(mark(version), expected, "{version}");
        }
    }
}
