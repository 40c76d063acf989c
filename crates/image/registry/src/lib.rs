//! Images and other artifacts in OCI registries.
