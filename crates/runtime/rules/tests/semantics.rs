//! What comparisons mean, held against events that were written down.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

#[path = "semantics/outputs.rs"]
mod outputs;
#[path = "semantics/sets.rs"]
mod sets;

use bulkhead_events::{Event, EventScript};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Loaded, Matching, RuleFile, RuleSet, Scanner, Selection, Weight};

fn load(text: &str) -> Loaded {
    let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
    bulkhead_rules::load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT))
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
            "fd.name glob '/[[:lower:]/]*'",
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
            "proc.name regex '[^[]+'",
            "not fd.name regex '.*[$]{jndi:.*'",
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

/// libsinsp calls users `<NA>` whom it cannot name, so that conditions hold which only leave somebody out.
#[test]
fn users_without_a_name_are_not_null() {
    let script = "events: [{evt.type: execve, proc.name: apt, user.uid: 4711}]";
    holds(
        script,
        &[
            "user.name != _apt",
            "user.name exists",
            "not user.name in (root, _apt)",
            "group.name = root",
        ],
    );
    holds(script, &["user.name = <NA>", "user.loginname != root", "user.shell = <NA>"]);
}

/// As deep as Falco's parser goes, with a negation at each step: read, compiled, held against an event and explained.
#[test]
fn conditions_may_be_deep() {
    let mut condition = "proc.name=cat".to_owned();
    for step in 0..198 {
        let (between, name) = if step % 2 == 0 { ("and", "cat") } else { ("or", "dog") };
        condition = format!("proc.name={name} {between} not ({condition})");
    }
    check(OPEN, &condition, true);
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
            "fd.sport = https",
            "fd.port in (ssh, https)",
            "not fd.rport = http",
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

/// Names of files are any bytes. (libs, `test/filterchecks/invalid_utf8.cpp`, from what Falco 0.63 is made)
#[test]
fn what_is_no_utf_8_is_compared_too() {
    const ODD: &str = "
events:
  - { evt.type: write, evt.arg.data: 'hex:2f70ff2f71ff', proc.name: x }
";
    holds(
        ODD,
        &[
            r#"evt.arg.data = "/p\xff/q\xFF""#,
            r#"evt.arg.data in (x, "/p\xff/q\xff")"#,
            r"evt.arg.data contains '\xff/'",
            r#"evt.arg.data startswith "/p\xff""#,
            r#"evt.arg.data endswith "\xff""#,
            r#"evt.arg.data pmatch ("/p\xff")"#,
            "evt.arg.data glob /p?/q?",
            "evt.arg.data regex '/p./q.'",
        ],
    );
    fails(
        ODD,
        &[
            r#"evt.arg.data contains "\xfe""#,
            r#"evt.arg.data = "/p\x3f/q\x3f""#,
            "evt.arg.data regex '/p./q'",
        ],
    );
    holds(RECEIVED, &[r#"evt.buffer = "\x00\xca\xfe\xba\xbe\x00\x01""#]);
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
            "fd.name != allof ()",
            "proc.tty = allof ()",
        ],
    );
}

#[test]
fn many_texts_are_looked_for_in_parts() {
    let texts: Vec<_> = (0..5000).map(|number| format!("none{number}")).collect();
    let list = texts.join(", ");
    let each = texts.join(" or fd.name contains ");
    holds(
        OPEN,
        &[
            &format!("fd.name contains anyof (shadow, {list})"),
            &format!("fd.name icontains anyof ({list}, SHADOW)"),
            &format!("fd.name contains {each} or fd.name contains shadow"),
            &format!("fd.name contains shadow or fd.name contains {each}"),
        ],
    );
    fails(
        OPEN,
        &[&format!("fd.name contains anyof ({list})"), &format!("fd.name contains {each}")],
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
