//! Decoders of archives: tar, zip, gzip, zstd, bzip2.

use crate::Target;

pub(super) const TARGETS: &[Target] = &[];
