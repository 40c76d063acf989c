//! Questions for names and their answers, on all ways on which programs send them. No rule asks for the calls that carry
//! them: so that these are looked at only of processes that ask, and who asks has to be found out.

use tempfile::NamedTempFile;

use crate::cases::{Case, alerts_of, case, lines};
use crate::container::{Container, can_run, privileged};
use crate::sensor::Sensor;

const RULES: &str = r#"- rule: Question for a name
  desc: what is asked for, as an event of its own, whatever call carried it and however it is spelled
  condition: container.id != host and evt.type=dns and evt.arg.query=needle.example and evt.arg.type=A and evt.arg.response=0
  output: '%evt.args'
  priority: WARNING

- rule: Question reaches a name server
  desc: what a name server receives, who asks nobody itself
  condition: >
    container.id != host and evt.type=dns and evt.arg.query=needle.example and evt.arg.response=0 and
    proc.cmdline contains serve-question
  output: '%evt.args'
  priority: WARNING

- rule: Answer read in pieces
  desc: what came back, by readv
  condition: container.id != host and evt.type=dns and evt.arg.query=needle.example and evt.arg.response=1 and evt.arg.answers=""
  output: '%evt.args'
  priority: WARNING

- rule: Answer about a name
  desc: what came back
  condition: >
    container.id != host and evt.type=dns and evt.arg.query=needle.example and evt.arg.response=1 and evt.arg.code=0 and
    evt.arg.answers=192.0.2.7 and fd.sport=53
  output: '%evt.args'
  priority: WARNING
"#;

const CASES: &[Case] = &[
    case(
        "Question for a name",
        &["@trigger", "ask", "NeedLe.eXample"],
        &["@trigger", "ask", "needle.example.net"],
    ),
    case(
        "Question for a name",
        &["@trigger", "write-question", "needle.example"],
        &["@trigger", "write-question", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "write-question-in-pieces", "needle.example"],
        &["@trigger", "write-question-in-pieces", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "ask-for-both", "other.example", "needle.example"],
        &["@trigger", "ask-for-both", "other.example", "third.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "inherit-question", "needle.example"],
        &["@trigger", "inherit-question", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "hand-question", "needle.example"],
        &["@trigger", "hand-question", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "hand-question-among-messages", "needle.example"],
        &["@trigger", "hand-question-among-messages", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "lend-question", "needle.example"],
        &["@trigger", "lend-question", "other.example"],
    ),
    case(
        "Question for a name",
        &["@trigger", "serve-question", "needle.example"],
        &["@trigger", "serve-question", "other.example"],
    ),
    case(
        "Question reaches a name server",
        &["@trigger", "serve-question", "needle.example"],
        &["@trigger", "ask", "needle.example"],
    ),
    case(
        "Answer about a name",
        &["@trigger", "ask", "needle.example"],
        &["@trigger", "write-question", "needle.example"],
    ),
    case(
        "Answer read in pieces",
        &["@trigger", "write-question-in-pieces", "needle.example"],
        &["@trigger", "write-question-in-pieces", "other.example"],
    ),
];

#[test]
fn questions_are_told_whoever_carries_them() {
    if !can_run() {
        return;
    }
    let rules = NamedTempFile::new().expect("a file");
    fs_err::write(rules.path(), RULES).expect("a file of rules");
    let Some(sensor) = Sensor::watch(&[rules.path()], &["--all-rules"]) else { return };
    let container = Container::start("questions", &["sleep", "600"], privileged);
    let all = lines(CASES, |_, _| true);
    let mut wrong = Vec::new();
    for ((rule, meets, words), alerts) in all.iter().zip(alerts_of(&sensor, &container, &all)) {
        let met: Vec<_> = alerts.iter().map(|alert| &alert["rule"]).collect();
        if met.iter().any(|met| *met == rule) != *meets {
            wrong.push(format!("{rule}: {words:?}: expected {meets}: {met:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}\n{}", sensor.said(), container.log());
}
