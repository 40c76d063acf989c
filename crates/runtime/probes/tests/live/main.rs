//! Probes in a real kernel, and what they report of a program that really does it. Where the kernel takes no
//! probes, each test is a recorded skip.

#![expect(clippy::expect_used, reason = "a test whose parts cannot be made must fail")]

mod calls;
mod evasions;
mod filters;
mod folders;
mod loss;
mod obstacles;
mod processes;
mod watch;
