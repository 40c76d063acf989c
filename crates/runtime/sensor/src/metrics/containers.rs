//! Metrics of containers.

use super::{CONTAINERS, Page, Type, seconds};
use crate::Usage;
use crate::status::{ContainerStatus, Status};

/// A number of a container's account, as it is told.
enum Value {
    /// As it is.
    Plain(fn(&Usage) -> Option<u64>),
    /// Nanoseconds, told in seconds.
    Time(fn(&Usage) -> Option<u64>),
}

/// Metrics of a container's account.
const METRICS: &[(&str, Type, &str, Value)] = &[
    (
        "bulkhead_container_cpu_seconds_total",
        Type::Counter,
        "Time of processors that a container used up.",
        Value::Time(|usage| usage.cpu_nanoseconds),
    ),
    (
        "bulkhead_container_cpu_periods_total",
        Type::Counter,
        "Periods in which a container with a limit had something to do.",
        Value::Plain(|usage| usage.cpu_periods),
    ),
    (
        "bulkhead_container_cpu_throttled_periods_total",
        Type::Counter,
        "Periods in which a container met its limit.",
        Value::Plain(|usage| usage.cpu_throttled_periods),
    ),
    (
        "bulkhead_container_cpu_throttled_seconds_total",
        Type::Counter,
        "How long a container was kept waiting by its limit.",
        Value::Time(|usage| usage.cpu_throttled_nanoseconds),
    ),
    (
        "bulkhead_container_memory_bytes",
        Type::Gauge,
        "Memory of a container, with the cache of files.",
        Value::Plain(|usage| usage.memory_bytes),
    ),
    (
        "bulkhead_container_memory_peak_bytes",
        Type::Gauge,
        "The most memory that a container ever had.",
        Value::Plain(|usage| usage.memory_peak_bytes),
    ),
    (
        "bulkhead_container_memory_limit_bytes",
        Type::Gauge,
        "Memory that a container may have.",
        Value::Plain(|usage| usage.memory_limit_bytes),
    ),
    (
        "bulkhead_container_memory_limit_hits_total",
        Type::Counter,
        "How often a container met the limit of its memory.",
        Value::Plain(|usage| usage.memory_limit_hits),
    ),
    (
        "bulkhead_container_oom_kills_total",
        Type::Counter,
        "Processes of a container that were killed for want of memory.",
        Value::Plain(|usage| usage.oom_kills),
    ),
    (
        "bulkhead_container_read_bytes_total",
        Type::Counter,
        "Bytes that a container read from block devices.",
        Value::Plain(|usage| usage.read_bytes),
    ),
    (
        "bulkhead_container_written_bytes_total",
        Type::Counter,
        "Bytes that a container wrote to block devices.",
        Value::Plain(|usage| usage.written_bytes),
    ),
    (
        "bulkhead_container_tasks",
        Type::Gauge,
        "Processes and threads of a container.",
        Value::Plain(|usage| usage.tasks),
    ),
    (
        "bulkhead_container_tasks_limit",
        Type::Gauge,
        "Processes and threads that a container may have.",
        Value::Plain(|usage| usage.task_limit),
    ),
    (
        "bulkhead_container_tasks_refused_total",
        Type::Counter,
        "How often a container was refused one more.",
        Value::Plain(|usage| usage.tasks_refused),
    ),
];

pub(super) fn about_containers(page: &mut Page, status: &Status) {
    let listed = status.containers.iter().take(CONTAINERS);
    let all = u64::try_from(status.containers.len()).unwrap_or(u64::MAX);
    page.single(
        "bulkhead_sensor_containers",
        Type::Gauge,
        "Containers that run.",
        all.saturating_add(status.containers_not_listed),
    );
    let described = listed.clone().map(|one| (described(one), 1));
    page.metric(
        "bulkhead_container_info",
        Type::Gauge,
        "Always 1; what a container is stands in the labels.",
        described,
    );
    for (name, kind, help, value) in METRICS {
        let values = listed.clone().filter_map(|one| {
            let number = match value {
                Value::Plain(of) => of(&one.usage)?.to_string(),
                Value::Time(of) => seconds(of(&one.usage)?).to_string(),
            };
            Some((vec![("container", one.id.as_str())], number))
        });
        page.metric(name, *kind, help, values);
    }
    let lost = status.lost_by_container.iter().take(CONTAINERS).map(|loss| {
        let container = loss.container.as_deref().unwrap_or("");
        (vec![("container", container), ("lane", loss.lane.as_str())], loss.lost)
    });
    page.metric(
        "bulkhead_container_records_lost_total",
        Type::Counter,
        "Records of a container that there was no room for; of the host where it is empty.",
        lost,
    );
}

fn described(one: &ContainerStatus) -> Vec<(&str, &str)> {
    let labels = [
        ("container", Some(one.id.as_str())),
        ("name", one.name.as_deref()),
        ("image", one.image.as_deref()),
        ("namespace", one.namespace.as_deref()),
        ("pod", one.pod.as_deref()),
    ];
    labels.into_iter().map(|(label, text)| (label, text.unwrap_or_default())).collect()
}
