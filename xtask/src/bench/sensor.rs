//! `cargo xtask bench sensor`: what the sensor costs and how quick it is, as root: a call, Redis, a compiler, memory, how many
//! events it takes, and how long one takes through it.

mod delay;
mod memory;
mod rate;
mod work;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::target_folder;

use crate::machine;
use crate::process::{build_bulkhead, command, show_and_run};

/// What can be measured: `rules` are the default ones.
const PARTS: [&str; 5] = ["calls", "delay", "rate", "rules", "falco"];

/// Prints ratios, goals and whether they were met, of some parts or all.
pub(crate) fn run(parts: &[&str]) -> anyhow::Result<()> {
    let unknown = parts.iter().find(|part| !PARTS.contains(part));
    ensure!(
        unknown.is_none(),
        "there is no such part: {unknown:?}; there are {}",
        PARTS.join(", ")
    );
    machine::prepare_build()?;
    machine::prepare_redis()?;
    for example in ["costs", "floor", "rates"] {
        let build = ["build", "--profile", "ci", "--package", "bulkhead-probes", "--example"];
        show_and_run(command("cargo").args(build).arg(example))?;
    }
    let bulkhead = build_bulkhead()?;
    let examples = target_folder()?.join("ci/examples");
    let folder = target_folder()?.join("bench/sensor");
    fs_err::create_dir_all(&folder)?;
    let asks = |part| parts.is_empty() || parts.contains(&part);
    if asks("calls") {
        show_and_run(&mut command(examples.join("costs")))?;
    }
    if asks("delay") {
        delay::measure(&bulkhead, &folder)?;
    }
    if asks("rate") {
        rate::measure(&bulkhead, &examples.join("rates"), &folder)?;
    }
    if asks("rules") {
        let sensor = || Sensor::start(&bulkhead, &[] as &[&str]);
        work::compare("the default rules", sensor, &examples.join("floor"), &folder)?;
    }
    if asks("falco") {
        let falco = work::falco()?;
        let sensor = || Sensor::start(&bulkhead, &falco);
        work::compare("Falco's rules", sensor, &examples.join("floor"), &folder)?;
    }
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

/// A sensor at work, or what stands for one, until it is dropped.
struct Sensor(Child);

impl Sensor {
    /// With more words behind `sensor run`; alerts are thrown away.
    fn start<Word: AsRef<OsStr>>(bulkhead: &Path, words: &[Word]) -> anyhow::Result<Self> {
        Self::start_with(bulkhead, words, Stdio::null())
    }

    /// The same, and where its alerts can be read.
    fn start_and_read<Word: AsRef<OsStr>>(
        bulkhead: &Path,
        words: &[Word],
    ) -> anyhow::Result<(Self, BufReader<ChildStdout>)> {
        let mut sensor = Self::start_with(bulkhead, words, Stdio::piped())?;
        let alerts = sensor.0.stdout.take().context("standard output")?;
        Ok((sensor, BufReader::new(alerts)))
    }

    fn start_with<Word: AsRef<OsStr>>(
        bulkhead: &Path,
        words: &[Word],
        alerts: Stdio,
    ) -> anyhow::Result<Self> {
        let mut sensor = Command::new(bulkhead);
        sensor.args(["sensor", "run"]).args(words).stdout(alerts);
        Self::watching(&mut sensor)
    }

    /// Anything that watches once it says so, and until its standard input ends or it is killed.
    fn watching(sensor: &mut Command) -> anyhow::Result<Self> {
        let mut child = sensor.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
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
