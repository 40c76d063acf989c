//! Offering files to detectors, with as little copying as their wishes allow.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use bulkhead_archive::ReadAt;
use bulkhead_layers::{Detected, Detector, Facts, FileFacts, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};

use crate::protocol::{Selection, Wanted};

/// Larger files are spooled, unless a detector wants them whole.
const IN_MEMORY: u64 = 16 << 20;

/// The longest magic that a detector may ask for.
const MAGIC: u64 = 16;

/// The content of a file, before anybody asked for it.
pub(super) trait Body {
    /// All of it, where it lies in memory.
    fn slice(&mut self) -> Option<&[u8]>;

    /// Where it can be read at any offset without copying.
    fn random(&mut self) -> Option<&dyn ReadAt>;

    /// From the start, once.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Offers files to detectors and gathers what they say.
pub(super) struct Offer<'a> {
    detectors: &'a [Box<dyn Detector>],
    selection: &'a Selection,
    budget: &'a Budget,
    buffer: Vec<u8>,
    pub(super) facts: Vec<FileFacts>,
    pub(super) selected: Vec<(u32, Facts)>,
    pub(super) problems: Vec<Problem>,
    more_problems: u64,
}

/// A detector that wants a file.
struct Interest<'a> {
    detector: &'a dyn Detector,
    want: Want,
    path: &'a EntryPath,
    /// The position in [`Selection::Only`].
    selected: Option<u32>,
}

impl<'a> Offer<'a> {
    pub(super) fn new(
        detectors: &'a [Box<dyn Detector>],
        selection: &'a Selection,
        budget: &'a Budget,
    ) -> Self {
        Self {
            detectors,
            selection,
            budget,
            buffer: Vec::new(),
            facts: Vec::new(),
            selected: Vec::new(),
            problems: Vec::new(),
            more_problems: 0,
        }
    }

    /// Offers one regular file.
    pub(super) fn file(
        &mut self,
        entry: u32,
        path: &EntryPath,
        metadata: &Metadata,
        body: &mut dyn Body,
    ) {
        let mut interests = self.interests(entry, path, metadata);
        if interests.is_empty() {
            return;
        }
        if let Some(bytes) = body.slice() {
            interests.retain(|interest| interest.fits(bytes));
            return self.run(entry, metadata, &interests, &bytes);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let outcome = self.file_in_parts(entry, metadata, interests, body, &mut buffer);
        if let Err(error) = outcome {
            self.problem(Problem::new(
                ProblemKind::Unreadable,
                Location::of(path.clone()),
                format!("its content cannot be read: {error}"),
            ));
        }
        if buffer.capacity() as u64 <= IN_MEMORY {
            self.buffer = buffer;
        }
    }

    /// A file that does not lie in memory: reads its first bytes, and on as far as is wanted.
    fn file_in_parts(
        &mut self,
        entry: u32,
        metadata: &Metadata,
        mut interests: Vec<Interest<'_>>,
        body: &mut dyn Body,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let broken = read_to(body, buffer, MAGIC).err();
        interests.retain(|interest| interest.fits(buffer));
        let wholes = interests.iter().any(|interest| interest.want == Want::Whole);
        if let Err(exceeded) = self.budget.check_file(metadata.size)
            && wholes
        {
            let path = interests.first().map_or_else(EntryPath::default, |one| one.path.clone());
            interests.retain(|interest| interest.want != Want::Whole);
            let message = format!("it is not read: {exceeded}");
            self.problem(Problem::new(ProblemKind::LimitReached, Location::of(path), message));
        }
        let Some(needed) = interests.iter().map(|one| one.bytes(metadata.size)).max() else {
            return broken.map_or(Ok(()), Err);
        };
        let wholes = interests.iter().any(|interest| interest.want == Want::Whole);
        if needed > IN_MEMORY && !wholes {
            if let Some(content) = body.random() {
                self.run(entry, metadata, &interests, content);
                return Ok(());
            }
            let spooled = spool(body, buffer)?;
            self.run(entry, metadata, &interests, &spooled);
            return Ok(());
        }
        // What could be read of a file that breaks off is offered all the same.
        let broken = broken.or_else(|| read_to(body, buffer, needed).err());
        self.run(entry, metadata, &interests, &buffer.as_slice());
        broken.map_or(Ok(()), Err)
    }

    /// Those who want the file, judging by its name.
    fn interests<'i>(
        &self,
        entry: u32,
        path: &'i EntryPath,
        metadata: &Metadata,
    ) -> Vec<Interest<'i>>
    where
        'a: 'i,
    {
        let wanted = |detector: &'a dyn Detector, path: &'i EntryPath, selected| {
            let want = detector.wants(path, metadata);
            (want != Want::Skip).then_some(Interest { detector, want, path, selected })
        };
        match self.selection {
            Selection::Everything => self
                .detectors
                .iter()
                .filter_map(|detector| wanted(&**detector, path, None))
                .collect(),
            Selection::Only(list) => selected(list, entry)
                .filter_map(|(position, one)| {
                    let mut all = self.detectors.iter();
                    let detector = all.find(|detector| detector.key().name == one.detector)?;
                    wanted(&**detector, &one.path, Some(position))
                })
                .collect(),
        }
    }

    fn run(
        &mut self,
        entry: u32,
        metadata: &Metadata,
        interests: &[Interest<'_>],
        content: &dyn ReadAt,
    ) {
        for interest in interests {
            let head;
            let content = match (interest.want, content.as_slice()) {
                (Want::Head(count), Some(bytes)) => {
                    let count = usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len());
                    head = bytes.get(..count).unwrap_or(bytes);
                    &head as &dyn ReadAt
                }
                _ => content,
            };
            let file = bulkhead_layers::File { path: interest.path, metadata, content };
            let Detected { facts, problems } = interest.detector.facts(&file, self.budget);
            for problem in problems {
                self.problem(problem);
            }
            match (facts, interest.selected) {
                (Some(facts), Some(position)) => self.selected.push((position, facts)),
                (Some(facts), None) => {
                    let detector = interest.detector.key().name.to_owned();
                    self.facts.push(FileFacts { entry, detector, facts });
                }
                (None, _) => {}
            }
        }
    }

    /// Records a problem; past the limit they are counted.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < self.budget.limits().problems {
            self.problems.push(problem);
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }

    /// Everything that was recorded, with a line about what was only counted.
    pub(super) fn finish(mut self) -> (Vec<FileFacts>, Vec<(u32, Facts)>, Vec<Problem>) {
        if self.more_problems > 0 {
            let message = format!("{} more problems in this layer", self.more_problems);
            self.problems.push(Problem::general(ProblemKind::LimitReached, message));
        }
        (self.facts, self.selected, self.problems)
    }
}

impl Interest<'_> {
    /// Whether the first bytes are those that were asked for.
    fn fits(&self, head: &[u8]) -> bool {
        match self.want {
            Want::Magic(magics) => magics.iter().any(|magic| head.starts_with(magic)),
            _ => true,
        }
    }

    fn bytes(&self, size: u64) -> u64 {
        match self.want {
            Want::Skip => 0,
            Want::Head(count) => count.min(size),
            Want::Whole | Want::Random | Want::Magic(_) => size,
        }
    }
}

/// The elements of the list, ordered by entry, that are about this entry.
fn selected(list: &[Wanted], entry: u32) -> impl Iterator<Item = (u32, &Wanted)> {
    let first = list.partition_point(|one| one.entry < entry);
    let from_first = list.iter().enumerate().skip(first);
    from_first
        .take_while(move |(_, one)| one.entry == entry)
        .filter_map(|(position, one)| Some((u32::try_from(position).ok()?, one)))
}

/// Reads on until the buffer has this many bytes, or to the end.
fn read_to(body: &mut dyn Body, buffer: &mut Vec<u8>, size: u64) -> io::Result<()> {
    let rest = size.saturating_sub(buffer.len() as u64);
    BodyReader(body).take(rest).read_to_end(buffer).map(drop)
}

/// Writes what was read and the rest of the content to an unnamed file.
fn spool(body: &mut dyn Body, head: &[u8]) -> io::Result<FileContent> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut head.chain(BodyReader(body)), &mut file)?;
    FileContent::new(file)
}

struct BodyReader<'a>(&'a mut dyn Body);

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// An open file as content.
pub(super) struct FileContent {
    file: File,
    size: u64,
}

impl FileContent {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl ReadAt for FileContent {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(&self.file, buffer, offset)
    }
}
