//! When more is given up, and when something is taken up again.

use super::Allowance;

/// Samples in a row above the allowance before something is given up: a burst is no reason.
const PATIENCE: u32 = 3;

/// Samples in a row within it, and well below it on the average, before something is taken up again. A single one says little:
/// what a process used up is told in hundredths of a second.
const REST: u32 = 5;

/// The longest such rest. It doubles where what was taken up is given up again soon after.
const LONGEST_REST: u32 = 320;

/// All of the allowance and well below it, in hundredths.
const WHOLE: u32 = 100;
const CALM: u32 = 70;

/// What to do about a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Give up one step more.
    Down,
    /// Take one step up again.
    Up,
    /// All is given up that may be, and it is still too much. Said once, until it is less again.
    Exhausted,
}

/// Holds samples against the allowance, a second apart from each other.
#[derive(Debug, Clone)]
pub struct Governor {
    allowance: Allowance,
    /// Steps that are given up, of how many.
    level: usize,
    levels: usize,
    over: u32,
    /// Samples in a row within the allowance, and the sum of what they used of the processor.
    rested: u32,
    rested_percent: f64,
    rest: u32,
    /// Samples since something was taken up.
    since_up: u32,
    is_exhausted: bool,
}

impl Governor {
    /// With nothing given up, of so many steps.
    pub fn new(allowance: Allowance, levels: usize) -> Self {
        Self {
            allowance,
            level: 0,
            levels,
            over: 0,
            rested: 0,
            rested_percent: 0.0,
            rest: REST,
            since_up: u32::MAX,
            is_exhausted: false,
        }
    }

    /// How many steps are given up.
    pub fn level(&self) -> usize {
        self.level
    }

    /// Whether all is given up, and it is still too much.
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// What may be used up.
    pub fn allowance(&self) -> Allowance {
        self.allowance
    }

    /// Takes the next sample: hundredths of one processor since the one before, and bytes of memory now.
    pub fn weigh(&mut self, cpu_percent: f64, memory: u64) -> Option<Turn> {
        self.since_up = self.since_up.saturating_add(1);
        if self.is_within(WHOLE, cpu_percent, memory) {
            self.over = 0;
            return self.relax(cpu_percent, memory);
        }
        self.end_rest();
        self.over = self.over.saturating_add(1);
        if self.over >= PATIENCE { self.down() } else { None }
    }

    /// Whether no more is used up than a part of the allowance.
    fn is_within(&self, part: u32, cpu_percent: f64, memory: u64) -> bool {
        let cpu = self.allowance.cpu_percent.map(|limit| f64::from(limit) * f64::from(part));
        let bytes = self.allowance.memory.map(|limit| limit.saturating_mul(u64::from(part)));
        cpu.is_none_or(|limit| cpu_percent * 100.0 <= limit)
            && bytes.is_none_or(|limit| memory.saturating_mul(100) <= limit)
    }

    fn relax(&mut self, cpu_percent: f64, memory: u64) -> Option<Turn> {
        self.rested = self.rested.saturating_add(1);
        self.rested_percent += cpu_percent;
        self.is_exhausted &= self.rested < PATIENCE;
        if self.rested < self.rest {
            return None;
        }
        let average = self.rested_percent / f64::from(self.rested);
        self.end_rest();
        if self.is_within(CALM, average, memory) { self.up() } else { None }
    }

    fn end_rest(&mut self) {
        self.rested = 0;
        self.rested_percent = 0.0;
    }

    fn down(&mut self) -> Option<Turn> {
        self.over = 0;
        if self.level >= self.levels {
            return (!std::mem::replace(&mut self.is_exhausted, true)).then_some(Turn::Exhausted);
        }
        if self.since_up <= self.rest.saturating_mul(2) {
            self.rest = self.rest.saturating_mul(2).min(LONGEST_REST);
        }
        self.level = self.level.saturating_add(1);
        Some(Turn::Down)
    }

    fn up(&mut self) -> Option<Turn> {
        if self.level == 0 {
            self.rest = REST;
            return None;
        }
        self.level = self.level.saturating_sub(1);
        self.since_up = 0;
        Some(Turn::Up)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALLOWANCE: Allowance = Allowance { cpu_percent: Some(10), memory: Some(1000) };

    /// The turns that samples of the processor lead to, by the second in which they come.
    fn turns(governor: &mut Governor, cpu: &[u8]) -> Vec<(usize, Turn)> {
        let samples = cpu.iter().enumerate();
        samples.filter_map(|(at, used)| Some((at, governor.weigh(f64::from(*used), 0)?))).collect()
    }

    #[test]
    fn load_takes_steps_down_and_rest_takes_them_up() {
        let mut governor = Governor::new(ALLOWANCE, 2);
        assert_eq!(turns(&mut governor, &[50, 50, 9, 50, 50, 10]), []);
        let load = turns(&mut governor, &[11; 12]);
        assert_eq!(load, [(2, Turn::Down), (5, Turn::Down), (8, Turn::Exhausted)]);
        assert_eq!(turns(&mut governor, &[8; 50]), [], "neither too much nor calm");
        assert_eq!(turns(&mut governor, &[7; 30]), [(4, Turn::Up), (9, Turn::Up)]);
        assert_eq!(governor.level(), 0);
    }

    #[test]
    fn rest_is_what_samples_are_together() {
        let mut governor = Governor::new(ALLOWANCE, 1);
        assert_eq!(turns(&mut governor, &[20; 3]), [(2, Turn::Down)]);
        assert_eq!(turns(&mut governor, &[10, 10, 10, 4, 4]), [], "on the average too much");
        assert_eq!(turns(&mut governor, &[4, 4, 11, 4, 4]), [], "once more than there may be");
        assert_eq!(turns(&mut governor, &[10, 4, 10]), [(2, Turn::Up)]);
    }

    #[test]
    fn exhaustion_is_told_again_after_less() {
        let mut governor = Governor::new(ALLOWANCE, 0);
        assert_eq!(turns(&mut governor, &[20; 9]), [(2, Turn::Exhausted)]);
        assert_eq!(turns(&mut governor, &[1, 1, 20, 20, 20]), []);
        assert!(governor.is_exhausted());
        assert_eq!(turns(&mut governor, &[1; 3]), []);
        assert!(!governor.is_exhausted());
        assert_eq!(turns(&mut governor, &[20; 3]), [(2, Turn::Exhausted)]);
    }

    #[test]
    fn what_comes_back_at_once_rests_longer_each_time() {
        let mut governor = Governor::new(ALLOWANCE, 1);
        assert_eq!(turns(&mut governor, &[20; 3]), [(2, Turn::Down)]);
        for rest in [5, 10, 20, 40] {
            assert_eq!(turns(&mut governor, &vec![0; rest]), [(rest - 1, Turn::Up)]);
            assert_eq!(turns(&mut governor, &[20; 3]), [(2, Turn::Down)]);
        }
    }

    #[test]
    fn memory_counts_as_well() {
        let mut governor = Governor::new(ALLOWANCE, 1);
        let turns: Vec<_> = (0..4).filter_map(|_| governor.weigh(0.0, 1001)).collect();
        assert_eq!(turns, [Turn::Down]);
        let mut free = Governor::new(Allowance::UNLIMITED, 1);
        assert!((0..100).all(|_| free.weigh(f64::MAX, u64::MAX).is_none()));
    }

    proptest! {
        /// The level moves one step at a time, as it says, and stays among those that there are.
        #[test]
        fn levels_are_counted(samples in prop::collection::vec(0.0..30.0, 0..400), levels in 0..5_usize) {
            let mut governor = Governor::new(ALLOWANCE, levels);
            let mut level = 0;
            for sample in samples {
                match governor.weigh(sample, 0) {
                    Some(Turn::Down) => level += 1,
                    Some(Turn::Up) => level -= 1,
                    _ => {}
                }
                prop_assert_eq!(governor.level(), level);
                prop_assert!(level <= levels);
            }
        }
    }
}
