//! Nothing is told twice, and nothing is lost.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn id(number: u64) -> (AlertId, Key) {
    let digits = format!("{number:032x}");
    (serde_json::from_value(digits.clone().into()).unwrap(), Key::new(&digits))
}

fn enter(sieve: &mut Sieve, rule: u8, number: u64, time: u64) -> Verdict {
    // What alerts are known by has their rule in it.
    let (id, key) = id(u64::from(rule) << 32 | number);
    sieve.enter(&Arc::from(format!("rule {rule}")), Priority::Notice, &id, key, time)
}

#[test]
fn equal_alerts_are_told_once_in_a_window() {
    let bounds = Bounds { window: 10 * SECOND, groups: 8, ..Bounds::NONE };
    let mut sieve = Sieve::new(bounds);
    let told: Vec<bool> = [(1, 0), (1, 1), (2, 2), (1, 9), (1, 10), (2, 11)]
        .map(|(number, second)| enter(&mut sieve, 0, number, second * SECOND) == Verdict::Tell)
        .to_vec();
    assert_eq!(told, [true, false, true, false, true, false]);
    let sums = sieve.sums();
    assert_eq!(sums.len(), 1);
    assert_eq!((sums[0].count, sums[0].first, sums[0].last), (2, SECOND, 9 * SECOND));
    assert_eq!(sums[0].reason, Reason::Repeated);
    sieve.empty();
    assert_eq!(sieve.sums().iter().map(|sum| sum.count).collect::<Vec<_>>(), [1]);
    assert_eq!(sieve.totals(), Totals { told: 3, held: 3 });
}

#[test]
fn a_rule_that_tells_too_much_leaves_room_for_others() {
    let rate = Rate { per_second: 1, burst: 2 };
    let mut sieve = Sieve::new(Bounds { rule: Some(rate), ..Bounds::NONE });
    let told = |sieve: &mut Sieve, rule, time| enter(sieve, rule, 0, time) == Verdict::Tell;
    assert!(told(&mut sieve, 1, 0) && told(&mut sieve, 1, 0) && !told(&mut sieve, 1, 0));
    assert!(told(&mut sieve, 2, 0));
    assert!(!told(&mut sieve, 1, SECOND - 1) && told(&mut sieve, 1, SECOND));
    assert!(sieve.sums().is_empty(), "sums are gathered for a while");
    sieve.pass(10 * SECOND);
    let sums = sieve.sums();
    assert_eq!((sums.len(), sums[0].count, sums[0].reason), (1, 2, Reason::RuleRate));
    assert_eq!(&*sums[0].rule, "rule 1");
}

#[test]
fn what_the_limit_of_all_holds_back_costs_a_rule_nothing() {
    let all = Some(Rate { per_second: 1, burst: 1 });
    let rule = Some(Rate { per_second: 1, burst: 1 });
    let mut sieve = Sieve::new(Bounds { rule, all, ..Bounds::NONE });
    assert_eq!(enter(&mut sieve, 1, 0, 0), Verdict::Tell);
    assert_eq!(enter(&mut sieve, 2, 0, 0), Verdict::Hold);
    assert_eq!(enter(&mut sieve, 2, 0, SECOND), Verdict::Tell);
    sieve.empty();
    assert_eq!(sieve.sums().iter().map(|sum| sum.reason).collect::<Vec<_>>(), [Reason::Rate]);
}

prop_compose! {
    fn rates()(per_second in 0..5_u32, burst in 0..6_u32) -> Rate { Rate { per_second, burst } }
}

prop_compose! {
    fn bounds()(
        window in prop_oneof![Just(0), 1..20 * SECOND],
        rule in prop::option::of(rates()),
        all in prop::option::of(rates()),
        groups in 0..6_usize,
    ) -> Bounds { Bounds { window, rule, all, groups } }
}

/// What is done: an alert of a rule about something, time that passes backwards or forwards, an emptying.
#[derive(Debug, Clone)]
enum Step {
    Enter(u8, u64),
    Pass(i64),
    Empty,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..4_u8, 0..8_u64).prop_map(|(rule, number)| Step::Enter(rule, number)),
        4 => (-2_000_000_000..12_000_000_000_i64).prop_map(Step::Pass),
        1 => Just(Step::Empty),
    ];
    prop::collection::vec(step, 0..300)
}

proptest! {
    #[test]
    fn what_is_entered_is_told_or_in_a_sum(bounds in bounds(), steps in steps()) {
        let mut sieve = Sieve::new(bounds);
        let (mut time, mut entered) = (1_000 * SECOND, HashMap::<String, u64>::new());
        let mut settled = HashMap::<String, u64>::new();
        let (mut told, mut summed) = (0, 0);
        for step in steps {
            match step {
                Step::Enter(rule, number) => {
                    let name = format!("rule {rule}");
                    *entered.entry(name.clone()).or_default() += 1;
                    if enter(&mut sieve, rule, number, time) == Verdict::Tell {
                        told += 1;
                        *settled.entry(name).or_default() += 1;
                    }
                }
                Step::Pass(by) => {
                    time = time.saturating_add_signed(by);
                    sieve.pass(time);
                }
                Step::Empty => sieve.empty(),
            }
            prop_assert!(sieve.groups.len() <= bounds.groups);
            prop_assert_eq!(sieve.groups.len(), sieve.opened.len());
            for sum in sieve.sums() {
                prop_assert!(sum.count > 0 && sum.first <= sum.last);
                summed += sum.count;
                *settled.entry(sum.rule.to_string()).or_default() += sum.count;
            }
        }
        sieve.empty();
        for sum in sieve.sums() {
            summed += sum.count;
            *settled.entry(sum.rule.to_string()).or_default() += sum.count;
        }
        prop_assert_eq!(sieve.totals(), Totals { told, held: summed });
        prop_assert_eq!(settled, entered);
    }

    /// Over any stretch of time no more is told than the rate allows.
    #[test]
    fn a_rate_is_kept(rate in rates(), gaps in prop::collection::vec(0..2 * SECOND, 0..100)) {
        let mut sieve = Sieve::new(Bounds { all: Some(rate), ..Bounds::NONE });
        let mut time = SECOND;
        let start = time;
        let mut told = 0_u64;
        for gap in gaps {
            time += gap;
            told += u64::from(enter(&mut sieve, 0, 0, time) == Verdict::Tell);
            let most = u64::from(rate.burst) + (time - start) * u64::from(rate.per_second) / SECOND;
            prop_assert!(told <= most);
        }
    }
}
