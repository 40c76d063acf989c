//! Reports that are read back.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
