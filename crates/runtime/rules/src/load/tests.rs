//! What files define, and what later items do to it.

use bulkhead_limits::{Budget, Limits};

use super::keys::{ENABLED, EXCEPTIONS, OUTPUT, PRIORITY, TAGS};
use super::{Collection, Lists, Macros, RuleFile, Value, collect, exceptions, keys};
use crate::Weight;

fn load(files: &[&str]) -> Collection {
    let names: Vec<_> = (0..files.len()).map(|index| format!("f{index}")).collect();
    let files: Vec<_> = names
        .iter()
        .zip(files)
        .map(|(name, text)| RuleFile { name, bytes: text.as_bytes() })
        .collect();
    collect(&files, &Budget::new(Limits::DEFAULT))
}

/// The condition of a rule with exceptions, lists and macros in place, and the problems.
fn condition(files: &[&str], rule: &str) -> (String, Vec<String>) {
    let collection = load(files);
    let mut problems = collection.problems.clone();
    let lists = Lists::resolve(&collection.lists, &mut problems);
    let mut macros = Macros::resolve(&collection.macros, &lists, &mut problems);
    let object = collection.rules.get(rule);
    let printed = object.and_then(|object| {
        let exceptions = match object.get(EXCEPTIONS) {
            Some(Value::Exceptions(exceptions)) => exceptions.as_slice(),
            _ => &[],
        };
        let whole = exceptions::apply(object.text(keys::CONDITION)?, exceptions);
        let whole = whole.map_err(|problem| problems.push(problem)).ok()?;
        macros.place(&whole, &lists, &mut problems).map(|expression| flat(&expression))
    });
    let problems = problems
        .iter()
        .filter(|problem| problem.weight == Weight::Error)
        .map(ToString::to_string)
        .collect();
    (printed.unwrap_or_default(), problems)
}

/// Macros replaced by what they stand for.
fn flat(expression: &crate::Expression) -> String {
    use crate::Expression as E;
    let all = |parts: &[E], between: &str| {
        let parts: Vec<_> = parts.iter().map(flat).collect();
        format!("({})", parts.join(between))
    };
    match expression {
        E::And(parts) => all(parts, " and "),
        E::Or(parts) => all(parts, " or "),
        E::Not(part) => format!("not {}", flat(part)),
        E::Check(check) => check.to_string(),
        E::Macro { body, .. } => flat(body.as_ref().unwrap()),
    }
}

fn rule(condition: &str) -> String {
    format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n")
}

fn check(files: &[&str], expected: &str) {
    let (printed, problems) = condition(files, "r");
    assert_eq!((printed.as_str(), problems), (expected, Vec::new()), "{files:?}");
}

fn refuse(files: &[&str], expected: &str) {
    let (_, problems) = condition(files, "r");
    assert!(
        problems.first().is_some_and(|problem| problem.starts_with(expected)),
        "{files:?}: {problems:?}, not {expected}"
    );
}

#[test]
fn lists_are_text() {
    let lists =
        "- list: a\n  items: [x, 80, 'y z', '\"q r\"', \"\", \"[\"]\n- list: e\n  items: []\n";
    let all = "x, 80, \"y z\", \"q r\", \"\", \"[\"";
    check(&[lists, &rule("p.n in (a)")], &format!("p.n in ({all})"));
    check(&[lists, &rule("p.n in (b, a, c)")], &format!("p.n in (b, {all}, c)"));
    check(&[lists, &rule("p.n in (e)")], "p.n in ()");
    check(&[lists, &rule("p.n in (b, e)")], "p.n in (b)");
    check(&[lists, &rule("p.n in (e , b)")], "p.n in (b)");
    check(&[lists, &rule("p.n in (b, e, c)")], "p.n in (b, c)");
    check(&[lists, &rule("p.n in (e,e)")], "p.n in ()");
    // No delimiter, no list.
    check(
        &[lists, &rule("p.n in (a-b, \"a\", 'x a y') and p.a=1")],
        "(p.n in (a-b, a, \"x a y\") and p.a = 1)",
    );
    check(&["- list: one\n  items: [k]\n", &rule("p.n = one")], "p.n = k");
    // An item is several where it reads like several.
    let several = "- list: s\n  items: ['a,b', 'c, d', 'e=f,g']\n";
    check(&[several, &rule("p.n in (s)")], "p.n in (a, b, \"c, d\", \"e=f,g\")");
}

#[test]
fn lists_name_lists() {
    let lists =
        "- list: a\n  items: [x]\n- list: b\n  items: [a, y, b]\n- list: c\n  items: [b, z]\n";
    check(&[lists, &rule("p.n in (c)")], "p.n in (x, y, b, z)");
    refuse(
        &["- list: a\n  items: [b]\n- list: b\n  items: [a]\n", &rule("p.n in (a)")],
        "f0:4:11: lists name each other",
    );
    let mut doubling = "- list: l0\n  items: []\n".to_owned();
    doubling.extend((1..80).map(|index| {
        let before = index - 1;
        format!("- list: l{index}\n  items: [l{before}, l{before}]\n")
    }));
    check(&[&doubling, &rule("p.n in (l79)")], "p.n in ()");
    let full = doubling.replace("[]", "[x]");
    refuse(&[&full, &rule("p.n in (l79)")], "f0:36:16: the list grows too long");
}

#[test]
fn macros_see_what_was_defined_before_them() {
    let ab = "- macro: a\n  condition: p.n = 1 or p.n = 2\n- macro: b\n  condition: not a\n";
    check(&[ab, &rule("b and a")], "(not (p.n = 1 or p.n = 2) and (p.n = 1 or p.n = 2))");
    let ba = "- macro: b\n  condition: not a\n- macro: a\n  condition: p.n = 1\n";
    refuse(&[ba, &rule("b")], "f0:2:18: macro `a` is defined only later");
    // Rules see all, and what is redefined later.
    check(&[&rule("b"), ab, "- macro: a\n  condition: p.n = 3\n"], "not p.n = 3");
    // Once changed, a macro sees what came before the change.
    let later = "- macro: b\n  condition: a or c\n";
    let c = "- macro: c\n  condition: p.c = 1\n";
    check(&[ab, c, later, &rule("b")], "((p.n = 1 or p.n = 2) or p.c = 1)");
    refuse(
        &[ab, c, later, "- macro: c\n  condition: b\n", &rule("b")],
        "f3:2:14: macros name each other",
    );
    refuse(&[&rule("aa"), ab], "f0:5:14: there is no macro `aa`");
}

#[test]
fn a_chain_of_macros_is_bounded() {
    let chain = |length: usize| {
        let mut chain = "- macro: m0\n  condition: p.n = 1\n".to_owned();
        chain.extend((1..length).map(|index| {
            let before = index - 1;
            format!("- macro: m{index}\n  condition: m{before} and m{before}\n")
        }));
        chain
    };
    // Doubling costs nothing until it is printed.
    assert_eq!(condition(&[&chain(12), &rule("m11")], "r").1, Vec::<String>::new());
    refuse(&[&chain(2_000), &rule("m1999")], "f0:");
}

#[test]
fn items_are_appended_to_and_overridden() {
    let base = rule("p.a = 1");
    let append = "- rule: r\n  condition: and p.b = 2\n  override:\n    condition: append\n";
    check(&[&base, append], "(p.a = 1 and p.b = 2)");
    check(
        &[&base, "- rule: r\n  append: true\n  condition: and p.b = 2\n"],
        "(p.a = 1 and p.b = 2)",
    );
    check(&[&base, append, &rule("p.c = 3")], "p.c = 3");
    let list = "- list: l\n  items: [a]\n";
    let more = "- list: l\n  items: [b]\n  override: {items: append}\n";
    check(&[list, more, &rule("p.n in (l)")], "p.n in (a, b)");
    check(&[list, &more.replace("append", "replace"), &rule("p.n in (l)")], "p.n in (b)");
    check(
        &[
            "- macro: m\n  condition: p.n = 1\n",
            "- macro: m\n  append: true\n  condition: or p.n = 2\n",
            &rule("m"),
        ],
        "(p.n = 1 or p.n = 2)",
    );
    // A mistake in what was appended is shown where it was written.
    refuse(&[&base, &append.replace("p.b = 2", "p.b")], "f1:2:21: an operator is expected");

    let object = |files: &[&str]| load(files).rules.get("r").unwrap().clone();
    let changed = object(&[
        &base,
        "- rule: r\n  enabled: false\n",
        "- rule: r\n  output: p\n  tags: [x, y]\n  priority: critical\n  override: {output: append, tags: append, priority: replace}\n",
    ]);
    assert_eq!(changed.flag(ENABLED), Some(false));
    assert_eq!(changed.text(OUTPUT).unwrap().as_str(), "o p");
    assert_eq!(changed.words(TAGS).len(), 2);
    assert!(matches!(changed.get(PRIORITY), Some(Value::Priority(crate::Priority::Critical))));
    assert_eq!(object(&[&base, "- rule: r\n  enabled: false\n", &base]).flag(ENABLED), None);
    // What names nothing changes nothing: the item defines.
    for nothing in ["", " {}"] {
        check(&[&base, &format!("{}  override:{nothing}\n", rule("p.z = 1"))], "p.z = 1");
    }
}

#[test]
fn wrong_changes_are_refused() {
    let base = rule("p.a = 1");
    let cases = [
        ("- rule: x\n  enabled: false\n", "f1:1:9: there is no rule `x`"),
        ("- rule: r\n  condition: and x\n", "f1:1:3: rule `r` has no `output`"),
        ("- rule: r\n  priority: info\n  override: {priority: append}\n", "f1:3:24: `priority`"),
        ("- rule: r\n  output: x\n  override: {condition: append}\n", "f1:3:14: `override` names"),
        (
            "- rule: r\n  output: x\n  desc: y\n  override: {output: append}\n",
            "f1:3:9: `desc` is given",
        ),
        ("- rule: r\n  output: x\n  override: {output: add}\n", "f1:3:22: `add` is neither"),
        ("- rule: r\n  output: x\n  override: {outputs: append}\n", "f1:3:14: a rule has no"),
        (
            "- rule: r\n  append: true\n  override: {output: append}\n  output: x\n",
            "f1:3:13: `override` and",
        ),
        ("- rule: r\n  append: true\n", "f1:1:3: the item changes nothing"),
        ("- rule: r\n  enabled: maybe\n", "f1:2:12: `enabled` is neither"),
        ("- list: a\n  items: x\n", "f1:2:10: `items` is not a list"),
        ("- list: a\n  items: [[x]]\n", "f1:2:11: an element"),
        ("- x\n", "f1:1:3: an item is not a mapping"),
        ("rule: x\n", "f1:1:1: not a list of items"),
        ("- required_engine_version: 0.64.0\n", "f1:1:28: the file needs engine 0.64.0"),
        ("- required_engine_version: x\n", "f1:1:28: `x` is no version"),
        ("- rule: [\n", "f1:"),
    ];
    for (text, expected) in cases {
        refuse(&[&base, text], expected);
    }
    let bad = base.replace("info", "grave");
    refuse(&[&bad], "f0:4:13: `grave` is no priority");
}

#[test]
fn what_does_no_harm_is_a_warning() {
    let warned = |text: &str, expected: &str| {
        let problems = load(&[text]).problems;
        let found = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{text}: {found:?}");
        assert!(problems.iter().all(|problem| problem.weight == Weight::Warning), "{found:?}");
    };
    warned(&format!("{}  colour: red\n", rule("x")), "f0:6:3: a rule has no `colour`");
    warned("- rles: x\n", "f0:1:3: an unknown item `rles`");
    warned("- list: a\n  items: []\n- list: a\n  append: true\n  items: [x]\n", "f0:3:3: `append");
    warned(
        "- required_plugin_versions:\n  - name: json\n    version: 0.7.0\n",
        "f0:2:5: there is no plugin json",
    );
    for fine in [
        "- required_engine_version: 26\n",
        "- required_engine_version: 0.57.0\n",
        "# nothing\n",
        "",
    ] {
        assert_eq!(load(&[fine]).problems, Vec::new(), "{fine}");
    }
}

/// As Falco's own tests of its loader have it.
#[test]
fn what_replaces_all_needs_nothing_before_it() {
    let macros = "- macro: m\n  condition: or p.b = 2\n  override: {condition: replace}\n- macro: m\n  condition: p.a = 1\n";
    check(&[macros, &rule("m")], "p.a = 1");
    let lists = "- list: l\n  items: [x]\n  override: {items: replace}\n";
    check(&[lists, &rule("p.a in (l)")], "p.a in (x)");
    refuse(
        &["- rule: r\n  condition: p.a = 1\n  override: {condition: replace}\n"],
        "f0:1:9: there is no rule",
    );
}

/// Falco's loader looks at no more than conditions and exceptions.
#[test]
fn appending_looks_at_nothing_else() {
    let more = "- rule: r\n  condition: and p.b = 2\n  output: p\n  desc: e\n  tags: [t]\n  enabled: false\n  append: true\n";
    check(&[&rule("p.a = 1"), more], "(p.a = 1 and p.b = 2)");
    let collection = load(&[&rule("p.a = 1"), more]);
    let told: Vec<_> = collection.problems.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|it| it.contains("`enabled` is ignored beside `append")), "{told:?}");
    let object = collection.rules.get("r").unwrap();
    assert_eq!(object.text(OUTPUT).unwrap().as_str(), "o");
    assert_eq!((object.words(TAGS).len(), object.flag(ENABLED)), (0, None));
    refuse(
        &[&rule("p.a = 1"), "- rule: r\n  append: true\n  tags: [t]\n"],
        "f1:1:3: the item changes nothing",
    );
}

#[test]
fn a_switch_looks_at_nothing_else() {
    let switch = "- rule: r\n  enabled: false\n  tags: [t]\n  source: k8s_audit\n";
    let collection = load(&[&rule("p.a = 1"), switch]);
    let told: Vec<_> = collection.problems.iter().map(ToString::to_string).collect();
    assert!(told.iter().all(|it| it.contains("is ignored beside `enabled` alone")), "{told:?}");
    let object = collection.rules.get("r").unwrap();
    assert_eq!((object.words(TAGS).len(), object.flag(ENABLED)), (0, Some(false)));
    let more = "- rule: r\n  enabled: false\n  tags: [t]\n  override: {tags: append}\n";
    refuse(&[&rule("p.a = 1"), more], "f1:2:12: `enabled` is given, but");
}

/// As in Falco's own tests: each document is read as another file would be.
#[test]
fn a_file_may_have_several_documents() {
    let documents = |second: &str| format!("---\n{}---\n# more\n{second}", rule("m"));
    let macros = "- macro: m\n  condition: p.a = 1\n-\n- macro: m\n  append: true\n  condition: or p.b = 2\n";
    check(&[&documents(macros)], "(p.a = 1 or p.b = 2)");
    check(&[&documents(&format!("---\n{macros}...\n"))], "(p.a = 1 or p.b = 2)");
    refuse(&[&documents("- macro: m\n  condition: n\n")], "f0:10:14: there is no macro `n`");
    refuse(&[&documents("macro: m\n")], "f0:9:1: not a list of items");
    refuse(&[&documents("- macro: [\n")], "f0:");
}

/// What is wrong, where, and what helps.
#[test]
fn files_that_are_no_text_say_where() {
    let told = |bytes: &[u8]| {
        let file = RuleFile { name: "f", bytes };
        let collection = collect(&[file], &Budget::new(Limits::DEFAULT));
        let problem = collection.problems.into_iter().next().unwrap();
        (problem.to_string(), problem.hint.unwrap_or_default())
    };
    let (message, hint) = told("- rule: ä \n  desc: ö".as_bytes().split_last().unwrap().1);
    assert_eq!((&*message, &*hint), ("f:2:9: not text in UTF-8", "save the file as UTF-8"));
    let (message, hint) = told(b"- rule: r\n\tdesc: d\n");
    assert!(message.contains("tab") && hint.contains("blanks"), "{message} {hint}");
    let long = format!("- rule: r\n  override: {{{}: append}}\n", "x".repeat(100_000));
    assert!(told(long.as_bytes()).0.len() < 1000);
}

#[test]
fn values_of_a_chart_are_no_rule_file() {
    let values = format!("customRules:\n  my.yaml: |-\n    {}", rule("m").replace('\n', "\n    "));
    let problems = load(&[&values]).problems;
    let hint = problems.first().and_then(|problem| problem.hint.as_deref()).unwrap_or("");
    assert!(hint.contains("below a name of `customRules`"), "{problems:?}");
}

#[test]
fn a_rule_keeps_its_source() {
    let other = rule("p.b = 2") + "  source: k8s_audit\n";
    refuse(&[&rule("p.a = 1"), &other], "f1:1:9: the rule was for events of `syscall`");
    refuse(&[&other, &rule("p.a = 1")], "f1:1:9: the rule was for events of `k8s_audit`");
    check(&[&rule("p.a = 1"), &(rule("p.c = 3") + "  source: syscall\n")], "p.c = 3");
}

#[test]
fn exceptions_keep_a_rule_silent() {
    let with = |exceptions: &str| format!("{}  exceptions:\n{exceptions}", rule("p.a = 1"));
    let check = |exceptions: &str, expected: &str| check(&[&with(exceptions)], expected);
    check(
        "  - {name: a, fields: p.n, values: [x, 'y z']}\n",
        "(p.a = 1 and not p.n in (x, \"y z\"))",
    );
    check(
        "  - {name: a, fields: p.n, comps: pmatch, values: [/x]}\n",
        "(p.a = 1 and not p.n pmatch (/x))",
    );
    check(
        "  - {name: a, fields: p.n, comps: startswith anyof, values: [x]}\n",
        "(p.a = 1 and not p.n startswith anyof (x))",
    );
    check(
        "  - {name: a, fields: [p.n, p.m], values: [[x, y], [z, 'v w']]}\n",
        "(p.a = 1 and not ((p.n = x and p.m = y) or (p.n = z and p.m = \"v w\")))",
    );
    check(
        "  - {name: a, fields: [p.n, p.m], comps: [in, endswith], values: [[[x, y], z], [v, w]]}\n",
        "(p.a = 1 and not ((p.n in (x, y) and p.m endswith z) or (p.n in (v) and p.m endswith w)))",
    );
    check(
        "  - {name: a, fields: [p.n], comps: [in], values: [['(x, y)']]}\n",
        "(p.a = 1 and not p.n in (x, y))",
    );
    check(
        "  - {name: a, fields: [p.n, p.m], comps: [in, =], values: [['x, y', 'z,v'], ['u v,w', t]]}\n",
        "(p.a = 1 and not ((p.n in (x, y) and p.m = \"z,v\") or (p.n in (\"u v,w\") and p.m = t)))",
    );
    check(
        "  - {name: a, fields: p.n, values: ['x,y', 'z, v']}\n",
        "(p.a = 1 and not p.n in (x, y, \"z, v\"))",
    );
    check(
        "  - {name: a, fields: p.n}\n  - {name: b, fields: [p.m], values: [[y]]}\n",
        "(p.a = 1 and not p.m = y)",
    );
    check(
        "  - {name: a, fields: p.n, values: ['say \"hi\" to']}\n",
        "(p.a = 1 and not p.n in (\"say \\\"hi\\\" to\"))",
    );

    let more = "- rule: r\n  exceptions: [{name: a, values: [z]}, {name: b, fields: p.m, values: [y]}]\n  override: {exceptions: append}\n";
    super::tests::check(
        &[&with("  - {name: a, fields: p.n, values: [x]}\n"), more],
        "(p.a = 1 and not p.n in (x, z) and not p.m in (y))",
    );
    // An or in the condition stays inside.
    let or = rule("p.a = 1 or p.b = 2") + "  exceptions: [{name: a, fields: p.n, values: [x]}]\n";
    super::tests::check(&[&or], "((p.a = 1 or p.b = 2) and not p.n in (x))");
}

#[test]
fn wrong_exceptions_are_refused() {
    let cases = [
        ("[{fields: p.n}]", "f0:6:16: an exception has no `name`"),
        ("[{name: a}]", "f0:6:16: an exception has no `fields`"),
        ("[{name: a, fields: p.n, comps: =, values: [x]}]", "f0:6:16: a comparison of one field"),
        ("[{name: a, fields: p.n, comps: like, values: [x]}]", "f0:6:46: `like` is no comparison"),
        (
            "[{name: a, fields: [p.n], comps: [in, in], values: [[x]]}]",
            "f0:6:16: `fields` and `comps`",
        ),
        ("[{name: a, fields: [p.n, p.m], values: [[x]]}]", "f0:6:55: a list of 2 values"),
        ("[{name: a, fields: [p.n], values: [x]}]", "f0:6:50: a list of 1 values"),
        ("[{name: a, fields: p.n, values: [[x]]}]", "f0:6:48: a single value"),
    ];
    for (exceptions, expected) in cases {
        refuse(&[&format!("{}  exceptions: {exceptions}\n", rule("p.a = 1"))], expected);
    }
    let base = rule("p.a = 1") + "  exceptions: [{name: a, fields: p.n, values: [x]}]\n";
    let append = |what: &str| {
        format!("- rule: r\n  override: {{exceptions: append}}\n  exceptions: [{what}]\n")
    };
    refuse(&[&base, &append("{name: b, fields: p.n}")], "f1:3:16: a new exception has no");
    refuse(
        &[&base, &append("{name: a, fields: p.n, values: [y]}")],
        "f1:3:16: exception `a` is there",
    );
}
