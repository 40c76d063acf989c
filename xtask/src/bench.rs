//! `cargo xtask bench`.
pub(crate) mod database;
pub(crate) mod scan;
