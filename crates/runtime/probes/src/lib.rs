//! Programs in the kernel that report what processes do, and the records that they report it in.
//!
//! `bpf/` holds the programs in C, compiled when this crate is built. [`Probes`] loads them, says what the kernel
//! at hand does not take, and sets which calls are reported. [`Ring`] takes records out, [`Record`] reads them;
//! both need no privileges. What a record looks like is told in `bpf/abi.h`.

mod abi;
mod calls;
mod error;
mod feature;
pub mod filter;
mod obstacle;
mod plan;
mod preemption;
mod probes;
mod record;
mod ring;

pub use abi::{
    ABI_VERSION, BITS, CODES, CPU_ROOM, Credentials, FileObject, Header, Kind, LANES, LAYOUT, Lane,
    NAMESPACES_BETWEEN, Namespaces, Numbers, Origin, PartHeader, ProcessState, Resources, Role,
    SocketObject, Tag, file_attributes, part_flags, record_flags, socket_attributes,
};
pub use calls::{SystemCall, SystemCalls};
pub use error::ProbesError;
pub use feature::{Feature, FeatureReport, FeatureState};
pub use filter::Filter;
pub use obstacle::{Obstacle, Places};
pub use plan::{CANARY_BIT, CANARY_CALL, CANARY_LANE, Plan, Step};
pub use preemption::Preemption;
pub use probes::{Hooks, LaneCount, Losses, Options, Probes, ProgramStatistics, read_snapshot};
pub use record::{Part, Record, RecordError, Value, processor_of, write_record};
pub use ring::Ring;
