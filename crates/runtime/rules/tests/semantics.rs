//! What comparisons mean, held against events that were written down.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_events::{Event, EventScript};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Loaded, Matching, Options, RuleFile, RuleSet, Scanner, Weight};

fn load(text: &str) -> Loaded {
    let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
    bulkhead_rules::load(&files, Options::default(), &Budget::new(Limits::DEFAULT))
}

fn set(text: &str) -> RuleSet {
    let loaded = load(text);
    let problems: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    loaded.set.unwrap_or_else(|| panic!("{text}: {problems:?}"))
}

/// A rule whose condition stands in YAML as it is.
fn rule(name: &str, condition: &str) -> String {
    let lines = condition.replace('\n', "\n    ");
    format!(
        "- rule: {name}\n  desc: d\n  output: x=%proc.name\n  priority: info\n  \
         warn_evttypes: false\n  condition: >\n    {lines}\n"
    )
}

fn events(script: &str) -> Vec<Event> {
    let script = EventScript::read(script.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
    script.events().unwrap()
}

/// An open of `/etc/shadow` in a container by a process with a line of ancestors.
const OPEN: &str = "
events:
  - evt.type: openat
    evt.arg.flags: O_RDONLY|O_CLOEXEC
    fd.name: /etc/shadow
    fd.nameraw: ../etc//shadow
    proc.name: cat
    proc.exe: /usr/bin/Cat
    proc.args: [-n, '--', 'L2V0Yy9zaGFkb3c=']
    proc.pname: bash
    proc.aname[2]: sshd
    proc.aname[3]: systemd
    proc.tty: 34816
    user.uid: 33
    user.name: www-data
    container.id: 3ad7b26ded6d3ad7b26ded6d3ad7b26ded6d3ad7b26ded6d3ad7b26ded6d3ad7
";

/// A connection that did not come about at once.
const CONNECT: &str = "
events:
  - evt.type: connect
    evt.res: EINPROGRESS
    fd.type: ipv4
    fd.l4proto: tcp
    fd.cip: 10.0.0.2
    fd.cport: 51712
    fd.sip: 93.184.216.34
    fd.sport: 443
    proc.name: curl
";

const RECEIVED: &str = "
events:
  - evt.type: recvfrom
    evt.arg.data: 'hex:00cafebabe0001'
    proc.name: java
";

#[track_caller]
fn check(script: &str, condition: &str, expected: bool) {
    let set = set(&rule("r", condition));
    for event in events(script) {
        let rule = set.rule("r").unwrap();
        let met = Scanner::new(&set, Matching::All).scan(&event).count() == 1;
        assert_eq!(met, expected, "{condition}: {:#?}", set.explain(rule, &event));
        assert_eq!(set.explain(rule, &event).holds, expected, "explained {condition}");
        let negated = format!("not ({condition})");
        let set = self::set(&self::rule("r", &negated));
        let met = Scanner::new(&set, Matching::All).scan(&event).count() == 1;
        assert_eq!(met, !expected, "{negated}");
    }
}

#[track_caller]
fn holds(script: &str, conditions: &[&str]) {
    for condition in conditions {
        check(script, condition, true);
    }
}

#[track_caller]
fn fails(script: &str, conditions: &[&str]) {
    for condition in conditions {
        check(script, condition, false);
    }
}

#[test]
fn texts_are_compared_by_their_bytes() {
    holds(
        OPEN,
        &[
            "proc.name = cat",
            "proc.name == 'cat'",
            "proc.name != Cat",
            "proc.name in (dog, cat)",
            "proc.name intersects (dog, cat)",
            "fd.name startswith /etc/",
            "fd.name endswith shadow",
            "fd.name contains c/s",
            "proc.exe icontains BIN/cAT",
            "fd.name glob /e*w",
            "fd.name glob '/etc/shado?'",
            "proc.exe iglob *CAT",
            "fd.nameraw glob '*../*'",
            "user.name >= val(user.name)",
            "not proc.name in ()",
        ],
    );
    fails(
        OPEN,
        &[
            "proc.name = ca",
            "proc.name = CAT",
            "proc.name in (ca, cats)",
            "proc.name in ()",
            "fd.name startswith etc",
            "fd.name contains SHADOW",
            "fd.name glob /etc",
            "proc.exe glob *CAT",
        ],
    );
}

#[test]
fn a_regular_expression_is_about_the_whole_value() {
    holds(
        OPEN,
        &[
            "fd.name regex '/etc/(shadow|passwd)'",
            "proc.name regex 'c.t'",
            "proc.name regex '(?i)CAT'",
        ],
    );
    fails(OPEN, &["fd.name regex 'shadow'", "fd.name regex '/etc/shado'", "proc.name regex 'c|a'"]);
}

#[test]
fn paths_match_by_their_parts() {
    holds(
        OPEN,
        &[
            "fd.name pmatch (/etc)",
            "fd.name pmatch (/var, /etc/shadow)",
            "fd.name pmatch (/e*)",
            "fd.name pmatch (/)",
        ],
    );
    fails(OPEN, &["fd.name pmatch (/et)", "fd.name pmatch (/etc/shadow/x)", "fd.name pmatch ()"]);
}

#[test]
fn what_is_not_there_is_not_even_unequal() {
    // An open has no address.
    fails(
        OPEN,
        &[
            "fd.sip = 1.2.3.4",
            "fd.sip != 1.2.3.4",
            "fd.sip exists",
            "fd.sport != 1",
            "fd.sport >= 0",
            "k8s.ns.name != x",
            "not not k8s.ns.name startswith x",
            "fd.sip in (1.2.3.4)",
        ],
    );
    holds(
        OPEN,
        &["not fd.sip = 1.2.3.4", "not fd.sip exists", "not k8s.ns.name in (x)", "fd.name exists"],
    );
}

#[test]
fn numbers_and_truths() {
    holds(
        OPEN,
        &[
            "user.uid = 33",
            "user.uid=0x21",
            "user.uid != 0",
            "user.uid > 32",
            "user.uid <= 33",
            "user.uid in (1, 33)",
            "user.uid = \"33\"",
            "proc.tty != 0",
            "evt.is_open_read = true",
            "evt.is_open_write != true",
            "evt.is_open_write in (false)",
            "fd.num >= 0",
            "evt.num < 0xffffffffffffffff",
        ],
    );
    fails(OPEN, &["user.uid < 33", "user.uid < -1", "evt.is_open_read=false"]);
}

#[test]
fn any_ancestor_will_do() {
    holds(
        OPEN,
        &[
            "proc.aname = sshd",
            "proc.aname in (nginx, systemd)",
            "proc.aname[1] = bash",
            "proc.aname[2] = sshd",
            "proc.aname contains ssh",
            "proc.aname != sshd",
            "proc.pname exists",
            "tolower(proc.aname) = sshd",
        ],
    );
    fails(
        OPEN,
        &["proc.aname = cat", "proc.aname[2] = bash", "proc.aname[9] exists", "proc.aname[9] != x"],
    );
}

#[test]
fn either_end_of_a_connection_will_do() {
    holds(
        CONNECT,
        &[
            "fd.ip = 10.0.0.2",
            "fd.ip = 93.184.216.34",
            "fd.ip != 0.0.0.0",
            "fd.net = 10.0.0.0/8",
            "fd.net in (192.168.0.0/16, '93.184.0.0/16')",
            "fd.net != 127.0.0.0/8",
            "fd.snet != 10.0.0.0/8",
            "not fd.snet in (10.0.0.0/8, 192.168.0.0/16)",
            "fd.cnet in (10.0.0.0/8)",
            "fd.port = 443",
            "fd.port in (1, 51712)",
            "fd.sport >= 443",
            "fd.sip != fe80::1",
            "evt.res = EINPROGRESS",
            "evt.rawres < 0",
            "fd.typechar = 4",
        ],
    );
    fails(
        CONNECT,
        &[
            "fd.ip != 10.0.0.2",
            "fd.net != 10.0.0.0/8",
            "fd.net = ::/0",
            "fd.port != 443",
            "fd.sip=10.0.0.2",
        ],
    );
}

#[test]
fn bytes_are_given_in_hexadecimal() {
    holds(
        RECEIVED,
        &["evt.buffer bcontains cafebabe", "evt.buffer bstartswith 00CAfe", "len(evt.buffer) = 7"],
    );
    fails(RECEIVED, &["evt.buffer bcontains babecafe", "evt.buffer bstartswith cafe"]);
}

#[test]
fn quantifiers_count() {
    holds(
        OPEN,
        &[
            "fd.name startswith anyof (/usr, /etc)",
            "fd.name contains allof (etc, shad)",
            "fd.name contains oneof (etc, usr)",
            "fd.name = anyof (a, /etc/shadow)",
            "fd.name icontains anyof (USR, SHADOW)",
            "fd.name regex anyof ('x', '/etc/.*')",
            "fd.name glob anyof ('x', '/etc/*')",
            "fd.name != allof (a, b)",
        ],
    );
    fails(
        OPEN,
        &[
            "fd.name startswith anyof (/usr, /var)",
            "fd.name contains allof (etc, usr)",
            "fd.name contains oneof (etc, shad)",
            "fd.name contains anyof ()",
        ],
    );
}

#[test]
fn values_are_made_of_values() {
    holds(
        OPEN,
        &[
            "toupper(proc.name) = CAT",
            "tolower(proc.exe) endswith cat",
            "basename(fd.name) = shadow",
            "basename(proc.exe) != val(proc.name)",
            "tolower(basename(proc.exe)) = val(proc.name)",
            "proc.name = tolower(basename(proc.exe))",
            "len(proc.name) = 3",
            "len(proc.name) < len(fd.name)",
            "concat(proc.name, ':', user.uid) = 'cat:33'",
            "join('/', (proc.pname, proc.name)) = bash/cat",
            "getopt(proc.args, 'n') intersects (n, x)",
            "getopt(proc.args, 'n')[n] exists",
            "proc.aname intersects (val, sshd)",
            "proc.pname = val(proc.aname[1])",
        ],
    );
    fails(
        OPEN,
        &[
            "getopt(proc.args, 'nx')[x] exists",
            "len(fd.sip.name) = 0",
            "concat(proc.name, fd.sip) exists",
            "b64(proc.name) = x",
        ],
    );
    holds(
        "events: [{evt.type: execve, proc.name: sh, proc.args: L2V0Yy9zaGFkb3c}]",
        &["b64(proc.args) = /etc/shadow", "basename(b64(proc.args)) = shadow"],
    );
    holds(
        "events: [{evt.type: execve, proc.name: nc, proc.args: [-le, /bin/sh, -p, '99']}]",
        &[
            "getopt(proc.args, 'le:p:')[e] = /bin/sh",
            "getopt(proc.args, 'le:p:')[p] = 99",
            "getopt(proc.args, 'le:p:') in (l, e, p)",
            "not getopt(proc.args, 'le:p:') in (l, e)",
            "len(getopt(proc.args, 'le:p:')) = 3",
        ],
    );
}

#[test]
fn the_kind_of_event_decides() {
    holds(
        OPEN,
        &[
            "evt.type = openat",
            "evt.type in (open, openat)",
            "evt.type != execve",
            "evt.type startswith open",
        ],
    );
    fails(
        OPEN,
        &[
            "evt.type = open",
            "evt.type != openat",
            "evt.type in ()",
            "evt.type exists and evt.type=execve",
        ],
    );
}

/// A mistake: its column in the condition, which stands at column 14, and what is said.
#[track_caller]
fn refuse(condition: &str, column: u32, message: &str, hint: &str) {
    let text =
        format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n");
    let loaded = load(&text);
    assert!(loaded.set.is_none(), "{condition}");
    let problem = loaded.problems.iter().find(|problem| problem.weight == Weight::Error).unwrap();
    assert_eq!(
        (problem.place.line, problem.place.column),
        (5, column + 13),
        "{condition}: {problem:?}"
    );
    assert!(problem.message.contains(message), "{condition}: {problem:?}");
    assert!(problem.hint.as_deref().unwrap_or("").contains(hint), "{condition}: {problem:?}");
}

#[test]
fn comparisons_that_make_no_sense_are_refused() {
    refuse("proc.nmae = x", 1, "proc.nmae", "did you mean `proc.name`");
    refuse("a.b = x and proc.name = y", 1, "a.b", "");
    refuse("proc.name[x] = y", 1, "proc.name", "");
    refuse("evt.type = x and user.uid = abc", 29, "`abc` is no whole number", "digits");
    refuse("user.uid contains 3", 19, "`contains` cannot be asked of a number", "one of = != < <=");
    refuse("evt.is_open_read > 1", 20, "cannot be asked of true or false", "in");
    refuse("evt.is_open_read = maybe", 20, "no truth value", "true or false");
    refuse("fd.sip startswith 10", 19, "cannot be asked of an address", "in");
    refuse("fd.sip = 10.0.0", 10, "no address or network", "10.1.2.3");
    refuse("fd.snet in (10.0.0.0/8, 10.0.0.0/40)", 25, "no address or network", "");
    refuse("proc.name regex '(a'", 17, "no regular expression", "RE2");
    refuse("proc.name regex 'a)|(b'", 17, "no regular expression", "RE2");
    refuse("evt.buffer bcontains xyz", 22, "no hexadecimal text", "two digits");
    refuse("evt.buffer bcontains abc", 22, "no hexadecimal text", "two digits");
    refuse("proc.name bcontains ab", 21, "cannot be asked of a text", "");
    refuse("len(user.uid) = 1", 1, "`len` takes a text or a list", "len(FIELD)");
    refuse("tolower(proc.name, fd.name) = x", 1, "`tolower`", "tolower(FIELD)");
    refuse("tolower(proc.name)[1] = x", 1, "nothing in brackets", "");
    refuse(
        "proc.name = val(user.uid)",
        17,
        "`proc.name` is a text, but `user.uid` is a number",
        "",
    );
    refuse("proc.name pmatch val(fd.name)", 22, "with a field on the right", "");
    refuse("proc.name = val(proc.aname)", 17, "use `in`", "");
}

#[test]
fn a_rule_can_ask_to_be_left_out() {
    let known = rule("known", "evt.type=open");
    let unknown = rule("unknown", "evt.type=open and new.field = x");
    assert!(load(&(known.clone() + &unknown)).set.is_none());
    let loaded = load(&(known.clone() + &unknown + "  skip-if-unknown-filter: true\n"));
    let set = loaded.set.unwrap();
    assert!(set.rule("known").is_some() && set.rule("unknown").is_none());
    assert!(loaded.problems.iter().any(|problem| problem.message.contains("was left out")));
    // Mistakes of another kind stay mistakes.
    let wrong = rule("unknown", "user.uid = x") + "  skip-if-unknown-filter: true\n";
    assert!(load(&wrong).set.is_none());
    // So it is with a source that is not seen.
    let other = rule("other", "jevt.value = x") + "  source: k8s_audit\n";
    assert!(load(&(known + &other)).set.unwrap().rule("other").is_none());
}

#[test]
fn the_first_rule_or_all() {
    let files = rule("one", "evt.type=openat and proc.name=dog")
        + &rule("two", "evt.type in (open, openat)")
        + &rule("off", "evt.type=openat")
        + "  enabled: false\n"
        + &rule("three", "fd.name=/etc/shadow");
    let set = set(&files);
    let event = &events(OPEN)[0];
    let met = |matching| -> Vec<String> {
        Scanner::new(&set, matching).scan(event).map(|rule| rule.name.to_string()).collect()
    };
    assert_eq!(met(Matching::First), ["two"]);
    assert_eq!(met(Matching::All), ["two", "three"]);
}

#[test]
fn rules_below_the_minimum_are_left_out() {
    let files = rule("one", "evt.type=openat");
    let files = [RuleFile { name: "f", bytes: files.as_bytes() }];
    for (minimum, expected) in [
        (bulkhead_rules::Priority::Informational, 1),
        (bulkhead_rules::Priority::Notice, 0),
        (bulkhead_rules::Priority::Emergency, 0),
    ] {
        let options = Options { minimum, disabled: true };
        let loaded = bulkhead_rules::load(&files, options, &Budget::new(Limits::DEFAULT));
        let set = loaded.set.unwrap();
        let mut scanner = Scanner::new(&set, Matching::All);
        assert_eq!(scanner.scan(&events(OPEN)[0]).count(), expected);
    }
}

/// A scanner forgets one event before the next.
#[test]
fn events_do_not_mix() {
    let set =
        set(&(rule("cat", "proc.name=cat") + &rule("curl", "proc.name=curl and fd.sport=443")));
    let mut scanner = Scanner::new(&set, Matching::All);
    let (open, connect) = (&events(OPEN)[0], &events(CONNECT)[0]);
    for _ in 0..3 {
        for (event, expected) in [(open, "cat"), (connect, "curl")] {
            let met: Vec<_> = scanner.scan(event).map(|rule| rule.name.to_string()).collect();
            assert_eq!(met, [expected]);
        }
    }
}

#[test]
fn outputs_are_filled_in() {
    let output = |output: &str, script: &str| {
        let text = rule("r", "evt.type exists").replace("x=%proc.name", output);
        let set = set(&text);
        let event = &events(script)[0];
        let rule = set.rule("r").unwrap();
        let line = rule.output.line(&set, event);
        let line = line.split(" container_id=").next().unwrap().to_owned();
        (line, rule.output.fields(&set, event).len())
    };
    assert_eq!(output("a=%proc.name b", OPEN).0, "a=cat b");
    assert_eq!(output("\"*%fd.name, %fd.sip|%proc.aname[2].\"", OPEN).0, "/etc/shadow, <NA>|sshd.");
    assert_eq!(output("\"%6proc.name|%2proc.name|\"", OPEN).0, "cat   |ca|");
    assert_eq!(
        output("u=%toupper(proc.name) f=%evt.arg.flags", OPEN).0,
        "u=CAT f=O_RDONLY|O_CLOEXEC"
    );
    assert_eq!(output("a %proc.name %proc.name", OPEN).1, output("a %proc.name", OPEN).1);
    let hostile = "events: [{evt.type: execve, proc.name: x, proc.args: [\"a\\nPriority: fake\\x1b[31m\\u202e\"]}]";
    let (line, _) = output("c=%proc.args", hostile);
    assert_eq!(line, "c=a\\nPriority: fake\\x1b[31m\\u{202e}");
    let long = format!(
        "events: [{{evt.type: execve, proc.name: x, proc.args: [{}]}}]",
        "y".repeat(2 << 20)
    );
    assert!(output("c=%proc.args", &long).0.len() < 5_000);
    // An alert says where it was, though the rule does not.
    let set = set(&rule("r", "evt.type exists"));
    let line = set.rule("r").unwrap().output.line(&set, &events(OPEN)[0]);
    assert!(line.contains(" container_id=3ad7b26ded6d container_name="), "{line}");
}

#[test]
fn outputs_with_unknown_fields_are_refused() {
    for (output, place, hint) in
        [("a %proc.nmae", 13, Some("did you mean `%proc.name`")), ("100% sure", 14, None)]
    {
        let text = rule("r", "evt.type exists").replace("x=%proc.name", output);
        let loaded = load(&text);
        let problem = &loaded.problems[0];
        assert_eq!((problem.place.line, problem.place.column), (3, place), "{problem:?}");
        assert_eq!(problem.hint.as_deref(), hint, "{problem:?}");
    }
}
