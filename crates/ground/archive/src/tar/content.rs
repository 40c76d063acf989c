//! Content of the current entry.

use std::io::{self, BufRead, Read};

use super::Reader;
use super::sparse::{Layout, Place};
use crate::Error;
use crate::source::copy;

/// The content of the current entry of a [`Reader`], holes of sparse files filled with zeros.
///
/// Ends where the entry does; an archive that ends before is an error.
#[derive(Debug)]
pub struct Content<'a, R>(pub(super) &'a mut Reader<R>);

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = copy(target, self.fill_buf()?);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Content<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.0.content_buffer()?)
    }

    fn consume(&mut self, count: usize) {
        self.0.consume_content(count);
    }
}

/// What lies between a header and the next.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Bytes in the archive that were not read yet.
    pub(super) stored: u64,
    /// Bytes up to the next block.
    pub(super) padding: u64,
    /// Nothing of it was read.
    pub(super) untouched: bool,
    pub(super) form: Form,
}

/// How the stored bytes become content.
#[derive(Debug, Default)]
pub(super) enum Form {
    /// They are the content.
    #[default]
    Plain,
    /// They are the parts of it that are not holes.
    Sparse(Sparse),
    /// Nobody knows: why.
    Unreadable(&'static str),
}

/// A sparse file's layout, and what was charged for it.
#[derive(Debug)]
pub(super) struct Sparse {
    pub(super) layout: Layout,
    /// Bytes in the archive.
    pub(super) stored: u64,
    /// The position up to which content was charged: holes cost work but no input.
    pub(super) charged: u64,
}

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl<R: BufRead> Reader<R> {
    fn content_buffer(&mut self) -> Result<&[u8], Error> {
        let stored = self.body.stored;
        let position = self.source.position();
        let ready = match &mut self.body.form {
            Form::Plain => stored,
            Form::Unreadable(what) => return Err(Error::Malformed { position, what }),
            Form::Sparse(sparse) => match sparse.layout.place() {
                Place::End => 0,
                Place::Stored(count) if stored > 0 => count.min(stored),
                Place::Stored(_) => {
                    return Err(Error::Malformed { position, what: "a sparse file lacks data" });
                }
                Place::Hole(count) => {
                    let zeros = clip(&ZEROS, count);
                    let end = sparse.layout.position().saturating_add(zeros.len() as u64);
                    if end > sparse.charged {
                        self.budget.charge_bytes(end.saturating_sub(sparse.charged))?;
                        self.budget.check_ratio(sparse.stored, end)?;
                        sparse.charged = end;
                    }
                    return Ok(zeros);
                }
            },
        };
        if ready == 0 {
            return Ok(&[]);
        }
        let buffer = self.source.buffer()?;
        if buffer.is_empty() {
            return Err(Error::Truncated { position, part: "the content of an entry" });
        }
        Ok(clip(buffer, ready))
    }

    fn consume_content(&mut self, count: usize) {
        self.body.untouched &= count == 0;
        if let Form::Sparse(sparse) = &mut self.body.form {
            let is_hole = matches!(sparse.layout.place(), Place::Hole(_));
            sparse.layout.advance(count as u64);
            if is_hole {
                return;
            }
            sparse.charged = sparse.charged.max(sparse.layout.position());
        }
        self.body.stored = self.body.stored.saturating_sub(count as u64);
        self.source.consume(count);
    }
}

/// The first `count` bytes, or all there are.
pub(super) fn clip(buffer: &[u8], count: u64) -> &[u8] {
    usize::try_from(count).ok().and_then(|count| buffer.get(..count)).unwrap_or(buffer)
}
