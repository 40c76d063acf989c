//! Rule sets as a whole: what is refused, what is left out, what is put out.

use super::*;

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
    refuse("fd.sip in (trusted_ips)", 12, "`trusted_ips` is no address", "no list is called so");
    refuse("fd.sport in (our_ports)", 14, "`our_ports` is no port", "no list is");
    refuse("fd.sport in (htttps)", 14, "`htttps` is no port", "is `https` meant?");
    refuse("fd.num = https", 10, "`https` is no whole number", "digits");
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
fn what_nothing_names_is_told() {
    let text = "\
- {list: shells, items: [sh]}
- {list: all_shells, items: [shells]}
- {list: alone, items: [sh]}
- {macro: starts, condition: evt.type=execve and proc.name in (all_shells)}
- {macro: shell, condition: starts}
- {macro: other, condition: evt.type=open}
- {macro: another, condition: other}
";
    let loaded = load(&(text.to_owned() + &rule("r", "shell")));
    assert!(loaded.set.is_some());
    let told = loaded.problems.iter().map(|problem| problem.message.as_str());
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["list `alone` is not used", "macro `another` is not used"]
    );
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

/// Whoever adds values to it later is not to blame.
#[test]
fn exceptions_without_values_name_fields() {
    let with = |field: &str| {
        rule("r", "evt.type=open")
            + "  exceptions:\n    - {name: e, fields: ["
            + field
            + ", 'proc.aname[2]']}\n"
    };
    assert!(load(&with("tolower(proc.name)")).set.is_some());
    for (field, message) in [("proc.nmae", "no field `proc.nmae`"), ("name", "`name` is no field")]
    {
        let loaded = load(&with(field));
        assert!(loaded.set.is_none(), "{field}");
        let told = loaded.problems.iter().any(|problem| problem.message.contains(message));
        assert!(told, "{field}: {:?}", loaded.problems);
    }
    let skipped =
        with("proc.nmae") + "  skip-if-unknown-filter: true\n" + &rule("s", "evt.type=open");
    assert_eq!(load(&skipped).set.unwrap().rules().len(), 1);
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
        let selection = Selection { minimum, ..Selection::everything() };
        let loaded = bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT));
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
    assert_eq!(line, "c=a\\nPriority: fake\\u001b[31m\\u202e");
    // What looks like that and is none, and a backslash that looks like nothing.
    for (written, expected) in [
        (r"\u001b", r"\\u001b"),
        (r"a\nb\\t", r"a\\nb\\\\t"),
        (r"\.ssh\d", r"\.ssh\d"),
        (r"end\", r"end\\"),
        ("\\\n", r"\\\n"),
        ("\\\u{202e}", r"\\\u202e"),
    ] {
        let word = serde_json::to_string(written).unwrap();
        let events = format!("events: [{{evt.type: execve, proc.name: x, proc.args: [{word}]}}]");
        assert_eq!(output("c=%proc.args", &events).0, format!("c={expected}"), "{written:?}");
    }
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

/// Falco takes these files, and so do we: what may be meant otherwise is told.
#[test]
fn doubtful_files_are_told_and_used() {
    let exceptions = |list: &str| rule("r", "evt.type=openat") + "  exceptions:\n" + list;
    let told = |text: &str, message: &str| -> usize {
        let loaded = load(text);
        let problem = loaded.problems.iter().find(|problem| problem.message.contains(message));
        assert!(problem.is_some(), "{message}: {:?}", loaded.problems);
        let set = loaded.set.unwrap_or_else(|| panic!("{text}: {:?}", loaded.problems));
        Scanner::new(&set, Matching::All).scan(&events(OPEN)[0]).count()
    };
    let list = "- list: odd name\n  items: [cat, dog]\n";
    let macros = "- macro: odd-name\n  condition: proc.name=cat\n";
    let twice = "    - {name: e, fields: [proc.name], comps: [=], values: [[dog]]}\n".to_owned()
        + "    - {name: e, fields: [proc.name], comps: [startswith], values: [[ca]]}\n";
    for (text, message, expected) in [
        (
            list.to_owned() + &rule("r", "proc.name in (x, odd name)"),
            "`odd name` is an odd name for a list",
            1,
        ),
        (list.to_owned() + &rule("r", "proc.name in (odd name, x)"), "is an odd name", 1),
        (list.to_owned() + &rule("r", "proc.name in (\"odd name\", x)"), "is an odd name", 0),
        (
            macros.to_owned() + &rule("r", "proc.name=cat"),
            "`odd-name` is an odd name for a macro",
            1,
        ),
        (exceptions(&twice), "two exceptions are called `e`", 0),
        (rule("r", "proc.name=proc.exe or proc.name=cat"), "`proc.exe` is compared as a text", 1),
        (rule("r", "proc.name in (cat, \" proc.exe\")"), "` proc.exe` is compared as a text", 1),
        (rule("r", "not proc.name=\"toupper( proc.exe)\""), "is compared as a text", 1),
    ] {
        assert_eq!(told(&text, message), expected, "{text}");
    }
    let quiet = load(&rule("r", "proc.name in (cat, proc, toupper) and fd.name contains proc.sys"));
    assert!(quiet.problems.is_empty(), "{:?}", quiet.problems);
}
