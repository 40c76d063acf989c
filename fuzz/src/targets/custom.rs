//! The project's own advisory format.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
