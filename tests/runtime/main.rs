//! The real sensor and real containers: what happens in them, and what is told of it. As root; a recorded
//! skip where a machine runs no containers or takes no probes.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must fail")]

mod cases;
mod container;
mod cri;
mod evasions;
mod flood;
mod hostile;
mod kernels;
mod kinds;
mod name_server;
mod pods;
mod prompt;
mod questions;
mod refused;
mod replay;
mod sensor;
mod shipped;
mod stable;
