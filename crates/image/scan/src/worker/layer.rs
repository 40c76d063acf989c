//! Reading a layer: one thread inflates, the other walks.

use std::fs::File;
use std::io::{self, BufReader};
use std::thread;

use bulkhead_archive::tar::{Kind, Reader};
use bulkhead_archive::{Odd, ReadAt, decode};
use bulkhead_layers::{Detector, Entry, EntryKind, Metadata};
use bulkhead_limits::Budget;
use bulkhead_model::{Digest, EntryPath, Location, Problem};

use crate::broken::Broken;
use crate::protocol::{Reading, Selection};
use crate::worker::chunks::{ChunkReader, ChunkWriter, chunks};
use crate::worker::offer::{Body, Offer};
use crate::worker::stored::StoredBytes;

/// Bytes that are read from the file at once.
const READ: usize = 256 << 10;

/// Permission bits with setuid, setgid and sticky; headers often have type bits above them.
const MODE: u32 = 0o7777;

/// Where a layer lies.
pub(super) struct Stored {
    pub(super) file: File,
    pub(super) offset: u64,
    pub(super) size: u64,
    /// Whether the digest of the stored bytes is wanted.
    pub(super) hashed: bool,
    /// Tells how much of it is there already; none where all of it is.
    pub(super) arrival: Option<File>,
}

/// Reads a layer to its end. What breaks off is kept as far as it went.
pub(super) fn read(
    stored: &Stored,
    detectors: &[Box<dyn Detector>],
    selection: &Selection,
    budget: &Budget,
    advance: &(dyn Fn(u64) + Sync),
) -> Reading {
    let (writer, reader) = chunks();
    thread::scope(|scope| {
        let inflating = scope.spawn(|| inflate(stored, writer, budget, advance));
        let mut reading = walk(reader, detectors, selection, budget);
        match inflating.join() {
            Ok(Inflated { stored, odd, error }) => {
                reading.stored = stored;
                reading.problems.extend(odd.iter().map(|odd| problem(odd, None)));
                if let Some(error) = error {
                    reading.layer.diff_id = None;
                    // The walk met the end that this made: this is the cause.
                    reading.broken = Some(Broken::of(&error));
                }
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
        reading
    })
}

struct Inflated {
    stored: Option<Digest>,
    odd: Vec<Odd>,
    error: Option<io::Error>,
}

fn inflate(
    stored: &Stored,
    writer: ChunkWriter,
    budget: &Budget,
    advance: &(dyn Fn(u64) + Sync),
) -> Inflated {
    let bytes = StoredBytes::new(stored, advance);
    let mut buffered = BufReader::with_capacity(READ, bytes);
    let mut odd = Vec::new();
    let decoded = decode(&mut buffered, budget).map_err(io::Error::from).and_then(|mut decoder| {
        let sent = writer.send_all(&mut decoder);
        odd = decoder.take_problems();
        sent
    });
    let (stored, unread) = match buffered.into_inner().finish() {
        Ok(digest) => (digest, None),
        Err(error) => (None, Some(error)),
    };
    Inflated { stored, odd, error: decoded.err().or(unread) }
}

fn walk(
    reader: ChunkReader,
    detectors: &[Box<dyn Detector>],
    selection: &Selection,
    budget: &Budget,
) -> Reading {
    let mut reading = Reading::default();
    let mut offer = Offer::new(detectors, selection, budget);
    let mut tar = Reader::new(reader, budget);
    loop {
        match tar.next_entry() {
            Ok(None) => break,
            Ok(Some(header)) => {
                let position = u32::try_from(reading.layer.entries.len()).unwrap_or(u32::MAX);
                let entry = entry(&header);
                if entry.kind == EntryKind::File {
                    let metadata = Metadata { mode: entry.mode, size: entry.size };
                    offer.file(position, &entry.path, &metadata, &mut TarBody(&mut tar));
                }
                for odd in tar.take_problems() {
                    offer.problem(problem(&odd, Some(&entry.path)));
                }
                reading.layer.entries.push(entry);
            }
            Err(error) => {
                reading.broken = Some(Broken::of(&error.into()));
                break;
            }
        }
    }
    for odd in tar.take_problems() {
        offer.problem(problem(&odd, None));
    }
    reading.layer.diff_id = Some(tar.into_inner().finish());
    (reading.layer.facts, reading.selected, reading.problems) = offer.finish();
    reading
}

fn entry(header: &bulkhead_archive::tar::Entry) -> Entry {
    let kind = match header.kind {
        Kind::File => EntryKind::File,
        Kind::Directory => EntryKind::Directory,
        Kind::Symlink => EntryKind::Symlink(header.link.as_slice().into()),
        Kind::Hardlink => EntryKind::Hardlink(EntryPath::new(&header.link)),
        Kind::CharacterDevice | Kind::BlockDevice | Kind::Fifo | Kind::Other(_) => {
            EntryKind::Special
        }
    };
    Entry { path: EntryPath::new(&header.path), kind, mode: header.mode & MODE, size: header.size }
}

fn problem(odd: &Odd, path: Option<&EntryPath>) -> Problem {
    let message = format!("{} (byte {} of the layer)", odd.message, odd.position);
    match path {
        Some(path) => Problem::new(odd.kind, Location::of(path.clone()), message),
        None => Problem::general(odd.kind, message),
    }
}

/// The content of the entry that the walk stands at.
struct TarBody<'a>(&'a mut Reader<ChunkReader>);

impl Body for TarBody<'_> {
    fn slice(&mut self) -> Option<&[u8]> {
        self.0.contiguous()
    }

    fn random(&mut self) -> Option<&dyn ReadAt> {
        None
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut self.0.content(), buffer)
    }
}
