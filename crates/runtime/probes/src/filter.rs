//! Which calls are reported: what the kernel asks before it makes a record (`bpf/filter.h`).

mod bytes;
mod model;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use bytes::{CALL_FILTER_BYTES, CallFilter, FILTERS, NAME_KEY_BYTES, keys, vocabulary};

/// Clauses of one call at most.
pub const MOST_CLAUSES: usize = 32;
/// Names that are asked for at most.
pub const MOST_NAMES: usize = 2048;
/// Bytes of a name at most.
pub const LONGEST_NAME: usize = 250;
/// Texts that are looked for inside of names at most.
pub const MOST_PARTS: usize = 64;

/// Bits of facts.
pub mod facts {
    /// The result is no error.
    pub const SUCCEEDED: u64 = 1;
    /// The result is `EINPROGRESS`.
    pub const IN_PROGRESS: u64 = 1 << 1;
    /// At the root of its cgroups, so in no container. Of others it is not known.
    pub const HOST: u64 = 1 << 2;
    /// Opened for reading, by the flags of `open(2)`.
    pub const READS: u64 = 1 << 3;
    /// Opened for writing.
    pub const WRITES: u64 = 1 << 4;
    /// May make a file that may be executed.
    pub const EXECUTABLE: u64 = 1 << 5;
    /// The object is a file or a device; of what could not be opened it would be.
    pub const FILE: u64 = 1 << 6;
    /// A folder.
    pub const DIRECTORY: u64 = 1 << 7;
    /// A socket of IPv4.
    pub const IPV4: u64 = 1 << 8;
    /// A socket of IPv6.
    pub const IPV6: u64 = 1 << 9;
    /// A socket of the host itself.
    pub const UNIX: u64 = 1 << 10;
    /// Anything else.
    pub const OTHER: u64 = 1 << 11;
    /// Of a socket: it speaks TCP.
    pub const TCP: u64 = 1 << 12;
    /// The call's text is not what it was at entry.
    pub const SWAPPED: u64 = 1 << 13;
    /// The result is 0, 1 or 2: a standard file.
    pub const STANDARD: u64 = 1 << 14;
    /// Of a socket of IP: one of its ends is the port of name servers.
    pub const NAME_SERVICE: u64 = 1 << 15;
    /// All that say what the object is.
    pub const TYPES: u64 = FILE | DIRECTORY | IPV4 | IPV6 | UNIX | OTHER;
    /// Free for what names say, this bit and all above.
    pub const FIRST_OF_NAMES: u32 = 16;
}

/// Calls that are reported, and which of each. What is not known of a call keeps it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Filter {
    /// Calls by their names, and the clauses one of which must be met; none for every call.
    pub calls: BTreeMap<String, Option<Vec<Clause>>>,
    /// Whether signals that reach a process are reported.
    pub signals: bool,
    /// Those of the calls that are reported only of processes that ask name servers, or are one.
    pub of_askers: BTreeSet<String>,
    /// Names, and the facts that follow where an object has one.
    pub names: Vec<Name>,
    /// Texts inside of names.
    pub parts: Vec<NamePart>,
}

/// Facts that must be so, and those that must not.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Clause {
    /// Bits of [`facts`].
    pub must: u64,
    /// Bits of [`facts`].
    pub must_not: u64,
}

/// A name of a file.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Name {
    /// Which name of it.
    pub domain: Domain,
    /// Up to [`LONGEST_NAME`] bytes. Of a folder with the slash behind it.
    pub text: Vec<u8>,
    /// The name is no longer than that.
    pub whole: bool,
    /// What follows.
    pub facts: u64,
}

/// Which name of a file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Domain {
    /// The path.
    Path = 2,
    /// The path of its folder, which ends with a slash; of a folder its own.
    Folder = 4,
    /// What stands behind the last slash.
    Last = 6,
}

/// A text that a path holds, or seems to: its pairs of bytes are asked for.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NamePart {
    /// Of the path as the call was given it.
    pub given: bool,
    /// The text.
    pub text: Vec<u8>,
    /// What follows.
    pub facts: u64,
}

impl Filter {
    /// All of some calls.
    pub fn of_calls<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let calls = names.into_iter().map(|name| (name.to_owned(), None)).collect();
        Filter { calls, ..Filter::default() }
    }
}
