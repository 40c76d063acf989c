//! When more is given up, and when something is taken up again.

use super::Allowance;

/// Samples in a row above the allowance before something is given up: a burst is no reason.
const PATIENCE: u32 = 3;

/// Samples in a row well below it before something is taken up again.
const REST: u32 = 5;

/// The longest such rest. It doubles where what was taken up is given up again soon after.
const LONGEST_REST: u32 = 320;

/// Well below, in hundredths of the allowance.
const CALM: u64 = 70;

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
    calm: u32,
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
            calm: 0,
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
    pub fn weigh(&mut self, cpu_percent: u64, memory: u64) -> Option<Turn> {
        self.since_up = self.since_up.saturating_add(1);
        let limits = [
            (cpu_percent, self.allowance.cpu_percent.map(u64::from)),
            (memory, self.allowance.memory),
        ];
        let is_over = limits.iter().any(|(used, limit)| limit.is_some_and(|limit| *used > limit));
        let is_calm = limits.iter().all(|(used, limit)| {
            limit.is_none_or(|limit| used.saturating_mul(100) <= limit.saturating_mul(CALM))
        });
        self.over = if is_over { self.over.saturating_add(1) } else { 0 };
        self.calm = if is_calm { self.calm.saturating_add(1) } else { 0 };
        if self.over >= PATIENCE {
            return self.down();
        }
        if is_calm {
            self.is_exhausted = false;
        }
        if self.calm >= self.rest {
            return self.up();
        }
        None
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
        self.calm = 0;
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
    fn turns(governor: &mut Governor, cpu: &[u64]) -> Vec<(usize, Turn)> {
        let samples = cpu.iter().enumerate();
        samples.filter_map(|(at, used)| Some((at, governor.weigh(*used, 0)?))).collect()
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
        let turns: Vec<_> = (0..4).filter_map(|_| governor.weigh(0, 1001)).collect();
        assert_eq!(turns, [Turn::Down]);
        let mut free = Governor::new(Allowance::UNLIMITED, 1);
        assert!((0..100).all(|_| free.weigh(u64::MAX, u64::MAX).is_none()));
    }

    proptest! {
        /// The level moves one step at a time, as it says, and stays among those that there are.
        #[test]
        fn levels_are_counted(samples in prop::collection::vec(0..30_u64, 0..400), levels in 0..5_usize) {
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
