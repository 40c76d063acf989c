//! What `scan` and `sbom` have in common.

use std::ffi::OsString;

use bulkhead_cache::Cache;
use bulkhead_image::PlatformChoice;
use bulkhead_limits::Limits;
use bulkhead_scan::{Request, Sources, Survey, WorkerCommand};
use jiff::{Timestamp, Unit};

use super::folders;
use crate::arguments::{Caching, View};
use crate::failure::Failure;
use crate::progress::Bar;
use crate::terminal::Terminal;
use crate::{WORKER, output};

/// Looks at a target, with a bar for those who wait.
pub(super) fn of(
    target: &str,
    view: &View,
    caching: &Caching,
    sources: Sources,
    terminal: Terminal,
) -> Result<Vec<Survey>, Failure> {
    output::check(&view.output)?;
    let request = Request {
        target: target.to_owned(),
        platform: view.platform.clone().unwrap_or(PlatformChoice::Host),
        limits: Limits { memory: view.max_memory.saturating_mul(1 << 20), ..Limits::DEFAULT },
        worker: WorkerCommand {
            program: std::env::current_exe()?,
            arguments: vec![OsString::from(WORKER)],
        },
        cache: cache(caching, terminal),
        sources,
    };
    let bar = Bar::bytes(terminal);
    let surveys = bulkhead_scan::survey(&request, &bar);
    bar.clear();
    Ok(surveys?)
}

/// The cache that is asked for. A scan without one is slower and otherwise the same.
fn cache(caching: &Caching, terminal: Terminal) -> Option<Cache> {
    if caching.no_cache {
        return None;
    }
    let folder =
        caching.cache_dir.clone().or_else(|| folders::of_user("XDG_CACHE_HOME", ".cache"))?;
    match Cache::open(&folder, caching.cache_size.saturating_mul(1 << 20)) {
        Ok(cache) => Some(cache),
        Err(error) => {
            terminal.warning(&error.to_string(), Some(error.hint()));
            None
        }
    }
}

/// The time of the scan, to the second: the clock's, or what `SOURCE_DATE_EPOCH` says for outputs
/// that must be the same again.
pub(super) fn now() -> Timestamp {
    let stated = std::env::var("SOURCE_DATE_EPOCH").ok();
    stated
        .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok())
        .unwrap_or_else(clock)
}

/// The time of the clock, to the second, whatever is stated: where something may have expired.
pub(super) fn clock() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now)
}

/// The day of a moment, `2026-11-24`.
pub(super) fn day(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}
