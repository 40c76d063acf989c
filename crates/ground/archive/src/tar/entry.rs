//! From a header and the extensions before it to an entry and the form of its content.

use std::io::BufRead;

use bulkhead_model::ProblemKind;

use super::content::{Form, Sparse};
use super::header::{Block, Format, Header};
use super::number::{decimal, numeric, seconds};
use super::pax::SparseRecords;
use super::reader::Extensions;
use super::sparse::{self, Layout, MapInData, Region, Version};
use super::{Entry, Kind, Reader};
use crate::Error;
use crate::bytes::field;

/// Puts an entry together; the reader then stands at its content.
pub(super) fn build<R: BufRead>(
    reader: &mut Reader<R>,
    header: Header,
    extensions: Extensions,
) -> Result<Entry, Error> {
    let Extensions { records, path, link, .. } = extensions;
    if records.broken_time {
        reader.odd(ProblemKind::Malformed, "the PAX record atime or ctime is no number");
    }
    let stored = match records.size.as_slice() {
        [] => header.size,
        size => decimal(size),
    };
    // By the whole name: what is said of it must not change with our limit.
    let whole = [&path, &records.path].into_iter().find(|path| !path.is_empty());
    let kind = kind(header.type_flag, whole.unwrap_or(&header.path));
    let mut entry = Entry {
        path: reader.choose([&path, &records.path], header.path),
        kind,
        link: reader.choose([&link, &records.link], header.link),
        mode: low_bits(header.mode),
        size: 0,
        uid: reader.number("uid", &records.uid, header.uid, decimal).cast_unsigned(),
        gid: reader.number("gid", &records.gid, header.gid, decimal).cast_unsigned(),
        modified: reader.number("mtime", &records.modified, header.modified, seconds),
        sparse: false,
    };
    if kind.is_header_only() {
        match stored {
            Some(0) => {}
            Some(_) => reader.odd(ProblemKind::Ambiguous, "a size where no content follows"),
            None => reader.odd(ProblemKind::Malformed, "the PAX record size is no number"),
        }
        reader.set_body(0);
    } else {
        entry.size = stored.and_then(|stored| u64::try_from(stored).ok()).ok_or_else(|| {
            Error::Malformed { position: reader.position(), what: "a size that is no number" }
        })?;
        reader.set_body(entry.size);
    }
    reader.note_doubts(&entry, header.type_flag);
    if header.type_flag == b'S' {
        reader.old_sparse(&mut entry, header.format)?;
    } else if let Some(version) = sparse::version(&records.sparse) {
        reader.pax_sparse(&mut entry, version, &records.sparse)?;
    }
    Ok(entry)
}

/// What the type flag means, given the path.
fn kind(type_flag: u8, path: &[u8]) -> Kind {
    match type_flag {
        // Before there was a type for directories.
        0 if path.ends_with(b"/") => Kind::Directory,
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::CharacterDevice,
        b'4' => Kind::BlockDevice,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        other => Kind::Other(other),
    }
}

fn low_bits(mode: i64) -> u32 {
    u32::try_from(mode & 0xffff_ffff).unwrap_or_default()
}

impl Header {
    /// Bytes of data after the header by its own fields; none where nobody knows.
    pub(super) fn stored(&self) -> Option<u64> {
        match self.type_flag {
            b'1'..=b'6' => Some(0),
            _ => u64::try_from(self.size?).ok(),
        }
    }
}

impl<R: BufRead> Reader<R> {
    /// The first name that is given and not too long, else the header's own.
    fn choose(&mut self, names: [&Vec<u8>; 2], own: Vec<u8>) -> Vec<u8> {
        let limit = self.budget.limits().name_bytes;
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            if name.len() <= limit {
                return name.clone();
            }
            self.odd(
                ProblemKind::LimitReached,
                format!("a name of {} bytes is left out", name.len()),
            );
        }
        own
    }

    /// A record's number, else the header's.
    fn number(
        &mut self,
        name: &'static str,
        record: &[u8],
        own: i64,
        parse: fn(&[u8]) -> Option<i64>,
    ) -> i64 {
        if record.is_empty() {
            return own;
        }
        parse(record).unwrap_or_else(|| {
            self.odd(ProblemKind::Malformed, format!("the PAX record {name} is no number"));
            own
        })
    }

    fn note_doubts(&mut self, entry: &Entry, type_flag: u8) {
        if entry.kind == Kind::File && entry.path.ends_with(b"/") {
            self.odd(ProblemKind::Ambiguous, "a file whose name ends in a slash");
        }
        if let Kind::Other(_) = entry.kind {
            let flag = type_flag.escape_ascii();
            self.odd(ProblemKind::Ambiguous, format!("an entry of the unknown type {flag}"));
        }
    }

    /// The form of type `S`: four regions in the header, more in blocks that follow it.
    fn old_sparse(&mut self, entry: &mut Entry, format: Format) -> Result<(), Error> {
        entry.sparse = true;
        if format != Format::Gnu {
            self.give_up("a sparse file in a format other than GNU's");
            return Ok(());
        }
        let size = numeric(field(&self.block, 483, 12));
        let mut map = sparse::old_regions(&self.block, 386, 4);
        let mut extended = is_set(&self.block, 482);
        let mut bytes: usize = 0;
        while extended {
            bytes = bytes.saturating_add(self.block.len());
            if bytes > sparse::MOST_BYTES {
                let position = self.position();
                return Err(Error::Malformed { position, what: "a sparse map without an end" });
            }
            if !self.read_block("a sparse map")? {
                return Err(self.truncated("a sparse map"));
            }
            let more = sparse::old_regions(&self.block, 0, 21);
            map = map.zip(more).map(|(mut map, more)| {
                map.extend(more);
                map
            });
            extended = is_set(&self.block, 504);
        }
        self.lay_out(entry, map.as_deref(), size);
        Ok(())
    }

    fn pax_sparse(
        &mut self,
        entry: &mut Entry,
        version: Version,
        records: &SparseRecords,
    ) -> Result<(), Error> {
        entry.sparse = true;
        entry.path = self.choose([&records.name, &Vec::new()], std::mem::take(&mut entry.path));
        if entry.kind.is_header_only() {
            self.odd(ProblemKind::Malformed, "a sparse map for what has no content");
            return Ok(());
        }
        let size = match (records.size.as_slice(), records.real_size.as_slice()) {
            ([], []) => i64::try_from(entry.size).ok(),
            ([], size) | (size, _) => decimal(size),
        };
        let map = match version {
            Version::Records => sparse::map_of_records(records),
            Version::Data => self.map_in_data()?,
        };
        self.lay_out(entry, map.as_deref(), size);
        Ok(())
    }

    /// Reads the map in front of the data, in whole blocks.
    fn map_in_data(&mut self) -> Result<Option<Vec<Region>>, Error> {
        let mut map = MapInData::default();
        loop {
            let Some(left) = self.body.stored.checked_sub(self.block.len() as u64) else {
                return Ok(None);
            };
            if !self.read_block("a sparse map")? {
                return Err(self.truncated("a sparse map"));
            }
            self.body.stored = left;
            match map.feed(&self.block) {
                Some(true) => return Ok(Some(map.regions())),
                Some(false) => {}
                None => return Ok(None),
            }
        }
    }

    /// Makes the entry sparse, or unreadable where the map does not fit.
    fn lay_out(&mut self, entry: &mut Entry, map: Option<&[Region]>, size: Option<i64>) {
        let layout = map.zip(size).and_then(|(map, size)| Layout::new(map, size));
        let Some(layout) = layout else {
            self.give_up("a sparse map that is broken");
            return;
        };
        entry.size = layout.size();
        let stored = self.body.stored;
        if layout.stored() > stored {
            self.odd(ProblemKind::Truncated, "a sparse file lacks data");
        } else if layout.stored() < stored {
            self.odd(ProblemKind::Ambiguous, "a sparse file has data that its map leaves out");
        }
        self.body.form = Form::Sparse(Sparse { layout, stored, charged: 0 });
    }

    fn give_up(&mut self, what: &'static str) {
        self.odd(ProblemKind::Malformed, what);
        self.body.form = Form::Unreadable(what);
    }
}

fn is_set(block: &Block, index: usize) -> bool {
    block.get(index).is_some_and(|byte| *byte > 0)
}
