//! `cargo xtask bench scan`: an inventory with vulnerabilities by Bulkhead against the inventory
//! alone by Syft.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;
use bulkhead_end_to_end::{packages_of_document, show, target_folder};

use super::measure::{cold_time, peak_memory};
use super::{build, feeds, image};
use crate::machine;
use crate::process::{command, show_and_run};

/// Below this share of Syft's packages a ratio says nothing: leaving work out is no speed.
const SHARE: f64 = 0.995;

/// Makes the image where it is not there yet, runs both scanners in turn and prints the ratios.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    machine::prepare_syft()?;
    let feeds = feeds()?;
    let image = format!("oci-dir:{}", image::layout(None)?.display());
    let bulkhead = build()?;
    let work = target_folder()?.join("bench");
    fs_err::create_dir_all(&work)?;
    let database = work.join("bulkhead.db");
    let mut build = command(&bulkhead);
    show_and_run(build.args(["db", "build", "--feeds"]).arg(feeds).arg("-o").arg(&database))?;

    let ours = || {
        let mut scan = command(&bulkhead);
        scan.args(["scan", &image, "--no-cache", "--db"]).arg(&database);
        output(&mut scan, "cyclonedx", &work.join("bulkhead.cdx.json"));
        output(&mut scan, "json", &work.join("bulkhead.json"));
        scan
    };
    let theirs = || {
        let mut syft = command("syft");
        syft.args(["scan", &image]).env("SYFT_CHECK_FOR_APP_UPDATE", "false");
        output(&mut syft, "cyclonedx-json", &work.join("syft.cdx.json"));
        syft
    };
    let syft = measure("syft", theirs)?;
    let bulkhead = measure("bulkhead", ours)?;

    let ours = packages_of_document(&work.join("bulkhead.cdx.json"))?;
    let theirs = packages_of_document(&work.join("syft.cdx.json"))?;
    let missing: Vec<&String> = theirs.difference(&ours).collect();
    let share = 1.0 - ratio(missing.len(), theirs.len());
    let held = share * 100.0;
    println!(
        "packages: {} ours, {} Syft's; we hold {held:.2} % of those",
        ours.len(),
        theirs.len()
    );
    for purl in missing.iter().take(20) {
        println!("  only Syft: {purl}");
    }
    ensure!(share >= SHARE, "no ratio: fewer than {:.1} % of Syft's packages", SHARE * 100.0);
    let time = bulkhead.time.as_secs_f64() / syft.time.as_secs_f64();
    println!("time:   {time:.3} of Syft's (goal: at most 0.2)");
    let memory = ratio(bulkhead.memory, syft.memory);
    println!("memory: {memory:.3} of Syft's (goal: at most 0.25)");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "packages and bytes are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

struct Measured {
    time: Duration,
    /// Bytes.
    memory: usize,
}

/// Time and memory are taken in runs of their own: watching memory costs time.
fn measure(name: &str, command: impl Fn() -> Command) -> anyhow::Result<Measured> {
    show(&command());
    let time = cold_time(&mut command())?;
    let memory = peak_memory(&mut command())?;
    println!("{name}: {:.2} s, {} MB", time.as_secs_f64(), memory / 1_000_000);
    Ok(Measured { time, memory })
}

fn output(command: &mut Command, format: &str, file: &Path) {
    command.arg("-o").arg(format!("{format}={}", file.display()));
}
