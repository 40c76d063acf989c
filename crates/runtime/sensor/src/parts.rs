//! The three processes of the sensor, and what they say to each other.
//!
//! The program executes itself again for the engine and the sinks; what is left of it becomes the hands. The
//! engine asks the hands for descriptors and numbers, and gets nothing else from them; nobody asks the engine
//! anything. What it is like it tells the sinks of its own accord, which answer who asks.

mod engine;
mod files;
mod hands;
mod outlets;
mod protocol;
mod sinks;

pub use engine::{Engine, GivenUp, Losses, Moment, Setup, Tended};
pub use hands::{Hands, HandsOptions, PartCommand, Signals};
pub use outlets::Outlet;
pub use protocol::Answers;
pub use sinks::{Delivery, SinksProgram, sinks};
