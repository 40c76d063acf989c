//! Real containers of this machine's own runc. Each test is a recorded skip where it is missing, or where
//! nobody is root.

mod confinement;
mod container;
mod live;
mod metadata;
