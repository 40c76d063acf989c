//! The binary under test, and what it reports.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use bulkhead_end_to_end::bulkhead;
use serde_json::Value;

/// A finished scan.
pub(crate) struct Scan {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// The JSON report; null where none was written.
    pub(crate) report: Value,
    /// What was said beside the result.
    pub(crate) errors: String,
}

impl Scan {
    /// Scans a target with further arguments.
    pub(crate) fn of(target: &str, arguments: &[&str]) -> Self {
        Self::prepared(target, arguments, |command| command.stdin(Stdio::null()))
    }

    /// The same, with what else is to be set about the program.
    pub(crate) fn prepared(
        target: &str,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the report");
        let report = folder.path().join("report.json");
        let output = format!("json={}", report.display());
        let mut words = vec!["scan", target, "-o", &output];
        words.extend_from_slice(arguments);
        let output = prepare(&mut command(&words)).output().expect("bulkhead can be started");
        Self {
            code: output.status.code(),
            report: fs_err::read(&report)
                .map(|bytes| serde_json::from_slice(&bytes).expect("the report is JSON"))
                .unwrap_or_default(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Every package as type, name and version.
    pub(crate) fn packages(&self) -> BTreeSet<(String, String, String)> {
        let packages = self.list("/inventory/packages");
        packages
            .map(|package| {
                (text(package, "/type"), text(package, "/name"), text(package, "/version"))
            })
            .collect()
    }

    /// Every finding as vulnerability and package URL.
    pub(crate) fn findings(&self) -> BTreeSet<(String, String)> {
        let findings = self.list("/findings");
        findings.map(|finding| (text(finding, "/rule"), text(finding, "/subject/purl"))).collect()
    }

    /// The elements of a list in the report; none where it is absent.
    pub(crate) fn list(&self, pointer: &str) -> impl Iterator<Item = &Value> {
        self.report.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
    }
}

/// A text in a document; empty where it is absent.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Runs the binary. No setting of this machine's user reaches it.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("bulkhead can be started")
}

/// The binary with arguments, not run yet.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(bulkhead().expect("bulkhead builds"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BULKHEAD_") {
            command.env_remove(name);
        }
    }
    // Tests of a detector must not see what an older build of it found.
    if !arguments.contains(&"--cache-dir") {
        command.env("BULKHEAD_NO_CACHE", "true");
    }
    // No settings file of the working folder, no database of the user.
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR"));
    command.current_dir(nowhere).env("HOME", nowhere).env("XDG_DATA_HOME", nowhere.join("data"));
    command.args(arguments);
    command
}

/// The database of the feeds in the test data, built once. None, and a recorded skip, without them.
pub(crate) fn database() -> Option<&'static Path> {
    static DATABASE: OnceLock<PathBuf> = OnceLock::new();
    let feeds = bulkhead_testing::data("feeds")?;
    Some(DATABASE.get_or_init(|| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("feeds.db");
        let feeds = feeds.to_str().expect("a plain path");
        let output =
            run(&["db", "build", "--feeds", feeds, "-o", file.to_str().expect("a plain path")]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        file
    }))
}
