//! What the engine does once a second beside its work: it looks what the sensor and the containers use up,
//! gives up what is too much, and says how it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use bulkhead_events::Container;
use bulkhead_frames::send;
use bulkhead_probes::{Lane, SystemCalls};

use super::super::protocol::{Answer, PARTS, Question, Start, Told, Watch};
use super::{Engine, Losses};
use crate::allowance::{Governor, SpentAccounts, Step, Turn, steps};
use crate::status::{
    BudgetStatus, BudgetStep, ContainerLoss, ContainerStatus, HeldStatus, LaneStatus, OwnProcess,
    ProcessorStatus, ProgramCost, SCHEMA_VERSION,
};
use crate::usage::UsageWatch;
use crate::{SensorError, Status, Usage, groups};

/// The time between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// The time between two looks at what the kernel passed over: machines may have hundreds of programs.
const PASSED_OVER_EVERY: Duration = Duration::from_secs(5);

/// Containers that a status lists at most.
const CONTAINERS: usize = 1024;

/// Bytes of what tells the groups of a process at most.
const GROUPS: u64 = 64 << 10;

/// What is kept from one look to the next.
pub(super) struct Upkeep {
    start: Start,
    accounts: Vec<SpentAccounts>,
    governor: Governor,
    steps: Vec<Step>,
    usage: UsageWatch,
    /// When the next look is due.
    due: Duration,
    /// When it is also due to look at what was passed over.
    passed_over_due: Duration,
    /// When the last one was, and what all parts had used up until then.
    last: Option<(Duration, Duration)>,
    budget: BudgetStatus,
    processes: Vec<OwnProcess>,
    /// What was lost until the last look.
    losses: Losses,
}

/// What a look led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tended {
    /// What was given up or taken up again.
    pub turn: Option<(Turn, Step)>,
    /// Runs of programs that the kernel passed over since the last look.
    pub passed_over: BTreeMap<String, u64>,
}

/// What is given up now.
pub type GivenUp<'a> = &'a [Step];

impl Upkeep {
    pub(super) fn new(start: Start, accounts: Vec<SpentAccounts>) -> Result<Self, SensorError> {
        let steps = steps(&SystemCalls::embedded()?)?;
        Ok(Self {
            governor: Governor::new(start.allowance, steps.len()),
            start,
            accounts,
            steps,
            usage: UsageWatch::default(),
            due: Duration::ZERO,
            passed_over_due: Duration::ZERO,
            last: None,
            budget: BudgetStatus::default(),
            processes: Vec::new(),
            losses: Losses::default(),
        })
    }

    fn given_up(&self) -> GivenUp<'_> {
        self.steps.get(..self.governor.level()).unwrap_or_default()
    }

    /// What watches from now on.
    pub(super) fn watch_by(&mut self, watch: Watch) {
        self.start.watch = watch;
    }

    pub(super) fn has_given_up(&self, call: &str) -> bool {
        self.given_up().iter().any(|step| step.calls.contains(call))
    }

    /// Looks what the parts use up, and holds it against what they may.
    fn weigh(&mut self, now: Duration) -> Option<(Turn, Step)> {
        let mut all = Duration::ZERO;
        let mut memory = self.start.ring_bytes;
        self.processes.clear();
        for ((part, process), accounts) in PARTS.iter().zip(self.start.parts).zip(&self.accounts) {
            let Some(spent) = accounts.read() else { continue };
            all = all.saturating_add(spent.processor);
            memory = memory.saturating_add(spent.own);
            self.processes.push(OwnProcess {
                part: (*part).to_owned(),
                process,
                cpu_nanoseconds: u64::try_from(spent.processor.as_nanos()).unwrap_or(u64::MAX),
                resident_bytes: spent.resident,
                own_bytes: spent.own,
            });
        }
        // What they used up to start is no measure of what they use up.
        let (before, spent) = self.last.replace((now, all))?;
        let percent = 100.0 * all.saturating_sub(spent).as_secs_f64()
            / now.saturating_sub(before).as_secs_f64().max(f64::EPSILON);
        self.budget.cpu_percent = (percent * 10.0).round() / 10.0;
        self.budget.memory_bytes = memory;
        let level = self.governor.level();
        let turn = self.governor.weigh(percent, memory)?;
        let step = match turn {
            Turn::Down => level,
            Turn::Up | Turn::Exhausted => level.saturating_sub(1),
        };
        if turn == Turn::Down {
            self.budget.degradations = self.budget.degradations.saturating_add(1);
        }
        Some((turn, self.steps.get(step)?.clone()))
    }

    fn budget(&self) -> BudgetStatus {
        let allowance = self.governor.allowance();
        let steps = self.steps.iter().enumerate().map(|(at, step)| BudgetStep {
            name: step.name.clone(),
            title: step.title.clone(),
            is_given_up: at < self.governor.level(),
        });
        BudgetStatus {
            cpu_limit_percent: allowance.cpu_percent,
            memory_limit_bytes: allowance.memory,
            level: u32::try_from(self.governor.level()).unwrap_or(u32::MAX),
            is_exhausted: self.governor.is_exhausted(),
            steps: steps.collect(),
            ..self.budget.clone()
        }
    }
}

impl Engine {
    /// Does what is due beside the events; nothing most of the time. `now` is the time since the machine started.
    pub fn tend(&mut self, now: Duration) -> Result<Option<Tended>, SensorError> {
        if now < self.upkeep.due {
            return Ok(None);
        }
        self.upkeep.due = now.saturating_add(EVERY);
        let turn = self.upkeep.weigh(now);
        if turn.as_ref().is_some_and(|(turn, _)| *turn != Turn::Exhausted) {
            self.ask_for_calls()?;
        }
        self.look_at_containers(now);
        let since_boot = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.assembler.look_again(since_boot);
        let mut losses = self.lost_records()?;
        if now < self.upkeep.passed_over_due {
            losses.passed_over.clone_from(&self.upkeep.losses.passed_over);
        } else {
            self.upkeep.passed_over_due = now.saturating_add(PASSED_OVER_EVERY);
            losses.passed_over = self.passed_over()?;
        }
        for (container, lane, count) in losses.since(&self.upkeep.losses) {
            self.assembler.lose(&container, lane, count, since_boot);
        }
        let passed_over = losses.passed_over_since(&self.upkeep.losses);
        self.upkeep.losses = losses;
        self.hold(None);
        Ok(Some(Tended { turn, passed_over }))
    }

    /// What is given up now, the first thing first.
    pub fn given_up(&self) -> GivenUp<'_> {
        self.upkeep.given_up()
    }

    /// What became of the probes.
    pub fn features(&self) -> &[crate::status::FeatureStatus] {
        &self.upkeep.start.features
    }

    /// What the sensor is like, as far as this process knows it. The program has to add what it is and what
    /// it does.
    pub fn status(&mut self) -> Result<Status, SensorError> {
        let losses = &self.upkeep.losses;
        let mut lanes: Vec<LaneStatus> = Vec::new();
        for lane in Lane::ALL {
            let of_lane = losses.by_kernel.iter().filter(|(_, of, ..)| of == lane);
            let processors = of_lane.map(|(processor, _, produced, lost)| ProcessorStatus {
                processor: *processor,
                produced: *produced,
                delivered: produced.saturating_sub(*lost),
                lost: *lost,
            });
            lanes.push(LaneStatus { lane: name(*lane), processors: processors.collect() });
        }
        let lost = losses.by_container.iter().map(|((container, lane), lost)| ContainerLoss {
            container: Some(container.clone()).filter(|id| !id.is_empty()),
            lane: name(*lane),
            lost: *lost,
        });
        let mut programs = self.upkeep.start.watch.programs.clone();
        for program in &mut programs {
            program.passed_over =
                losses.passed_over.get(&program.name).copied().unwrap_or_default();
        }
        let (held, bounds) = (self.assembler.held(), self.assembler.bounds());
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (containers, containers_not_listed) = self.containers();
        Ok(Status {
            schema_version: SCHEMA_VERSION.to_owned(),
            processes: self.upkeep.processes.clone(),
            features: self.upkeep.start.features.clone(),
            hooks: self.upkeep.start.watch.hooks.clone(),
            programs,
            lanes,
            lost_by_container: lost.collect(),
            unreadable_records: self.stream.broken().0,
            budget: self.upkeep.budget(),
            held: HeldStatus {
                processes: number(held.processes),
                process_limit: number(bounds.processes),
                forgotten_processes: held.forgotten,
                descriptors: number(held.descriptors),
                descriptor_limit: number(bounds.descriptors),
            },
            containers,
            containers_not_listed,
            ..Status::default()
        })
    }

    /// Adds what the programs cost, where the kernel was told to count.
    pub fn add_costs(&mut self, status: &mut Status) -> Result<(), SensorError> {
        let (answer, _) = self.assembler.surroundings().ask(&Question::Costs)?;
        let Answer::Costs(costs) = answer else { return Ok(()) };
        for program in &mut status.programs {
            let cost = costs.iter().find(|(id, ..)| *id == program.id);
            program.cost = cost.map(|(_, runs, nanoseconds)| ProgramCost {
                runs: *runs,
                nanoseconds: *nanoseconds,
            });
        }
        Ok(())
    }

    /// Gives it to the sinks, for whoever asks.
    pub fn report(&self, status: Status) -> Result<(), SensorError> {
        Ok(send(&self.sinks, &Told::Status(Box::new(status)), &[])?)
    }

    /// Reads the accounts of some containers. One that is gone meanwhile tells nothing.
    fn look_at_containers(&mut self, now: Duration) {
        let running = self.assembler.running();
        let running: Vec<(String, u32)> = running
            .iter()
            .map(|(container, process, _)| (container.id.lossy().into_owned(), *process))
            .collect();
        let due = running.iter().map(|(id, process)| (id.as_str(), *process));
        for look in self.upkeep.usage.due(due, now) {
            let mut of = look.groups;
            if of.is_empty() {
                of = self.groups_of(look.process, &look.id);
                self.upkeep.usage.learn(&look.id, of.clone());
            }
            if !of.is_empty() {
                let usage = self.usage_of(of);
                self.upkeep.usage.enter(&look.id, &usage);
            }
        }
    }

    fn groups_of(&mut self, process: u32, id: &str) -> Vec<(crate::Controller, String)> {
        let answer = self.assembler.surroundings().ask(&Question::Membership(process));
        let Ok((Answer::File, descriptors)) = answer else { return Vec::new() };
        let mut text = Vec::new();
        for descriptor in descriptors {
            let _ = File::from(descriptor).take(GROUPS).read_to_end(&mut text);
        }
        groups(&text, id)
    }

    fn usage_of(&mut self, groups: Vec<(crate::Controller, String)>) -> Usage {
        match self.assembler.surroundings().ask(&Question::Usage(groups)) {
            Ok((Answer::Meters(meters), descriptors)) => {
                Usage::read(meters.into_iter().zip(descriptors))
            }
            _ => Usage::default(),
        }
    }

    /// The containers that run, and how many more there are.
    fn containers(&self) -> (Vec<ContainerStatus>, u64) {
        let mut containers: Vec<ContainerStatus> = self
            .assembler
            .running()
            .into_iter()
            .map(|(container, _, processes)| {
                let usage = self.upkeep.usage.of(&container.id.lossy());
                described(&container, processes, &usage)
            })
            .collect();
        containers.sort_by(|one, other| {
            let used = |of: &ContainerStatus| std::cmp::Reverse(of.usage.cpu_nanoseconds);
            (used(one), &one.id).cmp(&(used(other), &other.id))
        });
        let more = containers.len().saturating_sub(CONTAINERS);
        containers.truncate(CONTAINERS);
        (containers, u64::try_from(more).unwrap_or(u64::MAX))
    }
}

/// The name of a lane, as the table of system calls has it.
fn name(lane: Lane) -> String {
    format!("{lane:?}").to_ascii_lowercase()
}

fn described(container: &Container, processes: u64, usage: &Usage) -> ContainerStatus {
    let text = |text: &bulkhead_events::Text| text.lossy().into_owned();
    let image = container.image.repository.as_ref().map(|repository| {
        let tag = container.image.tag.as_ref().map(|tag| format!(":{}", tag.lossy()));
        text(repository) + &tag.unwrap_or_default()
    });
    let pod = container.pod.as_ref();
    ContainerStatus {
        id: text(&container.id),
        name: container.name.as_ref().map(text),
        runtime: container.runtime.as_ref().map(text),
        image,
        namespace: pod.map(|pod| text(&pod.namespace)).filter(|name| !name.is_empty()),
        pod: pod.map(|pod| text(&pod.name)).filter(|name| !name.is_empty()),
        processes,
        usage: *usage,
    }
}
