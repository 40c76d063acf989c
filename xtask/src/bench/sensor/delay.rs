//! From a system call to its alert on standard output.

use std::io::BufRead as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::Sensor;

const RULES: &str = "- rule: Opened for the benchmark
  desc: told at once
  condition: evt.type in (open, openat) and fd.name startswith /bench-delay/
  output: '%fd.name'
  priority: DEBUG
";

/// How many calls are measured, and the time between two.
const CALLS: usize = 1000;
const PAUSE: Duration = Duration::from_millis(3);

/// Prints how long alerts take from before the call until they are read.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(super) fn measure(bulkhead: &Path, folder: &Path) -> anyhow::Result<()> {
    let rules = folder.join("delay.yaml");
    fs_err::write(&rules, RULES)?;
    let words = ["-r".as_ref(), rules.as_os_str(), "--rule-limit".as_ref(), "0".as_ref()];
    let words = words.into_iter().chain(["--limit".as_ref(), "0".as_ref()]).collect::<Vec<_>>();
    let (_sensor, mut alerts) = Sensor::start_and_read(bulkhead, &words)?;
    let mut delays = Vec::with_capacity(CALLS);
    for number in 0..CALLS {
        std::thread::sleep(PAUSE);
        let name = format!("/bench-delay/{number}");
        let before = Instant::now();
        let _ = std::hint::black_box(fs_err::File::open(&name));
        let mut line = String::new();
        while !line.contains(&*name) {
            line.clear();
            let length = alerts.read_line(&mut line)?;
            anyhow::ensure!(length > 0, "the sensor ended");
        }
        delays.push(before.elapsed());
    }
    delays.sort_unstable();
    let at = |part: usize| {
        let delay = delays.get(delays.len() * part / 100).context("a delay")?;
        anyhow::Ok(delay.as_secs_f64() * 1000.0)
    };
    println!(
        "from a call to its alert on standard output: {:.2} ms (p50), {:.2} ms (p99) of {CALLS} calls",
        at(50)?,
        at(99)?
    );
    Ok(())
}
