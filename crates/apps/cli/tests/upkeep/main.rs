//! What a running sensor sees and tells of itself, and how it keeps within its budget: the real binary, real
//! containers of runc. As root; a recorded skip where a machine takes no probes.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod budget;
mod canary;
mod changes;
mod container;
mod fast;
mod full;
mod injection;
mod life;
mod message;
mod refusals;
mod sensor;
mod status;
