//! Image sources: OCI layouts, docker-archives, their manifests and configurations.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
