//! What is said to people whose rules are hardly what they mean: mistakes that were seen in rule files of others.

use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Problem, RuleFile, Selection, Weight, load};

/// The problems of a file with a rule of this condition, and with these items.
fn problems_of(condition: &str, items: &str) -> Vec<Problem> {
    let text = format!(
        "{items}- rule: r\n  desc: d\n  condition: {condition}\n  output: o\n  priority: INFO\n"
    );
    problems_in("local.yaml", text.as_bytes())
}

fn problems_in(name: &str, bytes: &[u8]) -> Vec<Problem> {
    let budget = Budget::new(Limits::DEFAULT);
    load(&[RuleFile { name, bytes }], &Selection::everything(), &budget).problems
}

/// Whether a problem has this message and a hint with this part.
#[track_caller]
fn assert_said(problems: &[Problem], weight: Weight, message: &str, hint: &str) {
    let said = problems.iter().any(|problem| {
        let told = problem.hint.as_deref().unwrap_or_default();
        problem.weight == weight && problem.message.contains(message) && told.contains(hint)
    });
    assert!(said, "{message}: {hint}: {problems:#?}");
}

#[test]
fn who_builds_on_falcos_rules_alone_is_told_what_lacks() {
    let lacks = "Falco's own rules define it";
    let problems = problems_of("spawned_process and proc.name = a", "");
    assert_said(&problems, Weight::Error, "there is no macro `spawned_process`", lacks);
    let problems = problems_of("evt.type = execve and proc.name in (shell_binaries)", "");
    assert_said(&problems, Weight::Warning, "`shell_binaries` is compared as a text", lacks);
    let problems = problems_of("evt.type = connect and fd.sport in (miner_ports)", "");
    assert_said(&problems, Weight::Error, "`miner_ports` is no port", lacks);
    let problems = problems_of("evt.type = open_read", "");
    assert_said(&problems, Weight::Warning, "is called `open_read`", "`and open_read`");
    let defined = "- list: shell_binaries\n  items: [sh]\n";
    let problems = problems_of("evt.type = execve and proc.name in (shell_binaries)", defined);
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn ends_of_connections_are_called_by_who_called() {
    let problems = problems_of("evt.type = connect and fd.dport in (4444)", "");
    assert_said(&problems, Weight::Error, "there is no field `fd.dport`", "`fd.sport`");
    let problems = problems_of("evt.type = connect and fd.dip = 192.0.2.1", "");
    assert_said(&problems, Weight::Error, "there is no field `fd.dip`", "`fd.sip`");
}

#[test]
fn values_that_are_no_texts_are_told() {
    for (condition, value, hint) in [
        ("evt.type = socket and evt.arg.domain = 17", "17", "AF_PACKET; `evt.rawarg.domain`"),
        ("evt.type = setuid and evt.arg.uid = 0", "0", "`evt.rawarg.uid`"),
        ("evt.type = ptrace and evt.arg.request in (4, 16)", "16", "PTRACE_ATTACH"),
        ("evt.type = open and fd.name in (/home/*/.ssh/id_rsa)", "/home/*/.ssh/id_rsa", "`pmatch`"),
        ("evt.type = open and fd.name startswith /home/*/", "/home/*/", "`glob`"),
        ("evt.type = execve and user.name != %proc.name", "%proc.name", "`val(proc.name)`"),
    ] {
        let message = format!("`{value}` is compared as a text");
        assert_said(&problems_of(condition, ""), Weight::Warning, &message, hint);
    }
    for condition in [
        "evt.type = socket and evt.rawarg.domain = 17",
        "evt.type = socket and evt.arg.domain = AF_PACKET",
        "evt.type = kill and evt.arg.pid = 17",
        "evt.type = open and fd.name glob /home/*/.ssh/id_rsa",
        "evt.type = execve and proc.cmdline contains \"/*\"",
    ] {
        let problems = problems_of(condition, "");
        assert!(problems.is_empty(), "{condition}: {problems:?}");
    }
    let problems = problems_of("evt.type = setuid and user.uid != evt.arg.uid", "");
    assert_said(&problems, Weight::Error, "`evt.arg.uid` is no whole number", "`val(evt.arg.uid)`");
}

#[test]
fn words_of_other_languages_are_told_with_ours() {
    for (condition, hint) in [
        ("proc.name not in (a)", "`not proc.name in …`"),
        ("proc.name matches a", "`regex`"),
        ("proc.name endswith_any (a, b)", "`endswith anyof (…)`"),
        ("proc.name contains (a, b)", "`contains anyof (…)`"),
        ("proc.name equals a", "write `=`"),
        ("proc.name regex \"a\\.b\"", "written twice"),
        ("container_id != host", "no field"),
        ("evt.type = open and container_id", "`container.id`"),
    ] {
        let problems = problems_of(condition, "");
        let told = problems.first().and_then(|problem| problem.hint.clone()).unwrap_or_default();
        assert!(told.contains(hint), "{condition}: {problems:?}");
    }
}

#[test]
fn all_that_is_wrong_with_a_rule_is_told() {
    let items = "- macro: wrong\n  condition: proc.nmae = a\n";
    let problems = problems_of("wrong and fd.nmae = b and (fd.dport = x or not wrong)", items);
    let told: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let [one, two, three] =
        ["proc.nmae", "fd.nmae", "fd.dport"].map(|name| format!("there is no field `{name}`"));
    // Of the same place once.
    assert_eq!(told, [&*one, &*two, &*three]);
    let text = "- rule: r\n  desc: d\n  condition: proc.nmae = a\n  output: '%fd.nmae'\n  priority: INFO\n";
    assert_eq!(problems_in("local.yaml", text.as_bytes()).len(), 2);
}

#[test]
fn a_rule_that_cannot_be_met_weighs_more() {
    let problems = problems_of("evt.type = openwrite", "");
    assert_said(&problems, Weight::Blind, "rule `r` cannot be met", "");
    let problems = problems_of("evt.type = setuid and evt.dir = >", "");
    assert_said(&problems, Weight::Blind, "`evt.dir` is always", "leave `evt.dir` out");
}

#[test]
fn a_list_with_the_name_of_a_macro_is_told() {
    let items = "- macro: both\n  condition: evt.type = open\n- list: both\n  items: [a]\n";
    let problems = problems_of("proc.name in (both) and evt.type = open", items);
    let hint = "the macro is at local.yaml:1:10";
    assert_said(&problems, Weight::Warning, "list `both` has the name of a macro", hint);
}

#[test]
fn objects_of_kubernetes_are_no_rule_files() {
    let bytes = b"kind: ConfigMap\ndata:\n  my.yaml: |\n    - list: a\n      items: []\n";
    assert_said(
        &problems_in("map.yaml", bytes),
        Weight::Error,
        "not a list of items",
        "below a name of `data`",
    );
}
