//! Where the linker leaves build information, and its two binary forms (`debug/buildinfo`): strings
//! in line since Go 1.18, pointers to strings before.

use bulkhead_archive::ReadAt;
use memchr::memmem;

use crate::executable::Executable;
use crate::reading::{Fault, Parsed};

/// The two strings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Blob {
    /// Of the tool chain.
    pub(super) version: String,
    /// Lines about modules; empty for a binary that was built without modules.
    pub(super) modules: String,
}

/// What the linker calls the section that it makes for the blob, in ELF and in Mach-O.
const SECTIONS: &[&str] = &[".go.buildinfo", "__go_buildinfo"];
const MAGIC: &[u8] = b"\xff Go buildinf:";
const ALIGNMENT: u64 = 16;
const HEADER: u64 = 32;
/// The linker puts the blob near the start of its segment.
const SEARCHED: u64 = 64 << 20;
const CHUNK: u64 = 1 << 20;
/// No list of modules is longer.
const LONGEST: u64 = 16 << 20;
/// Marks around the list of modules, sixteen bytes each.
const FRAME: usize = 16;

/// The build information of a binary; nothing, without a problem, for one that has none.
pub(super) fn read(content: &dyn ReadAt) -> Parsed<Option<Blob>> {
    for executable in Executable::all(content, SECTIONS) {
        let memory = Memory { content, executable };
        let Some(address) = memory.find() else { continue };
        return match memory.decode(address) {
            Some(blob) => Some(blob).into(),
            None => Fault::malformed("the build information of a Go binary is damaged").into(),
        };
    }
    None.into()
}

/// The content as its program would see it.
struct Memory<'a> {
    content: &'a dyn ReadAt,
    executable: Executable,
}

impl Memory<'_> {
    /// The address of the blob, which is aligned.
    fn find(&self) -> Option<u64> {
        let data = self.executable.section.or(self.executable.writable)?;
        let start = data.address;
        let end = start.checked_add(data.size.min(SEARCHED))?;
        let mut address = start;
        while address < end {
            let length = end.saturating_sub(address).min(CHUNK);
            let bytes = self.bytes(address, length.saturating_add(ALIGNMENT))?;
            let hit = memmem::find_iter(&bytes, MAGIC)
                .filter_map(|offset| address.checked_add(u64::try_from(offset).ok()?))
                .find(|at| at.checked_sub(start).is_some_and(|at| at % ALIGNMENT == 0));
            if hit.is_some() {
                return hit;
            }
            address = address.checked_add(length)?;
        }
        None
    }

    fn decode(&self, address: u64) -> Option<Blob> {
        let header = self.bytes(address, HEADER)?;
        let (&width, &flags) = (header.get(14)?, header.get(15)?);
        let (version, modules) = if flags & 2 == 0 {
            let pointers = Pointers { width: usize::from(width), big_endian: flags & 1 == 1 };
            let at = |index| pointers.read(header.get(16..)?, index);
            (
                self.pointed_at(at(0)?, pointers)?,
                self.pointed_at(at(1)?, pointers).unwrap_or_default(),
            )
        } else {
            let (version, next) = self.counted(address.checked_add(HEADER)?)?;
            (version, self.counted(next).map(|(modules, _)| modules).unwrap_or_default())
        };
        let version = String::from_utf8_lossy(&version).into_owned();
        (!version.is_empty()).then(|| Blob { version, modules: unframed(&modules) })
    }

    /// A string behind its length, and the address after it.
    fn counted(&self, address: u64) -> Option<(Vec<u8>, u64)> {
        let (length, width) = varint(&self.bytes(address, 10)?)?;
        let start = address.checked_add(width)?;
        Some((self.exactly(start, length)?, start.checked_add(length)?))
    }

    /// The string whose header, an address and a length, lies at `address`.
    fn pointed_at(&self, address: u64, pointers: Pointers) -> Option<Vec<u8>> {
        let header = self.bytes(address, 16)?;
        self.exactly(pointers.read(&header, 0)?, pointers.read(&header, 1)?)
    }

    fn exactly(&self, address: u64, length: u64) -> Option<Vec<u8>> {
        if length > LONGEST {
            return None;
        }
        let bytes = self.bytes(address, length)?;
        (u64::try_from(bytes.len()).ok()? == length).then_some(bytes)
    }

    /// Up to `length` bytes, ending where the segment does.
    fn bytes(&self, address: u64, length: u64) -> Option<Vec<u8>> {
        let segment = self.executable.segments.iter().find(|segment| {
            address.checked_sub(segment.address).is_some_and(|inside| inside < segment.size)
        })?;
        let inside = address.checked_sub(segment.address)?;
        let offset = segment.offset.checked_add(inside)?;
        let available =
            segment.size.checked_sub(inside)?.min(self.content.size().checked_sub(offset)?);
        let mut bytes = vec![0; usize::try_from(length.min(available)).ok()?];
        self.content.read_exact_at(offset, &mut bytes).ok()?;
        Some(bytes)
    }
}

/// Pointers as the header describes them.
#[derive(Debug, Clone, Copy)]
struct Pointers {
    width: usize,
    big_endian: bool,
}

impl Pointers {
    fn read(self, bytes: &[u8], index: usize) -> Option<u64> {
        let start = index.checked_mul(self.width)?;
        let bytes = bytes.get(start..start.checked_add(self.width)?)?;
        match (self.width, self.big_endian) {
            (4, false) => Some(u32::from_le_bytes(bytes.try_into().ok()?).into()),
            (4, true) => Some(u32::from_be_bytes(bytes.try_into().ok()?).into()),
            (8, false) => Some(u64::from_le_bytes(bytes.try_into().ok()?)),
            (8, true) => Some(u64::from_be_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    }
}

/// A number of seven bits a byte, the lowest first, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut value = 0_u64;
    for (width, byte) in (0_u32..).zip(bytes) {
        let bits = u64::from(byte & 0x7f);
        value |= bits.checked_shl(width.checked_mul(7)?)?;
        if byte & 0x80 == 0 {
            return Some((value, u64::from(width).checked_add(1)?));
        }
    }
    None
}

/// The list of modules without the marks around it.
fn unframed(bytes: &[u8]) -> String {
    let inner = bytes
        .get(FRAME..)
        .and_then(|rest| rest.get(..rest.len().checked_sub(FRAME)?))
        .filter(|inner| inner.ends_with(b"\n"));
    String::from_utf8_lossy(inner.unwrap_or_default()).into_owned()
}
