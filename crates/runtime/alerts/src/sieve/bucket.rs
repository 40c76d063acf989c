//! A token bucket, in whole numbers.

use serde::{Deserialize, Serialize};

/// Parts of a token: as many as nanoseconds in a second, so that a token a second is a part a nanosecond.
const TOKEN: u128 = 1_000_000_000;

/// How many alerts may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// In each second, over long.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

/// What is left of a rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    rate: Option<Rate>,
    parts: u128,
    filled: u64,
}

impl Bucket {
    /// A full one; without a rate it never gets empty.
    pub(super) fn full(rate: Option<Rate>) -> Self {
        let parts = rate.map_or(TOKEN, |rate| TOKEN.saturating_mul(rate.burst.into()));
        Self { rate, parts, filled: 0 }
    }

    /// Adds what has come since the last time. Time that goes back adds nothing.
    pub(super) fn fill(&mut self, now: u64) {
        let Some(rate) = self.rate else { return };
        let passed = u128::from(now.saturating_sub(self.filled));
        let most = TOKEN.saturating_mul(rate.burst.into());
        let more = passed.saturating_mul(rate.per_second.into());
        self.parts = self.parts.saturating_add(more).min(most);
        self.filled = self.filled.max(now);
    }

    pub(super) const fn has_one(&self) -> bool {
        self.parts >= TOKEN
    }

    pub(super) const fn take(&mut self) {
        if self.rate.is_some() {
            self.parts = self.parts.saturating_sub(TOKEN);
        }
    }
}
