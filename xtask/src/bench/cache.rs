//! `cargo xtask bench cache`: what earlier scans are worth, alone and to many at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;
use bulkhead_end_to_end::target_folder;

use super::measure::cold_time;
use super::{build, image};
use crate::machine;
use crate::process::command;

/// Scans that run at once, and one after the other.
const SCANS: usize = 20;

/// How often a scan of a known image is measured.
const RUNS: usize = 15;

/// How often many are measured, one after the other and at once in turn.
const ROUNDS: usize = 7;

/// Scans the benchmark image unknown and known, then known by many processes at once.
pub(crate) fn run(other: Option<&str>) -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    let image = format!("oci-dir:{}", image::layout(other)?.display());
    let bulkhead = build()?;
    let work = target_folder()?.join("bench");
    let cache = work.join("cache");
    if cache.try_exists()? {
        fs_err::remove_dir_all(&cache)?;
    }
    fs_err::create_dir_all(&work)?;
    let scan = || scan(&bulkhead, &image, &cache);

    let cold = cold_time(&mut scan())?;
    let warm = median((0..RUNS).map(|_| all(1, &scan)).collect::<anyhow::Result<_>>()?);
    let (mut serial, mut parallel) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        serial.push((0..SCANS).map(|_| all(1, &scan)).sum::<anyhow::Result<Duration>>()?);
        parallel.push(all(SCANS, &scan)?);
    }
    let (serial, parallel) = (median(serial), median(parallel));
    println!("unknown: {:.3} s; known: {:.4} s", cold.as_secs_f64(), warm.as_secs_f64());
    let share = cold.as_secs_f64() / warm.as_secs_f64();
    println!("a known image takes 1/{share:.0} of the time (goal: at most 1/50)");
    let processors = std::thread::available_parallelism()?;
    let throughput = serial.as_secs_f64() / parallel.as_secs_f64();
    println!(
        "{SCANS} scans at once on {processors} processors: {throughput:.2} times the throughput of \
         one after the other (goal on 2: at least 1.8)"
    );
    Ok(())
}

fn scan(bulkhead: &Path, image: &str, cache: &Path) -> Command {
    let mut scan = command(bulkhead);
    scan.args(["scan", image, "-o", "json", "--quiet", "--cache-dir"]).arg(cache);
    scan.stdout(Stdio::null());
    scan
}

/// How long so many scans take that start at the same time.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn all(scans: usize, scan: &impl Fn() -> Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let running: Vec<Child> =
        (0..scans).map(|_| scan().spawn()).collect::<Result<_, std::io::Error>>()?;
    for mut child in running {
        let status = child.wait()?;
        // 3: an incomplete result, which is a result.
        ensure!(matches!(status.code(), Some(0 | 3)), "a scan failed: {status}");
    }
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
