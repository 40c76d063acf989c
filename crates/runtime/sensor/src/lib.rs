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
mod allowance;
mod arguments;
mod assemble;
mod canary;
mod confine;
mod describe;
mod documents;
mod error;
mod files;
mod filter;
mod groups;
mod identity;
mod loss;
mod metadata;
mod metrics;
mod name_service;
mod names;
mod parts;
mod processes;
pub mod status;
mod stream;
mod surroundings;
mod usage;

pub use accounts::{AccountFiles, Accounts};
pub use allowance::{Allowance, Governor, Step, Turn, steps};
pub use assemble::{Assembler, Bounds, Held};
pub use canary::{Canary, Figures as CanaryFigures, Sign, Way};
pub use confine::{Part, confine};
pub use documents::{Document, Found, Opened, Places, read};
pub use error::SensorError;
pub use filter::{everything, filter};
pub use identity::{Candidate, Identity, Membership, Runtime, membership, paths};
pub use loss::{Ledger, Tally};
pub use metadata::{
    ImageName, Metadata, MetadataError, Mount, Pod, Probes, annotations, cri_sandbox, crun_status,
    docker_container, docker_host, runc_state, spec, storage_containers,
};
pub use metrics::{MEDIA_TYPE, metrics};
pub use name_service::NameMessage;
pub use parts::{
    Answers, Delivery, Engine, GivenUp, Hands, HandsOptions, Losses, Moment, Outlet, PartCommand,
    Setup, Signals, SinksProgram, Tended, sinks,
};
pub use status::Status;
pub use stream::Stream;
pub use surroundings::{Machine, Nothing, Surroundings, View};
pub use usage::{Controller, Meter, Meters, Usage, groups};
