//! Tests, and what they come to on a system of the definition's release.

use std::collections::BTreeSet;

use bulkhead_versions::{Bound, Interval};

/// A test as it stands in the document.
#[derive(Debug, Default)]
pub(super) struct Test {
    pub(super) kind: Kind,
    /// Whether it holds where nothing is found: `check="none satisfy"`, `check_existence="none_exist"`.
    pub(super) is_inverse: bool,
    pub(super) object: String,
    /// A package for which there is no state need only be there.
    pub(super) state: Option<String>,
    /// `Module nodejs:18 is enabled`.
    pub(super) comment: String,
}

/// What a test looks at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A package: `dpkginfo_test`, `rpminfo_test`.
    Package,
    /// Which release the system is: `rpmverifyfile_test`.
    Release,
    /// Something that no list of packages tells: the running kernel, a file, a variable.
    #[default]
    Other,
}

impl Kind {
    pub(super) fn of(element: &str) -> Self {
        match element {
            "dpkginfo_test" | "rpminfo_test" => Self::Package,
            "rpmverifyfile_test" => Self::Release,
            _ => Self::Other,
        }
    }
}

impl Test {
    /// The module that it asks for: how a module is looked up differs, the comment does not.
    pub(super) fn module(&self) -> Option<&str> {
        self.comment.trim().strip_prefix("Module ")?.strip_suffix(" is enabled")
    }
}

/// The names that a test looks for.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) name: String,
    /// Names are the values of this variable.
    pub(super) variable: Option<String>,
    /// The name is a pattern.
    pub(super) is_pattern: bool,
}

/// What a package is compared with.
#[derive(Debug, Default)]
pub(super) struct State {
    /// None where it is about something else than the version: the key that signed the package.
    pub(super) version: Option<Comparison>,
    /// `aarch64|s390x|x86_64`; empty for all.
    pub(super) architectures: String,
}

/// A version, and how a package's own lies to it (OVAL, `OperationEnumeration`).
#[derive(Debug, Default, Clone)]
pub(super) struct Comparison {
    pub(super) operation: String,
    pub(super) version: String,
}

impl Comparison {
    /// The versions for which the comparison holds, or for which it does not.
    pub(super) fn versions(&self, negated: bool) -> Result<Interval, String> {
        // Generators write the epoch 0 out, which package managers never do.
        let version = self.version.strip_prefix("0:").unwrap_or(&self.version).to_owned();
        if version.is_empty() {
            return Err("a comparison with no version".to_owned());
        }
        let below = |high| Ok(Interval { low: Bound::Unbounded, high });
        let above = |low| Ok(Interval { low, high: Bound::Unbounded });
        match (self.operation.as_str(), negated) {
            ("less than", false) | ("greater than or equal", true) => {
                below(Bound::Exclusive(version))
            }
            ("less than or equal", false) | ("greater than", true) => {
                below(Bound::Inclusive(version))
            }
            ("greater than", false) | ("less than or equal", true) => {
                above(Bound::Exclusive(version))
            }
            ("greater than or equal", false) | ("less than", true) => {
                above(Bound::Inclusive(version))
            }
            ("equals" | "", false) | ("not equal", true) => Ok(Interval {
                low: Bound::Inclusive(version.clone()),
                high: Bound::Inclusive(version),
            }),
            (operation, _) => Err(format!("a comparison of versions by {operation:?}")),
        }
    }
}

/// The architectures of a pattern: alternatives, some in parentheses. Empty for any.
pub(super) fn architectures(pattern: &str) -> Result<BTreeSet<String>, String> {
    let plain = pattern.trim().trim_start_matches(['^', '(']).trim_end_matches(['$', ')']);
    if matches!(plain, "" | ".*" | ".+") {
        return Ok(BTreeSet::new());
    }
    let is_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    plain
        .split('|')
        .map(|name| Some(name).filter(is_name).map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("architectures {}", crate::feeds::texts::quote(pattern)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_are_alternatives() {
        let shown = |pattern| {
            architectures(pattern).map(|all| all.into_iter().collect::<Vec<_>>().join(" ")).ok()
        };
        assert_eq!(shown("x86_64|aarch64").as_deref(), Some("aarch64 x86_64"));
        assert_eq!(shown("^(i[3-6]86)$"), None);
        assert_eq!(shown("(s390x)").as_deref(), Some("s390x"));
        assert_eq!(shown(".*").as_deref(), Some(""));
        assert_eq!(shown("").as_deref(), Some(""));
    }

    #[test]
    fn comparisons_and_their_opposites_are_intervals() {
        for (operation, negated, expected) in [
            ("less than", false, Some("(,1-2)")),
            ("less than", true, Some("[1-2,)")),
            ("less than or equal", false, Some("(,1-2]")),
            ("greater than", false, Some("(1-2,)")),
            ("equals", false, Some("[1-2,1-2]")),
            ("equals", true, None),
            ("pattern match", false, None),
        ] {
            let comparison =
                Comparison { operation: operation.to_owned(), version: "0:1-2".to_owned() };
            let versions = comparison.versions(negated).ok();
            let shown = versions
                .map(|one| bulkhead_versions::RangeSet::new(vec![one], Vec::new()).to_string());
            assert_eq!(shown.as_deref(), expected, "{operation} {negated}");
        }
    }
}
