//! From records of the kernel to events: whose container a process is in, which processes it
//! descends from, what its file descriptors name, what its users are called, and what was lost on
//! the way.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod accounts;
mod arguments;
mod assemble;
mod confine;
mod describe;
mod documents;
mod error;
mod files;
mod groups;
mod identity;
mod loss;
mod metadata;
mod names;
mod parts;
mod processes;
mod stream;
mod surroundings;

pub use accounts::{AccountFiles, Accounts};
pub use assemble::{Assembler, Bounds, Held};
pub use confine::{Part, confine};
pub use documents::{Document, Found, Opened, Places, read};
pub use error::SensorError;
pub use identity::{Candidate, Identity, Membership, Runtime, membership, paths};
pub use loss::{Ledger, Tally};
pub use metadata::{
    ImageName, Metadata, MetadataError, Mount, Pod, annotations, crun_status, docker_container,
    docker_host, runc_state, spec, storage_containers,
};
pub use parts::{Delivery, Engine, Hands, HandsOptions, Losses, Moment, PartCommand, Setup, sinks};
pub use stream::Stream;
pub use surroundings::{Machine, Nothing, Surroundings, View};
