//! Dart's order: `pub_semver`, where build metadata counts.

use std::cmp::Ordering;

use super::semver::{self, Version};

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let compare_build = || match (Version::read(left).build, Version::read(right).build) {
        (Some(left), Some(right)) => semver::compare_identifiers(
            semver::identifiers(left),
            semver::identifiers(right),
            <[u8]>::cmp,
        ),
        (left, right) => left.is_some().cmp(&right.is_some()),
    };
    semver::compare(left, right).then_with(compare_build)
}

/// Whether `Version.parse` accepts the text: zeros before numbers are fine.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Version { prefix, core, pre, build } = Version::read(text);
    prefix.is_empty()
        && core.split(|&byte| byte == b'.').count() == 3
        && core.first().is_some_and(u8::is_ascii_digit)
        && text.get(core.len()).is_none_or(|byte| b"-+".contains(byte))
        && pre.is_none_or(semver::is_identifiers)
        && build.is_none_or(semver::is_identifiers)
}
