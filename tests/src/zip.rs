//! A zip file of stored entries, as a jar may be.

use flate2::Crc;

/// A zip file with these entries, uncompressed (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and
/// 4.3.16).
///
/// # Panics
/// Past 4 GiB or 65535 entries, which need the 64-bit form.
#[must_use]
#[expect(clippy::expect_used, reason = "documented: a test that asks for more is wrong")]
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in entries {
        let offset = u32::try_from(file.len()).expect("below 4 GiB");
        let fields = fields(name, content);
        file.extend(b"PK\x03\x04");
        file.extend(&fields);
        file.extend(name.as_bytes());
        file.extend(*content);

        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&fields);
        // Comment, disk, and attributes: none.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).expect("below 65536 entries").to_le_bytes();
    let offset = u32::try_from(file.len()).expect("below 4 GiB").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("below 4 GiB").to_le_bytes();
    file.extend(directory);
    file.extend(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend(count);
    file.extend(count);
    file.extend(size);
    file.extend(offset);
    file.extend([0; 2]);
    file
}

/// What the local header and the central directory have in common: version, flags, method, time,
/// CRC-32, sizes, length of the name, no extra field.
#[expect(clippy::expect_used, reason = "as above")]
fn fields(name: &str, content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let size = u32::try_from(content.len()).expect("below 4 GiB").to_le_bytes();
    let name = u16::try_from(name.len()).expect("a short name").to_le_bytes();
    [
        &[0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x00][..],
        &crc.sum().to_le_bytes(),
        &size,
        &size,
        &name,
        &[0, 0],
    ]
    .concat()
}
