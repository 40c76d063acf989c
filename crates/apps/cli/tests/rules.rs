//! `bulkhead rules` as a user calls it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;

use assert_cmd::Command;

const RULES: &str = "
- list: shells
  items: [ash, bash, sh]
- rule: Shell in a container
  desc: A shell is started in a container.
  condition: evt.type=execve and container.id != host and proc.name in (shells)
  output: Shell %proc.name started by %proc.pname
  priority: WARNING
  tags: [container, T1059]
- test: a shell is told
  of: Shell in a container
  expect: alert
  events: [{evt.type: execve, container.id: 3ad7b26ded6d, proc.name: bash}]
";

const EVENTS: &str = "
defaults: {container.id: 3ad7b26ded6d, proc.pname: nginx}
events:
  - {evt.type: execve, proc.name: bash}
  - {evt.type: execve, proc.name: fish}
";

/// Exit code, standard output and standard error in a folder with these files.
fn run(files: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    let output = bulkhead(folder.path()).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn bulkhead(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().env("HOME", folder).current_dir(folder).arg("rules");
    command
}

#[test]
fn check_counts_and_places_mistakes() {
    let (code, out, err) = run(&[("a.yaml", RULES)], &["check", "a.yaml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        out.contains("a.yaml: 1 rule, 0 macros, 1 list, 1 test, 0 errors, 0 warnings"),
        "{out}"
    );
    let broken = RULES.replace("proc.name in", "proc.nmae in");
    let (code, out, err) = run(&[("a.yaml", &broken)], &["check", "a.yaml"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("1 error,"), "{out}");
    assert!(err.starts_with("error: a.yaml:6:59: there is no field `proc.nmae`"), "{err}");
    assert!(err.contains("hint: did you mean `proc.name`"), "{err}");
    let (code, _, err) = run(&[("a.yaml", "- rule: [\n")], &["check", "a.yaml"]);
    assert_eq!(code, Some(1));
    assert!(err.starts_with("error: a.yaml:"), "{err}");
}

#[test]
fn tests_pass_fail_or_are_absent() {
    let failing = RULES.replace("proc.name: bash", "proc.name: fish");
    for (rules, code, expected) in [
        (RULES, 0, "1 test, 0 failed"),
        (&failing, 2, "it is fish; a.yaml:6:59"),
        ("- list: a\n  items: []\n", 3, "0 tests"),
        ("- list: a\n", 1, ""),
    ] {
        let (found, out, err) = run(&[("a.yaml", rules)], &["test", "a.yaml"]);
        assert_eq!(found, Some(code), "{out}{err}");
        assert!(out.contains(expected), "{out}");
    }
}

#[test]
fn events_are_replayed_and_explained() {
    let files = [("a.yaml", RULES), ("e.yaml", EVENTS)];
    let (code, out, err) = run(&files, &["replay", "e.yaml", "-r", "a.yaml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let line = "00:00:00.001000000: Warning Shell bash started by nginx container_id=3ad7b26ded6d";
    assert!(out.starts_with(line) && out.lines().count() == 1, "{out}");
    let (_, out, _) = run(&files, &["replay", "e.yaml", "-r", "a.yaml", "-o", "json"]);
    let alert: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(alert["rule"], "Shell in a container");
    assert_eq!(alert["priority"], "Warning");
    assert_eq!(alert["time"], "2026-01-01T00:00:00.001000000Z");
    assert_eq!(alert["tags"], serde_json::json!(["T1059", "container"]));
    assert_eq!(alert["output_fields"]["proc.name"], "bash");
    assert_eq!(alert["output_fields"]["container.name"], serde_json::Value::Null);
    let (_, out, _) = run(&files, &["replay", "e.yaml", "-r", "a.yaml", "--priority", "error"]);
    assert_eq!(out, "");
    let (code, out, _) =
        run(&files, &["explain", "Shell in a container", "e.yaml", "-r", "a.yaml"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("event 1, execve: meets the rule"), "{out}");
    assert!(
        out.contains("event 2, execve: does not meet the rule\n  false  proc.name in"),
        "{out}"
    );
    let (code, _, err) = run(&files, &["explain", "no such", "e.yaml", "-r", "a.yaml"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("there is no rule `no such`"), "{err}");
}

#[test]
fn rules_and_fields_are_listed() {
    let (_, out, _) = run(&[("a.yaml", RULES)], &["list", "a.yaml"]);
    assert!(out.contains("Warning       Shell in a container") && out.contains("execve"), "{out}");
    let (_, out, _) = run(&[], &["list", "--fields"]);
    assert!(out.lines().any(|line| line.starts_with("proc.name ")), "{out}");
    assert!(out.lines().any(|line| line.starts_with("proc.aname[NUMBER] ")), "{out}");
    let (_, json, _) = run(&[], &["list", "--fields", "-o", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    let fields = listed["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    assert_eq!(field("evt.rawarg")["argument"], "[NAME]");
    assert_eq!(
        (&field("fd.sip")["type"], &field("fd.sip")["has_values"]),
        (&"address".into(), &true.into())
    );
    assert_eq!(field("k8s.svc.name")["has_values"], false);
    let empty = fields.iter().filter(|field| field["has_values"] == false).count();
    let end = format!("{} fields, of which {empty} never have a value\n", fields.len());
    assert!(out.ends_with(&end), "{out}");
}

const SEVERAL: &str = "
- rule: Call home
  desc: A connection to our own.
  condition: evt.type=connect and proc.name=curl
  output: o
  priority: NOTICE
  tags: [network]
- rule: Any shell
  desc: A shell is started.
  condition: evt.type=execve and proc.name in (bash, fish)
  output: any %proc.name
  priority: ERROR
  tags: [host, container]
  enabled: false
- test: any shell is told
  of: Any shell
  expect: alert
  events: [{evt.type: execve, proc.name: fish}]
";

/// The same switches mean the same to every command.
#[test]
fn rules_are_chosen_by_switches_and_priority() {
    let files = [("a.yaml", RULES), ("b.yaml", SEVERAL), ("e.yaml", EVENTS)];
    let names = |switches: &[&str]| -> Vec<String> {
        let list = ["list", "a.yaml", "b.yaml", "--used", "-o", "json"];
        let (code, out, err) = run(&files, &[&list, switches].concat());
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let listed: serde_json::Value = serde_json::from_str(&out).unwrap();
        let rules = listed["rules"].as_array().unwrap().iter();
        rules.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    };
    let (shell, home, any) = ("Shell in a container", "Call home", "Any shell");
    let container = ["--switch", "off:rule=*", "--switch", "on:tag=container"];
    assert_eq!(names(&[]), [shell, home]);
    assert_eq!(names(&["--priority", "warning"]), [shell]);
    assert_eq!(names(&["--switch", "on:rule=Any*"]), [shell, home, any]);
    assert_eq!(names(&container), [shell, any]);
    assert_eq!(names(&[container[2], container[3], container[0], container[1]]), [""; 0]);

    let alerts = |switches: &[&str]| {
        let replay = ["replay", "e.yaml", "-r", "a.yaml", "-r", "b.yaml"];
        let (code, out, err) = run(&files, &[&replay, switches].concat());
        assert_eq!((code, err.as_str()), (Some(0), ""));
        out
    };
    let told = alerts(&["--switch", "off:tag=T1059", "--switch", "on:rule=Any shell"]);
    assert!(told.contains("any bash") && told.contains("any fish"), "{told}");
    assert!(!told.contains("Shell bash"), "{told}");

    let (_, out, err) = run(&files, &[&["check", "a.yaml", "b.yaml"][..], &container].concat());
    assert!(out.contains("2 rules in use, 1 switched off"), "{out}");
    assert_eq!(err, "");
    let (code, out, _) = run(&files, &["test", "a.yaml", "b.yaml"]);
    assert_eq!((code, out.contains("2 tests, 0 failed")), (Some(0), true), "{out}");
    let (code, out, _) =
        run(&files, &["test", "a.yaml", "b.yaml", "--switch", "off:rule=*in a container"]);
    let expected = "1 test, 0 failed, 1 not run since their rules are left out";
    assert_eq!((code, out.contains(expected)), (Some(0), true), "{out}");
    let (_, out, _) = run(&files, &["explain", any, "e.yaml", "-r", "b.yaml"]);
    assert!(out.starts_with("the rule is off: its file has it switched off\nevent 1"), "{out}");
    let (_, out, _) =
        run(&files, &["explain", any, "e.yaml", "-r", "b.yaml", "--switch", "on:rule=*"]);
    assert!(out.starts_with("event 1, execve: meets"), "{out}");
}

#[test]
fn switches_that_do_nothing_are_named() {
    let files = [("a.yaml", RULES), ("e.yaml", EVENTS)];
    let missing = ["--switch", "off:rule=Shel", "--switch", "on:tag=T1059"];
    let hint = "warning: no rule fits off:rule=Shel\nhint: `bulkhead rules list` shows";
    for command in [
        &["check", "a.yaml"][..],
        &["test", "a.yaml"],
        &["list", "a.yaml"],
        &["replay", "e.yaml", "-r", "a.yaml"],
        &["explain", "Shell in a container", "e.yaml", "-r", "a.yaml"],
    ] {
        let (code, _, err) = run(&files, &[command, &missing].concat());
        assert_eq!(code, Some(0), "{err}");
        assert!(err.starts_with(hint) && err.lines().count() == 2, "{err}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut capture = Command::cargo_bin("bulkhead").unwrap();
    capture.env_clear().current_dir(folder.path()).args(["sensor", "capture", "-o", "events"]);
    let output = capture.args(["--switch", "off:tag=a"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("without --rules everything is recorded"), "{said}");
    assert_eq!(folder.path().join("events").try_exists().ok(), Some(false));
    let (code, _, err) = run(&files, &["list", "a.yaml", "--switch", "disable:tag=x"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("off:tag=NAME"), "{err}");
}

#[test]
fn switches_stand_in_the_settings_file_in_their_order() {
    const SETTINGS: &str = "rules-list-switch: ['off:rule=*', 'on:tag=network']\n\
                            rules-list-priority: notice\n";
    let files = [("b.yaml", SEVERAL), ("bulkhead.yaml", SETTINGS)];
    let (code, out, err) = run(&files, &["list", "b.yaml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("Notice        Call home\n"), "{out}");
    assert!(out.contains("Any shell  (off: `off:rule=*` switches it off)\n"), "{out}");
    let (_, out, _) = run(&files, &["list", "b.yaml", "--used", "--switch", "on:rule=*"]);
    assert!(out.contains("Any shell\n") && out.contains("Call home\n"), "{out}");
}

/// What is written for programs follows the committed schemas.
#[test]
fn documents_follow_their_schemas() {
    let failing = RULES.replace("proc.name: bash", "proc.name: fish");
    let files =
        [("a.yaml", RULES), ("f.yaml", &failing), ("b.yaml", "- rule: [\n"), ("e.yaml", EVENTS)];
    let cases: [(&str, &[&str], i32); 8] = [
        ("rules-check-1", &["check", "a.yaml"], 0),
        ("rules-check-1", &["check", "b.yaml"], 1),
        ("rules-check-1", &["check"], 0),
        ("rules-list-1", &["list", "a.yaml"], 0),
        ("rules-fields-1", &["list", "--fields"], 0),
        ("rules-test-1", &["test", "a.yaml"], 0),
        ("rules-test-1", &["test", "f.yaml"], 2),
        (
            "rules-explain-1",
            &["explain", "Shell in a container", "e.yaml", "-r", "a.yaml", "--whole"],
            0,
        ),
    ];
    for (schema, arguments, expected) in cases {
        let path = bulkhead_testing::repository().join(format!("content/schemas/{schema}.json"));
        let schema: serde_json::Value =
            serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
        let (code, out, err) = run(&files, &arguments);
        assert_eq!(code, Some(expected), "{arguments:?}: {err}");
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn a_rule_that_cannot_be_met_is_told_unasked() {
    let rules = RULES.replace("evt.type=execve and container", "evt.type=execv and container");
    for command in ["check", "test"] {
        let (_, _, said) = run(&[("local.yaml", &rules)], &[command, "local.yaml"]);
        assert!(said.contains("rule `Shell in a container` cannot be met"), "{command}: {said}");
        let doubt = "no kind of event is called `execv`";
        assert!(!said.contains(doubt), "{command}: {said}");
        let (_, _, said) = run(&[("local.yaml", &rules)], &[command, "--warnings", "local.yaml"]);
        assert!(said.contains(doubt), "{command}: {said}");
    }
}
