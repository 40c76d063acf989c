//! The Go program that asks the libraries, built once for the tests of this process.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use bulkhead_objects::{Node, Value};

static PROGRAM: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let go = bulkhead_testing::tool("go")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-kubernetes");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gokubernetes");
    let status = Command::new(go).args(["build", "-o"]).arg(&program).current_dir(folder).status();
    assert!(status.unwrap().success(), "the oracle does not build");
    Some(program)
});

/// What the program answers: a line of JSON each. None, and a recorded skip, without Go.
pub(crate) fn ask(arguments: &[&str], input: Vec<u8>) -> Option<Vec<serde_json::Value>> {
    let program = PROGRAM.as_ref()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Our tree as JSON.
pub(crate) fn json(node: &Node<'_>) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => float(*number),
        Value::Text(text) => text.clone().into_owned().into(),
        Value::List(elements) => elements.iter().map(json).collect(),
        Value::Map(entries) => {
            let pair = |entry: &bulkhead_objects::Entry<'_>| {
                (entry.key.clone().into_owned(), json(&entry.node))
            };
            serde_json::Value::Object(entries.iter().map(pair).collect())
        }
    }
}

/// JSON has one kind of number.
fn float(number: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

/// The same for the answers.
pub(crate) fn normal(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) if !number.is_i64() => float(number.as_f64().unwrap()),
        serde_json::Value::Array(list) => list.into_iter().map(normal).collect(),
        serde_json::Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, normal(value))).collect()
        }
        other => other,
    }
}
