//! Which alerts are told, and exact sums of those that are not.
//!
//! Whatever is held back is in exactly one [`Sum`]: entered = told + held back, and once the sieve is emptied the
//! counts of all sums together are what was held back. That holds where groups are given up for want of room, and
//! where time jumps.

mod bucket;
mod count;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use bulkhead_rules::Priority;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::alert::AlertId;

use bucket::Bucket;
pub use bucket::Rate;
use count::Count;

/// How long sums of what a rate limit held back are gathered, in nanoseconds.
const GATHERED: u64 = 10_000_000_000;

/// How often it is looked whether such a sum is due, in nanoseconds.
const LOOK: u64 = 1_000_000_000;

/// Rules whose rates are known at the same time.
const RULES: usize = 4096;

/// What a sieve lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// How long equal alerts are told once, in nanoseconds; zero tells each.
    pub window: u64,
    /// How many alerts of one rule are told.
    pub rule: Option<Rate>,
    /// How many alerts of all rules are told.
    pub all: Option<Rate>,
    /// How many groups of equal alerts are known at the same time.
    pub groups: usize,
}

impl Bounds {
    /// Tells everything.
    pub const NONE: Self = Self { window: 0, rule: None, all: None, groups: 0 };

    /// Groups that are known at the same time unless somebody says otherwise: about 5 MiB.
    pub const GROUPS: usize = 16_384;
}

/// By what equal alerts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64, u64);

impl Key {
    /// Of 32 hexadecimal digits.
    pub(crate) fn new(digits: &str) -> Self {
        let half = |range| digits.get(range).and_then(|half| u64::from_str_radix(half, 16).ok());
        Self(half(0..16).unwrap_or_default(), half(16..32).unwrap_or_default())
    }
}

/// What becomes of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is told.
    Tell,
    /// It is held back, and will be in a sum.
    Hold,
}

/// Why alerts were held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// An equal one was told.
    Repeated,
    /// Their rule told too many.
    RuleRate,
    /// All rules together told too many.
    Rate,
}

/// Alerts that were held back, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Why.
    pub reason: Reason,
    /// Their rule.
    pub rule: Arc<str>,
    /// How grave the rule calls them.
    pub priority: Priority,
    /// What they were about, where all were about the same.
    pub id: Option<AlertId>,
    /// How many.
    pub count: u64,
    /// When the first of them happened, in nanoseconds since 1970.
    pub first: u64,
    /// When the last of them happened.
    pub last: u64,
}

/// What became of all alerts: entered = told + held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Alerts that were told.
    pub told: u64,
    /// Alerts that were held back, whether they are in a sum already or not.
    pub held: u64,
}

/// Lets alerts through or holds them back.
#[derive(Debug)]
pub struct Sieve {
    bounds: Bounds,
    groups: FxHashMap<Key, Group>,
    /// The groups by when they were opened, the oldest first.
    opened: VecDeque<(u64, Key)>,
    rules: FxHashMap<Arc<str>, OfRule>,
    all: Bucket,
    looked: u64,
    totals: Totals,
    sums: Vec<Sum>,
}

/// Equal alerts, the first of which was told.
#[derive(Debug)]
struct Group {
    rule: Arc<str>,
    priority: Priority,
    id: AlertId,
    held: Option<Count>,
}

/// A rule's rate, and what was held back of it.
#[derive(Debug)]
struct OfRule {
    bucket: Bucket,
    priority: Priority,
    held: [(Reason, Option<Count>); 2],
}

impl Sieve {
    /// An empty one.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            groups: FxHashMap::default(),
            opened: VecDeque::new(),
            rules: FxHashMap::default(),
            all: Bucket::full(bounds.all),
            looked: 0,
            totals: Totals::default(),
            sums: Vec::new(),
        }
    }

    /// Decides about an alert that happened at `time`.
    pub fn enter(
        &mut self,
        rule: &Arc<str>,
        priority: Priority,
        id: &AlertId,
        key: Key,
        time: u64,
    ) -> Verdict {
        self.pass(time);
        if let Some(group) = self.groups.get_mut(&key) {
            Count::enter(&mut group.held, time);
            return self.decided(Verdict::Hold);
        }
        if let Some(reason) = self.is_too_many(rule, priority, time) {
            if let Some(of_rule) = self.rules.get_mut(rule) {
                let slot = of_rule.held.iter_mut().find(|(other, _)| *other == reason);
                if let Some((_, held)) = slot {
                    Count::enter(held, time);
                }
            }
            return self.decided(Verdict::Hold);
        }
        if self.bounds.window > 0 && self.bounds.groups > 0 {
            while self.groups.len() >= self.bounds.groups {
                self.close_oldest();
            }
            let group = Group { rule: Arc::clone(rule), priority, id: id.clone(), held: None };
            self.groups.insert(key, group);
            self.opened.push_back((time, key));
        }
        self.decided(Verdict::Tell)
    }

    /// Time goes on: what is due by now is summed up.
    pub fn pass(&mut self, now: u64) {
        while let Some((opened, _)) = self.opened.front() {
            if opened.saturating_add(self.bounds.window) > now {
                break;
            }
            self.close_oldest();
        }
        if now.saturating_sub(self.looked) >= LOOK {
            self.looked = now;
            let is_due = |count: &Count| now.saturating_sub(count.first) >= GATHERED;
            self.sum_up_rules(is_due);
        }
    }

    /// The sums that came to be since they were last taken.
    pub fn sums(&mut self) -> Vec<Sum> {
        std::mem::take(&mut self.sums)
    }

    /// Sums up everything, and forgets which alerts were told.
    pub fn empty(&mut self) {
        while !self.opened.is_empty() {
            self.close_oldest();
        }
        self.sum_up_rules(|_| true);
    }

    /// What became of all alerts until now.
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    const fn decided(&mut self, verdict: Verdict) -> Verdict {
        let count = match verdict {
            Verdict::Tell => &mut self.totals.told,
            Verdict::Hold => &mut self.totals.held,
        };
        *count = count.saturating_add(1);
        verdict
    }

    /// Whether the limits are reached, and which. Where one is, nothing is taken from the other.
    fn is_too_many(&mut self, rule: &Arc<str>, priority: Priority, time: u64) -> Option<Reason> {
        if self.bounds.rule.is_none() && self.bounds.all.is_none() {
            return None;
        }
        if !self.rules.contains_key(rule) {
            if self.rules.len() >= RULES {
                self.sum_up_rules(|_| true);
                self.rules.clear();
            }
            let held = [(Reason::RuleRate, None), (Reason::Rate, None)];
            let of_rule = OfRule { bucket: Bucket::full(self.bounds.rule), priority, held };
            self.rules.insert(Arc::clone(rule), of_rule);
        }
        let of_rule = self.rules.get_mut(rule)?;
        of_rule.bucket.fill(time);
        self.all.fill(time);
        if !of_rule.bucket.has_one() {
            return Some(Reason::RuleRate);
        }
        if !self.all.has_one() {
            return Some(Reason::Rate);
        }
        of_rule.bucket.take();
        self.all.take();
        None
    }

    fn close_oldest(&mut self) {
        let Some((_, key)) = self.opened.pop_front() else { return };
        let Some(group) = self.groups.remove(&key) else { return };
        let Some(count) = group.held else { return };
        self.sums.push(count.sum(Reason::Repeated, &group.rule, group.priority, Some(group.id)));
    }

    fn sum_up_rules(&mut self, is_due: impl Fn(&Count) -> bool) {
        let mut due = Vec::new();
        for (rule, of_rule) in &mut self.rules {
            for (reason, held) in &mut of_rule.held {
                let taken = held.take_if(|count| is_due(count));
                due.extend(taken.map(|count| count.sum(*reason, rule, of_rule.priority, None)));
            }
        }
        due.sort_by(|one, other| (one.first, &one.rule).cmp(&(other.first, &other.rule)));
        self.sums.append(&mut due);
    }
}
