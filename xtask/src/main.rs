//! The workspace's own commands, each from a fresh clone with nothing but Rust: `cargo xtask help`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these are commands for a terminal")]

mod bench;
mod demo;
mod fuzz;
mod kube;
mod machine;
mod process;
mod test;

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use process::show_and_run;

const HELP: &str = "\
cargo xtask demo               build Bulkhead, make a real vulnerable image and scan it
cargo xtask test               install what tests need, run them all, name those that were skipped
                               (BULKHEAD_NO_SKIP=1 makes each skip a failure)
cargo xtask kube               build the Kubernetes API server that tests ask: five minutes, the first time
cargo xtask feeds [--feeds DIR] build a database of a mirror folder and write the tables of docs/feeds.md
cargo xtask fuzz --seconds N   drive every fuzz target for N seconds
cargo xtask accuracy           our controls held against the rules of other tools: precision and recall of each
                               control, the agreement of all, each difference with its reason
cargo xtask bench scan         ours against Syft on an image of 1.2 GB: time and memory
cargo xtask bench database     opening, matching and building the advisory database
cargo xtask bench cache        a known image against an unknown one, and many scans at once
cargo xtask bench registry     an image in a registry on this machine against the same in a file
                               (both take the folder of another image layout)
cargo xtask bench rules        Falco's rules held against a recording, against only decoding it
cargo xtask bench memory       what the engine holds while 100 million events pass, each of them new
cargo xtask bench sensor       a call, Redis and a compiler with the sensor and without, delay, rate and memory, as root
                               (parts: calls, delay, rate, rules, falco)
cargo xtask bench kubernetes   controls, reachability and rights of big clusters: ratios and memory";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    match arguments {
        ["demo"] => demo::run()?,
        ["test", filters @ ..] => return test::run(filters),
        ["kube"] => kube::run()?,
        ["feeds"] => show_and_run(bench::inside()?.arg("feeds").arg(bench::feeds()?))?,
        ["feeds", "--feeds", folder] => show_and_run(bench::inside()?.args(["feeds", folder]))?,
        ["fuzz", "--seconds", seconds] => {
            fuzz::run(seconds.parse().context("--seconds takes a whole number")?)?;
        }
        ["accuracy"] => show_and_run(bench::inside()?.arg("agreement"))?,
        ["bench", "scan"] => bench::scan::run()?,
        ["bench", "cache"] => bench::cache::run(None)?,
        ["bench", "cache", layout] => bench::cache::run(Some(layout))?,
        ["bench", "registry"] => bench::registry::run(None)?,
        ["bench", "registry", layout] => bench::registry::run(Some(layout))?,
        ["bench", "database"] => bench::database::run()?,
        ["bench", "rules"] => bench::rules::run()?,
        ["bench", "memory"] => bench::rules::memory(bench::rules::EVENTS)?,
        ["bench", "memory", events] => bench::rules::memory(events)?,
        ["bench", "sensor", parts @ ..] => bench::sensor::run(parts)?,
        ["bench", "kubernetes"] => bench::kubernetes::run()?,
        ["help" | "--help" | "-h"] => println!("{HELP}"),
        _ => bail!("no such command\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}
