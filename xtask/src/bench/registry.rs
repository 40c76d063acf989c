//! `cargo xtask bench registry`: an image in a registry on this machine against the same in a file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use bulkhead_end_to_end::{Registry, RegistryOptions, target_folder};

use super::build;
use super::image::layout;
use super::measure::cold_time;
use crate::machine;
use crate::process::{command, show_and_run};

/// How often each is measured, in turn.
const RUNS: usize = 5;

/// Fills Debian's registry with the image, and scans both in turn, without a cache.
pub(crate) fn run(other: Option<&str>) -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    machine::prepare_oracles()?;
    let layout = layout(other)?;
    let bulkhead = build()?;
    let archive = pack(&layout)?;
    let registry = Registry::start(&RegistryOptions::default())?;
    let reference = registry.fill(&layout, "bench")?;
    let archive = format!("oci-archive:{}", archive.display());
    let scan = |target: &str| {
        let mut scan = command(&bulkhead);
        scan.args(["scan", target, "--no-cache", "--quiet", "--insecure", "-o", "json"]);
        scan
    };
    let (mut files, mut registries) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        files.push(cold_time(&mut scan(&archive))?);
        registries.push(cold_time(&mut scan(&reference))?);
    }
    let (file, registry) = (quickest(&files)?, quickest(&registries)?);
    println!("archive: {file:.3} s; registry: {registry:.3} s, the quickest of {RUNS} each");
    println!("the registry takes {:.2} times as long (goal: at most 1.2)", registry / file);
    Ok(())
}

/// The layout as one file, beside the results of other benchmarks.
fn pack(layout: &Path) -> anyhow::Result<PathBuf> {
    let work = target_folder()?.join("bench");
    fs_err::create_dir_all(&work)?;
    let archive = work.join("registry.tar");
    show_and_run(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(layout).arg("."))?;
    Ok(archive)
}

fn quickest(times: &[Duration]) -> anyhow::Result<f64> {
    Ok(times.iter().min().context("at least one run")?.as_secs_f64())
}
