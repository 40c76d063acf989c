//! Alerts of events that people wrote down, in every form.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod forms;
mod hostile;
mod identity;
mod messages;

use std::sync::LazyLock;

use bulkhead_alerts::{Alert, Facility, Node, Record};
use bulkhead_events::{Event, EventScript};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Matching, RuleFile, RuleSet, Scanner, Selection, load};

const RULES: &str = r#"
- rule: Account file read
  desc: somebody looks at the accounts of a container
  condition: evt.type = openat
  output: "%proc.name of %user.name reads %fd.name (%proc.cmdline) in %container.name"
  priority: WARNING
  tags: [container, mitre_credential_access, T1003.008]
- rule: Connection to the outside
  desc: a container connects to somebody
  condition: evt.type = connect
  output: >
    %proc.name connects to %fd.sip
  priority: CRITICAL
  tags: [mitre_command_and_control, TA0011, T1071]
"#;

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    let files = [RuleFile { name: "rules.yaml", bytes: RULES.as_bytes() }];
    load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT)).set.unwrap()
});

/// The events that are written down.
fn events(script: &str) -> Vec<Event> {
    let script = EventScript::read(script.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
    script.events().unwrap()
}

/// The first of them.
fn event(script: &str) -> Event {
    events(script).remove(0)
}

/// The alert of an event.
fn alert(event: &Event) -> Alert {
    let mut scanner = Scanner::new(&SET, Matching::First);
    let rule = scanner.scan(event).next().unwrap();
    Alert::new(&SET, rule, event)
}

fn record(event: &Event) -> Record {
    Record::Alert(Box::new(alert(event)))
}

fn node() -> Node {
    Node { hostname: "node-1".into(), process: 4711, facility: Facility::AUTHPRIV }
}

const OPENED: &str = "
defaults: { proc.name: cat, proc.exepath: /usr/bin/cat, proc.args: [/etc/shadow], proc.pname: sh,
  proc.pexepath: /bin/sh, container.id: 3ad7b26ded6d, container.name: shop,
  container.image.repository: docker.io/library/shop, k8s.pod.name: shop-1, k8s.ns.name: web }
events:
  - { evt.rawtime: 1700000000123456789, evt.type: openat, evt.arg.flags: O_RDONLY, fd.name: /etc/shadow }
  - { evt.type: connect, fd.type: ipv4, fd.cip: 10.0.0.2, fd.cport: 5171, fd.sip: 93.184.216.34, fd.sport: 443 }
";
