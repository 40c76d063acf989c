//! What a running sensor tells of itself.
//!
//! The engine gives it to the sinks, again and again, and these to whoever asks: as a document of JSON, whose
//! schema is `content/schemas/sensor-status-1.json`, or as metrics.

use bulkhead_probes::{FeatureReport, FeatureState, Probes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Usage;

/// The version of the document: another first number where readers must know.
pub const SCHEMA_VERSION: &str = "1.0";

/// The state of a sensor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The version of this document.
    pub schema_version: String,
    /// Whether a sensor runs. Where none does, only what this kernel takes is told.
    pub is_running: bool,
    /// The program and its version.
    pub program: String,
    /// When it started: RFC 3339.
    pub started: String,
    /// When this was written: RFC 3339.
    pub written: String,
    /// Whether rules are held against events, or events recorded.
    pub task: Task,
    /// Its processes.
    pub processes: Vec<OwnProcess>,
    /// What the probes can tell, and whether the kernel lets them.
    pub features: Vec<FeatureStatus>,
    /// What system calls are told by.
    pub hooks: HooksStatus,
    /// Its programs in the kernel.
    pub programs: Vec<ProgramStatus>,
    /// Records made, delivered and lost by lane and processor.
    pub lanes: Vec<LaneStatus>,
    /// Records lost by container and lane. The host's have no container.
    pub lost_by_container: Vec<ContainerLoss>,
    /// Records that could not be read.
    pub unreadable_records: u64,
    /// What it may use up, what it does, and what it gave up for that.
    pub budget: BudgetStatus,
    /// What the rules are worth with what is seen.
    pub rules: RulesStatus,
    /// What is remembered of the node.
    pub held: HeldStatus,
    /// Its sign of life; none where it was switched off.
    pub canary: Option<CanaryStatus>,
    /// Alerts.
    pub alerts: AlertStatus,
    /// Containers that run, those with the most processor time first.
    pub containers: Vec<ContainerStatus>,
    /// How many more run that are not listed.
    pub containers_not_listed: u64,
}

/// What the sensor does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Holds rules against events.
    #[default]
    Watch,
    /// Records events.
    Capture,
}

/// One of the sensor's processes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnProcess {
    /// `hands`, `engine` or `sinks`.
    pub part: String,
    /// Its number.
    pub process: u32,
    /// Time of processors since the start.
    pub cpu_nanoseconds: u64,
    /// Bytes in memory.
    pub resident_bytes: u64,
    /// Of these, bytes that no other process has as well.
    pub own_bytes: u64,
}

/// What became of a feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureWorth {
    /// It is there.
    Works,
    /// It was switched off.
    #[default]
    Off,
    /// The kernel refused it.
    Refused,
}

/// A feature of the probes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureStatus {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub state: FeatureWorth,
    /// Why it was refused.
    pub reason: Option<String>,
    /// What can be done, or what is lost.
    pub hint: Option<String>,
}

/// What programs about system calls hang on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HooksStatus {
    /// `functions`, of the calls that rules want, so that others cost nothing; `tracepoints` or `perf-tracepoints`, which
    /// all calls go through.
    pub on: String,
    /// Why it is nothing that costs less.
    pub reason: Option<String>,
}

impl HooksStatus {
    /// Of probes that are loaded.
    pub fn of(probes: &Probes) -> Self {
        let (hooks, reason) = probes.hooks();
        Self { on: hooks.name().to_owned(), reason: reason.map(str::to_owned) }
    }
}

impl From<&FeatureReport> for FeatureStatus {
    fn from(report: &FeatureReport) -> Self {
        let (state, told) = match &report.state {
            FeatureState::Loaded => (FeatureWorth::Works, None),
            FeatureState::Off => (FeatureWorth::Off, None),
            FeatureState::Refused { reason, hint } => {
                (FeatureWorth::Refused, Some((reason.clone(), (*hint).to_owned())))
            }
        };
        let (reason, hint) = told.unzip();
        Self { name: report.feature.name().to_owned(), state, reason, hint }
    }
}

/// A program in the kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramStatus {
    /// Its name.
    pub name: String,
    /// The kernel's number for it.
    pub id: u32,
    /// Runs that the kernel passed over, since the program was under way there, and preempted: what they would have
    /// told is lost, and in no lane's count.
    #[serde(default)]
    pub passed_over: u64,
    /// What it costs; none where the kernel was not asked to count.
    pub cost: Option<ProgramCost>,
}

/// What a program costs, by the kernel's own counting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramCost {
    /// How often it ran while it was counted.
    pub runs: u64,
    /// How long, in sum. What others go on to is counted with them.
    pub nanoseconds: u64,
}

/// Records of one lane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LaneStatus {
    /// `process`, `network`, `file` or `other`.
    pub lane: String,
    /// By processor.
    pub processors: Vec<ProcessorStatus>,
}

/// Records of one lane and processor: made = delivered + lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessorStatus {
    /// Its number.
    pub processor: u32,
    /// Records that were made.
    pub produced: u64,
    /// Records that were read, or are still on their way.
    pub delivered: u64,
    /// Records that were lost.
    pub lost: u64,
}

/// Records of a container that were lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerLoss {
    /// Its id; none for the host.
    pub container: Option<String>,
    /// The lane.
    pub lane: String,
    /// How many.
    pub lost: u64,
}

/// What the sensor may use up, and what it does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetStatus {
    /// Hundredths of one processor that it may use up.
    pub cpu_limit_percent: Option<u32>,
    /// Hundredths of one processor that it used up in the last second.
    pub cpu_percent: f64,
    /// Bytes of memory that it may use up.
    pub memory_limit_bytes: Option<u64>,
    /// Bytes of memory that it uses up: those of its processes that nobody else has, and the ring buffers.
    pub memory_bytes: u64,
    /// Steps that are given up.
    pub level: u32,
    /// How often a step was given up since the start.
    pub degradations: u64,
    /// Whether all is given up that may be, and it is still too much.
    pub is_exhausted: bool,
    /// What is given up, in this order.
    pub steps: Vec<BudgetStep>,
}

/// Something that is given up rather than more used up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetStep {
    /// Its name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Whether it is given up now.
    pub is_given_up: bool,
}

/// What the rules are worth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulesStatus {
    /// All that they ask for is seen.
    pub live: u64,
    /// They can be met, but not by all that they are meant for.
    pub degraded: u64,
    /// Nothing that is seen can meet them.
    pub blind: u64,
    /// They are switched off.
    pub off: u64,
    /// Those that are not live, with the reasons.
    pub affected: Vec<RuleStatus>,
}

/// A rule that is not worth all that it could be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleStatus {
    /// Its name.
    pub rule: String,
    /// What it is worth.
    pub state: RuleWorth,
    /// What is missing, and why.
    pub reasons: Vec<String>,
}

/// What a rule is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleWorth {
    /// Not by all that it is meant for.
    #[default]
    Degraded,
    /// Never.
    Blind,
    /// It is not asked.
    Off,
}

/// What is remembered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldStatus {
    /// Processes.
    pub processes: u64,
    /// How many there may be.
    pub process_limit: u64,
    /// Processes that were forgotten while they ran, because there were too many.
    pub forgotten_processes: u64,
    /// Descriptors of all of them.
    pub descriptors: u64,
    /// How many there may be.
    pub descriptor_limit: u64,
}

/// The sign of life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryStatus {
    /// Seconds between rounds, and seconds that one may take.
    pub every_seconds: f64,
    /// Whether it comes back.
    pub is_alive: bool,
    /// Seconds for which it has not come back; none where it does.
    pub silent_seconds: Option<f64>,
    /// Rounds that began.
    pub rounds: u64,
    /// Of these, those that came back.
    pub returned: u64,
    /// How often it fell silent.
    pub silences: u64,
    /// Seconds that the last round took.
    pub delay_seconds: Option<f64>,
    /// Seconds that the slowest took.
    pub slowest_seconds: Option<f64>,
}

/// Alerts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertStatus {
    /// Events that rules were held against.
    pub events: u64,
    /// Alerts that were sent away.
    pub emitted: u64,
    /// Alerts that were counted and not sent: they were like others, or too many.
    pub suppressed: u64,
}

/// A container that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerStatus {
    /// Its whole id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its runtime.
    pub runtime: Option<String>,
    /// Its image, with the tag.
    pub image: Option<String>,
    /// The namespace of its pod.
    pub namespace: Option<String>,
    /// Its pod.
    pub pod: Option<String>,
    /// Processes that are known of it.
    pub processes: u64,
    /// What it uses up, by the kernel's accounts.
    pub usage: Usage,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `BULKHEAD_UPDATE_SCHEMAS=1` writes the file anew after a change of the types.
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let settings = schemars::generate::SchemaSettings::default().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Status>();
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = bulkhead_testing::repository().join("content/schemas/sensor-status-1.json");
        if std::env::var_os("BULKHEAD_UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
            fs_err::write(&path, &text).unwrap();
        }
        assert!(
            fs_err::read_to_string(&path).unwrap() == text,
            "the types have changed: run again with BULKHEAD_UPDATE_SCHEMAS=1 and raise SCHEMA_VERSION \
             where readers must know"
        );
    }
}
