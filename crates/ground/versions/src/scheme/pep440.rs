//! Python's order: PEP 440 with its normal forms, and the order that setuptools gave to versions
//! that are none, all of which come before.

mod legacy;
mod version;

use std::cmp::Ordering;

use self::version::Version;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    match (Version::read(left), Version::read(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        (None, None) => legacy::compare(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

/// Whether the text is a version of PEP 440, in any of the forms that it accepts.
pub(super) fn is_valid(text: &[u8]) -> bool {
    Version::read(text).is_some()
}
