//! The real binary on real and on hostile images.

#![expect(clippy::expect_used, reason = "a test that cannot make its input must fail")]

mod alpine;
mod bulkhead;
mod cache;
mod debian;
mod exit_codes;
mod hostile;
mod languages;
mod platforms;
mod projects;
mod registry;
mod rpm;
mod samples;
mod sources;
mod workers;
