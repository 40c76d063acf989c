//! Which rules are used: what users switch on and off, in the order in which they say it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_events::{EventScript, Kind};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{
    Coverage, Matching, Off, Priority, RuleFile, RuleSet, Scanner, Selection, Sight, Switch,
};

const RULES: &str = "
- rule: Read a key
  desc: d
  condition: evt.type=openat and fd.name startswith /keys
  output: o
  priority: ERROR
  tags: [filesystem, T1552]
- rule: Read [any] file?
  desc: d
  condition: evt.type=openat
  output: o
  priority: NOTICE
  tags: [filesystem]
- rule: Call home
  desc: d
  condition: evt.type=connect and fd.sip.name=home.example
  output: o
  priority: WARNING
  tags: [network]
  enabled: false
- rule: Remove a file
  desc: d
  condition: evt.type=unlinkat
  output: o
  priority: DEBUG
";

const NAMES: [&str; 4] = ["Read a key", "Read [any] file?", "Call home", "Remove a file"];

fn selection(switches: &[&str], minimum: Priority) -> Selection {
    let switches = switches.iter().map(|switch| switch.parse().unwrap()).collect();
    Selection { switches, minimum }
}

fn set(selection: &Selection) -> RuleSet {
    let files = [RuleFile { name: "f", bytes: RULES.as_bytes() }];
    bulkhead_rules::load(&files, selection, &Budget::new(Limits::DEFAULT)).set.unwrap()
}

/// As a line of marks, a rule each.
#[track_caller]
fn check(switches: &[&str], minimum: Priority, expected: &str) {
    let set = set(&selection(switches, minimum));
    let marks: String =
        set.rules().iter().map(|rule| if rule.off.is_none() { 'x' } else { '.' }).collect();
    assert_eq!(marks, expected, "{switches:?} {minimum:?}");
}

#[test]
fn the_last_switch_that_fits_decides() {
    let debug = Priority::Debug;
    check(&[], debug, "xx.x");
    check(&["on:rule=*"], debug, "xxxx");
    check(&["off:rule=*"], debug, "....");
    check(&["off:tag=filesystem"], debug, "...x");
    check(&["on:tag=network"], debug, "xxxx");
    // As `-t network` of Falco.
    check(&["off:rule=*", "on:tag=network"], debug, "..x.");
    check(&["on:tag=network", "off:rule=*"], debug, "....");
    check(&["off:tag=filesystem", "on:rule=Read a key", "on:tag=network"], debug, "x.xx");
    check(&["on:rule=Read a key", "off:tag=filesystem"], debug, "...x");
    check(&["off:tag=T1552", "on:tag=filesystem"], debug, "xx.x");
}

#[test]
fn patterns_are_whole_names_in_which_a_star_is_anything() {
    let debug = Priority::Debug;
    for (pattern, expected) in [
        ("Read", "...."),
        ("Read*", "xx.."),
        ("*file*", ".x.x"),
        ("*a*y", "x..."),
        ("read*", "...."),
        ("Read a key", "x..."),
        ("Read a key*", "x..."),
        ("Read [any] file?", ".x.."),
        ("Read ? key", "...."),
        ("R[e]ad a key", "...."),
        ("Read \\a key", "...."),
        ("**", "xxxx"),
    ] {
        check(&["off:rule=*", &format!("on:rule={pattern}")], debug, expected);
    }
    // Of tags there are no patterns, as in Falco.
    check(&["off:tag=file*"], debug, "xx.x");
    check(&["off:tag=*"], debug, "xx.x");
}

#[test]
fn no_switch_reaches_below_the_minimum() {
    check(&[], Priority::Notice, "xx..");
    check(&["on:rule=*"], Priority::Notice, "xxx.");
    check(&["on:rule=*"], Priority::Error, "x...");
    check(&["on:rule=*"], Priority::Emergency, "....");
}

#[test]
fn rules_that_are_off_say_why() {
    let selection = selection(&["off:tag=T1552", "off:rule=*key"], Priority::Informational);
    let set = set(&selection);
    let off: Vec<Option<String>> =
        set.rules().iter().map(|rule| rule.off.as_ref().map(ToString::to_string)).collect();
    let expected = [
        Some("`off:rule=*key` switches it off"),
        None,
        Some("its file has it switched off"),
        Some("it is less grave than informational"),
    ];
    assert_eq!(off, expected.map(|text| text.map(str::to_owned)));
    let coverage = set.coverage(&Sight::everything());
    assert_eq!(coverage[2].1, Coverage::Off(Off::File));
    assert_eq!(coverage[1].1, Coverage::Live);
}

#[test]
fn switches_that_fit_no_rule_are_known() {
    let selection = selection(
        &["off:tag=network", "off:tag=netwrok", "on:rule=Read *", "on:rule=Write *"],
        Priority::Debug,
    );
    let idle = selection.idle(set(&selection).rules()).into_iter().map(ToString::to_string);
    assert_eq!(idle.collect::<Vec<_>>(), ["off:tag=netwrok", "on:rule=Write *"]);
}

/// Nothing is asked of an event for a rule that is off: neither its kind, nor addresses for the names that it says; and
/// it hides no rule behind it.
#[test]
fn rules_that_are_off_ask_for_nothing() {
    let all = set(&Selection::everything());
    let some = set(&selection(&["off:rule=Read a key", "off:tag=network"], Priority::Debug));
    let (openat, connect) = (Kind::by_name("openat").unwrap(), Kind::by_name("connect").unwrap());
    let kinds = |set: &RuleSet, name: &str| set.kinds(set.rule(name).unwrap());
    assert_eq!(kinds(&all, "Call home"), [connect]);
    assert_eq!(kinds(&some, "Call home"), []);
    assert_eq!(kinds(&some, NAMES[1]), [openat]);
    assert!(all.domain_names().contains("home.example"));
    assert!(some.domain_names().is_empty());
    let script = b"events: [{evt.type: openat, fd.name: /keys/a}]";
    let script = EventScript::read(script, &Budget::new(Limits::DEFAULT)).unwrap();
    let events = script.events().unwrap();
    let met = |set: &RuleSet| -> Vec<String> {
        let mut scanner = Scanner::new(set, Matching::First);
        scanner.scan(&events[0]).map(|rule| rule.name.to_string()).collect()
    };
    assert_eq!((met(&all), met(&some)), (vec![NAMES[0].to_owned()], vec![NAMES[1].to_owned()]));
}

#[test]
fn switches_are_read_as_they_are_written() {
    for text in ["on:tag=a", "off:tag=a b", "on:rule=a=b:c,*", "off:rule= "] {
        assert_eq!(text.parse::<Switch>().unwrap().to_string(), text);
        let selection = selection(&[text], Priority::Error);
        let json = serde_json::to_string(&selection).unwrap();
        assert_eq!(serde_json::from_str::<Selection>(&json).unwrap(), selection, "{json}");
    }
    for text in
        ["", "on", "on:", "on:tag", "on:tag=", "ON:tag=a", "disable:tag=a", "off:name=a", "tag=a"]
    {
        let refused = text.parse::<Switch>().unwrap_err().to_string();
        assert!(refused.contains("off:tag=NAME"), "{refused}");
    }
}
