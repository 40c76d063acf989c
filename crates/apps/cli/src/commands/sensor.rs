//! `bulkhead sensor`.

mod engine;
mod life;
mod listen;
mod outlets;
mod refusal;
mod status;
mod telling;

use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bulkhead_alerts::Node;
use bulkhead_probes::{FeatureState, Options};
use bulkhead_rules::Selection;
use bulkhead_sensor::{
    Allowance, Hands, HandsOptions, Machine, Outlet, PartCommand, SensorError, SinksProgram,
};
use fs_err::os::unix::fs::OpenOptionsExt as _;
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

use crate::allocator;
use crate::arguments::{Capture, Names, Run, Sensor, Upkeep};
use crate::commands::rules::{SHIPPED, rule_paths};
use crate::failure::Failure;
use crate::terminal::Terminal;

use engine::Task;
use listen::Listening;
use telling::Telling;

/// The arguments that make this program a part of the sensor. They are no commands of the command line: a
/// part reads no settings.
const ENGINE: &str = "sensor-engine";
const SINKS: &str = "sensor-sinks";

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// Something of the sensor ended as it should not.
const FAILED: u8 = 1;

/// Becomes a part of the sensor, where the first argument says so.
pub(crate) fn part(argument: Option<&OsString>) -> Option<ExitCode> {
    let ended = match argument?.to_str()? {
        ENGINE => engine::run(),
        SINKS => sinks(),
        _ => return None,
    };
    Some(ended.unwrap_or_else(|failure| failure.report(Terminal::default())))
}

/// Serves as the sinks until the engine ends.
#[expect(clippy::disallowed_methods, reason = "applications read the clock")]
fn sinks() -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    let program = SinksProgram {
        elapsed: &|| begin.elapsed(),
        tell: &|words, sign| life::deliveries(words, sign, nanoseconds(now())),
        gap: |words, dropped| life::gap(words, dropped, nanoseconds(now())),
        warn: |text| Terminal::default().warning(text, None),
    };
    Ok(match bulkhead_sensor::sinks(&program) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(INCOMPLETE),
        // Whoever ended before this one began says why.
        Err(SensorError::Alone) => ExitCode::from(FAILED),
        Err(error) => return Err(error.into()),
    })
}

/// The time of the clock on the wall.
fn now() -> Timestamp {
    Timestamp::now()
}

/// As events tell it: nanoseconds since 1970.
fn nanoseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_nanosecond()).unwrap_or_default()
}

pub(crate) fn run(command: &Sensor, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Sensor::Run(arguments) => watch(arguments, terminal),
        Sensor::Capture(arguments) => capture(arguments, terminal),
        Sensor::Status(arguments) => status::run(arguments, terminal),
    }
}

fn watch(arguments: &Run, terminal: Terminal) -> Result<u8, Failure> {
    let (outputs, forms) = outlets::open(&arguments.outputs)?;
    let files = rule_paths(&arguments.rules)?;
    let rules = names(&files);
    let hostname = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let node =
        Node { hostname, process: std::process::id(), facility: arguments.outputs.syslog_facility };
    let telling = Telling { forms, node };
    let sink_words = serde_json::to_vec(&telling)?;
    let costs = arguments.upkeep.costs;
    let bounds = arguments.restraint.bounds();
    let selection = arguments.choice.selection();
    let task = Task::Watch { rules, selection, all: arguments.all_rules, telling, bounds, costs };
    let names = &arguments.names;
    let work = Work { task, sink_words, rules: &files, outputs, names };
    start(work, &arguments.upkeep, arguments.duration, terminal)
}

fn capture(arguments: &Capture, terminal: Terminal) -> Result<u8, Failure> {
    let rules = rule_paths(&arguments.rules)?;
    let selection = arguments.choice.selection();
    if rules.is_empty() && selection != Selection::default() {
        return Err(Failure::new(
            "--switch and --priority choose among rules, and without --rules everything is recorded",
            "name rule files by -r FILE, or those that come with the program by -r shipped",
        ));
    }
    let file = create_private(&arguments.output)?;
    let costs = arguments.upkeep.costs;
    let task = Task::Capture { rules: names(&rules), selection, costs };
    let work = Work {
        task,
        sink_words: Vec::new(),
        rules: &rules,
        outputs: vec![Outlet::Open(file)],
        names: &arguments.names,
    };
    start(work, &arguments.upkeep, arguments.duration, terminal)
}

/// Creates a file for its owner alone, or takes what is there for it: command lines and environments of everybody come
/// into it.
fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = fs_err::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // A device or a pipe is not ours to change.
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file.into_file())
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.display().to_string()).collect()
}

/// What a sensor is to do.
struct Work<'a> {
    task: Task,
    /// What the sinks have to know.
    sink_words: Vec<u8>,
    rules: &'a [PathBuf],
    outputs: Vec<Outlet>,
    names: &'a Names,
}

/// Starts the sensor and holds the probes until it ends.
#[expect(clippy::disallowed_methods, reason = "applications read the clock")]
fn start(
    work: Work<'_>,
    upkeep: &Upkeep,
    duration: Option<Duration>,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let command = PartCommand {
        program: std::env::current_exe()?,
        engine: vec![OsString::from(ENGINE)],
        sinks: vec![OsString::from(SINKS)],
    };
    let mut listening = Listening::open(upkeep, terminal)?;
    let memory = upkeep.max_memory.map(|mebibytes| u64::from(mebibytes) << 20);
    let options = HandsOptions {
        command,
        probes: Options { hooks: upkeep.hooks, ..Options::default() },
        boot: boot(),
        files: work.rules.iter().filter(|file| file.as_os_str() != SHIPPED).cloned().collect(),
        words: serde_json::to_vec(&work.task)?,
        outputs: work.outputs,
        signals: outlets::signals()?,
        name_servers: work.names.servers.clone(),
        listeners: std::mem::take(&mut listening.sockets),
        sink_words: work.sink_words,
        canary: Some(upkeep.canary).filter(|every| !every.is_zero()),
        allowance: Allowance { cpu_percent: upkeep.max_cpu, memory },
        counts_costs: upkeep.costs,
    };
    let begin = Instant::now();
    let started = Hands::start(Machine::at(Path::new("/")), options).inspect_err(|error| {
        if let SensorError::Probes(error) = error {
            refusal::tell(error, terminal);
        }
    });
    let hands = started?;
    let mut seen = 0;
    for report in hands.reports() {
        if let FeatureState::Refused { reason, hint } = &report.state {
            let message = format!("{} does not work here: {reason}", report.feature);
            terminal.warning(&message, Some(hint));
            seen = INCOMPLETE;
        }
    }
    for missing in hands.confinement() {
        terminal.warning(missing, None);
    }
    let ready = || {
        // Most of what loading took is free again.
        allocator::give_back();
        terminal.note("the sensor watches");
    };
    let (engine, sinks) = hands.serve(duration, &|| begin.elapsed(), &ready)?;
    drop(listening);
    let code = |status: std::process::ExitStatus| {
        status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED)
    };
    Ok(match (code(engine), code(sinks)) {
        (FAILED, _) | (_, FAILED) => FAILED,
        (engine, sinks) => engine.max(sinks).max(seen),
    })
}

/// Nanoseconds since 1970 at which the machine started.
fn boot() -> u64 {
    let nanoseconds = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
    };
    nanoseconds(ClockId::Realtime).saturating_sub(nanoseconds(ClockId::Boottime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_for_its_owner_alone() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("events");
        for before in [None, Some(0o644), Some(0o666)] {
            if let Some(mode) = before {
                fs_err::set_permissions(&path, Permissions::from_mode(mode))?;
            }
            create_private(&path)?;
            assert_eq!(fs_err::metadata(&path)?.permissions().mode() & 0o777, 0o600, "{before:?}");
        }
        create_private(Path::new("/dev/null"))?;
        assert_ne!(fs_err::metadata("/dev/null")?.permissions().mode() & 0o777, 0o600);
        Ok(())
    }
}
