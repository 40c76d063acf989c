//! A sign of life that goes the whole way: the sinks do something harmless, the probes report it, the engine
//! reads the report and hands it to the sinks. What does not come back in time is told: whatever else happens
//! meanwhile is not seen either.

mod way;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

pub use way::Way;
pub(crate) use way::{Told, thread_name, told};

/// Rounds that are waited for at most; the oldest of more count as lost.
const ROUNDS: usize = 256;

/// What became of the canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// It did not come back in time: the sensor may be blind.
    Silent {
        /// Since when it is waited for.
        since: Duration,
        /// The ways on which it did not.
        missing: BTreeSet<Way>,
    },
    /// It comes back again.
    Back {
        /// How long it did not.
        after: Duration,
    },
}

/// The rounds of the canary, by whoever sends and awaits it. All times are since one and the same start.
#[derive(Debug, Clone)]
pub struct Canary {
    /// From one round to the next, and how long one may take.
    every: Duration,
    /// The ways that each round goes.
    ways: BTreeSet<Way>,
    /// The last round.
    round: u32,
    next: Option<Duration>,
    /// Rounds that have not come back.
    open: VecDeque<Round>,
    /// Since when none comes back, once that was told.
    silent: Option<Duration>,
    figures: Figures,
}

/// A round that has not come back.
#[derive(Debug, Clone)]
struct Round {
    number: u32,
    began: Duration,
    /// The ways on which it did not come back yet.
    missing: BTreeSet<Way>,
}

/// What is known of all rounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rounds that began.
    pub rounds: u64,
    /// Of these, those that came back.
    pub returned: u64,
    /// How often it fell silent.
    pub silences: u64,
    /// How long the last round took that came back.
    pub last: Option<Duration>,
    /// How long the slowest took.
    pub slowest: Option<Duration>,
}

impl Canary {
    /// With so much time between rounds, each of which goes some ways.
    pub fn new(every: Duration, ways: impl IntoIterator<Item = Way>) -> Self {
        Self {
            every,
            ways: ways.into_iter().collect(),
            round: 0,
            next: None,
            open: VecDeque::new(),
            silent: None,
            figures: Figures::default(),
        }
    }

    /// The time between rounds.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// The ways that each round goes.
    pub fn ways(&self) -> &BTreeSet<Way> {
        &self.ways
    }

    /// What is known of all rounds.
    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// Since when none comes back, where that is so.
    pub fn silent_since(&self) -> Option<Duration> {
        self.silent
    }

    /// How long until something is to be done.
    pub fn left(&self, now: Duration) -> Duration {
        let late = self.open.front().filter(|_| self.silent.is_none());
        let late = late.map(|round| round.began.saturating_add(self.every));
        let due = self.next.into_iter().chain(late).min().unwrap_or(now);
        due.saturating_sub(now)
    }

    /// The number of a round that begins now, if it is time for one.
    pub fn begin(&mut self, now: Duration) -> Option<u32> {
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.next = Some(now.saturating_add(self.every));
        // Numbers begin again after the bits that the act has for them; by then none of the old is open.
        self.round = self.round.wrapping_add(1) & ((1 << way::ROUND_BITS) - 1);
        self.figures.rounds = self.figures.rounds.saturating_add(1);
        if self.open.len() >= ROUNDS {
            self.open.pop_front();
        }
        let missing = self.ways.clone();
        self.open.push_back(Round { number: self.round, began: now, missing });
        Some(self.round)
    }

    /// A round came back on a way. Once it has on all, those before it that did not are lost.
    pub fn returned(&mut self, round: u32, way: Way, now: Duration) -> Option<Sign> {
        let place = self.open.iter().position(|open| open.number == round)?;
        let open = self.open.get_mut(place)?;
        open.missing.remove(&way);
        if !open.missing.is_empty() {
            return None;
        }
        let Round { began, .. } = self.open.drain(..=place).next_back()?;
        let took = now.saturating_sub(began);
        self.figures.returned = self.figures.returned.saturating_add(1);
        self.figures.last = Some(took);
        self.figures.slowest = self.figures.slowest.max(Some(took));
        if self.is_late(now) {
            return None;
        }
        let since = self.silent.take()?;
        Some(Sign::Back { after: now.saturating_sub(since) })
    }

    /// Whether one has to be told of as missing now.
    pub fn missed(&mut self, now: Duration) -> Option<Sign> {
        if self.silent.is_some() || !self.is_late(now) {
            return None;
        }
        let Round { began: since, missing, .. } = self.open.front()?.clone();
        self.silent = Some(since);
        self.figures.silences = self.figures.silences.saturating_add(1);
        Some(Sign::Silent { since, missing })
    }

    fn is_late(&self, now: Duration) -> bool {
        self.open.front().is_some_and(|round| now.saturating_sub(round.began) >= self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_round_begins_when_it_is_due() {
        let mut canary = Canary::new(at(10), [Way::Files]);
        assert_eq!(canary.left(at(3)), Duration::ZERO);
        assert_eq!(canary.begin(at(3)), Some(1));
        assert_eq!(canary.begin(at(12)), None);
        assert_eq!(canary.left(at(12)), at(1));
        assert_eq!(canary.returned(1, Way::Files, at(12)), None);
        assert_eq!(canary.begin(at(13)), Some(2));
        let figures = canary.figures();
        assert_eq!((figures.rounds, figures.returned, figures.last), (2, 1, Some(at(9))));
    }

    #[test]
    fn a_round_is_back_once_it_is_on_all_ways() {
        let mut canary = Canary::new(at(10), [Way::Files, Way::Births, Way::Ends]);
        canary.begin(at(0));
        assert_eq!(canary.returned(1, Way::Births, at(1)), None);
        assert_eq!(canary.returned(1, Way::Births, at(2)), None);
        assert_eq!(canary.figures().returned, 0);
        let missing = [Way::Files, Way::Ends].into();
        assert_eq!(canary.missed(at(10)), Some(Sign::Silent { since: at(0), missing }));
        canary.returned(1, Way::Files, at(11));
        assert_eq!(canary.returned(1, Way::Ends, at(12)), Some(Sign::Back { after: at(12) }));
        assert_eq!(canary.figures().returned, 1);
    }

    #[test]
    fn silence_is_told_once_and_so_is_its_end() {
        let mut canary = Canary::new(at(10), [Way::Files]);
        canary.begin(at(0));
        assert_eq!(canary.missed(at(9)), None);
        assert_eq!(
            canary.missed(at(10)),
            Some(Sign::Silent { since: at(0), missing: [Way::Files].into() })
        );
        assert_eq!(canary.missed(at(11)), None);
        canary.begin(at(11));
        canary.begin(at(21));
        // The one that was waited for comes at last, and another is late as well.
        assert_eq!(canary.returned(1, Way::Files, at(22)), None);
        assert_eq!(canary.silent_since(), Some(at(0)));
        assert_eq!(canary.returned(3, Way::Files, at(23)), Some(Sign::Back { after: at(23) }));
        assert_eq!(canary.returned(2, Way::Files, at(24)), None, "was counted as lost");
        let figures = canary.figures();
        assert_eq!((figures.silences, figures.slowest), (1, Some(at(22))));
    }

    #[test]
    fn memory_is_flat_while_nothing_comes_back() {
        let mut canary = Canary::new(at(1), [Way::Files]);
        for second in 0..10_000 {
            canary.begin(at(second));
            canary.missed(at(second));
        }
        assert!(canary.open.len() <= ROUNDS);
        assert_eq!(canary.figures().silences, 1);
        assert_eq!(canary.returned(77, Way::Files, at(10_000)), None, "nobody waits for that one");
    }
}
