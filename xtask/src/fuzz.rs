//! `cargo xtask fuzz --seconds N`: every target under libFuzzer, from its seeds and its corpus.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use bulkhead_end_to_end::{shown, target_folder};

use crate::machine;
use crate::process::{command, repository, show_and_run};

const CARGO_FUZZ: &str = "0.13.2";

/// Runs each target for some seconds. Fails where one crashes or never reaches its success path.
pub(crate) fn run(seconds: u64) -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_cargo_tool("cargo-fuzz", CARGO_FUZZ)?;
    if !command("cargo").args(["+nightly", "--version"]).output()?.status.success() {
        let arguments = ["toolchain", "install", "nightly", "--profile", "minimal"];
        show_and_run(command("rustup").args(arguments))?;
    }
    show_and_run(&mut cargo_fuzz("build")?)?;
    let work = target_folder()?.join("fuzz");
    let seeds = work.join("seeds");
    if seeds.try_exists()? {
        fs_err::remove_dir_all(&seeds)?;
    }
    let arguments = ["run", "--profile", "ci", "--quiet", "--package", "bulkhead-fuzz", "--"];
    show_and_run(command("cargo").args(arguments).arg(&seeds))?;
    let mut failures = Vec::new();
    for name in names(&seeds)? {
        match drive(&name, seconds, &seeds.join(&name), &work.join(&name)) {
            Ok(executions) => println!("{name}: {executions} executions, success reached"),
            Err(error) => {
                println!("{name}: {error:#}");
                failures.push(name);
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { bail!("failed: {}", failures.join(", ")) }
}

/// The names of the targets: the folders of their seeds.
fn names(seeds: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(seeds)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Runs one target and returns how often it was executed.
fn drive(name: &str, seconds: u64, seeds: &Path, work: &Path) -> anyhow::Result<u64> {
    let [found, crashes] = ["found", "crashes"].map(|folder| work.join(folder));
    fs_err::create_dir_all(&found)?;
    fs_err::create_dir_all(&crashes)?;
    let reached = work.join("reached");
    if reached.try_exists()? {
        fs_err::remove_file(&reached)?;
    }
    let mut command = cargo_fuzz("run")?;
    // libFuzzer writes what it finds to the first folder and only reads the others.
    command.arg(&found).arg(seeds);
    let corpus = repository().join("fuzz/corpus").join(name);
    if corpus.try_exists()? {
        command.arg(corpus);
    }
    command.arg("--").arg(format!("-max_total_time={seconds}"));
    command.args(["-rss_limit_mb=2048", "-timeout=20", "-print_final_stats=1", "-verbosity=0"]);
    command.arg(format!("-artifact_prefix={}/", crashes.display()));
    command.env("BULKHEAD_FUZZ_TARGET", name).env("BULKHEAD_FUZZ_REACHED", &reached);
    println!("\n$ BULKHEAD_FUZZ_TARGET={} {}", name, shown(&command));
    let output = command.output().context("cannot start cargo fuzz")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("crashed; the input lies in {}\n{text}", crashes.display());
    }
    if !reached.try_exists()? {
        bail!("no input reached the success path");
    }
    let executions =
        text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    executions.context("libFuzzer says nothing of executions")?.trim().parse().map_err(Into::into)
}

fn cargo_fuzz(verb: &str) -> anyhow::Result<Command> {
    let mut command = command("cargo");
    command.args(["+nightly", "fuzz", verb, "--fuzz-dir", "fuzz/libfuzzer", "target"]);
    command.arg("--target-dir").arg(target_folder()?.join("libfuzzer"));
    Ok(command)
}
