//! Bytes of a ring buffer to records. Whoever holds the ring could write them, so nothing in them is trusted.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use thiserror::Error;
use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes as _, KnownLayout, Unaligned};

use crate::abi::{
    ABI_VERSION, CPU_ROOM, Credentials, FileObject, Header, Kind, Lane, Namespaces, Numbers,
    Origin, PartHeader, ProcessState, Resources, Role, SocketObject, Tag,
};

/// One record: its header, and the parts behind it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What every record has.
    pub header: &'a Header,
    /// What it tells.
    pub kind: Kind,
    /// The ring buffer that it is meant for.
    pub lane: Lane,
    /// What it comes from.
    pub origin: Origin,
    parts: &'a [u8],
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RecordError {
    /// Not even a header.
    #[error("a record of {0} bytes has no room for its header")]
    Short(usize),
    /// Made by other programs than those that came with this reader.
    #[error("a record of version {0}, where this build reads {ABI_VERSION}")]
    Version(u16),
    /// Its own size is not the size it came with.
    #[error("a record that says {said} bytes came with {came}")]
    Size {
        /// By its header.
        said: u32,
        /// By the ring buffer.
        came: usize,
    },
    /// A number that stands for nothing.
    #[error("{what} {number} of a record is not known")]
    Unknown {
        /// Which field.
        what: &'static str,
        /// Its value.
        number: u16,
    },
    /// A part reaches past the end, or is not as long as what it holds.
    #[error("part {0} of a record does not fit")]
    Part(usize),
}

/// A part of a record.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Whose it is.
    pub role: Role,
    /// Bits of [`crate::part_flags`].
    pub flags: u8,
    /// What it holds.
    pub value: Value<'a>,
}

/// What a part holds.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// The call's arguments.
    Arguments([u64; 6]),
    /// A path, a command line: bytes in no known encoding.
    Text(&'a [u8]),
    /// What a descriptor or path led to.
    File(&'a FileObject),
    /// What a descriptor led to.
    Socket(&'a SocketObject),
    /// `sockaddr`, or another structure that a call takes, as it lies in memory.
    Address(&'a [u8]),
    /// Who the process acts as.
    Credentials(&'a Credentials),
    /// What the process sees.
    Namespaces(&'a Namespaces),
    /// Where the process stands.
    Process(&'a ProcessState),
    /// What the process used up.
    Resources(&'a Resources),
    /// The head of what was moved.
    Payload(&'a [u8]),
    /// What the process is called in namespaces in between.
    Numbers(&'a Numbers),
}

impl Header {
    /// The processor on which it was made.
    pub fn processor(&self) -> u16 {
        u16::try_from(processor_of(self.cpu.get())).unwrap_or(u16::MAX)
    }
}

/// The processor in the `cpu` of a record, without the programs that made it there.
pub fn processor_of(cpu: u32) -> u32 {
    cpu & ((1 << CPU_ROOM) - 1)
}

impl<'a> Record<'a> {
    /// Reads one item of a ring buffer, all of its parts included: what it returns holds no surprise.
    pub fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let (header, parts) =
            Header::ref_from_prefix(bytes).map_err(|_| RecordError::Short(bytes.len()))?;
        if header.version.get() != ABI_VERSION {
            return Err(RecordError::Version(header.version.get()));
        }
        if usize::try_from(header.size.get()) != Ok(bytes.len()) {
            return Err(RecordError::Size { said: header.size.get(), came: bytes.len() });
        }
        let kind = header.kind.get();
        let unknown = |what, number| RecordError::Unknown { what, number };
        let record = Record {
            header,
            kind: Kind::of(kind).ok_or(unknown("kind", kind))?,
            lane: Lane::of(header.lane).ok_or(unknown("lane", header.lane.into()))?,
            origin: Origin::of(header.origin).ok_or(unknown("origin", header.origin.into()))?,
            parts,
        };
        record.walk().try_for_each(|part| part.map(drop))?;
        Ok(record)
    }

    /// The parts in the order they were added. One of a tag or role that this version does not know is left out.
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.walk().filter_map(|part| part.ok().flatten())
    }

    /// The call's six arguments.
    pub fn arguments(&self) -> Option<[u64; 6]> {
        self.parts().find_map(|part| match part.value {
            Value::Arguments(arguments) => Some(arguments),
            _ => None,
        })
    }

    /// The first text of a role that has all of some bits of [`crate::part_flags`] and none of others.
    pub fn text(&self, role: Role, with: u8, without: u8) -> Option<&'a [u8]> {
        self.parts().find_map(|part| match part.value {
            Value::Text(text)
                if part.role == role && part.flags & with == with && part.flags & without == 0 =>
            {
                Some(text)
            }
            _ => None,
        })
    }

    /// Whether a bit of [`crate::record_flags`] is set.
    pub fn has(&self, flag: u16) -> bool {
        self.header.flags.get() & flag != 0
    }

    /// `comm` of the thread, up to its first zero.
    pub fn name(&self) -> &'a [u8] {
        self.header.name.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    fn walk(&self) -> Walk<'a> {
        Walk { rest: self.parts, number: 0 }
    }
}

/// Goes from part to part, and stops at the first that does not fit.
struct Walk<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Iterator for Walk<'a> {
    /// None inside is a part that this version does not know.
    type Item = Result<Option<Part<'a>>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let misfit = RecordError::Part(self.number);
        let Some((head, body, rest)) = split(self.rest) else {
            self.rest = &[];
            return Some(Err(misfit));
        };
        self.rest = rest;
        let (Some(tag), Some(role)) = (Tag::of(head.tag.get()), Role::of(head.role)) else {
            return Some(Ok(None));
        };
        let part = value(tag, body).map(|value| Some(Part { role, flags: head.flags, value }));
        Some(part.ok_or(misfit))
    }
}

/// The head of the first part, its bytes, and what comes behind.
fn split(bytes: &[u8]) -> Option<(&PartHeader, &[u8], &[u8])> {
    let (head, rest) = PartHeader::ref_from_prefix(bytes).ok()?;
    let length = usize::try_from(head.length.get()).ok()?;
    let (body, _) = rest.split_at_checked(length)?;
    let (_, rest) = rest.split_at_checked(length.checked_next_multiple_of(8)?)?;
    Some((head, body, rest))
}

/// None where the bytes are not what the tag says.
fn value(tag: Tag, body: &[u8]) -> Option<Value<'_>> {
    Some(match tag {
        Tag::Arguments => Value::Arguments(whole::<[U64; 6]>(body)?.map(U64::get)),
        Tag::Text => Value::Text(body),
        Tag::File => Value::File(whole(body)?),
        Tag::Socket => Value::Socket(whole(body)?),
        Tag::Address => Value::Address(body),
        Tag::Credentials => Value::Credentials(whole(body)?),
        Tag::Namespaces => Value::Namespaces(whole(body)?),
        Tag::Process => Value::Process(whole(body)?),
        Tag::Resources => Value::Resources(whole(body)?),
        Tag::Payload => Value::Payload(body),
        Tag::Numbers => Value::Numbers(whole(body)?),
    })
}

/// Bytes of a record, as the programs write them: for tests, and for whoever plays the kernel.
pub fn write_record(header: &Header, parts: &[(Tag, Role, u8, &[u8])]) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    for (tag, role, flags, body) in parts {
        let head = PartHeader {
            tag: (*tag as u16).into(),
            role: *role as u8,
            flags: *flags,
            length: u32::try_from(body.len()).unwrap_or(u32::MAX).into(),
        };
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    if let Some(place) = bytes.first_chunk_mut() {
        *place = size.to_le_bytes();
    }
    bytes
}

fn whole<T: FromBytes + Immutable + KnownLayout + Unaligned>(bytes: &[u8]) -> Option<&T> {
    T::ref_from_bytes(bytes).ok()
}
