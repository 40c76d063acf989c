//! NuGet's order: semantic versions with up to four numbers, labels without regard to case.

use std::cmp::Ordering;

use super::dotted;
use super::semver::{self, Version};

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    dotted::compare_padded(left.core, right.core)
        .then_with(|| semver::compare_pre(left.pre, right.pre, dotted::compare_ignoring_case))
}

/// Whether `NuGetVersion.TryParse` accepts the text: zeros before numbers are fine.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let Version { prefix, core, pre, build } = Version::read(text);
    prefix.is_empty()
        && core.first().is_some_and(u8::is_ascii_digit)
        && core.split(|&byte| byte == b'.').count() <= 4
        && text.get(core.len()).is_none_or(|byte| b"-+".contains(byte))
        && pre.is_none_or(semver::is_identifiers)
        && build.is_none_or(semver::is_identifiers)
}
