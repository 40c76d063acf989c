//! ELF, PE and Mach-O, as far as it takes to find the data of a program.

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
pub(super) struct Executable {
    pub(super) segments: Vec<Segment>,
    /// Address and size of the part that holds build information if any part does.
    pub(super) data: (u64, u64),
}

/// A part of the file that is loaded to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) address: u64,
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl Executable {
    /// The programs of a file: one, or one per architecture in a universal binary; none where it is
    /// damaged or of another kind.
    pub(super) fn all(content: &dyn ReadAt) -> Vec<Self> {
        let cache = ReadCache::new(Headers { content, position: 0, left: HEADERS });
        let data = &cache;
        let Ok(kind) = FileKind::parse(data) else { return Vec::new() };
        let program = match kind {
            FileKind::Elf32 => of_elf::<elf::FileHeader32<Endianness>, _>(data),
            FileKind::Elf64 => of_elf::<elf::FileHeader64<Endianness>, _>(data),
            FileKind::Pe32 => of_pe::<pe::ImageNtHeaders32, _>(data),
            FileKind::Pe64 => of_pe::<pe::ImageNtHeaders64, _>(data),
            FileKind::MachO32 => of_macho::<macho::MachHeader32<Endianness>, _>(data, 0),
            FileKind::MachO64 => of_macho::<macho::MachHeader64<Endianness>, _>(data, 0),
            FileKind::MachOFat32 => {
                return universal(MachOFatFile32::parse(data).map(|file| file.arches()), data);
            }
            FileKind::MachOFat64 => {
                return universal(MachOFatFile64::parse(data).map(|file| file.arches()), data);
            }
            _ => return Vec::new(),
        };
        program.into_iter().collect()
    }
}

fn universal<'d, Fat: FatArch, R: ReadRef<'d>>(
    architectures: Result<&'d [Fat]>,
    data: R,
) -> Vec<Executable> {
    // Class files share the magic; what they have in this place is a version.
    let architectures = architectures.unwrap_or_default().iter().take(16);
    architectures
        .filter_map(|architecture| {
            let offset = architecture.offset().into();
            of_macho::<macho::MachHeader64<Endianness>, _>(data, offset)
                .or_else(|_| of_macho::<macho::MachHeader32<Endianness>, _>(data, offset))
                .ok()
        })
        .collect()
}

/// The section that the linker makes for it, else the first segment that can be written.
fn of_elf<'d, Elf, R>(data: R) -> Result<Executable>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'d>,
{
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let mut program = Executable::default();
    let mut writable = None;
    for segment in header.program_headers(endian, data)? {
        if segment.p_type(endian) != elf::PT_LOAD {
            continue;
        }
        let address = segment.p_vaddr(endian).into();
        let size = segment.p_filesz(endian).into();
        program.segments.push(Segment { address, offset: segment.p_offset(endian).into(), size });
        if segment.p_flags(endian).0 & (elf::PF_X.0 | elf::PF_W.0) == elf::PF_W.0 {
            writable = writable.or(Some((address, size)));
        }
    }
    let section = header.sections(endian, data).ok().and_then(|sections| {
        let (_, section) = sections.section_by_name(endian, b".go.buildinfo")?;
        Some((section.sh_addr(endian).into(), section.sh_size(endian).into()))
    });
    program.data = section.or(writable).unwrap_or_default();
    Ok(program)
}

/// The first section of initialised data that can be read and written.
fn of_pe<'d, Pe: ImageNtHeaders, R: ReadRef<'d>>(data: R) -> Result<Executable> {
    let mut offset = pe::ImageDosHeader::parse(data)?.nt_headers_offset().into();
    let (headers, _) = Pe::parse(data, &mut offset)?;
    let base = headers.optional_header().image_base();
    let writable_data =
        pe::IMAGE_SCN_CNT_INITIALIZED_DATA.0 | pe::IMAGE_SCN_MEM_READ.0 | pe::IMAGE_SCN_MEM_WRITE.0;
    let mut program = Executable::default();
    for section in headers.sections(data, offset)?.iter() {
        let size = section.size_of_raw_data.get(LE).into();
        let address = base.wrapping_add(section.virtual_address.get(LE).into());
        let offset = section.pointer_to_raw_data.get(LE).into();
        program.segments.push(Segment { address, offset, size });
        let flags = section.characteristics.get(LE).0 & !pe::IMAGE_SCN_ALIGN_MASK;
        if flags == writable_data && size > 0 && program.data == (0, 0) {
            program.data = (address, size);
        }
    }
    Ok(program)
}

/// The section that the linker makes for it, else the first segment that can be read and written.
fn of_macho<'d, Mach, R>(data: R, start: u64) -> Result<Executable>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'d>,
{
    let header = Mach::parse(data, start)?;
    let endian = header.endian()?;
    let mut program = Executable::default();
    let (mut named, mut writable) = (None, None);
    let mut commands = header.load_commands(endian, data, start)?;
    while let Some(command) = commands.next()? {
        let Some((segment, sections)) = Mach::Segment::from_command(command)? else { continue };
        let (address, size) = (segment.vmaddr(endian).into(), segment.filesize(endian).into());
        let offset = start.wrapping_add(segment.fileoff(endian).into());
        program.segments.push(Segment { address, offset, size });
        let read_and_write = macho::VM_PROT_READ.0 | macho::VM_PROT_WRITE.0;
        if address != 0 && size != 0 && segment.initprot(endian).0 == read_and_write {
            writable = writable.or(Some((address, size)));
        }
        for section in segment.sections::<&[u8]>(endian, sections)? {
            if section.name() == b"__go_buildinfo" {
                named = Some((section.addr(endian).into(), section.size(endian).into()));
            }
        }
    }
    program.data = named.or(writable).unwrap_or_default();
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
