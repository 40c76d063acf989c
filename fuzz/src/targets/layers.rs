//! What a worker process sends back about a layer.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
