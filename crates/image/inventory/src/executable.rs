//! ELF, PE and Mach-O, as far as it takes to find what tool chains leave in a program.

use bulkhead_archive::ReadAt;
use object::endian::{Endianness, LittleEndian as LE};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::read::macho::{
    FatArch, MachHeader, MachOFatFile32, MachOFatFile64, Section, Segment as _,
};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use object::read::{ReadCache, ReadCacheOps, ReadRef, Result};
use object::{FileKind, elf, macho, pe};

/// What of a program lies where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Executable {
    /// What is loaded.
    pub(crate) segments: Vec<Part>,
    /// The section that was asked for.
    pub(crate) section: Option<Part>,
    /// The first part of initialised data that the program may write to.
    pub(crate) writable: Option<Part>,
}

/// A part of the file, and the address that it is loaded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) address: u64,
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

/// ELF, PE, and Mach-O of both byte orders and widths, single and universal.
pub(crate) const MAGICS: &[&[u8]] = &[
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
];

impl Executable {
    /// The programs of a file: one, or one per architecture in a universal binary; none where it is
    /// damaged or of another kind. The section is the first with one of these names.
    pub(crate) fn all(content: &dyn ReadAt, names: &[&str]) -> Vec<Self> {
        let cache = ReadCache::new(Headers { content, position: 0, left: HEADERS });
        let data = &cache;
        let Ok(kind) = FileKind::parse(data) else { return Vec::new() };
        let program = match kind {
            FileKind::Elf32 => of_elf::<elf::FileHeader32<Endianness>, _>(data, names),
            FileKind::Elf64 => of_elf::<elf::FileHeader64<Endianness>, _>(data, names),
            FileKind::Pe32 => of_pe::<pe::ImageNtHeaders32, _>(data, names),
            FileKind::Pe64 => of_pe::<pe::ImageNtHeaders64, _>(data, names),
            FileKind::MachO32 => of_macho::<macho::MachHeader32<Endianness>, _>(data, 0, names),
            FileKind::MachO64 => of_macho::<macho::MachHeader64<Endianness>, _>(data, 0, names),
            FileKind::MachOFat32 => {
                return universal(
                    MachOFatFile32::parse(data).map(|file| file.arches()),
                    data,
                    names,
                );
            }
            FileKind::MachOFat64 => {
                return universal(
                    MachOFatFile64::parse(data).map(|file| file.arches()),
                    data,
                    names,
                );
            }
            _ => return Vec::new(),
        };
        program.into_iter().collect()
    }
}

fn universal<'d, Fat: FatArch, R: ReadRef<'d>>(
    architectures: Result<&'d [Fat]>,
    data: R,
    names: &[&str],
) -> Vec<Executable> {
    // Class files share the magic; what they have in this place is a version.
    let architectures = architectures.unwrap_or_default().iter().take(16);
    architectures
        .filter_map(|architecture| {
            let offset = architecture.offset().into();
            of_macho::<macho::MachHeader64<Endianness>, _>(data, offset, names)
                .or_else(|_| of_macho::<macho::MachHeader32<Endianness>, _>(data, offset, names))
                .ok()
        })
        .collect()
}

fn of_elf<'d, Elf, R>(data: R, names: &[&str]) -> Result<Executable>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'d>,
{
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let mut program = Executable::default();
    for segment in header.program_headers(endian, data)? {
        if segment.p_type(endian) != elf::PT_LOAD {
            continue;
        }
        let part = Part {
            address: segment.p_vaddr(endian).into(),
            offset: segment.p_offset(endian).into(),
            size: segment.p_filesz(endian).into(),
        };
        program.segments.push(part);
        if segment.p_flags(endian).0 & (elf::PF_X.0 | elf::PF_W.0) == elf::PF_W.0 {
            program.writable = program.writable.or(Some(part));
        }
    }
    program.section = header.sections(endian, data).ok().and_then(|sections| {
        let named = |name: &&str| sections.section_by_name(endian, name.as_bytes());
        let (_, section) = names.iter().find_map(named)?;
        Some(Part {
            address: section.sh_addr(endian).into(),
            offset: section.sh_offset(endian).into(),
            size: section.sh_size(endian).into(),
        })
    });
    Ok(program)
}

fn of_pe<'d, Pe: ImageNtHeaders, R: ReadRef<'d>>(data: R, names: &[&str]) -> Result<Executable> {
    let mut offset = pe::ImageDosHeader::parse(data)?.nt_headers_offset().into();
    let (headers, _) = Pe::parse(data, &mut offset)?;
    let base = headers.optional_header().image_base();
    let writable_data =
        pe::IMAGE_SCN_CNT_INITIALIZED_DATA.0 | pe::IMAGE_SCN_MEM_READ.0 | pe::IMAGE_SCN_MEM_WRITE.0;
    let mut program = Executable::default();
    for section in headers.sections(data, offset)?.iter() {
        let part = Part {
            address: base.wrapping_add(section.virtual_address.get(LE).into()),
            offset: section.pointer_to_raw_data.get(LE).into(),
            size: section.size_of_raw_data.get(LE).into(),
        };
        program.segments.push(part);
        let flags = section.characteristics.get(LE).0 & !pe::IMAGE_SCN_ALIGN_MASK;
        if flags == writable_data && part.size > 0 {
            program.writable = program.writable.or(Some(part));
        }
        if names.iter().any(|name| name.as_bytes() == section.raw_name()) {
            program.section = program.section.or(Some(part));
        }
    }
    Ok(program)
}

fn of_macho<'d, Mach, R>(data: R, start: u64, names: &[&str]) -> Result<Executable>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'d>,
{
    let header = Mach::parse(data, start)?;
    let endian = header.endian()?;
    let mut program = Executable::default();
    let mut commands = header.load_commands(endian, data, start)?;
    while let Some(command) = commands.next()? {
        let Some((segment, sections)) = Mach::Segment::from_command(command)? else { continue };
        let part = Part {
            address: segment.vmaddr(endian).into(),
            offset: start.wrapping_add(segment.fileoff(endian).into()),
            size: segment.filesize(endian).into(),
        };
        program.segments.push(part);
        let read_and_write = macho::VM_PROT_READ.0 | macho::VM_PROT_WRITE.0;
        if part.address != 0 && part.size != 0 && segment.initprot(endian).0 == read_and_write {
            program.writable = program.writable.or(Some(part));
        }
        for section in segment.sections::<&[u8]>(endian, sections)? {
            if names.iter().any(|name| name.as_bytes() == section.name()) {
                program.section = Some(Part {
                    address: section.addr(endian).into(),
                    offset: start.wrapping_add(u64::from(section.offset(endian))),
                    size: section.size(endian).into(),
                });
            }
        }
    }
    Ok(program)
}

/// Bytes of headers and names that are read at most: a damaged file can ask for the same bytes under
/// many lengths, and all of them are kept while it is parsed.
const HEADERS: u64 = 16 << 20;

/// The content as the parser reads it, up to a limit.
struct Headers<'a> {
    content: &'a dyn ReadAt,
    position: u64,
    left: u64,
}

impl ReadCacheOps for Headers<'_> {
    fn len(&mut self) -> std::result::Result<u64, ()> {
        Ok(self.content.size())
    }

    fn seek(&mut self, position: u64) -> std::result::Result<u64, ()> {
        self.position = position;
        Ok(position)
    }

    fn read(&mut self, buffer: &mut [u8]) -> std::result::Result<usize, ()> {
        let count = self.content.read_at(self.position, buffer).map_err(drop)?;
        self.spend(count)?;
        Ok(count)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> std::result::Result<(), ()> {
        self.content.read_exact_at(self.position, buffer).map_err(drop)?;
        self.spend(buffer.len())
    }
}

impl Headers<'_> {
    fn spend(&mut self, count: usize) -> std::result::Result<(), ()> {
        let count = u64::try_from(count).map_err(drop)?;
        self.left = self.left.checked_sub(count).ok_or(())?;
        self.position = self.position.checked_add(count).ok_or(())?;
        Ok(())
    }
}
