//! Programs in the kernel that report what processes do, and the records that they report it in.
//!
//! `bpf/` holds the programs in C, compiled when this crate is built.

mod abi;
mod record;

pub use abi::{
    ABI_VERSION, BITS, CODES, Credentials, FileObject, Header, Kind, LANES, LAYOUT, Lane,
    Namespaces, Origin, PartHeader, ProcessState, Resources, Role, SocketObject, Tag, TaskObject,
    file_attributes, part_flags, record_flags,
};
pub use record::{Part, Record, RecordError, Value, write_record};
