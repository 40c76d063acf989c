//! The pass over a target in worker processes, from its bytes to a report.
//!
//! [`survey`] opens the target, has its layers read by [`worker()`] processes, merges them and
//! assembles what is installed; [`judge()`] holds that against advisory databases. The scan itself
//! never parses a byte of an image: what it reads comes from its workers, in its own format.

mod answers;
mod broken;
mod error;
mod gate;
mod incomplete;
mod judge;
mod pass;
mod process;
mod protocol;
mod request;
mod results;
mod support;
mod survey;
mod target;
mod worker;

pub use answers::{Testimony, answer};
pub use error::ScanError;
pub use gate::{Gate, GateError};
pub use judge::{Conclusion, Evidence, JudgeOptions, conclude, judge};
pub use request::{ContainerdStore, Progress, Request, Silent, Sources, Survey, WorkerCommand};
pub use survey::survey;
pub use worker::worker;

use bulkhead_layers::Detector;

/// Every detector that is built in.
pub fn detectors() -> Vec<Box<dyn Detector>> {
    bulkhead_inventory::detectors()
}
