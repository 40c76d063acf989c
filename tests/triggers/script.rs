//! Several things in their order, with something recognisable after each.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where nothing is. An attempt to open a file there says that everything before it was done.
const FENCE: &str = "/fence";

/// How a program of Rust ends that could not do what it should.
const PANICKED: i32 = 101;

/// Conducts the scripts whose paths come through a named pipe, a line each, as long as somebody sends some. What a
/// container's first process does has none of whoever started the container among its ancestors.
pub(crate) fn attend(gate: &str) {
    loop {
        let paths = fs_err::read_to_string(gate).expect("a named pipe");
        paths.lines().for_each(conduct);
    }
}

/// Runs the lines of a script, words between tabs, and opens `/fence/NUMBER` after each. What happens
/// `later` starts with the first line, so that it is old enough when its turn comes.
pub(crate) fn conduct(script: &str) {
    let text = fs_err::read_to_string(script).expect("a script");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut waiting: Vec<Option<Child>> = lines.iter().map(|words| begin(words)).collect();
    for (number, words) in lines.iter().enumerate() {
        let mut child = waiting[number].take().unwrap_or_else(|| start(words));
        drop(child.stdin.take());
        let status = child.wait().expect("it ends");
        assert_ne!(status.code(), Some(PANICKED), "{words:?}");
        let _ = fs_err::File::open(format!("{FENCE}/{number}"));
    }
}

fn begin(words: &[&str]) -> Option<Child> {
    (words.get(1) == Some(&"later")).then(|| start(words))
}

fn start(words: &[&str]) -> Child {
    let [program, arguments @ ..] = words else { panic!("an empty line") };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// Does something when it is told to, and this process is so old.
#[expect(clippy::disallowed_methods, reason = "rules ask how old a process is")]
pub(crate) fn later(milliseconds: &str, rest: &[&str]) {
    let started = Instant::now();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    let age = Duration::from_millis(milliseconds.parse().expect("a number"));
    std::thread::sleep(age.saturating_sub(started.elapsed()));
    crate::act(rest);
}
