//! What the engine of the sensor keeps while everything that happens is new.

use anyhow::{Context as _, ensure};
use bulkhead_alerts::{Alert, AlertId, Bounds as Told, Rate, Sieve, Verdict};
use bulkhead_events::Event;
use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::Record;
use bulkhead_rules::{Matching, RuleSet, SHIPPED, Scanner, Selection, load};
use bulkhead_sensor::{Assembler, Bounds};

use crate::node::{Node, Runtimes};

/// How often memory is looked at.
const STEPS: u64 = 20;

/// What memory may differ by between the halves, in hundredths: pages that the allocator has not given back.
const MOST: u64 = 5;

/// Resident memory while so many events pass through the engine, and whether it stayed flat: in the second half it
/// is never more than it was in the first.
pub(crate) fn flat(events: u64) -> anyhow::Result<String> {
    let set = rules()?;
    let mut engine = Engine::new(&set);
    let (mut first, mut second) = (0, 0);
    for step in 1..=STEPS {
        engine.run(events * step / STEPS)?;
        let (resident, held) = (resident()?, engine.assembler.held());
        let half = if step * 2 <= STEPS { &mut first } else { &mut second };
        *half = resident.max(*half);
        // Whoever watches a long run wants to see it.
        println!(
            "{:>11} events: {:>6.1} MB resident, {} processes, {} descriptors and {} control groups held; {} containers \
             and {} alerts so far",
            engine.events,
            megabytes(resident),
            held.processes,
            held.descriptors,
            held.groups,
            engine.node.containers(),
            engine.alerts,
        );
    }
    let flat = second * 100 <= first * (100 + MOST);
    let line = format!(
        "most memory: {:.1} MB in the first half, {:.1} MB in the second (goal: no growth past {MOST} %): {}",
        megabytes(first),
        megabytes(second),
        if flat { "met" } else { "missed" }
    );
    ensure!(flat, "{line}");
    Ok(line)
}

fn rules() -> anyhow::Result<RuleSet> {
    load(SHIPPED, &Selection::default(), &Budget::new(Limits::DEFAULT))
        .set
        .context("the shipped rules")
}

/// All that an event passes through: what makes it, rules, and alerts that are grouped.
struct Engine<'set> {
    set: &'set RuleSet,
    node: Node,
    assembler: Assembler<Runtimes>,
    scanner: Scanner<'set>,
    sieve: Sieve,
    events: u64,
    alerts: u64,
    /// Alerts that were held back, as sums tell them.
    summed: u64,
}

impl<'set> Engine<'set> {
    fn new(set: &'set RuleSet) -> Self {
        let rate = |per_second| Some(Rate { per_second, burst: per_second });
        let told =
            Told { window: 60_000_000_000, rule: rate(10), all: rate(100), groups: Told::GROUPS };
        Self {
            set,
            node: Node::default(),
            assembler: Assembler::new(0, Bounds::DEFAULT, Runtimes),
            scanner: Scanner::new(set, Matching::All),
            sieve: Sieve::new(told),
            events: 0,
            alerts: 0,
            summed: 0,
        }
    }

    /// Goes on until so many events have passed.
    fn run(&mut self, until: u64) -> anyhow::Result<()> {
        while self.events < until {
            let bytes = self.node.record()?;
            let event = self.assembler.push(&Record::read(&bytes)?);
            let besides = self.assembler.take_besides();
            event.into_iter().chain(besides).for_each(|event| self.hold(&event));
            self.summed += self.sieve.sums().iter().map(|sum| sum.count).sum::<u64>();
        }
        Ok(())
    }

    /// Holds the rules against an event.
    fn hold(&mut self, event: &Event) {
        self.events += 1;
        for rule in self.scanner.scan(event) {
            self.alerts += 1;
            let id = AlertId::new(rule, event);
            let key = id.key(event);
            let verdict = self.sieve.enter(&rule.name, rule.priority, &id, key, event.time);
            if verdict == Verdict::Tell {
                std::hint::black_box(Alert::new(self.set, rule, event));
            }
        }
    }
}

/// Bytes of this process that are in memory: the second number of `statm`, proc(5).
fn resident() -> anyhow::Result<u64> {
    let account = fs_err::read_to_string("/proc/self/statm")?;
    let pages = account.split_ascii_whitespace().nth(1).context("a number of pages")?;
    Ok(pages.parse::<u64>()? * 4096)
}

#[expect(clippy::cast_precision_loss, reason = "megabytes to one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same in small, by what is held instead of by pages.
    #[test]
    fn what_is_kept_does_not_grow_with_what_happened() {
        let set = rules().unwrap();
        let mut engine = Engine::new(&set);
        let mut held = Vec::new();
        for step in 1..=4 {
            engine.run(step * 250_000).unwrap();
            held.push(engine.assembler.held());
        }
        let [first, .., last] = held.as_slice() else { panic!("{held:?}") };
        let (processes, descriptors) = (first.processes, first.descriptors);
        assert!(processes > 1000 && descriptors > 1000, "it is something: {held:?}");
        assert!(last.processes <= processes + processes / 10, "{held:?}");
        assert!(last.descriptors <= descriptors + descriptors / 10, "{held:?}");
        assert_eq!(last.forgotten, 0, "nothing that runs is given up: {held:?}");
        assert!(engine.node.containers() > 100 && engine.alerts > 1000, "{}", engine.alerts);
        // Grouped alerts are counted to the last.
        engine.sieve.empty();
        let summed = engine.summed + engine.sieve.sums().iter().map(|sum| sum.count).sum::<u64>();
        let totals = engine.sieve.totals();
        assert_eq!((totals.told + totals.held, totals.held), (engine.alerts, summed));
        assert!(totals.told > 0 && totals.held > totals.told, "{totals:?}");
    }
}
