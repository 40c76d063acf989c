//! `cargo xtask bench database`: opening, matching and building, each against a floor.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::target_folder;

use super::measure::{best_time, cold_time, peak_memory};
use super::{build, feeds, image};
use crate::machine;
use crate::process::{command, show_and_run};

/// How often a process that ends at once is started.
const RUNS: u32 = 50;

/// Builds the database of the feeds and prints the ratios.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    let feeds = feeds()?;
    let image = format!("oci-dir:{}", image::layout(None)?.display());
    let bulkhead = build()?;
    let arguments = ["build", "--profile", "dist", "--package", "bulkhead-benches"];
    show_and_run(command("cargo").args(arguments))?;
    let inside = target_folder()?.join("dist/bulkhead-benches");
    let work = target_folder()?.join("bench");
    fs_err::create_dir_all(&work)?;
    let database = work.join("bulkhead.db");
    println!();

    let building = || {
        let mut build = command(&bulkhead);
        build.args(["db", "build", "--feeds"]).arg(&feeds).arg("-o").arg(&database);
        build
    };
    let build = cold_time(&mut building())?;
    let floor = cold_time(command(&inside).arg("tokenise").arg(&feeds))?;
    let memory = peak_memory(&mut building())?;
    say("building", build, floor, "decompressing and taking apart the same feeds", 3.0);
    println!("          {} MB at most (goal: 1000 MB)", memory / 1_000_000);

    let open = best_time(command(&inside).arg("open").arg(&database), RUNS)?;
    let empty = best_time(command(&inside).arg("empty"), RUNS)?;
    say("opening", open, empty, "starting the same program for nothing", 2.0);

    let document = work.join("bulkhead.cdx.json");
    let mut scan = command(&bulkhead);
    scan.args(["scan", &image, "--no-cache", "--db"]).arg(&database);
    scan.arg("-o").arg(format!("cyclonedx={}", document.display()));
    let scan = cold_time(&mut scan)?;
    let matching = matching(command(&inside).arg("match"), &database, &document)?;
    say(
        "matching 4,000 packages",
        matching,
        scan,
        "a cold scan of the image of `bench scan`",
        0.03,
    );
    Ok(())
}

fn matching(command: &mut Command, database: &Path, document: &Path) -> anyhow::Result<Duration> {
    let output = command.arg(database).arg(document).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seconds = String::from_utf8(output.stdout)?.trim().parse().context("seconds")?;
    Ok(Duration::from_secs_f64(seconds))
}

fn say(what: &str, ours: Duration, floor: Duration, against: &str, goal: f64) {
    let (ours, floor) = (ours.as_secs_f64(), floor.as_secs_f64());
    println!(
        "{what}: {:.2} of {against} ({:.1} ms, {:.1} ms; goal: at most {goal})",
        ours / floor,
        ours * 1e3,
        floor * 1e3
    );
}
