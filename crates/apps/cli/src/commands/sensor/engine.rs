//! The process that makes events of records and holds rules against them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bulkhead_events::{Event, Kind, RecordingWriter};
use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::Lane;
use bulkhead_rules::{Matching, Options, RuleFile, RuleSet, Scanner, Weight};
use bulkhead_sensor::{Bounds, Delivery, Engine, Moment};
use serde::{Deserialize, Serialize};

use crate::commands::alert;
use crate::commands::rules::{broken, show};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// What the engine is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Hold rules against events; the files of these names come along.
    Watch { rules: Vec<String>, forms: Vec<Form>, all: bool, hostname: String },
    /// Record the events that rules ask for; all that are described where there are none.
    Capture { rules: Vec<String> },
}

/// How alerts are written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Form {
    Text,
    Json,
}

/// How long the engine waits for events before it looks whether some were lost.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long losses that were told are not told again.
const QUIET: Duration = Duration::from_secs(10);

/// Bytes of a recording that are handed on together.
const BATCH: usize = 256 << 10;

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// Serves as the engine until the hands say that it ends.
pub(super) fn run() -> Result<ExitCode, Failure> {
    let terminal = Terminal::default();
    let (mut engine, setup) = Engine::begin(Bounds::DEFAULT)?;
    for missing in setup.confinement {
        terminal.warning(missing, None);
    }
    match serde_json::from_slice(&setup.words)? {
        Task::Watch { rules, forms, all, hostname } => {
            let set = load(&rules, setup.files, terminal)?;
            engine.want(calls(Some(&set)))?;
            let matching = if all { Matching::All } else { Matching::First };
            let mut scanner = Scanner::new(&set, matching);
            watch(&mut engine, &mut |engine, event| {
                for rule in scanner.scan(event) {
                    for (output, form) in (0..).zip(&forms) {
                        let mut line = match form {
                            Form::Text => alert::text(&set, rule, event),
                            Form::Json => {
                                let mut alert = alert::json(&set, rule, event);
                                alert["hostname"] = serde_json::Value::from(hostname.as_str());
                                alert.to_string()
                            }
                        };
                        line.push('\n');
                        engine.deliver(&Delivery { output, bytes: line.into_bytes() })?;
                    }
                }
                Ok(())
            })?;
        }
        Task::Capture { rules } => {
            let set =
                if rules.is_empty() { None } else { Some(load(&rules, setup.files, terminal)?) };
            engine.want(calls(set.as_ref()))?;
            record(&mut engine)?;
        }
    }
    Ok(ExitCode::from(told_losses(&mut engine, terminal)?))
}

/// Hands each event over until there are no more.
fn watch(
    engine: &mut Engine,
    event: &mut dyn FnMut(&Engine, &Event) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut losses = Losses::default();
    loop {
        match engine.next(PATIENCE)? {
            Moment::Event(one) => event(engine, &one)?,
            Moment::Lost(lane, count) => losses.add(lane, count),
            Moment::Idle => {}
            Moment::End => return Ok(()),
        }
    }
}

/// Losses that are told while they happen, but not each.
#[derive(Debug, Default)]
struct Losses {
    lost: BTreeMap<Lane, u64>,
    told: Option<Instant>,
}

impl Losses {
    #[expect(clippy::disallowed_methods, reason = "applications read the clock")]
    fn add(&mut self, lane: Lane, count: u64) {
        let lost = self.lost.entry(lane).or_default();
        *lost = lost.saturating_add(count);
        let now = Instant::now();
        if self.told.is_none_or(|told| now.duration_since(told) >= QUIET) {
            self.told = Some(now);
            for (lane, count) in std::mem::take(&mut self.lost) {
                let message = format!("{count} records of the lane {lane:?} were lost");
                let hint = "rules that need them are blind to what they told";
                Terminal::default().warning(&message, Some(hint));
            }
        }
    }
}

fn record(engine: &mut Engine) -> Result<(), Failure> {
    let batch = Batch::default();
    let mut losses = Losses::default();
    let mut recording = RecordingWriter::new(batch.clone())?;
    loop {
        let mut least = BATCH;
        match engine.next(PATIENCE)? {
            Moment::Event(event) => recording.write(&event)?,
            Moment::Lost(lane, count) => losses.add(lane, count),
            Moment::Idle => least = 1,
            Moment::End => {
                batch.pass_on(engine, 1)?;
                return Ok(());
            }
        }
        batch.pass_on(engine, least)?;
    }
}

/// Bytes on their way to the recording, which the sinks write.
#[derive(Debug, Clone, Default)]
struct Batch(Rc<RefCell<Vec<u8>>>);

impl Batch {
    /// Hands them on where there are that many.
    fn pass_on(&self, engine: &Engine, least: usize) -> Result<(), Failure> {
        if self.0.borrow().len() < least {
            return Ok(());
        }
        let bytes = self.0.take();
        Ok(engine.deliver(&Delivery { output: 0, bytes })?)
    }
}

impl Write for Batch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn load(names: &[String], files: Vec<File>, terminal: Terminal) -> Result<RuleSet, Failure> {
    let mut read = Vec::new();
    for file in files {
        let mut bytes = Vec::new();
        file.take(Limits::DEFAULT.file_bytes).read_to_end(&mut bytes)?;
        read.push(bytes);
    }
    let files: Vec<RuleFile<'_>> =
        names.iter().zip(&read).map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let loaded = bulkhead_rules::load(&files, Options::default(), &Budget::new(Limits::DEFAULT));
    show(&loaded.problems, Weight::Error, terminal);
    loaded.set.ok_or_else(broken)
}

/// The system calls that rules ask for; without rules, all whose arguments are described.
fn calls(set: Option<&RuleSet>) -> Vec<String> {
    let kinds: Vec<Kind> = match set {
        Some(set) => set.rules().iter().flat_map(|rule| set.kinds(rule)).collect(),
        None => Kind::all().filter(|kind| kind.parameters().len() > 1).collect(),
    };
    let calls = kinds.iter().filter(|kind| kind.is_system_call());
    let mut names: Vec<String> = calls.map(|kind| kind.name().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Tells what was lost, by lane and container; 3 where anything was.
fn told_losses(engine: &mut Engine, terminal: Terminal) -> Result<u8, Failure> {
    let losses = engine.losses()?;
    let lost: u64 = losses.by_lane.iter().map(|(_, _, tally)| tally.lost()).sum();
    if lost == 0 {
        return Ok(0);
    }
    let produced: u64 = losses.by_lane.iter().map(|(_, _, tally)| tally.produced).sum();
    terminal.warning(&format!("{lost} of {produced} records were lost"), None);
    for ((container, lane), count) in &losses.by_container {
        let of = if container.is_empty() { "the host" } else { container };
        terminal.warning(&format!("{count} of them by {of}, lane {lane:?}"), None);
    }
    Ok(INCOMPLETE)
}
