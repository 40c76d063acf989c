//! What the sensor may use up, and what it gives up rather than use more.
//!
//! Too much is met by less to look at, in a declared order (`content/degradation.yaml`), never by chance: what
//! is grave is told at every level.

mod governor;
mod spent;

pub use governor::{Governor, Turn};
pub(crate) use spent::Accounts as SpentAccounts;

use std::collections::BTreeSet;

use bulkhead_probes::{Lane, SystemCalls};
use serde::Deserialize;

use crate::{Bounds, SensorError};

/// The text of `content/degradation.yaml`.
const EMBEDDED: &str = include_str!("../../../../content/degradation.yaml");

/// What the sensor's processes may use up together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct Allowance {
    /// Hundredths of one processor; none where it is not limited.
    pub cpu_percent: Option<u32>,
    /// Bytes of memory that only they use, the ring buffers included; none where it is not limited.
    pub memory: Option<u64>,
}

impl Allowance {
    /// No limit.
    pub const UNLIMITED: Self = Self { cpu_percent: None, memory: None };

    /// What the state of the node may grow to: about a third of the memory.
    pub fn bounds(self) -> Bounds {
        let Some(memory) = self.memory else { return Bounds::DEFAULT };
        let of = |most: usize, least: usize| {
            let part = u64::try_from(most).unwrap_or(u64::MAX).saturating_mul(memory);
            usize::try_from(part.checked_div(FULL_TABLES).unwrap_or(part))
                .unwrap_or(most)
                .clamp(least, most)
        };
        Bounds {
            processes: of(Bounds::DEFAULT.processes, 2 << 10),
            descriptors: of(Bounds::DEFAULT.descriptors, 4 << 10),
        }
    }

    /// How many bytes each ring buffer has: at most so many, and all of them at most a sixth of the memory. Less
    /// than a burst needs would lose what the rest of the memory is there for.
    pub fn rings<const LANES: usize>(self, most: [u32; LANES]) -> [u32; LANES] {
        let room = self.memory.map_or(u64::MAX, |memory| memory / 6);
        let mut rings = most;
        while rings.iter().map(|bytes| u64::from(*bytes)).sum::<u64>() > room {
            let smaller = rings.map(|bytes| if bytes > LEAST_RING { bytes / 2 } else { bytes });
            if smaller == rings {
                break;
            }
            rings = smaller;
        }
        rings
    }
}

/// No ring buffer is made smaller, in bytes.
const LEAST_RING: u32 = 256 << 10;

/// From so much memory on the tables may be as large as they ever are.
const FULL_TABLES: u64 = 128 << 20;

/// Something that is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name in reports and metrics.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The system calls that are not reported any more, as rules call them.
    pub calls: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    steps: Vec<Written>,
    kept: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    title: String,
    #[serde(default)]
    calls: BTreeSet<String>,
    lane: Option<String>,
}

/// What is given up, the first thing first.
pub fn steps(calls: &SystemCalls) -> Result<Vec<Step>, SensorError> {
    let content: Content = serde_saphyr::from_str(EMBEDDED)
        .map_err(|error| SensorError::Degradation { cause: error.to_string() })?;
    let named: BTreeSet<&String> =
        content.steps.iter().flat_map(|step| &step.calls).chain(&content.kept).collect();
    let rest = |lane: Lane| {
        let of_lane = calls.iter().filter(move |call| call.plan.lane == lane);
        of_lane.map(|call| call.told_as().to_owned()).filter(|name| !named.contains(name))
    };
    let steps = content.steps.iter().map(|written| {
        let lane = match written.lane.as_deref() {
            None => None,
            Some("file") => Some(Lane::File),
            Some("other") => Some(Lane::Other),
            Some(lane) => {
                let cause = format!("{}: no calls of the lane {lane} are given up", written.name);
                return Err(SensorError::Degradation { cause });
            }
        };
        let calls = written.calls.iter().cloned().chain(lane.into_iter().flat_map(rest)).collect();
        Ok(Step { name: written.name.clone(), title: written.title.clone(), calls })
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything of files and others is in exactly one step, and nothing that is grave in any.
    #[test]
    fn nothing_grave_is_given_up() {
        let calls = SystemCalls::embedded().unwrap();
        let steps = steps(&calls).unwrap();
        let kept = ["chdir", "fchdir"];
        for call in calls.iter() {
            let of = steps.iter().filter(|step| step.calls.contains(call.told_as())).count();
            let grave = matches!(call.plan.lane, Lane::Process | Lane::Network);
            let expected = usize::from(!grave && !kept.contains(&call.told_as()));
            assert_eq!(of, expected, "{}", call.name);
        }
        for step in &steps {
            assert!(!step.calls.is_empty(), "{}", step.name);
            let unknown: Vec<_> =
                step.calls.iter().filter(|name| calls.told_as(name).next().is_none()).collect();
            assert!(unknown.is_empty(), "{unknown:?}");
        }
    }

    #[test]
    fn the_order_follows_its_schema() {
        let schema = bulkhead_testing::repository().join("content/degradation.schema.json");
        let schema: serde_json::Value =
            serde_json::from_slice(&fs_err::read(schema).unwrap()).unwrap();
        let value: serde_json::Value = serde_saphyr::from_str(EMBEDDED).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }

    #[test]
    fn tables_fit_into_the_memory() {
        let check = |mebibytes: Option<u64>, processes: usize| {
            let memory = mebibytes.map(|mebibytes| mebibytes << 20);
            let bounds = Allowance { cpu_percent: None, memory }.bounds();
            assert_eq!(bounds.processes, processes, "{mebibytes:?}");
        };
        check(None, 32 << 10);
        check(Some(1 << 40), 32 << 10);
        check(Some(128), 32 << 10);
        check(Some(64), 16 << 10);
        check(Some(0), 2 << 10);
    }

    #[test]
    fn rings_fit_into_the_memory() {
        let check = |mebibytes: Option<u64>, kibibytes: [u32; 3]| {
            let memory = mebibytes.map(|mebibytes| mebibytes << 20);
            let rings = Allowance { cpu_percent: None, memory }.rings([4 << 20, 4 << 20, 2 << 20]);
            assert_eq!(rings.map(|bytes| bytes >> 10), kibibytes, "{mebibytes:?}");
        };
        check(None, [4096, 4096, 2048]);
        check(Some(64), [4096, 4096, 2048]);
        check(Some(48), [2048, 2048, 1024]);
        check(Some(20), [1024, 1024, 512]);
        check(Some(8), [512, 512, 256]);
        check(Some(0), [256, 256, 256]);
    }
}
