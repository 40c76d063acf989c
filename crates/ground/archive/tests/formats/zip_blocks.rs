//! Zips from their records, sound and odd ones: nothing is checked or corrected.

use std::io::Write as _;

/// A zip under construction: local headers with data, and the directory that will follow them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Zip {
    /// From the start of the file: a prefix may be put there first.
    pub(crate) bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u64,
    /// Bytes in front that offsets do not count.
    pub(crate) prefix: usize,
}

/// An entry whose fields are given as they shall stand there.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) data: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) checksum: u32,
    /// Sizes and offset stand in the 64-bit extra field.
    pub(crate) wide: bool,
}

impl<'a> Member<'a> {
    pub(crate) fn stored(name: &'a [u8], content: &[u8]) -> Self {
        let (size, checksum) = (content.len() as u64, libdeflater::crc32(content));
        Self { name, method: 0, flags: 0, data: content.to_vec(), size, checksum, wide: false }
    }

    pub(crate) fn deflated(name: &'a [u8], content: &[u8]) -> Self {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        Self { method: 8, data: encoder.finish().unwrap(), ..Self::stored(name, content) }
    }
}

impl Zip {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn stored(&mut self, name: &[u8], content: &[u8]) {
        self.add(&Member::stored(name, content));
    }

    pub(crate) fn deflated(&mut self, name: &[u8], content: &[u8]) {
        self.add(&Member::deflated(name, content));
    }

    /// Adds an entry; with a data descriptor (flag 8), the local header has no sizes.
    pub(crate) fn add(&mut self, member: &Member<'_>) {
        let offset = (self.bytes.len() - self.prefix) as u64;
        let streamed = member.flags & 8 != 0;
        let (checksum, compressed, size) = if streamed {
            (0, 0, 0)
        } else {
            (member.checksum, member.data.len() as u64, member.size)
        };
        self.bytes.extend(b"PK\x03\x04\x14\0");
        self.bytes.extend(fields(member, checksum, narrow(compressed), narrow(size)));
        self.bytes.extend([0, 0]);
        self.bytes.extend(member.name);
        self.bytes.extend(&member.data);
        if streamed {
            self.bytes.extend(b"PK\x07\x08");
            for number in [member.checksum, narrow(member.data.len() as u64), narrow(member.size)] {
                self.bytes.extend(number.to_le_bytes());
            }
        }
        self.record(member, offset);
    }

    /// Lists the data of the last entry once more.
    pub(crate) fn again(&mut self, name: &[u8]) {
        let length = self.directory.len();
        let last = self.directory.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
        let mut record = self.directory[last..length].to_vec();
        record.truncate(46);
        record[28..30].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        self.directory.extend([&record, name].concat());
        self.entries += 1;
    }

    fn record(&mut self, member: &Member<'_>, offset: u64) {
        let compressed = member.data.len() as u64;
        let mut extra = Vec::new();
        if member.wide {
            extra.extend(b"\x99\x99\x02\0??\x01\0\x18\0");
            for number in [member.size, compressed, offset] {
                extra.extend(number.to_le_bytes());
            }
        }
        let number = |number: u64| if member.wide { u32::MAX } else { narrow(number) };
        self.directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        self.directory.extend(fields(
            member,
            member.checksum,
            number(compressed),
            number(member.size),
        ));
        self.directory.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        self.directory.extend([0; 6]);
        self.directory.extend((0o100_644_u32 << 16).to_le_bytes());
        self.directory.extend(number(offset).to_le_bytes());
        self.directory.extend(member.name);
        self.directory.extend(extra);
        self.entries += 1;
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.finish_with(b"", 0)
    }

    /// Adds directory and end record; the count of entries is raised by a lie.
    pub(crate) fn finish_with(mut self, comment: &[u8], lie: u64) -> Vec<u8> {
        let offset = self.bytes.len() - self.prefix;
        self.bytes.extend(&self.directory);
        let entries = (self.entries + lie).to_le_bytes();
        self.end(
            [entries[0], entries[1]],
            narrow(self.directory.len() as u64),
            narrow(offset as u64),
        );
        self.bytes.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
        self.bytes.extend(comment);
        self.bytes
    }

    /// As [`Zip::finish`], with the end records of 64 bits.
    pub(crate) fn finish_wide(mut self, lie: u64) -> Vec<u8> {
        let offset = (self.bytes.len() - self.prefix) as u64;
        self.bytes.extend(&self.directory);
        let position = (self.bytes.len() - self.prefix) as u64;
        self.bytes.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
        let entries = self.entries + lie;
        for number in [entries, entries, self.directory.len() as u64, offset] {
            self.bytes.extend(number.to_le_bytes());
        }
        self.bytes.extend(b"PK\x06\x07\0\0\0\0");
        self.bytes.extend(position.to_le_bytes());
        self.bytes.extend([1, 0, 0, 0]);
        self.end([0xff, 0xff], u32::MAX, u32::MAX);
        self.bytes.extend([0, 0]);
        self.bytes
    }

    fn end(&mut self, entries: [u8; 2], size: u32, offset: u32) {
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend([entries, entries].concat());
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend(offset.to_le_bytes());
    }
}

/// What local headers and records of the directory share, from the flags to the name's length.
fn fields(member: &Member<'_>, checksum: u32, compressed: u32, size: u32) -> Vec<u8> {
    [
        &member.flags.to_le_bytes()[..],
        &member.method.to_le_bytes(),
        &[0; 4],
        &checksum.to_le_bytes(),
        &compressed.to_le_bytes(),
        &size.to_le_bytes(),
        &u16::try_from(member.name.len()).unwrap().to_le_bytes(),
    ]
    .concat()
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap()
}
