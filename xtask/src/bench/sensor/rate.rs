//! How many events the sensor takes without a loss.

use std::path::Path;

use anyhow::{Context as _, ensure};

use super::{Sensor, verdict};
use crate::process::command;

/// The sensor has to be told of each open to see that the rule is not met.
const RULES: &str = "- rule: Opened by nobody
  desc: never met
  condition: evt.type in (open, openat) and fd.name=/etc/hostname and proc.name=nobody-here
  output: '%fd.name'
  priority: DEBUG
";

const SECONDS: &str = "5";

/// Prints at which rate a reader that only counts is at its end, and what the sensor loses at half of that.
pub(super) fn measure(bulkhead: &Path, rates: &Path, folder: &Path) -> anyhow::Result<()> {
    let sustained: f64 = said(rates, &["count"])?;
    let rules = folder.join("rate.yaml");
    fs_err::write(&rules, RULES)?;
    let socket = folder.join("rate.socket");
    let words = ["-r".as_ref(), rules.as_os_str(), "--socket".as_ref(), socket.as_os_str()];
    let _sensor = Sensor::start(bulkhead, &words)?;
    let half = format!("{:.0}", sustained / 2.0);
    let opened: f64 = said(rates, &["open", &half, SECONDS])?;
    let mut status = command(bulkhead);
    status.args(["sensor", "status", "-o", "json", "--measure", "0", "--socket"]).arg(&socket);
    let output = status.output()?;
    let status: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let processors = status["lanes"].as_array().into_iter().flatten();
    let processors = processors.filter_map(|lane| lane["processors"].as_array()).flatten();
    let lost: u64 = processors.filter_map(|processor| processor["lost"].as_u64()).sum();
    println!(
        "a reader that only counts takes {sustained:.0} opens a second; of {opened:.0} in {SECONDS} s, half of that rate, \
         the sensor lost {lost} (goal: none): {}",
        verdict(lost == 0)
    );
    Ok(())
}

/// The number that a program prints.
fn said(program: &Path, words: &[&str]) -> anyhow::Result<f64> {
    let output = command(program).args(words).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
