//! What the kernel's programs made and nobody read.
//!
//! Each record has a number among those of its processor and lane, and lost ones use numbers up, so that
//! produced = delivered + lost holds for each of them, whatever was lost.

use std::collections::BTreeMap;

use bulkhead_probes::{Lane, Record};

/// The figures of one processor and lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records that were made, as far as is known.
    pub produced: u64,
    /// Records that were read.
    pub delivered: u64,
}

impl Tally {
    /// Records that were made and not read.
    pub fn lost(self) -> u64 {
        self.produced.saturating_sub(self.delivered)
    }
}

/// The figures of all processors and lanes; of a processor, those of programs that may interrupt each other apart, as a
/// record's `cpu` tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    tallies: BTreeMap<(u32, Lane), Tally>,
}

impl Ledger {
    /// Enters a record that was read. Returns how many before it are missing, which were not known to
    /// be.
    pub fn enter(&mut self, record: &Record<'_>) -> u64 {
        let header = record.header;
        self.enter_number(header.cpu.get(), record.lane, header.sequence.get())
    }

    fn enter_number(&mut self, processor: u32, lane: Lane, number: u64) -> u64 {
        let tally = self.tallies.entry((processor, lane)).or_default();
        tally.delivered = tally.delivered.saturating_add(1);
        let next = number.saturating_add(1);
        let missing = number.saturating_sub(tally.produced);
        tally.produced = tally.produced.max(next);
        missing
    }

    /// Enters what the kernel's own counters say: records that were lost behind the last one that was read
    /// are known only to them.
    pub fn produced(&mut self, processor: u32, lane: Lane, produced: u64) {
        let tally = self.tallies.entry((processor, lane)).or_default();
        tally.produced = tally.produced.max(produced);
    }

    /// The figures of a lane, of all processors together.
    pub fn lane(&self, lane: Lane) -> Tally {
        let of_lane = self.tallies.iter().filter(|((_, other), _)| *other == lane);
        of_lane.fold(Tally::default(), |sum, (_, tally)| Tally {
            produced: sum.produced.saturating_add(tally.produced),
            delivered: sum.delivered.saturating_add(tally.delivered),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn programs_that_interrupt_each_other_count_apart() {
        let mut ledger = Ledger::default();
        let other = 2 << 16;
        assert_eq!(ledger.enter_number(1, Lane::Process, 0), 0);
        assert_eq!(ledger.enter_number(other | 1, Lane::Process, 0), 0);
        assert_eq!(ledger.enter_number(other | 1, Lane::Process, 3), 2);
        ledger.produced(other | 1, Lane::Process, 5);
        assert_eq!(ledger.lane(Lane::Process), Tally { produced: 6, delivered: 3 });
    }

    #[test]
    fn a_gap_is_told_once() {
        let mut ledger = Ledger::default();
        let mut enter = |number| ledger.enter_number(0, Lane::File, number);
        assert_eq!([enter(0), enter(1), enter(5), enter(6)], [0, 0, 3, 0]);
        assert_eq!(ledger.lane(Lane::File), Tally { produced: 7, delivered: 4 });
        ledger.produced(0, Lane::File, 9);
        assert_eq!(ledger.lane(Lane::File).lost(), 5);
        assert_eq!(ledger.lane(Lane::Network), Tally::default());
    }

    proptest! {
        /// Whatever is lost, and in whichever order the rest comes, the sum is what was made.
        #[test]
        fn produced_is_delivered_and_lost(
            kept in prop::collection::vec((0..3_u32, any::<bool>()), 1..200),
            swap in (0..200_usize, 0..200_usize),
        ) {
            let mut made = BTreeMap::<u32, u64>::new();
            let mut read = Vec::new();
            for (processor, is_kept) in &kept {
                let next = made.entry(*processor).or_default();
                if *is_kept {
                    read.push((*processor, *next));
                }
                *next += 1;
            }
            let count = read.len().max(1);
            if !read.is_empty() {
                read.swap(swap.0 % count, swap.1 % count);
            }
            let mut ledger = Ledger::default();
            for (processor, number) in &read {
                ledger.enter_number(*processor, Lane::Process, *number);
            }
            for (processor, produced) in &made {
                ledger.produced(*processor, Lane::Process, *produced);
            }
            let tally = ledger.lane(Lane::Process);
            prop_assert_eq!(tally.produced, kept.len() as u64);
            prop_assert_eq!(tally.delivered, read.len() as u64);
            prop_assert_eq!(tally.lost(), (kept.len() - read.len()) as u64);
        }
    }
}
