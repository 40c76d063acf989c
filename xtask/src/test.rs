//! `cargo xtask test`: every test of the workspace, and a plain account of those that were skipped.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::Context as _;
use bulkhead_end_to_end::show;

use crate::process::command;
use crate::{kube, machine};

/// Runs all tests, or those that match the filters, and prints the sum as its last line.
pub(crate) fn run(filters: &[&str]) -> anyhow::Result<ExitCode> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    machine::prepare_oracles()?;
    machine::prepare_go()?;
    machine::prepare_syft()?;
    machine::prepare_helm()?;
    kube::prepare()?;
    machine::prepare_cargo_tool("cargo-auditable", machine::CARGO_AUDITABLE)?;

    let record = tempfile::NamedTempFile::new()?;
    let mut totals = run_tests(filters, record.path())?;
    let skipped = skipped(record.path())?;
    for (test, reasons) in &skipped {
        println!("skipped: {test}: {}", reasons.join(", "));
    }
    // The harness counts a test that returned early as passed.
    totals.passed = totals.passed.saturating_sub(skipped.len());
    totals.skipped += skipped.len();
    println!("{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
    Ok(if totals.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Totals {
    /// Adds what one test program says at its end:
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> =
            counts.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<usize>() else { continue };
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }
}

/// Builds everything first, and the program that tests run with it: by itself it would be built with features of its own, and all
/// that it consists of twice.
fn run_tests(filters: &[&str], record: &Path) -> anyhow::Result<Totals> {
    let mut command = command("cargo");
    command.args(["test", "--workspace", "--profile", "ci", "--no-fail-fast"]);
    command.args(filters).env("BULKHEAD_SKIP_RECORD", record).stdout(Stdio::piped());
    show(&command);
    let mut child = command.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("its output is piped")?;
    let mut totals = Totals::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        totals.add(&line);
    }
    let status = child.wait()?;
    if !status.success() && totals.failed == 0 {
        println!("a test program could not be built, or ended without saying how its tests went");
        totals.failed = 1;
    }
    Ok(totals)
}

/// The tests that recorded a skip, each with its reasons.
fn skipped(record: &Path) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut skipped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in fs_err::read_to_string(record)?.lines() {
        let (test, reason) = line.split_once(": ").unwrap_or((line, "no reason given"));
        let reasons = skipped.entry(test.to_owned()).or_default();
        if !reasons.iter().any(|known| known == reason) {
            reasons.push(reason.to_owned());
        }
    }
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_what_test_programs_say() {
        let mut totals = Totals::default();
        totals.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        totals
            .add("test result: FAILED. 7 passed; 10 failed; 0 ignored; 0 measured; 2 filtered out");
        totals.add("running 17 tests, 5 failed");
        assert_eq!(totals, Totals { passed: 10, failed: 10, skipped: 1 });
    }

    #[test]
    fn a_test_that_skips_twice_counts_once() -> anyhow::Result<()> {
        let record = tempfile::NamedTempFile::new()?;
        fs_err::write(record.path(), "a::b: no go\na::b: no npm\na::b: no go\na::c: no go\n")?;
        let skipped = skipped(record.path())?;
        assert_eq!(skipped["a::b"], ["no go", "no npm"]);
        assert_eq!(skipped.len(), 2);
        Ok(())
    }
}
