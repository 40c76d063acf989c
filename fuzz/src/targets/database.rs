//! The advisory database file.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
