//! `cargo xtask bench kubernetes`: posture, reachability and rights, each against a floor or a smaller
//! cluster, and the command lines of the program.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::target_folder;

use super::measure::{cold_time, peak_memory};
use crate::machine;
use crate::process::{command, show_and_run};

/// Parsers of YAML that only say what they meet.
const PARSERS: [&str; 3] = ["granit", "saphyr", "libyaml"];

const MEGABYTE: usize = 1_000_000;

/// Prints ratios, goals and memory.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    let packages = ["--package", "bulkhead-benches", "--package", "bulkhead-cli"];
    show_and_run(command("cargo").args(["build", "--profile", "dist"]).args(packages))?;
    let bench = Bench { program: target_folder()?.join("dist/bulkhead-benches") };
    let work = target_folder()?.join("bench");
    fs_err::create_dir_all(&work)?;
    let file = |name: &str| work.join(name).display().to_string();
    let (small, large) = (file("deployments-10000.yaml"), file("deployments-100000.yaml"));
    let (few, many) = (file("list-10000.json"), file("list-100000.json"));
    for (kind, count, file) in [
        ("deployments", "10000", &small),
        ("deployments", "100000", &large),
        ("list", "10000", &few),
        ("list", "100000", &many),
    ] {
        show_and_run(&mut bench.command(&[kind, count, file]))?;
    }
    println!();

    let floors = PARSERS.map(|parser| Ok((parser, bench.measure(&["events", parser, &small])?)));
    let floors: Vec<_> = floors.into_iter().collect::<anyhow::Result<_>>()?;
    let fastest = floors.iter().min_by(|(_, a), (_, b)| a.seconds.total_cmp(&b.seconds));
    let (parser, floor) = fastest.context("a parser")?;
    for (parser, floor) in &floors {
        println!("events by {parser}: {:.3} s, {}", floor.seconds, floor.what);
    }
    let size = fs_err::metadata(Path::new(&small))?.len();
    println!("10,000 Deployments in a file of {:.1} MB:", as_float(size) / 1e6);
    let all = bench.measure(&["posture", &small])?;
    all.compare(&format!("the events of {parser}"), floor, 2.5);
    all.within(150);
    println!("one change of one of them, judged anew:");
    bench.measure(&["change", &small])?.compare("all of them", &all, 0.001);
    println!("100,000 Deployments:");
    let deployments = large;
    let large = bench.measure(&["posture", &deployments])?;
    large.compare("10,000", &all, 12.0);
    large.within(1000);
    println!("100,000 objects of one List:");
    let few = bench.measure(&["posture", &few])?;
    let many = bench.measure(&["posture", &many])?;
    many.compare("10,000", &few, 12.0);
    many.within(1000);
    println!("reachability of 10,000 pods under 500 policies:");
    let few = bench.measure(&["reachability", "1000", "500"])?;
    bench.measure(&["reachability", "10000", "500"])?.compare("1,000 pods", &few, 15.0);
    println!("closure of the rights of 50,000 roles:");
    let few = bench.measure(&["rights", "5000"])?;
    bench.measure(&["rights", "50000"])?.compare("5,000 roles", &few, 12.0);
    let program = target_folder()?.join("dist/bulkhead");
    commands(&program, &small, 150)?;
    commands(&program, &deployments, 1000)
}

/// The command lines that people type, with all that they write: time, and memory against its goal.
fn commands(program: &Path, file: &str, megabytes: usize) -> anyhow::Result<()> {
    for arguments in [
        ["k8s", "scan", file, "--output=table"],
        ["k8s", "scan", file, "--output=json"],
        ["k8s", "fix", file, "--plan"],
    ] {
        let mut command = command(program);
        command.args(arguments);
        let time = cold_time(&mut command)?;
        let memory = peak_memory(&mut command)? / MEGABYTE;
        let is_met = met(memory <= megabytes);
        let seconds = time.as_secs_f64();
        println!("bulkhead {}:", arguments.join(" "));
        println!("  {seconds:.1} s, {memory} MB at most (goal: {megabytes} MB: {is_met})");
    }
    Ok(())
}

/// The program that measures from inside.
struct Bench {
    program: PathBuf,
}

/// What it measured.
struct Measurement {
    seconds: f64,
    memory: usize,
    what: String,
}

impl Bench {
    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = command(&self.program);
        command.arg("kubernetes").args(arguments);
        command
    }

    fn measure(&self, arguments: &[&str]) -> anyhow::Result<Measurement> {
        let output = self.command(arguments).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let line = String::from_utf8(output.stdout)?;
        let mut words = line.trim().splitn(3, ' ');
        let mut next = || words.next().context("seconds, memory and what came of it");
        Ok(Measurement {
            seconds: next()?.parse()?,
            memory: next()?.parse()?,
            what: next()?.to_owned(),
        })
    }
}

impl Measurement {
    fn compare(&self, against: &str, floor: &Self, goal: f64) {
        let ratio = self.seconds / floor.seconds;
        println!(
            "  {ratio:.5} times {against} ({:.6} s, {:.3} s; goal: at most {goal}: {}); {}",
            self.seconds,
            floor.seconds,
            met(ratio <= goal),
            self.what
        );
    }

    fn within(&self, megabytes: usize) {
        let memory = self.memory / MEGABYTE;
        println!("  {memory} MB at most (goal: {megabytes} MB: {})", met(memory <= megabytes));
    }
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

#[expect(clippy::cast_precision_loss, reason = "a size of a file is far below 2^52")]
const fn as_float(size: u64) -> f64 {
    size as f64
}
