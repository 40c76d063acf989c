//! `bulkhead sensor`.

mod engine;
mod status;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bulkhead_probes::{FeatureState, Options};
use bulkhead_sensor::{Hands, HandsOptions, Machine, PartCommand};
use rustix::time::{ClockId, clock_gettime};

use crate::arguments::{Capture, Names, Run, Sensor};
use crate::commands::rules::SHIPPED;
use crate::failure::Failure;
use crate::terminal::Terminal;

use engine::{Form, Task};

/// The arguments that make this program a part of the sensor. They are no commands of the command line: a
/// part reads no settings.
const ENGINE: &str = "sensor-engine";
const SINKS: &str = "sensor-sinks";

/// Something of the sensor ended as it should not.
const FAILED: u8 = 1;

/// Becomes a part of the sensor, where the first argument says so.
pub(crate) fn part(argument: Option<&OsString>) -> Option<ExitCode> {
    let ended = match argument?.to_str()? {
        ENGINE => engine::run(),
        SINKS => bulkhead_sensor::sinks().map(|()| ExitCode::SUCCESS).map_err(Failure::from),
        _ => return None,
    };
    Some(ended.unwrap_or_else(|failure| failure.report(Terminal::default())))
}

pub(crate) fn run(command: &Sensor, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Sensor::Run(arguments) => watch(arguments, terminal),
        Sensor::Capture(arguments) => capture(arguments, terminal),
        Sensor::Status => status::run(terminal),
    }
}

fn watch(arguments: &Run, terminal: Terminal) -> Result<u8, Failure> {
    let mut outputs = Vec::new();
    let mut forms = Vec::new();
    for output in &arguments.outputs {
        outputs.push(match &output.file {
            Some(file) => appended(file)?,
            None => standard_output()?,
        });
        forms.push(if output.is_json { Form::Json } else { Form::Text });
    }
    let rules = names(&arguments.rules);
    let hostname = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let task = Task::Watch { rules, forms, all: arguments.all_rules, hostname };
    let names = &arguments.names;
    start(&task, &arguments.rules, outputs, names, arguments.duration, terminal)
}

fn capture(arguments: &Capture, terminal: Terminal) -> Result<u8, Failure> {
    let file = fs_err::File::create(&arguments.output)?.into_file();
    let task = Task::Capture { rules: names(&arguments.rules) };
    let names = &arguments.names;
    start(&task, &arguments.rules, vec![file], names, arguments.duration, terminal)
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.display().to_string()).collect()
}

fn appended(file: &Path) -> Result<File, Failure> {
    Ok(fs_err::OpenOptions::new().create(true).append(true).open(file)?.into_file())
}

fn standard_output() -> Result<File, Failure> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Starts the sensor and holds the probes until it ends.
#[expect(clippy::disallowed_methods, reason = "applications read the clock")]
fn start(
    task: &Task,
    rules: &[PathBuf],
    outputs: Vec<File>,
    names: &Names,
    duration: Option<Duration>,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let open = |file: &PathBuf| fs_err::File::open(file).map(fs_err::File::into_file);
    let command = PartCommand {
        program: std::env::current_exe()?,
        engine: vec![OsString::from(ENGINE)],
        sinks: vec![OsString::from(SINKS)],
    };
    let options = HandsOptions {
        command,
        probes: Options::default(),
        boot: boot(),
        files: rules
            .iter()
            .filter(|file| file.as_os_str() != SHIPPED)
            .map(open)
            .collect::<Result<_, _>>()?,
        words: serde_json::to_vec(task)?,
        outputs,
        name_servers: names.servers.clone(),
    };
    let begin = Instant::now();
    let hands = Hands::start(Machine::at(Path::new("/")), options)?;
    for report in hands.reports() {
        if let FeatureState::Refused { reason, hint } = &report.state {
            let message = format!("{} does not work here: {reason}", report.feature);
            terminal.warning(&message, Some(hint));
        }
    }
    for missing in hands.confinement() {
        terminal.warning(missing, None);
    }
    let ready = || terminal.note("the sensor watches");
    let (engine, sinks) = hands.serve(duration, &|| begin.elapsed(), &ready)?;
    let failed = !sinks.success() || engine.code().is_none();
    let code = engine.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED);
    Ok(if failed { FAILED } else { code })
}

/// Nanoseconds since 1970 at which the machine started.
fn boot() -> u64 {
    let nanoseconds = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
    };
    nanoseconds(ClockId::Realtime).saturating_sub(nanoseconds(ClockId::Boottime))
}
