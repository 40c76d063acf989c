//! The three processes of the sensor, and what they say to each other.
//!
//! The program executes itself again for the engine and the sinks; what is left of it becomes the hands. The
//! engine asks the hands for descriptors and gets nothing else from them; nobody asks the engine anything.

mod engine;
mod hands;
mod protocol;
mod sinks;

pub use engine::{Engine, Losses, Moment, Setup};
pub use hands::{Hands, HandsOptions, PartCommand};
pub use sinks::{Delivery, sinks};
