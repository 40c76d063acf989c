//! A tar file with an image in it, looked at by its headers: no layer is read.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;

use bulkhead_archive::tar::{Kind, Reader};
use bulkhead_archive::{Compression, decode};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Problem, ProblemKind};
use rustc_hash::FxHashMap;

use crate::store::Store;
use crate::{ImageError, Place};

/// Links from name to name that are followed: `docker save` writes one for a layer it has already.
const LINKS: usize = 8;

/// Bytes of a tar block: a header takes one, content whole ones.
const BLOCK: usize = 512;

/// Bytes that are read at once while unfolding.
const BUFFER: usize = 1 << 20;

/// What a name in the archive is.
enum Member {
    Range { offset: u64, size: u64 },
    Link(EntryPath),
}

/// Members of an archive by name. Of several with one name the last counts, as for `tar -x`.
pub(crate) struct ArchiveStore {
    file: File,
    spooled: bool,
    members: FxHashMap<EntryPath, Member>,
    problems: Vec<Problem>,
    is_part: bool,
}

impl ArchiveStore {
    /// Lists the members. An archive that breaks off holds what comes before the break.
    pub(crate) fn open(file: File, spool: File, budget: &Budget) -> Result<Self, ImageError> {
        let mut problems = Vec::new();
        let (file, spooled) = unfold(file, spool, budget, &mut problems)?;
        Ok(Self::list(file, spooled, budget, problems))
    }

    /// Lists the members of an archive of which more can be had.
    pub(crate) fn part(file: File, budget: &Budget) -> Self {
        Self { is_part: true, ..Self::list(file, false, budget, Vec::new()) }
    }

    fn list(file: File, spooled: bool, budget: &Budget, mut problems: Vec<Problem>) -> Self {
        let mut members = FxHashMap::default();
        if let Err(error) = index(&file, budget, &mut members) {
            problems.push(broken_off(&error.to_string()));
        }
        Self { file, spooled, members, problems, is_part: false }
    }
}

/// An archive that is compressed as a whole cannot be read at an offset: it is written out first.
fn unfold(
    file: File,
    mut spool: File,
    budget: &Budget,
    problems: &mut Vec<Problem>,
) -> Result<(File, bool), ImageError> {
    let mut decoder = decode(BufReader::with_capacity(BUFFER, &file), budget)?;
    if decoder.compression() == Compression::None {
        return Ok((file, false));
    }
    if let Err(error) = io::copy(&mut decoder, &mut spool) {
        problems.push(broken_off(&error.to_string()));
    }
    Ok((spool, true))
}

/// Finds every member by reading one header at a time and jumping over what follows it.
fn index(
    file: &File,
    budget: &Budget,
    members: &mut FxHashMap<EntryPath, Member>,
) -> Result<(), ImageError> {
    let length = file.metadata()?.len();
    let mut position = 0u64;
    while position < length {
        let mut reader = BufReader::with_capacity(BLOCK, Part { file, position });
        let Some(entry) = Reader::new(&mut reader, budget).next_entry()? else { break };
        let unread = reader.buffer().len() as u64;
        let offset = reader.get_ref().position.saturating_sub(unread);
        let path = EntryPath::new(&entry.path);
        let padded = entry.size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
        position = offset.saturating_add(padded);
        match entry.kind {
            Kind::File => {
                let size = entry.size.min(length.saturating_sub(offset));
                members.insert(path, Member::Range { offset, size });
            }
            Kind::Symlink => {
                let target = path.parent().unwrap_or_default().join(&entry.link);
                members.insert(path, Member::Link(target));
            }
            Kind::Hardlink => {
                members.insert(path, Member::Link(EntryPath::new(&entry.link)));
            }
            _ => {}
        }
        if offset.saturating_add(entry.size) > length {
            let part = "the content of a file";
            return Err(bulkhead_archive::Error::Truncated { position: length, part }.into());
        }
    }
    Ok(())
}

fn broken_off(cause: &str) -> Problem {
    let message = format!("the archive breaks off, what comes before is used: {cause}");
    Problem::general(ProblemKind::Truncated, message)
}

/// A file from some position on, read without moving the position of the descriptor.
struct Part<'a> {
    file: &'a File,
    position: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Store for ArchiveStore {
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError> {
        let mut path = EntryPath::from(name);
        for _ in 0..LINKS {
            match self.members.get(&path) {
                Some(Member::Link(target)) => path = target.clone(),
                Some(&Member::Range { offset, size }) => {
                    return Ok(Some(Place::Range { spooled: self.spooled, offset, size }));
                }
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError> {
        let &Place::Range { offset, size, .. } = place else { return Ok(Vec::new()) };
        let mut bytes = Vec::new();
        Part { file: &self.file, position: offset }.take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn is_part(&self) -> bool {
        self.is_part
    }
}
