//! How many, from when to when.

use std::sync::Arc;

use bulkhead_rules::Priority;

use super::{Reason, Sum};
use crate::alert::AlertId;

/// Alerts that were held back and are in no sum yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) number: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Count {
    /// Counts one more.
    pub(super) fn enter(slot: &mut Option<Self>, time: u64) {
        let count = slot.get_or_insert(Self { number: 0, first: time, last: time });
        count.number = count.number.saturating_add(1);
        count.first = count.first.min(time);
        count.last = count.last.max(time);
    }

    pub(super) fn sum(
        self,
        reason: Reason,
        rule: &Arc<str>,
        priority: Priority,
        id: Option<AlertId>,
    ) -> Sum {
        let Self { number: count, first, last } = self;
        Sum { reason, rule: Arc::clone(rule), priority, id, count, first, last }
    }
}
