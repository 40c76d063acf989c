//! How much hostile input may cost.
//!
//! A [`Budget`] is one value that every decoder and parser on the way to a file shares: archives in
//! archives in layers all draw from the same account. It is cheap to clone and safe to share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The limits of one unit of work: a layer, a document, a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes that decoders may produce, all nesting levels together.
    pub bytes: u64,
    /// Archive entries, all nesting levels together.
    pub entries: u64,
    /// How deep archives may lie in archives; also the nesting of documents.
    pub depth: u32,
    /// How many times larger than its compressed form content may be. Checked only past
    /// [`Limits::RATIO_FLOOR`] bytes, because small runs of zeros compress without malice.
    pub ratio: u64,
    /// Bytes of one file that a parser may ask for as one slice.
    pub file_bytes: u64,
    /// Bytes of one name: a path, a link target, a key of a document.
    pub name_bytes: usize,
    /// Problems that are recorded one by one; later ones are counted.
    pub problems: usize,
    /// Address space of a worker process.
    pub memory: u64,
    /// How long a worker may be silent before it is stopped.
    pub time: Duration,
}

impl Limits {
    /// Output below this size is never refused for its ratio.
    pub const RATIO_FLOOR: u64 = 64 << 20;

    /// What a scan of an image uses where the user says nothing: the largest images of today fit.
    pub const DEFAULT: Self = Self {
        bytes: 256 << 30,
        entries: 20_000_000,
        depth: 16,
        ratio: 1_000,
        file_bytes: 256 << 20,
        name_bytes: 64 << 10,
        problems: 1_000,
        memory: 2 << 30,
        time: Duration::from_mins(5),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A limit was reached. What was read before it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Exceeded {
    /// [`Limits::bytes`].
    #[error("more than {limit} bytes after decompression")]
    Bytes {
        /// The limit.
        limit: u64,
    },
    /// [`Limits::entries`].
    #[error("more than {limit} archive entries")]
    Entries {
        /// The limit.
        limit: u64,
    },
    /// [`Limits::depth`].
    #[error("nested more than {limit} levels deep")]
    Depth {
        /// The limit.
        limit: u32,
    },
    /// [`Limits::ratio`].
    #[error("decompresses to more than {limit} times its size")]
    Ratio {
        /// The limit.
        limit: u64,
    },
    /// [`Limits::file_bytes`].
    #[error("a file of {size} bytes, more than the {limit} that are read whole")]
    FileBytes {
        /// The file's size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// [`Limits::name_bytes`].
    #[error("a name of {size} bytes, more than {limit}")]
    NameBytes {
        /// The name's length.
        size: u64,
        /// The limit.
        limit: usize,
    },
    /// The owner of the work gave it up.
    #[error("cancelled")]
    Cancelled,
}

#[derive(Debug, Default)]
struct Spent {
    bytes: AtomicU64,
    entries: AtomicU64,
    cancelled: AtomicBool,
}

/// An account of one unit of work, and the nesting level it is looked at from.
///
/// Time is not in it: whoever owns the work waits for it with [`Limits::time`] and then cancels it
/// or stops the process.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    spent: Arc<Spent>,
    depth: u32,
}

impl Budget {
    /// A fresh account.
    pub fn new(limits: Limits) -> Self {
        Self { limits, spent: Arc::default(), depth: 0 }
    }

    /// The limits of the account.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How deep this view of the account is nested; 0 at the outside.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Accounts for `count` bytes that a decoder produced.
    pub fn charge_bytes(&self, count: u64) -> Result<(), Exceeded> {
        self.check()?;
        let before = self.spent.bytes.fetch_add(count, Ordering::Relaxed);
        let limit = self.limits.bytes;
        if before.saturating_add(count) > limit { Err(Exceeded::Bytes { limit }) } else { Ok(()) }
    }

    /// Accounts for one entry of an archive.
    pub fn charge_entry(&self) -> Result<(), Exceeded> {
        self.check()?;
        let before = self.spent.entries.fetch_add(1, Ordering::Relaxed);
        let limit = self.limits.entries;
        if before >= limit { Err(Exceeded::Entries { limit }) } else { Ok(()) }
    }

    /// The same account seen from one level deeper: for an archive inside an archive.
    pub fn descend(&self) -> Result<Self, Exceeded> {
        let limit = self.limits.depth;
        match self.depth.checked_add(1) {
            Some(depth) if depth <= limit => Ok(Self { depth, ..self.clone() }),
            _ => Err(Exceeded::Depth { limit }),
        }
    }

    /// Whether `produced` bytes out of `consumed` compressed ones are still plausible.
    pub fn check_ratio(&self, consumed: u64, produced: u64) -> Result<(), Exceeded> {
        let limit = self.limits.ratio;
        if produced > Limits::RATIO_FLOOR && produced / limit > consumed {
            return Err(Exceeded::Ratio { limit });
        }
        Ok(())
    }

    /// Whether a file of `size` bytes may be held as one slice.
    pub fn check_file(&self, size: u64) -> Result<(), Exceeded> {
        let limit = self.limits.file_bytes;
        if size > limit { Err(Exceeded::FileBytes { size, limit }) } else { Ok(()) }
    }

    /// Whether the work goes on.
    pub fn check(&self) -> Result<(), Exceeded> {
        if self.spent.cancelled.load(Ordering::Relaxed) { Err(Exceeded::Cancelled) } else { Ok(()) }
    }

    /// Gives the work up: every later charge fails.
    pub fn cancel(&self) {
        self.spent.cancelled.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Budget {
        Budget::new(Limits { bytes: 10, entries: 2, depth: 1, ratio: 10, ..Limits::DEFAULT })
    }

    #[test]
    fn nested_views_share_one_account() {
        let outer = small();
        let inner = outer.descend().unwrap();
        assert!(inner.descend().is_err());
        assert_eq!(outer.charge_bytes(6), Ok(()));
        assert_eq!(inner.charge_bytes(5), Err(Exceeded::Bytes { limit: 10 }));
        assert_eq!(inner.charge_entry(), Ok(()));
        assert_eq!(outer.charge_entry(), Ok(()));
        assert_eq!(inner.charge_entry(), Err(Exceeded::Entries { limit: 2 }));
    }

    #[test]
    fn cancelling_reaches_every_view() {
        let outer = small();
        let inner = outer.descend().unwrap();
        outer.cancel();
        assert_eq!(inner.check(), Err(Exceeded::Cancelled));
        assert_eq!(inner.charge_bytes(0), Err(Exceeded::Cancelled));
    }

    #[test]
    fn small_output_is_never_a_bomb() {
        let budget = small();
        assert_eq!(budget.check_ratio(1, Limits::RATIO_FLOOR), Ok(()));
        assert!(budget.check_ratio(1, Limits::RATIO_FLOOR + 1).is_err());
        assert_eq!(budget.check_ratio(Limits::RATIO_FLOOR, Limits::RATIO_FLOOR * 9), Ok(()));
    }
}
