//! Questions to a sensor that runs.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};

use bulkhead_testing::skip;
use serde_json::{Value, json};

use crate::container::Container;
use crate::sensor::{Sensor, get};

const RULES: &str = "- rule: Account file read
  desc: somebody looks at the accounts
  condition: evt.type in (open, openat) and fd.name = /etc/passwd
  output: '%proc.name reads %fd.name'
  priority: WARNING
";

/// Uses all of its processor, 24 MiB of memory, more processes than it may have, and more memory than that.
const GREEDY: &str = "sleep 600 & sleep 600 & sleep 600 & \
    dd if=/dev/zero of=/dev/null bs=24M count=100000000 & \
    while :; do (sleep 0.01 &) ; dd if=/dev/zero of=/dev/null bs=200M count=1; done";

/// What prometheus itself would make of a page, as JSON: names, types, and samples with their labels.
const PARSER: &str = "
import json, sys
from prometheus_client.parser import text_string_to_metric_families as read
print(json.dumps([[f.name, f.type, f.documentation, [[s.name, s.labels, s.value] for s in f.samples]]
    for f in read(sys.stdin.read())]))";

#[test]
fn a_sensor_tells_what_it_sees_and_what_containers_use_up() {
    let Some(sensor) = Sensor::start(RULES, &["--canary", "2", "--duration", "110"]) else {
        return;
    };
    let resources = json!({
        "memory": {"limit": 64 << 20},
        "cpu": {"quota": 20_000, "period": 100_000},
        "pids": {"limit": 16},
    });
    let Some(container) = Container::start("greedy", GREEDY, &resources) else { return };
    let of = |status: &Value| -> Option<Value> {
        let mut all = status["containers"].as_array()?.iter();
        all.find(|one| one["id"] == *container.name).cloned()
    };
    let status = sensor.until_status(|status| {
        let usage = of(status).map(|one| one["usage"].clone()).unwrap_or_default();
        let at_least = |key: &str, least: u64| usage[key].as_u64().is_some_and(|is| is >= least);
        at_least("cpu_nanoseconds", 300_000_000)
            && at_least("cpu_throttled_nanoseconds", 1)
            && at_least("memory_peak_bytes", 24 << 20)
            && at_least("oom_kills", 1)
            && at_least("tasks", 4)
            && at_least("tasks_refused", 0)
    });
    let usage = &of(&status).unwrap()["usage"];
    assert_eq!(
        (&usage["memory_limit_bytes"], &usage["task_limit"]),
        (&json!(64 << 20), &json!(16))
    );
    follows_its_schema(&status);
    let works = |name: &str| {
        let mut features = status["features"].as_array().unwrap().iter();
        features.any(|feature| feature["name"] == name && feature["state"] == "works")
    };
    assert!(works("execute") && works("calls"), "{status:#}");
    assert_eq!((&status["is_running"], &status["rules"]["live"]), (&json!(true), &json!(1)));
    assert_eq!(status["canary"]["is_alive"], true);
    let lanes = status["lanes"].as_array().unwrap();
    let processors = lanes.iter().flat_map(|lane| lane["processors"].as_array().unwrap());
    let number = |one: &Value, key: &str| one[key].as_u64().unwrap();
    for one in processors {
        let sum = number(one, "delivered") + number(one, "lost");
        assert_eq!(number(one, "produced"), sum, "{one}");
    }
    let mode = fs_err::metadata(sensor.path("socket")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    people_are_told(&sensor, &container.name);
    prometheus_is_told(&sensor, &container.name);
    requests_are_answered_or_not(&sensor);
}

fn follows_its_schema(status: &Value) {
    let path = bulkhead_testing::repository().join("content/schemas/sensor-status-1.json");
    let schema: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(status).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

fn people_are_told(sensor: &Sensor, container: &str) {
    // What the probes cost is counted while this question is asked, and not before.
    let before = sensor.status();
    assert!(before["programs"].as_array().unwrap().iter().all(|one| one["cost"].is_null()));
    let output = sensor.ask(&["--measure", "0.5"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in
        ["SENSOR ", "alive", "NS A HIT", "exit_call", "hands", container, "1 live", "64.0 MiB"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "a pipe gets no colour: {text}");
}

fn prometheus_is_told(sensor: &Sensor, container: &str) {
    let answer = get(&sensor.path("metrics"), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let Some(families) = parsed(page) else { return };
    let documented =
        fs_err::read_to_string(bulkhead_testing::repository().join("docs/sensor.md")).unwrap();
    let mut of_container = 0;
    for family in families.as_array().unwrap() {
        let (kind, help) = (&family[1], &family[2]);
        assert!(*kind == "counter" || *kind == "gauge", "{family}");
        assert!(help.as_str().is_some_and(|help| help.ends_with('.')), "{family}");
        for sample in family[3].as_array().unwrap() {
            let name = sample[0].as_str().unwrap();
            assert_eq!(*kind == "counter", name.ends_with("_total"), "{family}");
            assert!(documented.contains(&format!("`{name}`")), "{name} is not in docs/sensor.md");
            of_container += u32::from(sample[1]["container"] == *container);
        }
    }
    assert!(of_container > 10, "{page}");
}

/// A page as Prometheus' own parser for Python reads it; a recorded skip where it is not there.
fn parsed(page: &str) -> Option<Value> {
    // Debian's, whichever else comes first on the path: it brings the module.
    let mut python = Command::new("/usr/bin/python3");
    python.args(["-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut python = python.spawn().ok()?;
    python.stdin.take()?.write_all(page.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    if error.contains("ModuleNotFoundError") {
        skip("python3-prometheus-client is not installed");
        return None;
    }
    assert!(output.status.success(), "{error}\n{page}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn requests_are_answered_or_not(sensor: &Sensor) {
    let (socket, metrics) = (sensor.path("socket"), sensor.path("metrics"));
    let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(20_000));
    for (place, request, expected) in [
        (&metrics, "GET /status HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "),
        (&socket, "GET /metrics?a=b HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "),
        (&socket, "GET /status HTTP/1.0\n\n", "HTTP/1.1 200 "),
        (&metrics, "POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "),
        (&metrics, "\r\n\r\n", "HTTP/1.1 405 "),
        (&metrics, "GET /../status HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "),
    ] {
        let answer = get(place, request);
        assert!(answer.starts_with(expected), "{request}: {answer}");
    }
    // Too long a request is dropped, and one that never ends keeps nobody else waiting for ever.
    let mut greedy = UnixStream::connect(&metrics).unwrap();
    let _ = greedy.write_all(long.as_bytes());
    let mut answer = Vec::new();
    let _ = greedy.read_to_end(&mut answer);
    assert!(answer.is_empty());
    let _silent = UnixStream::connect(&metrics).unwrap();
    let answer = get(&metrics, "GET /metrics HTTP/1.1\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn where_no_sensor_answers_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
        command.args(["sensor", "status", "--socket"]).arg(folder.path().join(name));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, error) = ask("nowhere");
    assert_eq!(code, Some(1));
    assert!(error.contains("no sensor answers at") && error.contains("hint:"), "{error}");
    // Something else listens there.
    let listener = UnixListener::bind(folder.path().join("other")).unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = connection.unwrap().write_all(b"220 mail.example ESMTP\r\n\r\nhello");
        }
    });
    let (code, error) = ask("other");
    assert_eq!(code, Some(1));
    assert!(error.contains("hint:"), "{error}");
}
