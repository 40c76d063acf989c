//! How much longer other work takes with the sensor than without, and with programs that see every call and do nothing.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::super::measure::memory_of_tree;
use super::{Sensor, memory, verdict};
use crate::bench::data;
use crate::process::command;

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

/// Words that name Falco's three files of rules.
pub(super) fn falco() -> anyhow::Result<Vec<OsString>> {
    let mut words = Vec::new();
    for file in fs_err::read_dir(data()?.join("fixtures/falco-rules"))? {
        let path = file?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            words.extend(["-r".into(), path.into_os_string()]);
        }
    }
    Ok(words)
}

/// Prints ratios, goals and whether they were met, of a sensor with some rules and of the floor.
pub(super) fn compare(
    rules: &str,
    sensor: impl Fn() -> anyhow::Result<Sensor>,
    floor: &Path,
    folder: &Path,
) -> anyhow::Result<()> {
    let source = source(folder)?;
    let _redis = Redis::start(folder)?;
    let work = || -> anyhow::Result<[Duration; 2]> { Ok([Redis::work()?, compile(&source)?]) };
    work()?;
    let (mut ratios, mut floors) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let (mut most, mut parts) = (0, Vec::new());
    for _ in 0..PAIRS {
        let without = work()?;
        let nothing = Sensor::watching(&mut command(floor))?;
        push(&mut floors, work()?, without);
        drop(nothing);
        let sensor = sensor()?;
        push(&mut ratios, work()?, without);
        let held = memory_of_tree(sensor.0.id())?;
        if held > most {
            most = held;
            parts = memory::of_tree(sensor.0.id())?;
        }
    }
    let works = ["redis-benchmark", "a compile"];
    for (what, (ratios, floors)) in works.into_iter().zip(ratios.into_iter().zip(floors)) {
        let median = print(what, &format!("with {rules}"), ratios);
        println!(" (goal: at most {SLOWER:+.0} %): {}", verdict(median <= SLOWER));
        print(what, "with empty programs at entry and exit of every call, the floor", floors);
        println!();
    }
    for part in &parts {
        println!(
            "memory of {}: {:.1} MB resident, {:.1} of its own, {:.1} of ring buffers",
            part.name,
            megabytes(part.resident),
            megabytes(part.private),
            megabytes(part.maps)
        );
    }
    println!(
        "memory of all parts, shared pages counted once, with {rules}: {:.1} MB (goal: at most {:.0} MB): {}",
        megabytes(most),
        megabytes(MEMORY),
        verdict(most <= MEMORY)
    );
    Ok(())
}

fn push(ratios: &mut [Vec<f64>; 2], with: [Duration; 2], without: [Duration; 2]) {
    for ((ratios, with), without) in ratios.iter_mut().zip(with).zip(without) {
        ratios.push(with.as_secs_f64() / without.as_secs_f64());
    }
}

/// Prints the median of ratios and the interval that it lies in, without ending the line. Gives the median, of a hundred.
fn print(what: &str, with: &str, mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    let slower = |place: usize| (ratios.get(place).copied().unwrap_or(f64::NAN) - 1.0) * 100.0;
    let (median, low, high) = (slower(PAIRS / 2), slower(INTERVAL.0), slower(INTERVAL.1));
    print!(
        "{what}: {median:+.1} % {with}, {low:+.1} to {high:+.1} % with 95 in 100, {PAIRS} pairs"
    );
    median
}

#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
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
