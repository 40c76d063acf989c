//! Recordings of events: what happened, kept so that rules can be held against it again.
//!
//! Version 4. A recording begins with [`MAGIC`] and the version as two bytes, the low one first. Frames
//! follow, each of which is its length, a byte for what it is, and that many bytes less one. Numbers are
//! written seven bits at a time, the low ones first; signed ones zigzag, as protocol buffers do.
//!
//! Texts, containers, files, processes and kinds of events are defined once and referred to by their
//! place among those of their sort, counted from 1; 0 is none. A kind is defined with the names of its
//! arguments, so that a recording stays readable when [`Kind::parameters`](crate::Kind::parameters)
//! changes. A frame of sort [`Sort::Forget`] forgets all definitions: memory is bounded, however long a
//! recording is.
//!
//! A frame of sort [`Sort::Node`] says on which node all events happened that follow it; version 1 has none. What a
//! container shares with the host, how it is asked whether it is well, and the sandbox of its pod stand at the end of its
//! definition from version 3 on; how a kubelet asks it, and its address, behind them from version 4 on.
//!
//! A recording may be compressed as a whole, by whatever `bulkhead-archive` reads.

mod containers;
mod error;
mod event;
mod files;
mod input;
mod output;
mod processes;
mod reader;
mod source;
mod writer;

pub use error::RecordingError;
pub use reader::RecordingReader;
pub use writer::RecordingWriter;

/// What a recording begins with. The first byte is no letter, so that none is taken for a text.
pub(crate) const MAGIC: [u8; 8] = *b"\x8bevents\n";

/// The version that is written here. Older ones are read for ever.
const VERSION: u16 = 4;

/// No frame is longer.
const LONGEST_FRAME: usize = 64 << 20;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Forget = 0,
    Text = 1,
    Container = 2,
    File = 3,
    Process = 4,
    Kind = 5,
    Event = 6,
    Node = 7,
}

impl Sort {
    fn of(byte: u8) -> Option<Self> {
        let all = [
            Self::Forget,
            Self::Text,
            Self::Container,
            Self::File,
            Self::Process,
            Self::Kind,
            Self::Event,
            Self::Node,
        ];
        all.into_iter().find(|sort| *sort as u8 == byte)
    }
}
