//! Package databases, lock files and binaries.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
