//! Small gzip members that lie in memory: decoded at once, about twice as fast as a stream.

use bulkhead_limits::{Budget, Exceeded};
use libdeflater::Decompressor;

use super::gzip;
use crate::bytes::u32_le;

/// Deflate cannot expand a byte to more than this: a match of 258 bytes costs at least two bits.
pub(crate) const DEFLATE_RATIO: u64 = 1032;

/// Decodes a gzip file of one member into `output`, whose capacity is reused.
///
/// False, with `output` empty, where it is not one sound member that claims at most `limit` bytes:
/// then [`decode`](super::decode) says what is wrong, or reads it nevertheless.
pub fn gunzip_whole(
    member: &[u8],
    limit: usize,
    budget: &Budget,
    output: &mut Vec<u8>,
) -> Result<bool, Exceeded> {
    output.clear();
    let Some(size) = claimed_size(member).filter(|size| *size <= limit) else { return Ok(false) };
    output.resize(size, 0);
    let decoded = Decompressor::new().gzip_decompress(member, output);
    if decoded != Ok(size) {
        output.clear();
        return Ok(false);
    }
    budget.charge_bytes(size as u64)?;
    budget.check_ratio(member.len() as u64, size as u64)?;
    Ok(true)
}

/// The size in the trailer, if it is plausible and surely the only member's.
fn claimed_size(member: &[u8]) -> Option<usize> {
    if !gzip::begins(member) || has_another_member(member) {
        return None;
    }
    let size = u32_le(member, member.len().checked_sub(4)?);
    let most = (member.len() as u64).saturating_mul(DEFLATE_RATIO);
    usize::try_from(size).ok().filter(|_| u64::from(size) <= most)
}

/// The fast decoder does not tell where a member ends, so that bytes which could begin another one
/// send the file to the stream; in 1 MiB of compressed data that happens by chance once in 16.
fn has_another_member(member: &[u8]) -> bool {
    let rest = member.get(1..).unwrap_or_default();
    memchr::memmem::find(rest, &[0x1f, 0x8b, 8]).is_some()
}
