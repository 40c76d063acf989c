//! Tar archives from their fields, sound and odd ones: nothing is checked or corrected.

/// A header block whose fields are given as they shall stand there.
#[derive(Debug, Clone)]
pub(crate) struct HeaderBlock {
    pub(crate) name: Vec<u8>,
    pub(crate) mode: Vec<u8>,
    pub(crate) uid: Vec<u8>,
    pub(crate) gid: Vec<u8>,
    pub(crate) size: Vec<u8>,
    pub(crate) modified: Vec<u8>,
    pub(crate) type_flag: u8,
    pub(crate) link: Vec<u8>,
    pub(crate) magic: &'static [u8],
    /// From byte 345: a prefix, or what the format has there.
    pub(crate) tail: Vec<u8>,
}

pub(crate) const USTAR: &[u8] = b"ustar\x0000";
pub(crate) const GNU: &[u8] = b"ustar  \0";
pub(crate) const V7: &[u8] = b"";

impl HeaderBlock {
    /// A sound header.
    pub(crate) fn new(name: &[u8], type_flag: u8, size: u64) -> Self {
        Self {
            name: name.to_vec(),
            mode: b"0000644\0".to_vec(),
            uid: b"0001750\0".to_vec(),
            gid: b"0001751\0".to_vec(),
            size: octal(size, 12),
            modified: octal(1_700_000_000, 12),
            type_flag,
            link: Vec::new(),
            magic: USTAR,
            tail: Vec::new(),
        }
    }

    /// The block with its right checksum.
    pub(crate) fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |start: usize, length: usize, bytes: &[u8]| {
            let count = bytes.len().min(length);
            block[start..start + count].copy_from_slice(&bytes[..count]);
        };
        put(0, 100, &self.name);
        put(100, 8, &self.mode);
        put(108, 8, &self.uid);
        put(116, 8, &self.gid);
        put(124, 12, &self.size);
        put(136, 12, &self.modified);
        put(156, 1, &[self.type_flag]);
        put(157, 100, &self.link);
        put(257, 8, self.magic);
        put(345, 167, &self.tail);
        set_checksum(&mut block);
        block
    }
}

/// Writes the checksum that the block's other bytes have.
pub(crate) fn set_checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block[..512].iter().map(|byte| u64::from(*byte)).sum();
    block[148..155].copy_from_slice(&octal(sum, 7));
}

/// Octal digits and a NUL, `width` bytes in all.
pub(crate) fn octal(value: u64, width: usize) -> Vec<u8> {
    format!("{value:0digits$o}\0", digits = width - 1).into_bytes()
}

/// Content, filled up to whole blocks.
pub(crate) fn padded(content: &[u8]) -> Vec<u8> {
    let mut padded = content.to_vec();
    padded.resize(content.len().next_multiple_of(512), 0);
    padded
}

/// A header with its content.
pub(crate) fn member(name: &[u8], type_flag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = HeaderBlock::new(name, type_flag, content.len() as u64).block().to_vec();
    bytes.extend(padded(content));
    bytes
}

/// A PAX record.
pub(crate) fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"].concat()
}

/// The end mark.
pub(crate) const END: [u8; 1024] = [0; 1024];
