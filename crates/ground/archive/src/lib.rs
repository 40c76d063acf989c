//! Tar, zip, gzip, zstd, bzip2 and xz under a budget: the only decoders of hostile input.
//!
//! [`decode`] takes a compressed stream apart, [`tar::Reader`] walks a tar as containerd would,
//! [`zip::Archive`] lists a zip by its central directory as Java would. All of them charge what they
//! produce to a [`bulkhead_limits::Budget`], keep their own memory small whatever the input claims,
//! and tell what was odd as a list of [`Odd`] instead of failing where the rest can still be read.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod bytes;
mod decode;
mod error;
mod odd;
mod read_at;
mod source;
pub mod tar;
pub mod zip;

pub use decode::{Compression, Decoder, decode, gunzip_whole, zlib_whole};
pub use error::Error;
pub use odd::Odd;
pub use read_at::ReadAt;
