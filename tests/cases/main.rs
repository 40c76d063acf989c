//! The real binary on real and on hostile images.

#![expect(clippy::expect_used, reason = "a test that cannot make its input must fail")]

mod alpine;
mod answers;
mod attribution;
mod bulkhead;
mod cache;
mod containerd;
mod debian;
mod documents;
mod end_of_life;
mod exchange;
mod exit_codes;
mod forms;
mod hostile;
mod languages;
mod merging;
mod platforms;
mod progress;
mod projects;
mod registry;
mod rpm;
mod samples;
mod sources;
mod vendor;
mod workers;
