//! A buffered reader that knows how far it came and can look ahead.

use std::io::{self, BufRead, ErrorKind};

/// How far [`Source::peek`] can look.
const AHEAD: usize = 4;

/// Input of a decoder or a walk: counts, retries interruptions, looks a few bytes ahead.
#[derive(Debug)]
pub(crate) struct Source<R> {
    inner: R,
    position: u64,
    /// Bytes that were taken from `inner` only to look at them.
    ahead: [u8; AHEAD],
    ahead_start: usize,
    ahead_end: usize,
}

impl<R: BufRead> Source<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, position: 0, ahead: [0; AHEAD], ahead_start: 0, ahead_end: 0 }
    }

    /// Bytes consumed so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// What lies ready, read if nothing does; empty at the end.
    pub(crate) fn buffer(&mut self) -> io::Result<&[u8]> {
        if self.ahead_start < self.ahead_end {
            return Ok(self.ahead.get(self.ahead_start..self.ahead_end).unwrap_or_default());
        }
        while let Err(error) = self.inner.fill_buf() {
            if error.kind() != ErrorKind::Interrupted {
                return Err(error);
            }
        }
        self.inner.fill_buf()
    }

    /// Moves past `count` bytes of [`Source::buffer`].
    pub(crate) fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
        if self.ahead_start < self.ahead_end {
            self.ahead_start = self.ahead_start.saturating_add(count).min(self.ahead_end);
        } else {
            self.inner.consume(count);
        }
    }

    /// Up to four bytes that come next, fewer only at the end; nothing is consumed.
    pub(crate) fn peek(&mut self) -> io::Result<([u8; AHEAD], usize)> {
        let mut bytes = [0; AHEAD];
        let buffer = self.buffer()?;
        let count = buffer.len().min(AHEAD);
        copy(&mut bytes, buffer);
        if count == AHEAD || count == 0 {
            return Ok((bytes, count));
        }
        // The buffer ends within: move what it has aside, and more until there is enough.
        let before = self.position;
        let count = self.fill(&mut bytes)?;
        self.position = before;
        (self.ahead, self.ahead_start, self.ahead_end) = (bytes, 0, count);
        Ok((bytes, count))
    }

    /// Reads until `target` is full or the content ends; the count of bytes read.
    pub(crate) fn fill(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let mut filled: usize = 0;
        while let Some(rest) = target.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let count = copy(rest, self.buffer()?);
            if count == 0 {
                break;
            }
            self.consume(count);
            filled = filled.saturating_add(count);
        }
        Ok(filled)
    }

    /// Moves past up to `count` bytes; how many could not be skipped because the content ends.
    pub(crate) fn skip(&mut self, mut count: u64) -> io::Result<u64> {
        while count > 0 {
            let ready = self.buffer()?.len();
            if ready == 0 {
                break;
            }
            let step = usize::try_from(count).map_or(ready, |count| count.min(ready));
            self.consume(step);
            count = count.saturating_sub(step as u64);
        }
        Ok(count)
    }
}

/// Copies as much as fits; the count.
pub(crate) fn copy(target: &mut [u8], source: &[u8]) -> usize {
    let count = target.len().min(source.len());
    if let (Some(target), Some(source)) = (target.get_mut(..count), source.get(..count)) {
        target.copy_from_slice(source);
    }
    count
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn looking_ahead_takes_nothing_away() {
        for capacity in 1..8 {
            let mut source = Source::new(BufReader::with_capacity(capacity, &b"abcdef"[..]));
            assert_eq!(source.peek().unwrap(), (*b"abcd", 4));
            assert_eq!(source.position(), 0);
            assert_eq!(source.skip(1).unwrap(), 0);
            assert_eq!(source.peek().unwrap(), (*b"bcde", 4));
            let mut rest = [0; 9];
            assert_eq!(source.fill(&mut rest).unwrap(), 5);
            assert_eq!(&rest[..5], b"bcdef");
            assert_eq!(source.position(), 6);
            assert_eq!(source.peek().unwrap(), ([0; 4], 0));
            assert_eq!(source.skip(3).unwrap(), 3);
        }
    }
}
