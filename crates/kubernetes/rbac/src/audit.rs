//! Rights held against what was done with them: the API server's audit log.

mod event;
mod manifests;
mod suggestion;
mod unused;
mod uses;

pub use event::{Event, Skipped, read_events};
pub use suggestion::{Replay, Suggestion};
pub use unused::{Idle, idle};
pub use uses::{Malformed, Use, Uses};
