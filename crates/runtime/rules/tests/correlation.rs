//! Rules over several events.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_events::{Event, EventScript};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Loaded, Matching, RuleFile, Scanner, Selection};

const HEAD: &str =
    "- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: evt.type=execve\n";

fn load(asked: &str) -> Loaded {
    let text = format!("{HEAD}{asked}");
    let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
    bulkhead_rules::load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT))
}

/// Events of a script, a second after each other unless `evt.rawtime` says otherwise.
fn events(lines: &[&str]) -> Vec<Event> {
    let script = format!("events:\n  - {{{}}}\n", lines.join("}\n  - {"));
    let script = EventScript::read(script.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
    let mut events = script.events().unwrap();
    for (second, event) in (1_000..).zip(&mut events) {
        event.time = second * 1_000_000_000;
    }
    events
}

/// Which of the events, from 1, meet the rule.
fn met(asked: &str, lines: &[&str]) -> Vec<usize> {
    let loaded = load(asked);
    assert!(loaded.set.is_some(), "{asked}: {:?}", loaded.problems);
    let set = loaded.set.unwrap();
    let mut scanner = Scanner::new(&set, Matching::All);
    let events = events(lines);
    let met = (1..).zip(&events).filter(|(_, event)| scanner.scan(event).count() > 0);
    met.map(|(number, _)| number).collect()
}

/// No event.
const NONE: [usize; 0] = [];
const A: &str = "evt.type: openat, fd.name: /a, container.id: one";
const B: &str = "evt.type: openat, fd.name: /b, container.id: one";
const EXEC: &str = "evt.type: execve, proc.name: x, container.id: one";
const OTHER: &str = "evt.type: execve, proc.name: x, container.id: two";

#[test]
fn steps_come_in_their_order() {
    let asked = "  sequence:\n    within: 10s\n    by: [container.id]\n    steps: [fd.name=/a and evt.type=openat, fd.name=/b and evt.type=openat]\n";
    assert_eq!(met(asked, &[A, B, EXEC]), [3]);
    assert_eq!(met(asked, &[A, EXEC, B, EXEC, EXEC]), [4], "once for each time");
    assert_eq!(met(asked, &[B, A, EXEC]), NONE);
    assert_eq!(met(asked, &[A, B, OTHER]), NONE, "in another container");
    assert_eq!(met(asked, &[A, B, A, EXEC]), [4], "the first step again takes nothing back");
    let late: Vec<_> = [A, B].into_iter().chain(vec![OTHER; 9]).chain([EXEC]).collect();
    assert_eq!(met(asked, &late), NONE, "too late");
    assert_eq!(
        met(asked, &late[..11].iter().take(9).copied().chain([EXEC]).collect::<Vec<_>>()),
        [10]
    );
}

#[test]
fn steps_may_be_taken_by_ancestors() {
    let asked = "  sequence:\n    within: 1m\n    by: [lineage]\n    steps: [evt.type=openat]\n";
    let open = |pid: u32| format!("evt.type: openat, fd.name: /a, proc.pid: {pid}, proc.name: p");
    let child = |pid: u32, parent: u32, grandparent: u32| {
        format!(
            "evt.type: execve, proc.name: c, proc.pid: {pid}, proc.ppid: {parent}, 'proc.apid[2]': {grandparent}"
        )
    };
    assert_eq!(met(asked, &[&open(7), &child(9, 8, 7)]), [2]);
    assert_eq!(met(asked, &[&open(7), &child(9, 8, 6)]), NONE);
    assert_eq!(met(asked, &[&open(7), &child(7, 5, 6)]), [2]);
}

#[test]
fn enough_events_are_counted() {
    let asked = "  threshold: {events: 3, within: 5s, by: [container.id]}\n";
    assert_eq!(met(asked, &[EXEC, EXEC, EXEC, EXEC, EXEC, EXEC]), [3, 6]);
    assert_eq!(met(asked, &[EXEC, OTHER, EXEC, OTHER, EXEC]), [5]);
    assert_eq!(met(asked, &[EXEC, A, A, A, A, A, EXEC, EXEC]), NONE, "too slow");
    let named = |name: &str| format!("evt.type: execve, proc.name: {name}");
    let asked = "  threshold: {events: 3, within: 1m, distinct: proc.name}\n";
    let (a, b, c) = (named("a"), named("b"), named("c"));
    assert_eq!(met(asked, &[&a, &a, &a, &b, &a, &c]), [6]);
}

/// Whatever comes, memory has an end, and what was forgotten is counted.
#[test]
fn memory_is_bounded() {
    let set = load("  threshold: {events: 3, within: 1h, by: [proc.pid]}\n").set.unwrap();
    let mut scanner = Scanner::new(&set, Matching::All);
    let mut event = events(&[EXEC]).remove(0);
    for pid in 0..200_000 {
        std::sync::Arc::make_mut(&mut event.process).pid = pid;
        event.time += 1_000;
        assert_eq!(scanner.scan(&event).count(), 0);
    }
    assert!(scanner.forgotten() > 100_000, "{}", scanner.forgotten());
    // The last ones are remembered.
    assert_eq!(scanner.scan(&event).count(), 0);
    assert_eq!(scanner.scan(&event).count(), 1);
}

#[test]
fn mistakes_are_placed() {
    let check = |asked: &str, place: (u32, u32), message: &str| {
        let loaded = load(asked);
        assert!(loaded.set.is_none(), "{asked}");
        let problem = &loaded.problems[0];
        assert_eq!((problem.place.line, problem.place.column), place, "{asked}: {problem:?}");
        assert!(problem.message.contains(message), "{asked}: {problem:?}");
    };
    check("  threshold: 3\n", (6, 14), "a mapping");
    check("  threshold: {events: 1, within: 5s}\n", (6, 23), "no number from 2");
    check("  threshold: {events: 3}\n", (6, 14), "`within` is missing");
    check("  threshold: {events: 3, within: 5}\n", (6, 34), "no duration");
    check("  threshold: {events: 3, withing: 5s}\n", (6, 26), "`withing`");
    check("  threshold: {events: 3, within: 5s, by: [proc.nmae]}\n", (6, 43), "proc.nmae");
    check("  sequence: {within: 5s, by: [lineage], steps: []}\n", (6, 13), "1 to 8 steps");
    check("  sequence: {within: 5s, steps: [evt.type=open]}\n", (6, 13), "`by` is missing");
    check("  sequence: {within: 5s, by: [lineage], steps: [evt.type]}\n", (6, 57), "an operator");
}
