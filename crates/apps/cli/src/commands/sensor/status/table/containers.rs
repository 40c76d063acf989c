//! Containers and what they use up.

use bulkhead_report::printable;
use bulkhead_sensor::status::{ContainerStatus, Status};

use super::Page;
use super::numbers::{bytes, count, grouped, nanoseconds};

/// Containers that are listed at most.
const LISTED: usize = 40;

/// Characters of an id that people use.
const SHORT: usize = 12;

pub(super) fn containers(page: &mut Page, status: &Status) {
    let all = status.containers.len() as u64 + status.containers_not_listed;
    if all == 0 {
        page.heading("no containers run");
        return;
    }
    let names: Vec<String> = status.containers.iter().take(LISTED).map(named).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(9, 40);
    page.heading(&format!(
        "{:width$} {:>9} {:>12} {:>12} {:>20} {:>22} {:>5}",
        "CONTAINER", "TASKS", "CPU TIME", "THROTTLED", "MEMORY", "READ / WRITTEN", "OOM"
    ));
    for (container, name) in status.containers.iter().zip(&names) {
        page.row(&row(container, name, width));
    }
    let more = all.saturating_sub(names.len() as u64);
    if more > 0 {
        page.row(&format!("and {}: -o json lists them", count(more, "more", "more")));
    }
}

fn row(container: &ContainerStatus, name: &str, width: usize) -> String {
    let usage = &container.usage;
    let unknown = || "-".to_owned();
    let tasks = usage.tasks.map_or_else(|| grouped(container.processes), grouped);
    let may = |value: String, limit: Option<String>| match limit {
        Some(limit) => format!("{value}/{limit}"),
        None => value,
    };
    let memory = usage
        .memory_bytes
        .map_or_else(unknown, |used| may(bytes(used), usage.memory_limit_bytes.map(bytes)));
    let moved = match (usage.read_bytes, usage.written_bytes) {
        (None, None) => unknown(),
        (read, written) => [read, written].map(|one| one.map_or_else(unknown, bytes)).join(" / "),
    };
    format!(
        "{name:width$} {:>9} {:>12} {:>12} {memory:>20} {moved:>22} {:>5}",
        may(tasks, usage.task_limit.map(grouped)),
        usage.cpu_nanoseconds.map_or_else(unknown, nanoseconds),
        usage.cpu_throttled_nanoseconds.map_or_else(unknown, nanoseconds),
        usage.oom_kills.map_or_else(unknown, grouped),
    )
}

/// The name by which people know a container: pod and name, or the short id.
fn named(container: &ContainerStatus) -> String {
    let short: String = container.id.chars().take(SHORT).collect();
    let name = container.name.as_deref().filter(|name| *name != container.id);
    let text = match (&container.namespace, &container.pod, name) {
        (Some(namespace), Some(pod), Some(name)) => format!("{namespace}/{pod}/{name}"),
        (Some(namespace), Some(pod), None) => format!("{namespace}/{pod}/{short}"),
        (_, _, Some(name)) => name.to_owned(),
        _ => short,
    };
    let text = printable(&text);
    if text.chars().count() <= 40 {
        return text.into_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}
