//! Small gzip members that lie in memory: decoded at once, with less work than a stream.

use bulkhead_limits::{Budget, Exceeded};
use libdeflater::Decompressor;

use super::gzip;
use crate::bytes::u32_le;

/// Deflate cannot expand a byte to more than this: a match of 258 bytes costs at least two bits.
pub(crate) const DEFLATE_RATIO: u64 = 1032;

/// Decodes a gzip file of one member into `output`, whose capacity is reused.
///
/// False, with `output` empty, where it is not one sound member that claims at most `limit` bytes,
/// or is empty: then [`decode`](super::decode) says what is wrong, or reads it nevertheless.
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
    if decoded != Ok(size) || !ends_with_trailer(member, output) {
        output.clear();
        return Ok(false);
    }
    budget.charge_bytes(size as u64)?;
    budget.check_ratio(member.len() as u64, size as u64)?;
    Ok(true)
}

/// The size in the last bytes, if deflate can reach it.
fn claimed_size(member: &[u8]) -> Option<usize> {
    if !gzip::begins(member) {
        return None;
    }
    let size = u32_le(member, member.len().checked_sub(4)?);
    let most = (member.len() as u64).saturating_mul(DEFLATE_RATIO);
    usize::try_from(size).ok().filter(|_| u64::from(size) <= most)
}

/// Whether the member whose content this is ends where the file does.
///
/// The fast decoder does not tell where it stopped. It has compared checksum and size with the
/// eight bytes there; so if they stand at the end of the file and nowhere else, that is where.
fn ends_with_trailer(member: &[u8], content: &[u8]) -> bool {
    let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut trailer = [0; 8];
    let (checksum, length) = trailer.split_at_mut(4);
    checksum.copy_from_slice(&libdeflater::crc32(content).to_le_bytes());
    length.copy_from_slice(&size.to_le_bytes());
    let place = memchr::memmem::find(member, &trailer);
    place.is_some() && place == member.len().checked_sub(8)
}
