//! The smallest binaries of each format that hold build information.

fn size(bytes: impl AsRef<[u8]>) -> u32 {
    u32::try_from(bytes.as_ref().len()).unwrap()
}

/// The list of modules between its marks.
pub(super) fn framed(modules: &str) -> Vec<u8> {
    [b"0123456789abcdef", modules.as_bytes(), b"fedcba9876543210"].concat()
}

/// Strings in line, as since Go 1.18.
pub(super) fn inline_blob(version: &str, modules: &[u8]) -> Vec<u8> {
    let mut blob = b"\xff Go buildinf:\x08\x02".to_vec();
    blob.resize(32, 0);
    for text in [version.as_bytes(), modules] {
        let mut length = text.len();
        while length >= 0x80 {
            blob.push((length & 0x7f).to_le_bytes()[0] | 0x80);
            length >>= 7;
        }
        blob.push(length.to_le_bytes()[0]);
        blob.extend(text);
    }
    blob
}

/// Pointers of four big-endian bytes, as before Go 1.18; for a blob that lies at `base`.
pub(super) fn pointer_blob(base: u32, version: &str, modules: &[u8]) -> Vec<u8> {
    let mut blob = b"\xff Go buildinf:\x04\x01".to_vec();
    let (headers, strings) = (base + 32, base + 48);
    for word in [headers, headers + 8, 0, 0] {
        blob.extend(word.to_be_bytes());
    }
    let second = strings + size(version);
    for word in [strings, size(version), second, size(modules)] {
        blob.extend(word.to_be_bytes());
    }
    [blob.as_slice(), version.as_bytes(), modules].concat()
}

const BASE: u32 = 0x10000;

/// ELF of 64 bits with one segment that can be written, and no sections.
pub(super) fn elf64(blob: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    for half in [2_u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    for word in [0_u64, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 1, 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    file.extend([1_u32, 6].map(u32::to_le_bytes).concat());
    let size = blob.len() as u64;
    for word in [128_u64, BASE.into(), BASE.into(), size, size, 16] {
        file.extend(word.to_le_bytes());
    }
    file.resize(128, 0);
    [file.as_slice(), blob].concat()
}

/// ELF of 32 bits, the high byte first.
pub(super) fn elf32_big(version: &str, modules: &[u8]) -> Vec<u8> {
    let blob = pointer_blob(BASE, version, modules);
    let mut file = b"\x7fELF\x01\x02\x01".to_vec();
    file.resize(16, 0);
    for half in [2_u16, 8] {
        file.extend(half.to_be_bytes());
    }
    for word in [1_u32, 0, 52, 0, 0] {
        file.extend(word.to_be_bytes());
    }
    for half in [52_u16, 32, 1, 40, 0, 0] {
        file.extend(half.to_be_bytes());
    }
    let length = size(&blob);
    for word in [1_u32, 96, BASE, BASE, length, length, 6, 16] {
        file.extend(word.to_be_bytes());
    }
    file.resize(96, 0);
    [file, blob].concat()
}

/// PE of 64 bits with one section of data.
pub(super) fn pe64(blob: &[u8]) -> Vec<u8> {
    let mut file = b"MZ".to_vec();
    file.resize(60, 0);
    file.extend(64_u32.to_le_bytes());
    file.extend(b"PE\0\0\x64\x86\x01\0");
    file.extend([0; 12]);
    file.extend([240_u16, 2].map(u16::to_le_bytes).concat());
    let optional = file.len();
    file.extend(0x20b_u16.to_le_bytes());
    file.resize(optional + 24, 0);
    file.extend(0x1_4000_0000_u64.to_le_bytes());
    file.resize(optional + 108, 0);
    file.extend(16_u32.to_le_bytes());
    file.resize(optional + 240, 0);
    file.extend(b".data\0\0\0");
    for word in [size(blob), 0x1000, size(blob), 512, 0, 0, 0, 0xc000_0040] {
        file.extend(word.to_le_bytes());
    }
    file.resize(512, 0);
    [file.as_slice(), blob].concat()
}

/// Mach-O of 64 bits with the section that the linker makes.
pub(super) fn macho64(blob: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xfeed_facf_u32, 0x0100_0007, 3, 2, 1, 152, 0, 0, 0x19, 152] {
        file.extend(word.to_le_bytes());
    }
    file.extend(b"__DATA\0\0\0\0\0\0\0\0\0\0");
    let size = blob.len() as u64;
    for word in [u64::from(BASE), size, 192, size] {
        file.extend(word.to_le_bytes());
    }
    for word in [3_u32, 3, 1, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(b"__go_buildinfo\0\0__DATA\0\0\0\0\0\0\0\0\0\0");
    for word in [u64::from(BASE), size] {
        file.extend(word.to_le_bytes());
    }
    file.extend([192_u32, 4].map(u32::to_le_bytes).concat());
    file.resize(192, 0);
    [file.as_slice(), blob].concat()
}

/// A universal binary around one of 64 bits.
pub(super) fn universal(blob: &[u8]) -> Vec<u8> {
    let inner = macho64(blob);
    let mut file = Vec::new();
    for word in [0xcafe_babe_u32, 1, 0x0100_0007, 3, 64, size(&inner), 4] {
        file.extend(word.to_be_bytes());
    }
    file.resize(64, 0);
    [file, inner].concat()
}
