//! Compressed streams: gzip, zstd, bzip2, xz, or none, told apart by their first bytes.

mod bzip2;
mod gzip;
mod whole;
mod xz;
mod zstd;

use std::io::{self, BufRead, BufReader, Read};

use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;

use crate::odd::Oddities;
use crate::source::{Source, copy};
use crate::{Error, Odd};

pub(crate) use whole::{DEFLATE_RATIO, STEP, inflate_by_steps, within};
pub use whole::{gunzip_whole, zlib_whole};

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all, or in a way that is not known here.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The format of bzip2 1.0.
    Bzip2,
    /// The .xz file format.
    Xz,
}

impl Compression {
    /// Tells by the first bytes, of which four suffice, as containerd does.
    pub fn detect(start: &[u8]) -> Self {
        if gzip::begins(start) {
            Self::Gzip
        } else if zstd::begins(start) {
            Self::Zstd
        } else if bzip2::begins(start) {
            Self::Bzip2
        } else if xz::begins(start) {
            Self::Xz
        } else {
            Self::None
        }
    }
}

/// Decodes a stream by its first bytes. What is not compressed comes through as it is.
///
/// All members of a gzip, frames of a zstd and streams of a bzip2 or xz file are one content. An error is
/// given after all that could be decoded before it, and then again on each read.
pub fn decode<R: BufRead>(reader: R, budget: &Budget) -> Result<Decoder<R>, Error> {
    budget.check()?;
    let mut source = Source::new(reader);
    let (start, count) = source.peek()?;
    let compression = Compression::detect(start.get(..count).unwrap_or_default());
    let codec: Option<Box<dyn Codec + Send>> = match compression {
        Compression::None => None,
        Compression::Gzip => Some(Box::new(gzip::Gzip::new())),
        Compression::Zstd => Some(Box::new(zstd::Zstd::new()?)),
        Compression::Bzip2 => Some(Box::new(bzip2::Bzip2::new())),
        Compression::Xz => Some(Box::new(xz::Xz::new()?)),
    };
    Ok(Decoder {
        source,
        budget: budget.clone(),
        compression,
        codec,
        produced: 0,
        stage: Stage::Inside,
        oddities: Oddities::new(budget.limits().problems),
    })
}

/// Content of a compressed stream, each byte charged to a budget.
///
/// Reads cost least with buffers of [`Decoder::BUFFER`] bytes: [`Decoder::buffered`].
pub struct Decoder<R> {
    source: Source<R>,
    budget: Budget,
    compression: Compression,
    codec: Option<Box<dyn Codec + Send>>,
    produced: u64,
    stage: Stage,
    oddities: Oddities,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Within a member.
    Inside,
    /// After a whole member.
    Between,
    Ended,
    /// After this error, which holds for good.
    Failed(Fault),
}

/// One of the formats that consist of members, each of which can be decoded on its own.
trait Codec {
    /// Decodes what it can of `input` into `output`, which is never empty.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault>;

    /// Prepares for the next member.
    fn restart(&mut self) -> Result<(), Fault>;
}

/// What a [`Codec`] did.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    consumed: usize,
    produced: usize,
    /// The member ended with what was consumed.
    finished: bool,
}

/// Why a stream cannot be decoded further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Truncated(&'static str),
    Malformed(&'static str),
    Mismatch(&'static str),
    Unsupported(&'static str),
    Limit(bulkhead_limits::Exceeded),
}

impl<R: BufRead> Decoder<R> {
    /// The size of output buffer from which larger ones gain nothing.
    pub const BUFFER: usize = 256 << 10;

    /// How the stream is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Compressed bytes that were taken from the reader so far.
    pub fn consumed(&self) -> u64 {
        self.source.position()
    }

    /// The same content behind a buffer of the right size.
    pub fn buffered(self) -> BufReader<Self> {
        BufReader::with_capacity(Self::BUFFER, self)
    }

    /// What was odd since the last call.
    pub fn take_problems(&mut self) -> Vec<Odd> {
        self.oddities.take()
    }

    /// The reader, where it now stands.
    pub fn into_inner(self) -> R {
        self.source.into_inner()
    }

    fn fail(&mut self, fault: Fault) -> Error {
        self.stage = Stage::Failed(fault);
        let position = self.source.position();
        match fault {
            Fault::Truncated(part) => Error::Truncated { position, part },
            Fault::Malformed(what) => Error::Malformed { position, what },
            Fault::Mismatch(what) => Error::Mismatch { position, what },
            Fault::Unsupported(what) => Error::Unsupported { position, what },
            Fault::Limit(exceeded) => Error::Limit(exceeded),
        }
    }

    /// Charges what a step produced.
    fn account(&mut self, count: usize) -> Result<(), Error> {
        self.produced = self.produced.saturating_add(count as u64);
        let charged = self.budget.charge_bytes(count as u64);
        charged
            .and_then(|()| self.budget.check_ratio(self.source.position(), self.produced))
            .map_err(|exceeded| self.fail(Fault::Limit(exceeded)))
    }

    /// Whether another member follows a whole one.
    fn next_member(&mut self) -> Result<bool, Error> {
        let (start, count) = self.source.peek()?;
        let start = start.get(..count).unwrap_or_default();
        if Compression::detect(start) == self.compression {
            let restarted = self.codec.as_mut().map_or(Ok(()), |codec| codec.restart());
            restarted.map_err(|fault| self.fail(fault))?;
            self.stage = Stage::Inside;
            return Ok(true);
        }
        if count > 0 {
            self.oddities.add(
                self.source.position(),
                ProblemKind::Malformed,
                "data after the end of the compressed stream",
            );
        }
        self.stage = Stage::Ended;
        Ok(false)
    }

    fn step(&mut self, output: &mut [u8]) -> Result<Step, Error> {
        let input = self.source.buffer()?;
        let at_end = input.is_empty();
        let step = if let Some(codec) = &mut self.codec {
            codec.step(input, output)
        } else {
            let count = copy(output, input);
            Ok(Step { consumed: count, produced: count, finished: at_end })
        };
        let step = step.map_err(|fault| self.fail(fault))?;
        self.source.consume(step.consumed);
        if step.finished {
            self.stage = if at_end { Stage::Ended } else { Stage::Between };
        } else if step.consumed == 0 && step.produced == 0 {
            // Without input, no progress is the end; with input it would be a loop without bound.
            return Err(self.fail(if at_end {
                Fault::Truncated("the compressed stream")
            } else {
                Fault::Malformed("the compressed stream makes no progress")
            }));
        }
        Ok(step)
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        if output.is_empty() {
            return Ok(0);
        }
        loop {
            match self.stage {
                Stage::Ended => return Ok(0),
                Stage::Failed(fault) => return Err(self.fail(fault).into()),
                Stage::Between => {
                    if !self.next_member()? {
                        return Ok(0);
                    }
                }
                Stage::Inside => {}
            }
            let step = self.step(output)?;
            self.account(step.produced)?;
            if step.produced > 0 {
                return Ok(step.produced);
            }
        }
    }
}
