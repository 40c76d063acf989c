//! Version orders and ranges.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
