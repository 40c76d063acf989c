//! Advisory feeds in their publishers' formats.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
