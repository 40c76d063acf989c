//! Fixed-width fields of binary headers, without a panic where one is cut off.

/// `length` bytes from `start`; empty where the slice ends before.
pub(crate) fn field(bytes: &[u8], start: usize, length: usize) -> &[u8] {
    bytes.get(start..start.saturating_add(length)).unwrap_or_default()
}

/// A little-endian number of two bytes; 0 where the slice ends before.
pub(crate) fn u16_le(bytes: &[u8], start: usize) -> u16 {
    field(bytes, start, 2).try_into().map_or(0, u16::from_le_bytes)
}

/// A little-endian number of four bytes; 0 where the slice ends before.
pub(crate) fn u32_le(bytes: &[u8], start: usize) -> u32 {
    field(bytes, start, 4).try_into().map_or(0, u32::from_le_bytes)
}

/// A little-endian number of eight bytes; 0 where the slice ends before.
pub(crate) fn u64_le(bytes: &[u8], start: usize) -> u64 {
    field(bytes, start, 8).try_into().map_or(0, u64::from_le_bytes)
}
