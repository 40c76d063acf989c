//! What alerts are known by.

use std::sync::Arc;

use bulkhead_alerts::{AlertId, Tactic};
use bulkhead_events::{Event, Process};
use bulkhead_model::Severity;

use super::{OPENED, SET, alert, event, events};

/// Golden: what was stored under an id is found by it.
#[test]
fn ids_never_change() {
    let events = events(OPENED);
    let ids: Vec<_> = events.iter().map(|event| alert(event).id.to_string()).collect();
    assert_eq!(ids, ["96734343349098191f5f0151c22a4f85", "07997588efc03bce5fa785f5f4e08444"]);
}

fn changed(change: impl FnOnce(&mut Process)) -> Event {
    let mut event = event(OPENED);
    change(Arc::make_mut(&mut event.process));
    event
}

#[test]
fn an_id_is_what_it_is_about() {
    let known = alert(&event(OPENED)).id;
    // Another time, process, container of the same image, argument.
    let mut later = event(OPENED);
    later.time += 1;
    later.sequence += 1;
    for same in [
        later,
        changed(|process| process.pid += 1),
        event(&OPENED.replace("3ad7b26ded6d", "ffffffffffff")),
        changed(|process| process.arguments = Arc::from(["cat".into(), "-n".into()])),
    ] {
        assert_eq!(alert(&same).id, known);
    }
    // Another executable, image, file, parent.
    let mut other_file = event(OPENED);
    Arc::make_mut(other_file.file.as_mut().unwrap()).name = "/etc/gshadow".into();
    for other in [
        other_file,
        changed(|process| process.executable.path = "/bin/cat".into()),
        changed(|process| process.container = None),
        changed(|process| process.lineage = bulkhead_events::Lineage::default()),
    ] {
        assert_ne!(alert(&other).id, known);
    }
}

#[test]
fn equal_alerts_have_equal_arguments_and_a_container() {
    let rule = SET.rule("Account file read").unwrap();
    let key = |event: &Event| AlertId::new(rule, event).key(event);
    let known = key(&event(OPENED));
    assert_eq!(key(&changed(|process| process.pid += 1)), known);
    for other in [
        changed(|process| process.arguments = Arc::from(["cat".into()])),
        changed(|process| Arc::make_mut(process.container.as_mut().unwrap()).id = "f".into()),
    ] {
        assert_ne!(key(&other), known);
    }
}

#[test]
fn what_a_rule_says_is_typed() {
    let events = events(OPENED);
    let alerts: Vec<_> = events.iter().map(alert).collect();
    assert_eq!(alerts[0].severity, Severity::Medium);
    assert_eq!(alerts[1].severity, Severity::Critical);
    assert!(alerts[1].attack.tactics.iter().eq([&Tactic::CommandAndControl]));
    let techniques = alerts[0].attack.techniques.iter().map(ToString::to_string);
    assert!(techniques.eq(["T1003.008"]));
}
