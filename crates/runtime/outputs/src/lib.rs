//! Where alerts go: files that are rotated, and syslog over a socket of the machine, UDP, TCP and TLS.
//!
//! What opens files by name and looks hosts up ([`Rotation`], [`Address::resolve`]) is apart from what writes
//! ([`Lines`], [`Syslog`]): the one runs where there are rights, the other where there are none. Nothing here
//! knows what an alert is.

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

mod address;
mod certificates;
mod error;
mod lines;
mod rotation;
mod syslog;

pub use address::{Address, Server, Target, Transport};
pub use certificates::{Identity, TlsFiles};
pub use error::OutputError;
pub use lines::{Lines, Written};
pub use rotation::Rotation;
pub use syslog::{Gap, Syslog, Voice};
