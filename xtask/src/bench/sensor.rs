//! `cargo xtask bench sensor`: what the sensor costs, as root: a call, Redis, a compiler, memory.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::target_folder;

use super::measure::memory_of_tree;
use crate::machine;
use crate::process::{command, show_and_run};

/// How often each piece of work is done with and without the sensor, in turn.
const PAIRS: usize = 21;

/// Of a sorted list of that many ratios, between these the median lies with 95 in 100.
const INTERVAL: (usize, usize) = (5, 15);

/// Of a hundred that work may take longer.
const SLOWER: f64 = 3.0;

/// Bytes that the parts of the sensor may hold together.
const MEMORY: usize = 60_000_000;

const PORT: &str = "26379";
const FUNCTIONS: usize = 1500;

/// Prints ratios, goals and whether they were met.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_redis()?;
    let costs = ["run", "--profile", "ci", "--package", "bulkhead-probes", "--example", "costs"];
    show_and_run(command("cargo").args(costs))?;
    let build = ["build", "--profile", "ci", "--package", "bulkhead-cli", "--bin", "bulkhead"];
    show_and_run(command("cargo").args(build))?;
    compare(&target_folder()?.join("ci/bulkhead"))
}

fn compare(bulkhead: &Path) -> anyhow::Result<()> {
    let folder = target_folder()?.join("bench/sensor");
    fs_err::create_dir_all(&folder)?;
    let source = source(&folder)?;
    let _redis = Redis::start(&folder)?;
    let work = || -> anyhow::Result<[Duration; 2]> { Ok([Redis::work()?, compile(&source)?]) };
    work()?;
    let (mut ratios, mut memory) = ([Vec::new(), Vec::new()], 0);
    for _ in 0..PAIRS {
        let without = work()?;
        let sensor = Sensor::start(bulkhead)?;
        let with = work()?;
        memory = memory.max(memory_of_tree(sensor.0.id())?);
        drop(sensor);
        for ((ratios, with), without) in ratios.iter_mut().zip(with).zip(without) {
            ratios.push(with.as_secs_f64() / without.as_secs_f64());
        }
    }
    for (what, mut ratios) in ["redis-benchmark", "a compile"].into_iter().zip(ratios) {
        ratios.sort_by(f64::total_cmp);
        let slower = |place: usize| (ratios.get(place).copied().unwrap_or(f64::NAN) - 1.0) * 100.0;
        let (median, low, high) = (slower(PAIRS / 2), slower(INTERVAL.0), slower(INTERVAL.1));
        println!(
            "{what}: {median:+.1} % with the default rules, {low:+.1} to {high:+.1} % with 95 in 100, {PAIRS} pairs \
             (goal: at most {SLOWER:+.0} %): {}",
            verdict(median <= SLOWER)
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let (held, goal) = (memory as f64 / 1e6, MEMORY as f64 / 1e6);
    println!(
        "memory of all parts: {held:.1} MB (goal: at most {goal:.0} MB): {}",
        verdict(memory <= MEMORY)
    );
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

/// A sensor at work, until it is dropped.
struct Sensor(Child);

impl Sensor {
    fn start(bulkhead: &Path) -> anyhow::Result<Self> {
        let mut sensor = command(bulkhead);
        sensor.args(["sensor", "run"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = sensor.spawn()?;
        let errors = BufReader::new(child.stderr.take().context("standard error")?);
        let mut lines = errors.lines();
        let watches = lines.by_ref().any(|line| line.is_ok_and(|line| line.contains("watches")));
        ensure!(
            watches,
            "the sensor did not start; hint: it needs root and a kernel that takes probes"
        );
        // Read to the end, so that it is never held up.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self(child))
    }
}

impl Drop for Sensor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Redis(Child);

impl Redis {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut server = command("redis-server");
        server.args(["--port", PORT, "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
        let redis = Self(server.stdout(Stdio::null()).spawn()?);
        for _ in 0..100 {
            let mut ping = Command::new("redis-cli");
            let answer = ping.args(["-p", PORT, "ping"]).stderr(Stdio::null()).output()?;
            if answer.status.success() {
                return Ok(redis);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        anyhow::bail!("redis-server does not answer on port {PORT}")
    }

    fn work() -> anyhow::Result<Duration> {
        timed(command("redis-benchmark").args(["-p", PORT, "-t", "get,set", "-n", "60000", "-q"]))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program of many functions.
fn source(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("work.c");
    let mut text = String::from("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n");
    for number in 0..FUNCTIONS {
        writeln!(
            text,
            "int f{number}(int a) {{ for (int i = 0; i < a; i++) a ^= i * {number}; return a; }}"
        )?;
    }
    fs_err::write(&path, text)?;
    Ok(path)
}

fn compile(source: &Path) -> anyhow::Result<Duration> {
    timed(command("cc").args(["-O1", "-c", "-o", "/dev/null"]).arg(source))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed(work: &mut Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let status = work.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "{work:?} failed: {status}");
    Ok(start.elapsed())
}
