//! How advisories reach this machine: mirror of the publishers, signed databases, their exchange through registries.

pub mod exchange;
pub mod mirror;
pub mod signing;
