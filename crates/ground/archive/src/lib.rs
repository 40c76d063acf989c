//! Tar, zip, gzip, zstd and bzip2 under a budget: the only decoders of hostile input.

mod read_at;

pub use read_at::ReadAt;
