//! Small compressed content that lies in memory: decoded at once, with less work than a stream.

use bulkhead_limits::{Budget, Exceeded};
use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;

use super::gzip;
use crate::Error;
use crate::bytes::u32_le;

/// Deflate cannot expand a byte to more than this: a match of 258 bytes costs at least two bits.
pub(crate) const DEFLATE_RATIO: u64 = 1032;

/// How much content of unknown size is inflated at once.
pub(crate) const STEP: usize = 64 << 10;

/// Decodes a stream of RFC 1950 of at most `limit` bytes. What follows its end is passed over.
pub fn zlib_whole(stream: &[u8], limit: u64, budget: &Budget) -> Result<Vec<u8>, Error> {
    let content = inflate_by_steps(Decompress::new(true), stream, 0, limit)?;
    budget.charge_bytes(content.len() as u64)?;
    budget.check_ratio(stream.len() as u64, content.len() as u64)?;
    Ok(content)
}

/// Inflates data whose size nobody claims, or with a lie. `position` is where it stands in its file.
pub(crate) fn inflate_by_steps(
    mut inflate: Decompress,
    data: &[u8],
    position: u64,
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    loop {
        within(content.len() as u64, limit)?;
        content.reserve(STEP);
        let taken = usize::try_from(inflate.total_in()).unwrap_or(usize::MAX);
        let rest = data.get(taken..).unwrap_or_default();
        let before = content.len();
        let status = inflate
            .decompress_vec(rest, &mut content, FlushDecompress::None)
            .map_err(|_| Error::Malformed { position, what: "damaged deflate data" })?;
        let moved = content.len() > before || inflate.total_in() > taken as u64;
        match status {
            Status::StreamEnd => {
                within(content.len() as u64, limit)?;
                return Ok(content);
            }
            Status::Ok | Status::BufError if moved => {}
            Status::Ok | Status::BufError => {
                return Err(Error::Truncated { position, part: "deflate data" });
            }
        }
    }
}

pub(crate) fn within(size: u64, limit: u64) -> Result<(), Exceeded> {
    if size > limit { Err(Exceeded::FileBytes { size, limit }) } else { Ok(()) }
}

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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use bulkhead_limits::Limits;
    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    #[test]
    fn zlib_streams_within_their_limit() {
        let content = b"bulkhead ".repeat(20_000);
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&content).unwrap();
        let stream = encoder.finish().unwrap();
        let size = content.len() as u64;
        let budget = Budget::new(Limits::DEFAULT);
        let read = |stream: &[u8], limit| zlib_whole(stream, limit, &budget);
        assert_eq!(read(&stream, size).unwrap(), content);
        assert_eq!(read(&[stream.as_slice(), b"\0\0more"].concat(), size).unwrap(), content);
        assert!(matches!(read(&stream, size - 1), Err(Error::Limit(_))));
        let cut = &stream[..stream.len() - 6];
        assert!(matches!(read(cut, size), Err(Error::Truncated { .. })));
        assert!(matches!(read(b"no zlib", size), Err(Error::Malformed { .. })));
        let poor = Budget::new(Limits { bytes: 9, ..Limits::DEFAULT });
        assert!(matches!(zlib_whole(&stream, size, &poor), Err(Error::Limit(_))));
    }
}
