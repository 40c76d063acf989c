//! Tests that stand in rule files.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Loaded, RuleFile, Selection};

const RULE: &str = "
- rule: shadow
  desc: d
  output: o
  priority: info
  condition: evt.type=openat and evt.is_open_read=true and fd.name=/etc/shadow and proc.name!=sshd
  enabled: false
";

fn load(test: &str) -> Loaded {
    // Tests may stand before what they are about.
    let text = format!("{test}{RULE}");
    let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
    bulkhead_rules::load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT))
}

fn passed(test: &str) -> Vec<bool> {
    let loaded = load(test);
    assert!(loaded.set.is_some(), "{:?}", loaded.problems);
    let set = loaded.set.unwrap();
    assert_eq!(loaded.files[0].tests, set.trials().len());
    set.trials().iter().map(|trial| set.try_out(trial).passed).collect()
}

#[test]
fn a_test_passes_where_it_comes_as_expected() {
    let test = |expect: &str, field: &str| {
        format!(
            "- test: t
  of: shadow
  expect: {expect}
  defaults: {{evt.type: openat, evt.arg.flags: O_RDONLY, proc.name: cat}}
  events:
    - {{fd.name: /etc/passwd}}
    - {{fd.name: /etc/shadow, {field}}}
"
        )
    };
    assert_eq!(passed(&test("alert", "proc.tty: 0")), [true]);
    assert_eq!(passed(&test("none", "proc.tty: 0")), [false]);
    assert_eq!(passed(&test("none", "proc.name: sshd")), [true]);
    assert_eq!(passed(&test("alert", "evt.arg.flags: [O_WRONLY, O_CREAT]")), [false]);
    assert_eq!(
        passed(&(test("alert", "proc.tty: 0") + &test("none", "proc.tty: 0"))),
        [true, false]
    );
    let loaded = load(&test("none", "proc.tty: 0"));
    let set = loaded.set.unwrap();
    let outcome = set.try_out(&set.trials()[0]);
    assert_eq!(
        outcome.explanations.iter().map(|event| event.holds).collect::<Vec<_>>(),
        [false, true]
    );
}

/// What a rule says of several events is tested, too, and events need not be written down one by one.
#[test]
fn events_come_as_often_as_a_test_says() {
    let test = |expect: &str, times: &str, name: &str| {
        format!(
            "- rule: often
  desc: d
  output: o
  priority: info
  condition: evt.type=openat
  threshold: {{events: 5, within: 1s, distinct: fd.name}}
- test: t
  of: often
  expect: {expect}
  times: {times}
  events: [{{evt.type: openat, fd.name: {name}}}]
"
        )
    };
    assert_eq!(passed(&test("alert", "5", "'/a/{n}'")), [true]);
    assert_eq!(passed(&test("none", "4", "'/a/{n}'")), [true]);
    assert_eq!(passed(&test("none", "5", "/a")), [true], "the same file again does not count");
    let loaded = load(&test("alert", "0", "/a"));
    assert!(loaded.problems[0].message.contains("from 1 to 10000"), "{:?}", loaded.problems);
}

#[test]
fn mistakes_in_tests_are_placed() {
    let check = |test: &str, place: (u32, u32), message: &str| {
        let loaded = load(test);
        assert!(loaded.set.is_none(), "{test}");
        let problem = &loaded.problems[0];
        assert_eq!((problem.place.line, problem.place.column), place, "{test}: {problem:?}");
        assert!(problem.message.contains(message), "{test}: {problem:?}");
    };
    let good = "- test: t\n  of: shadow\n  expect: alert\n  events: [{evt.type: openat}]\n";
    let with = |from: &str, to: &str| good.replace(from, to);
    check(&with("shadow", "shadov"), (2, 7), "there is no rule `shadov`");
    check(&with("alert", "alarm"), (3, 11), "`alarm` cannot be expected");
    check(&with("  expect: alert\n", ""), (1, 3), "no `expect`");
    check(&with("expect", "expects"), (3, 3), "no `expects`");
    check(&with("[{evt.type: openat}]", "[]"), (4, 11), "without events");
    check(&with("[{evt.type: openat}]", "{}"), (4, 11), "not a list");
    check(&with("{evt.type: openat}", "{fd.name: x}"), (4, 12), "`evt.type` is missing");
    check(&with("openat", "opena"), (4, 13), "`opena`");
    check(&with("openat}", "openat, fd.num: x}"), (4, 31), "fd.num");
    check(&with("openat}", "openat, evt.is_open_read: true}"), (4, 31), "follows from");
    check(&with("openat}", "openat, fd.name: {}}"), (4, 40), "neither a value");
}
