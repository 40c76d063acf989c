//! Real containers of this machine's own runc. Each test is a recorded skip where it is missing, or where
//! nobody is root.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod confinement;
mod container;
mod containerd;
mod filters;
mod late;
mod live;
mod metadata;
