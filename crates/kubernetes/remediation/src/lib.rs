//! Repairs of Kubernetes objects: planned, applied, verified, rolled back.
//!
//! How a failure of a control is mended is data of `content/controls`: edits relative to the place that
//! the control names. They are tried on the object first, and count only where the control passes then and
//! no other one fails that did not before.
//!
//! [`plan`] mends manifests in files and keeps every byte around the edits; [`LiveRepairs`] mends objects of a
//! cluster under a field manager of its own. Whatever is changed is written down before, in
//! [`Records`], so that [`roll_back`] gives it back and [`go_on`] settles what was cut short.

mod choice;
mod condition;
mod difference;
mod edit;
mod error;
mod files;
mod flag;
mod health;
mod live;
mod mend;
mod open;
mod owned;
mod patch;
mod recipe;
mod record;
mod site;
mod write;

pub use choice::Choice;
pub use difference::{Difference, Hunk};
pub use edit::{Change, Edit};
pub use error::RemediationError;
pub use files::{FileRepair, ObjectRepair, Plan, plan};
pub use live::{Event, Former, LiveRepair, LiveRepairs, LiveTarget, Outcome, Patience};
pub use mend::Step;
pub use open::Open;
pub use owned::FIELD_MANAGER;
pub use patch::{Refusal, patch};
pub use record::{FileTarget, Piece, RECORD_VERSION, Record, Records, State, Target};
pub use write::write_file;

/// Takes a repair back.
///
/// # Errors
/// Where what it changed was changed since, or the server does not answer.
pub fn roll_back(
    record: &mut Record,
    records: &Records,
    live: Option<&LiveRepairs<'_>>,
    listen: &mut dyn FnMut(Event),
) -> Result<(), RemediationError> {
    if matches!(record.state, State::RolledBack | State::Abandoned) {
        return Ok(());
    }
    match (record.target.clone(), live) {
        (Target::File(file), _) => write::restore(record, &file, records),
        (Target::Object(target), Some(live)) => live.take_back(record, &target, records, listen),
        (Target::Object(_), None) => Err(RemediationError::NeedsCluster { id: record.id.clone() }),
    }
}

/// Goes on with a repair that was cut short: to its end, or back.
///
/// # Errors
/// As [`roll_back`].
pub fn go_on(
    record: &mut Record,
    records: &Records,
    live: Option<&LiveRepairs<'_>>,
    listen: &mut dyn FnMut(Event),
) -> Result<(), RemediationError> {
    if record.state.is_final() {
        return Ok(());
    }
    match (record.target.clone(), live) {
        (Target::File(file), _) => write::settle(record, &file, records),
        (Target::Object(target), Some(live)) => live.resume(record, &target, records, listen),
        (Target::Object(_), None) => Err(RemediationError::NeedsCluster { id: record.id.clone() }),
    }
}
