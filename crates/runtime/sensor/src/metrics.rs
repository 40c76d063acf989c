//! A status as metrics in the text format of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>, version 0.0.4).
//!
//! Labels have values that are known beforehand, but for programs, rules' states and containers; of these at
//! most [`CONTAINERS`] are told, so that a node that starts many does not fill anybody's database.

mod containers;

use std::fmt::Write as _;

use bulkhead_model::printable;

use crate::Status;
use crate::status::FeatureWorth;

/// Containers that have metrics of their own at most.
pub(crate) const CONTAINERS: usize = 256;

/// Characters of a label at most: ids and names of groups are shorter.
const LABEL: usize = 256;

/// The media type of what [`metrics`] writes.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The status as metrics.
pub fn metrics(status: &Status) -> String {
    let mut page = Page::default();
    about_sensor(&mut page, status);
    about_records(&mut page, status);
    about_budget(&mut page, status);
    about_rules(&mut page, status);
    about_canary(&mut page, status);
    containers::about_containers(&mut page, status);
    page.text
}

/// What a metric is.
#[derive(Debug, Clone, Copy)]
enum Type {
    Counter,
    Gauge,
}

/// Metrics as they are written.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    /// Writes a metric with all of its values. Without values there is no metric.
    fn metric<'a, V: std::fmt::Display>(
        &mut self,
        name: &str,
        kind: Type,
        help: &str,
        values: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, V)>,
    ) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        let kind = match kind {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            self.text.push_str(name);
            for (at, (label, text)) in labels.iter().enumerate() {
                let before = if at == 0 { '{' } else { ',' };
                let _ = write!(self.text, "{before}{label}=\"{}\"", escaped(text));
            }
            let end = if labels.is_empty() { "" } else { "}" };
            let _ = writeln!(self.text, "{end} {value}");
        }
    }

    /// Writes a metric with one value and no labels.
    fn single(&mut self, name: &str, kind: Type, help: &str, value: impl std::fmt::Display) {
        self.metric(name, kind, help, [(Vec::new(), value)]);
    }
}

/// The value of a label: what would end it is escaped, and what a terminal would act upon.
fn escaped(text: &str) -> String {
    let text: String = text.chars().take(LABEL).collect();
    printable(&text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Seconds as a number.
#[expect(clippy::cast_precision_loss, reason = "nobody counts nanoseconds of years")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

fn about_sensor(page: &mut Page, status: &Status) {
    let version = status.program.as_str();
    page.metric(
        "bulkhead_sensor_info",
        Type::Gauge,
        "Always 1; what runs stands in the labels.",
        [(vec![("program", version)], 1)],
    );
    if let Ok(started) = status.started.parse::<jiff::Timestamp>() {
        page.single(
            "bulkhead_sensor_start_time_seconds",
            Type::Gauge,
            "When the sensor started, in seconds since 1970.",
            started.as_second(),
        );
    }
    let parts = || status.processes.iter();
    page.metric(
        "bulkhead_sensor_cpu_seconds_total",
        Type::Counter,
        "Time of processors that a part of the sensor used up.",
        parts().map(|one| (vec![("part", one.part.as_str())], seconds(one.cpu_nanoseconds))),
    );
    page.metric(
        "bulkhead_sensor_resident_memory_bytes",
        Type::Gauge,
        "Memory of a part of the sensor, that shared with others included.",
        parts().map(|one| (vec![("part", one.part.as_str())], one.resident_bytes)),
    );
    let features = status.features.iter().map(|feature| {
        let works = u8::from(feature.state == FeatureWorth::Works);
        (vec![("feature", feature.name.as_str())], works)
    });
    page.metric(
        "bulkhead_sensor_feature_works",
        Type::Gauge,
        "Whether a feature of the probes works on this kernel.",
        features,
    );
    page.metric(
        "bulkhead_sensor_runs_passed_over_total",
        Type::Counter,
        "Runs of a program in the kernel that were passed over, and told nothing.",
        status
            .programs
            .iter()
            .map(|program| (vec![("probe", program.name.as_str())], program.passed_over)),
    );
    let costs = || {
        status.programs.iter().filter_map(|program| {
            program.cost.map(|cost| (vec![("probe", program.name.as_str())], cost))
        })
    };
    page.metric(
        "bulkhead_sensor_probe_runs_total",
        Type::Counter,
        "How often a program in the kernel ran while the kernel counted.",
        costs().map(|(labels, cost)| (labels, cost.runs)),
    );
    page.metric(
        "bulkhead_sensor_probe_seconds_total",
        Type::Counter,
        "How long a program in the kernel ran while the kernel counted.",
        costs().map(|(labels, cost)| (labels, seconds(cost.nanoseconds))),
    );
    let held = &status.held;
    page.single(
        "bulkhead_sensor_processes_held",
        Type::Gauge,
        "Processes that are remembered.",
        held.processes,
    );
    page.single(
        "bulkhead_sensor_descriptors_held",
        Type::Gauge,
        "Descriptors of processes that are remembered.",
        held.descriptors,
    );
    page.single(
        "bulkhead_sensor_processes_forgotten_total",
        Type::Counter,
        "Processes that were forgotten while they ran, because there were too many.",
        held.forgotten_processes,
    );
}

fn about_records(page: &mut Page, status: &Status) {
    let processors: Vec<(&str, String, crate::status::ProcessorStatus)> = status
        .lanes
        .iter()
        .flat_map(|lane| {
            lane.processors.iter().map(|one| (lane.lane.as_str(), one.processor.to_string(), *one))
        })
        .collect();
    let labels = |lane, processor| vec![("lane", lane), ("cpu", processor)];
    page.metric(
        "bulkhead_sensor_records_produced_total",
        Type::Counter,
        "Records that the probes made, lost ones included.",
        processors.iter().map(|(lane, cpu, one)| (labels(*lane, cpu.as_str()), one.produced)),
    );
    page.metric(
        "bulkhead_sensor_records_lost_total",
        Type::Counter,
        "Records that there was no room for.",
        processors.iter().map(|(lane, cpu, one)| (labels(*lane, cpu.as_str()), one.lost)),
    );
    page.single(
        "bulkhead_sensor_records_unreadable_total",
        Type::Counter,
        "Records that could not be read.",
        status.unreadable_records,
    );
    let alerts = &status.alerts;
    page.single(
        "bulkhead_sensor_events_total",
        Type::Counter,
        "Events that were made of records.",
        alerts.events,
    );
    page.single(
        "bulkhead_sensor_alerts_total",
        Type::Counter,
        "Alerts that were sent away.",
        alerts.emitted,
    );
    page.single(
        "bulkhead_sensor_alerts_suppressed_total",
        Type::Counter,
        "Alerts that were counted and not sent.",
        alerts.suppressed,
    );
}

fn about_budget(page: &mut Page, status: &Status) {
    let budget = &status.budget;
    page.single(
        "bulkhead_sensor_cpu_usage_ratio",
        Type::Gauge,
        "Processors that the sensor used up in the last second.",
        budget.cpu_percent / 100.0,
    );
    page.single(
        "bulkhead_sensor_memory_usage_bytes",
        Type::Gauge,
        "Memory that only the sensor uses, its ring buffers included.",
        budget.memory_bytes,
    );
    let limit = budget.cpu_limit_percent.map(|limit| (Vec::new(), f64::from(limit) / 100.0));
    page.metric(
        "bulkhead_sensor_cpu_limit_ratio",
        Type::Gauge,
        "Processors that the sensor may use up.",
        limit,
    );
    page.metric(
        "bulkhead_sensor_memory_limit_bytes",
        Type::Gauge,
        "Memory that the sensor may use up.",
        budget.memory_limit_bytes.map(|limit| (Vec::new(), limit)),
    );
    page.single(
        "bulkhead_sensor_degradation_level",
        Type::Gauge,
        "Steps that are given up to stay within the budget.",
        budget.level,
    );
    page.single(
        "bulkhead_sensor_degradations_total",
        Type::Counter,
        "How often a step was given up.",
        budget.degradations,
    );
    let steps = budget.steps.iter();
    page.metric(
        "bulkhead_sensor_given_up",
        Type::Gauge,
        "Whether a step is given up now.",
        steps.map(|step| (vec![("step", step.name.as_str())], u8::from(step.is_given_up))),
    );
}

fn about_rules(page: &mut Page, status: &Status) {
    let rules = &status.rules;
    let states = [
        ("live", rules.live),
        ("degraded", rules.degraded),
        ("blind", rules.blind),
        ("off", rules.off),
    ];
    page.metric(
        "bulkhead_sensor_rules",
        Type::Gauge,
        "Rules by what they are worth with what is seen.",
        states.map(|(state, count)| (vec![("state", state)], count)),
    );
}

fn about_canary(page: &mut Page, status: &Status) {
    let Some(canary) = &status.canary else { return };
    page.single(
        "bulkhead_sensor_canary_alive",
        Type::Gauge,
        "Whether the sensor's sign of life comes through in time.",
        u8::from(canary.is_alive),
    );
    page.single(
        "bulkhead_sensor_canary_rounds_total",
        Type::Counter,
        "Signs of life that were sent.",
        canary.rounds,
    );
    page.single(
        "bulkhead_sensor_canary_returned_total",
        Type::Counter,
        "Signs of life that came through.",
        canary.returned,
    );
    page.single(
        "bulkhead_sensor_canary_silences_total",
        Type::Counter,
        "How often the sign of life did not come through in time.",
        canary.silences,
    );
    page.metric(
        "bulkhead_sensor_canary_delay_seconds",
        Type::Gauge,
        "How long the last sign of life took.",
        canary.delay_seconds.map(|delay| (Vec::new(), delay)),
    );
}
