//! The decoders on real, odd and hostile archives.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its input must fail")]

mod bombs;
mod decoding;
mod differential;
mod random;
mod real_tar;
mod tar_blocks;
mod zip_blocks;
mod zip_reading;
