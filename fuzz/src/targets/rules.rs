//! Detection rules.

use std::sync::LazyLock;

use bulkhead_events::{Event, EventScript};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{ASKABLE, Matching, RuleFile, Scanner, Selection, load};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "rule-file",
        run: file,
        seeds: seeds_of_files,
        data: &[Real::files("fixtures/falco-rules")],
    },
    Target { name: "rule-condition", run: condition, seeds: seeds_of_conditions, data: &[] },
];

const LIMITS: Limits = Limits { file_bytes: 1 << 20, ..Limits::DEFAULT };

/// Reads a file; succeeds where it makes a rule set with a rule. What it makes is used: whoever can
/// write a rule can write one that is met.
fn file(bytes: &[u8]) -> bool {
    let files = [RuleFile { name: "rules.yaml", bytes }];
    let selection = Selection::everything();
    let loaded = load(&files, &selection, &Budget::new(LIMITS));
    let Some(set) = loaded.set else { return false };
    let filter = set.prefilter(ASKABLE);
    let mut scanner = Scanner::new(&set, Matching::All);
    for event in EVENTS.iter() {
        for rule in scanner.scan(event) {
            assert!(filter.keeps(event), "{} is met by what is dropped", rule.name);
            assert!(set.explain(rule, event).holds, "{} is met, but not by its parts", rule.name);
            rule.output.line(&set, event);
        }
    }
    !set.rules().is_empty()
}

/// Reads a condition; succeeds where an event could be held against it.
fn condition(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let quoted = text.replace('\'', "''");
    let rule = format!(
        "- rule: r\n  desc: d\n  output: \"%proc.name\"\n  priority: info\n  condition: '{quoted}'\n"
    );
    file(rule.as_bytes())
}

/// An open, a connection and an execution.
static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let script = b"
defaults: { proc.name: cat, proc.args: [-n, /etc/shadow], proc.pname: sh, proc.aname[2]: sshd, container.id: 3ad7b26ded6d }
events:
  - { evt.type: openat, evt.arg.flags: O_RDONLY, fd.name: /etc/shadow }
  - { evt.type: connect, fd.type: ipv4, fd.cip: 10.0.0.2, fd.cport: 5171, fd.sip: 93.184.216.34, fd.sport: 443 }
  - { evt.type: execve, proc.exe: /usr/bin/cat }
";
    let script = EventScript::read(script, &Budget::new(Limits::DEFAULT));
    script.and_then(|script| script.events()).unwrap_or_default()
});

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn seeds_of_files() -> Vec<Vec<u8>> {
    texts(&[
        "- required_engine_version: 0.57.0\n- list: l\n  items: [cat, '\"a b\"', x y]\n- macro: m\n  \
         condition: proc.name in (l, c)\n- rule: r\n  desc: d\n  output: o %proc.name\n  priority: \
         info\n  tags: [a]\n  condition: >\n    evt.type=openat and m\n    and not fd.name=x\n  \
         exceptions:\n    - name: e\n      fields: [proc.name, fd.name]\n      comps: [in, \
         startswith]\n      values: [[[a, b], /x]]\n- rule: r\n  condition: or evt.type=open\n  \
         override: {condition: append}\n",
        "- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: evt.type=open\n- rule: r\n  \
         enabled: false\n- test: t\n  of: r\n  expect: alert\n  events: [{evt.type: open}]\n",
        "- list: a\n  items: [b]\n- list: b\n  items: [a]\n- macro: c\n  condition: c\n",
        "- macro: &a\n  condition: *a\n",
        "- rule: [\n",
        "rule: x\n",
    ])
}

fn seeds_of_conditions() -> Vec<Vec<u8>> {
    texts(&[
        "evt.type in (open, openat) and (fd.name startswith /etc or not proc.aname[2]=\"ss\\\"hd\")",
        "not(proc.name in ()) or(fd.snet in (\"10.0.0.0/8\", fe80::/10) and fd.sport>=0x50)",
        "fd.name glob '/e[a-z]c/*' and fd.name pmatch (/etc, /v*) and proc.name regex \"c(a|b)t\"",
        "tolower(basename(proc.exe)) = val(proc.name) and len(proc.args) < 10",
        "proc.args contains allof (a, b) and getopt(proc.args, \"n:\")[n] icontains anyof (X)",
        "join(\"-\", (proc.name, concat(fd.name, 1))) startswith x and b64(proc.args) exists",
        "evt.buffer bcontains cafebabe and evt.is_open_read=true and user.uid != -1",
        "((((",
        "a and",
        "proc.name = \"\\",
        "fd.name[",
        "x.y",
    ])
}
