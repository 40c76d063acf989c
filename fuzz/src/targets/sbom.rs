//! Bills of materials.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
