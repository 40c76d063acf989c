//! The walk from header to header.

use std::io::BufRead;

use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;

use super::content::{Body, Content, Form, clip};
use super::header::{BLOCK, Block, Header};
use super::number::c_string;
use super::pax::{self, Records};
use super::{Entry, entry};
use crate::odd::Oddities;
use crate::source::Source;
use crate::{Error, Odd};

/// Bytes of extended headers before one entry, each; as in Go and libarchive.
const MOST_EXTENSION: u64 = 1 << 20;

/// A walk over the entries of a tar stream. It touches headers only; content is skipped in the
/// reader's own buffer unless it is asked for.
///
/// After the last entry it reads on to the end of the stream, so that whoever hashes the stream
/// below has seen all of it. After an error there are no more entries.
#[derive(Debug)]
pub struct Reader<R> {
    pub(super) source: Source<R>,
    pub(super) budget: Budget,
    pub(super) body: Body,
    pub(super) oddities: Oddities,
    pub(super) block: Block,
    ended: bool,
}

/// What extension headers say of the entry that follows them.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) records: Records,
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    present: bool,
}

impl<R: BufRead> Reader<R> {
    /// Starts at the beginning of an archive that is not compressed.
    pub fn new(reader: R, budget: &Budget) -> Self {
        Self {
            source: Source::new(reader),
            budget: budget.clone(),
            body: Body::default(),
            oddities: Oddities::new(budget.limits().problems),
            block: [0; BLOCK],
            ended: false,
        }
    }

    /// Goes on to the next entry; none at the end.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        if self.ended {
            return Ok(None);
        }
        let next = self.find_entry();
        self.ended = !matches!(next, Ok(Some(_)));
        next
    }

    /// The content of the current entry, from where it was read to last.
    pub fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    /// The whole content of the current entry, where nothing of it was read yet and it lies in the
    /// reader's buffer as a whole.
    pub fn contiguous(&mut self) -> Option<&[u8]> {
        if !self.body.untouched || !matches!(self.body.form, Form::Plain) {
            return None;
        }
        let stored = self.body.stored;
        if stored == 0 {
            return Some(&[]);
        }
        let content = clip(self.source.buffer().ok()?, stored);
        (content.len() as u64 == stored).then_some(content)
    }

    /// What was odd since the last call.
    pub fn take_problems(&mut self) -> Vec<Odd> {
        self.oddities.take()
    }

    /// Bytes of the archive that were read or skipped so far.
    pub fn position(&self) -> u64 {
        self.source.position()
    }

    /// The reader, where it now stands.
    pub fn into_inner(self) -> R {
        self.source.into_inner()
    }

    fn find_entry(&mut self) -> Result<Option<Entry>, Error> {
        let mut extensions = Extensions::default();
        loop {
            self.budget.check()?;
            let header = if self.skip_body()? { self.header()? } else { None };
            let Some(header) = header else {
                if extensions.present {
                    self.odd(ProblemKind::Truncated, "an extended header without its entry");
                }
                return Ok(None);
            };
            if let Some(name) = header.broken_field {
                self.odd(ProblemKind::Malformed, format!("the header's {name} is no number"));
            }
            match header.type_flag {
                b'x' | b'g' | b'L' | b'K' => self.extend(&header, &mut extensions)?,
                _ => {
                    self.budget.charge_entry()?;
                    return entry::build(self, header, extensions).map(Some);
                }
            }
        }
    }

    /// Moves to the next header; false where the archive ends in the padding, as Go lets it.
    fn skip_body(&mut self) -> Result<bool, Error> {
        let body = std::mem::take(&mut self.body);
        if self.source.skip(body.stored)? > 0 {
            return Err(self.truncated("the content of an entry"));
        }
        if self.source.skip(body.padding)? > 0 {
            self.odd(ProblemKind::Truncated, "the archive ends in an entry's padding");
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads a block; false at the end of the archive.
    pub(super) fn read_block(&mut self, part: &'static str) -> Result<bool, Error> {
        match self.source.fill(&mut self.block)? {
            BLOCK => Ok(true),
            0 => Ok(false),
            count if clip(&self.block, count as u64).iter().all(|byte| *byte == 0) => Ok(false),
            _ => Err(self.truncated(part)),
        }
    }

    /// Reads the next header; none at the end, which is two blocks of zeros.
    fn header(&mut self) -> Result<Option<Header>, Error> {
        for zeros in 0..2 {
            if !self.read_block("a header")? {
                self.odd(ProblemKind::Truncated, "the archive has no end mark");
                return Ok(None);
            }
            if self.block != [0; BLOCK] {
                if zeros > 0 {
                    self.odd(ProblemKind::Ambiguous, "a single block of zeros between entries");
                }
                let position = self.source.position().saturating_sub(BLOCK as u64);
                let malformed = |what| Error::Malformed { position, what };
                let header = Header::parse(&self.block)
                    .ok_or_else(|| malformed("a block that is no tar header"))?;
                let size = header.stored().ok_or_else(|| malformed("a size that is no number"))?;
                self.set_body(size);
                return Ok(Some(header));
            }
        }
        self.drain()?;
        Ok(None)
    }

    /// Expects `size` bytes of data after the present position.
    pub(super) fn set_body(&mut self, size: u64) {
        let padding = size.wrapping_neg() & (BLOCK as u64).saturating_sub(1);
        self.body = Body { stored: size, padding, untouched: true, form: Form::Plain };
    }

    /// Reads what follows the end mark: zeros as a rule.
    fn drain(&mut self) -> Result<(), Error> {
        let mut noted = false;
        loop {
            self.budget.check()?;
            let buffer = self.source.buffer()?;
            let count = buffer.len();
            if count == 0 {
                return Ok(());
            }
            if !noted && buffer.iter().any(|byte| *byte != 0) {
                noted = true;
                self.odd(ProblemKind::Ambiguous, "data after the end mark of the archive");
            }
            self.source.consume(count);
        }
    }

    /// Reads an extension header.
    fn extend(&mut self, header: &Header, extensions: &mut Extensions) -> Result<(), Error> {
        extensions.present = true;
        let Some(content) = self.extension()? else { return Ok(()) };
        match header.type_flag {
            b'L' => extensions.path = c_string(&content).to_vec(),
            b'K' => extensions.link = c_string(&content).to_vec(),
            b'x' => extensions.records = self.records(&content),
            _ => {
                // Go gives global records to nobody, and forgets what came before them.
                if extensions.has_any() {
                    self.odd(ProblemKind::Ambiguous, "a global header cuts off an entry's own");
                }
                *extensions = Extensions::default();
                if self.records(&content).changes_files() {
                    self.odd(ProblemKind::Ambiguous, "global PAX records that rename or resize");
                }
            }
        }
        Ok(())
    }

    /// The content of an extension header; none, and its bytes left to be skipped, if it is too
    /// large.
    fn extension(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let stored = self.body.stored;
        if stored > MOST_EXTENSION {
            self.odd(
                ProblemKind::LimitReached,
                "an extended header of more than 1 MiB is left out",
            );
            return Ok(None);
        }
        let mut content = Vec::new();
        while self.body.stored > 0 {
            let part = clip(self.source.buffer()?, self.body.stored);
            let count = part.len();
            if count == 0 {
                return Err(self.truncated("an extended header"));
            }
            content.extend_from_slice(part);
            self.source.consume(count);
            self.body.stored = self.body.stored.saturating_sub(count as u64);
        }
        Ok(Some(content))
    }

    fn records(&mut self, content: &[u8]) -> Records {
        let (records, sound) = pax::parse(content);
        if !sound {
            self.odd(
                ProblemKind::Malformed,
                "a PAX record is broken; it and what follows is left out",
            );
        }
        if let Some(key) = records.repeated {
            self.odd(ProblemKind::Ambiguous, format!("PAX record {key} has several values"));
        }
        records
    }

    pub(super) fn odd(
        &mut self,
        kind: ProblemKind,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.oddities.add(self.source.position(), kind, message);
    }

    pub(super) fn truncated(&self, part: &'static str) -> Error {
        Error::Truncated { position: self.source.position(), part }
    }
}

impl Extensions {
    fn has_any(&self) -> bool {
        !self.path.is_empty() || !self.link.is_empty() || self.records.changes_files()
    }
}
