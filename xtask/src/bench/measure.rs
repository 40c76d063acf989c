//! Time and memory of a program and all the processes that it starts.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::shown;

/// How often memory is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// How long a program takes, with the files it reads out of the page cache where this is allowed.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(super) fn cold_time(command: &mut Command) -> anyhow::Result<Duration> {
    forget_files()?;
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let time = start.elapsed();
    // 3: an incomplete result, which is a result.
    ensure!(matches!(status.code(), Some(0 | 3)), "{} failed: {status}", shown(command));
    Ok(time)
}

/// The quickest of several runs of a short program.
pub(super) fn best_time(command: &mut Command, runs: u32) -> anyhow::Result<Duration> {
    let times = (0..runs).map(|_| warm_time(command)).collect::<Result<Vec<_>, _>>()?;
    times.into_iter().min().context("at least one run")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn warm_time(command: &mut Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(start.elapsed())
}

/// The most memory that a program and its descendants hold at one moment, in bytes: the sum of
/// their proportional set sizes, which counts a shared page once.
pub(super) fn peak_memory(command: &mut Command) -> anyhow::Result<usize> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(memory_of_tree(child.id())?);
        std::thread::sleep(INTERVAL);
    }
    Ok(peak)
}

pub(super) fn memory_of_tree(root: u32) -> anyhow::Result<usize> {
    Ok(processes_of_tree(root)?.into_iter().map(memory).sum())
}

/// A process and its descendants.
pub(super) fn processes_of_tree(root: u32) -> anyhow::Result<Vec<u32>> {
    let parents = parents()?;
    let belongs = |mut process: u32| loop {
        if process == root {
            return true;
        }
        match parents.get(&process) {
            Some(parent) => process = *parent,
            None => return false,
        }
    };
    Ok(parents.keys().copied().filter(|process| belongs(*process)).collect())
}

/// Every process and its parent (proc(5): the fourth field of `stat`, after a name in brackets).
fn parents() -> anyhow::Result<HashMap<u32, u32>> {
    let mut parents = HashMap::new();
    for entry in fs_err::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may end between the listing and the reading.
        let Ok(stat) = fs_err::read_to_string(format!("/proc/{process}/stat")) else { continue };
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            parents.insert(process, parent);
        }
    }
    Ok(parents)
}

fn memory(process: u32) -> usize {
    let rollup =
        fs_err::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Writes back and drops the page cache, so that files are read from the disk. Not every container
/// may do this; the page cache then helps both sides alike.
fn forget_files() -> anyhow::Result<()> {
    ensure!(Command::new("sync").status()?.success(), "sync failed");
    let _ = fs_err::write("/proc/sys/vm/drop_caches", "1");
    Ok(())
}
