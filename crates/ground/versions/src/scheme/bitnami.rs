//! The order of Bitnami's application packages: semantic versions whose number behind a hyphen is the
//! revision of the package. `2.4.51-1` is `2.4.51` packed a second time, hence newer.

use std::cmp::Ordering;

use super::semver::{self, Version};
use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    super::dotted::compare_padded(left.core, right.core).then_with(|| {
        match (left.pre.filter(is_revision), right.pre.filter(is_revision)) {
            (None, None) => semver::compare_pre(left.pre, right.pre, <[u8]>::cmp),
            (left, right) => left
                .is_some()
                .cmp(&right.is_some())
                .then_with(|| digits::compare(left.unwrap_or_default(), right.unwrap_or_default())),
        }
    })
}

/// Whether the text has one to four numbers, and behind them a revision or a pre-release.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Version { prefix, core, pre, build } = Version::read(text);
    let parts = core.split(|&byte| byte == b'.').count();
    prefix.is_empty()
        && (1..=4).contains(&parts)
        && core.split(|&byte| byte == b'.').all(digits::are_digits)
        && pre.is_none_or(semver::is_identifiers)
        && build.is_none_or(semver::is_identifiers)
}

fn is_revision(pre: &&[u8]) -> bool {
    digits::are_digits(pre)
}
