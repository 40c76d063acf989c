//! The process with the rights: it loads the probes, holds them, and opens files by fixed places.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bulkhead_frames::{receive, send};
use bulkhead_probes::{Feature, FeatureReport, FeatureState, Lane, Options, Probes};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::files::WatchedFiles;
use super::outlets::{NextFile, Outlet, Outlets};
use super::protocol::{Answer, Answers, Begin, Question, Start, Watch};
use crate::allowance::SpentAccounts;
use crate::canary::Way;
use crate::confine::{Part, confine};
use crate::status::{FeatureStatus, HooksStatus, ProgramStatus};
use crate::{Allowance, Machine, SensorError};

/// How the program is executed to become another part of the sensor.
#[derive(Debug, Clone)]
pub struct PartCommand {
    /// The program: this one.
    pub program: PathBuf,
    /// The arguments that make it the engine.
    pub engine: Vec<OsString>,
    /// The arguments that make it the sinks.
    pub sinks: Vec<OsString>,
}

/// What the sensor is to do.
#[derive(Debug)]
pub struct HandsOptions {
    /// How the other parts are started.
    pub command: PartCommand,
    /// How probes are loaded.
    pub probes: Options,
    /// Nanoseconds since 1970 at which the machine started.
    pub boot: u64,
    /// Files that the engine reads, and reads again when they change.
    pub files: Vec<PathBuf>,
    /// What the engine has to know, in the program's own form.
    pub words: Vec<u8>,
    /// Where alerts leave, by their place.
    pub outputs: Vec<Outlet>,
    /// What the process is told by signals.
    pub signals: Signals,
    /// Who is asked for the addresses of names that rules say; without any, whom the node asks.
    pub name_servers: Vec<SocketAddr>,
    /// Sockets that listen, on which the sinks tell of the sensor. They must not block.
    pub listeners: Vec<(Answers, OwnedFd)>,
    /// What the sinks have to know, in the program's own form.
    pub sink_words: Vec<u8>,
    /// The time between signs of life; none where there are none.
    pub canary: Option<Duration>,
    /// What all parts may use up together.
    pub allowance: Allowance,
    /// Whether the kernel counts what the programs cost, which costs as well.
    pub counts_costs: bool,
}

/// Signals, as something to wait for: a byte comes for each.
#[derive(Debug)]
pub struct Signals {
    /// To read the files again, and to open outputs anew that somebody put aside.
    pub renew: UnixStream,
    /// To end in order.
    pub end: UnixStream,
}

/// The sensor at work, seen from the process that holds the probes.
pub struct Hands {
    probes: Probes,
    reports: Vec<FeatureReport>,
    machine: Machine,
    engine: Child,
    sinks: Child,
    socket: UnixStream,
    to_sinks: UnixStream,
    outlets: Outlets,
    files: WatchedFiles,
    signals: Signals,
    confinement: Vec<&'static str>,
    /// While it is held, the kernel counts what programs cost.
    costs: Option<OwnedFd>,
}

impl Hands {
    /// Starts the other parts, loads the probes, and gives up what is not needed any more: from here on
    /// this process has no network and executes nothing.
    pub fn start(machine: Machine, options: HandsOptions) -> Result<Self, SensorError> {
        let (socket, engines) = UnixStream::pair()?;
        let (to_sinks, from_engine) = UnixStream::pair()?;
        let command = &options.command;
        let engine = spawn(command, &command.engine, engines)?;
        let sinks = spawn(command, &command.sinks, from_engine)?;
        let mut wanted = options.probes;
        let parts = [std::process::id(), engine.id(), sinks.id()];
        wanted.exempt.extend(parts);
        wanted.canary = options.canary.map(|_| sinks.id());
        wanted.rings = options.allowance.rings(wanted.rings);
        let ring_bytes = wanted.rings.iter().map(|bytes| u64::from(*bytes)).sum();
        let (mut probes, reports) = Probes::load(&wanted)?;
        let costs = if options.counts_costs { Some(Probes::count_costs()?) } else { None };
        // The sinks learn of their outputs from here; everything later comes from the engine.
        let (names, to_names) = UnixStream::pair()?;
        let open = |path| fs_err::File::open(path).map(fs_err::File::into_file).ok();
        let (of_sinks, to_hands) = UnixStream::pair()?;
        let outlets = Outlets::open(options.outputs)?;
        let files = WatchedFiles::new(options.files);
        let (configuration, hosts) = (open("/etc/resolv.conf"), open("/etc/hosts"));
        let begin = Begin {
            outputs: outlets.told(),
            listeners: options.listeners.iter().map(|(answers, _)| *answers).collect(),
            canary: options.canary,
            ways: ways(&reports),
            words: options.sink_words,
            name_servers: options.name_servers,
            files: (configuration.is_some(), hosts.is_some()),
        };
        let listeners = options.listeners.iter().map(|(_, listener)| listener.as_fd());
        let name_files = [&configuration, &hosts].into_iter().flatten().map(|file| file.as_fd());
        let ways = [names.as_fd(), to_hands.as_fd()];
        let given: Vec<BorrowedFd<'_>> =
            outlets.descriptors().chain(listeners).chain(ways).chain(name_files).collect();
        send(&to_sinks, &begin, &given)?;
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        for lane in Lane::ALL {
            descriptors.push(probes.ring(*lane)?);
        }
        let mut snapshots = 0_u8;
        for feature in [Feature::Tasks, Feature::Descriptors] {
            if let Some(file) = probes.snapshot_file(feature)? {
                descriptors.push(file.into());
                snapshots = snapshots.saturating_add(1);
            }
        }
        descriptors.push(to_sinks.into());
        descriptors.push(to_names.into());
        for part in parts {
            let SpentAccounts { stat, statm } = SpentAccounts::of(part)?;
            descriptors.extend([stat.into(), statm.into()]);
        }
        let opened = files.first()?;
        let count = u8::try_from(opened.len()).unwrap_or(u8::MAX);
        descriptors.extend(opened.into_iter().map(OwnedFd::from));
        let start = Start {
            boot: options.boot,
            parts,
            allowance: options.allowance,
            ring_bytes,
            features: reports.iter().map(FeatureStatus::from).collect(),
            watch: watch(&probes),
            lanes: Lane::ALL.iter().map(|lane| *lane as u8).collect(),
            snapshots,
            files: count,
            words: options.words,
        };
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(|one| one.as_fd()).collect();
        send(&socket, &start, &borrowed)?;
        let confinement = confine(Part::Hands)?;
        Ok(Self {
            probes,
            reports,
            machine,
            engine,
            sinks,
            socket,
            to_sinks: of_sinks,
            outlets,
            files,
            signals: options.signals,
            confinement,
            costs,
        })
    }

    /// What became of each feature of the probes.
    pub fn reports(&self) -> &[FeatureReport] {
        &self.reports
    }

    /// What could not be given up here.
    pub fn confinement(&self) -> &[&'static str] {
        &self.confinement
    }

    /// Answers the other parts until they end, or until the time is over: then the engine is told to end, and
    /// waited for. `elapsed` tells how long the sensor runs; `ready` is called once the calls that the engine
    /// wants are reported.
    pub fn serve(
        mut self,
        duration: Option<Duration>,
        elapsed: &dyn Fn() -> Duration,
        ready: &dyn Fn(),
    ) -> Result<(ExitStatus, ExitStatus), SensorError> {
        for socket in [&self.socket, &self.to_sinks] {
            socket.set_read_timeout(Some(PATIENCE))?;
        }
        let (mut is_ending, mut is_ready) = (false, false);
        let mut looked = elapsed();
        let mut open = Open { engine: true, sinks: true };
        while open.engine || open.sinks {
            let now = elapsed();
            let left = duration.map_or(LOOK, |duration| duration.saturating_sub(now).min(LOOK));
            let came = self.wait(open, left.max(TICK))?;
            let is_over = duration.is_some_and(|duration| now >= duration) || came.end;
            if is_over && !std::mem::replace(&mut is_ending, true) {
                // No call is reported any more, so that what the engine still reads has an end. It sees that
                // something came unasked, and may ask about the rest on the way.
                self.probes.want_named(&[])?;
                gone_is_well(send(&self.socket, &Answer::End, &[]))?;
            }
            if came.engine {
                match self.hear_engine()? {
                    Heard::Nothing => open.engine = false,
                    Heard::Calls if !std::mem::replace(&mut is_ready, true) => ready(),
                    Heard::Calls | Heard::Other => {}
                }
            }
            if came.sinks {
                open.sinks = self.hear_sinks()?;
            }
            if is_ending || !open.engine {
                continue;
            }
            if came.renew {
                self.outlets.reopen(&self.to_sinks)?;
            }
            let is_due = now.saturating_sub(looked) >= LOOK;
            if is_due {
                looked = now;
            }
            if came.renew || (is_due && self.files.look()) {
                self.renew_files()?;
            }
        }
        drop(self.socket);
        Ok((self.engine.wait()?, self.sinks.wait()?))
    }

    /// Waits until somebody has something to say, or for so long.
    fn wait(&mut self, open: Open, patience: Duration) -> Result<Came, SensorError> {
        let patience = Timespec::try_from(patience).unwrap_or_default();
        let signals = [&mut self.signals.renew, &mut self.signals.end];
        let [renew, end] = &signals;
        let sockets: [(&UnixStream, bool); 4] =
            [(&self.socket, open.engine), (&self.to_sinks, open.sinks), (renew, true), (end, true)];
        let flags = |is_open| if is_open { PollFlags::IN } else { PollFlags::empty() };
        let mut waiting = sockets.map(|(socket, is_open)| PollFd::new(socket, flags(is_open)));
        match poll(&mut waiting, Some(&patience)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [engine, sinks, renew, end] = waiting.map(|one| !one.revents().is_empty());
        let came = Came { engine: engine && open.engine, sinks: sinks && open.sinks, renew, end };
        for (signal, came) in signals.into_iter().zip([came.renew, came.end]) {
            if came {
                // Several signals are one.
                let _ = signal.read(&mut [0; 64])?;
            }
        }
        Ok(came)
    }

    fn hear_engine(&mut self) -> Result<Heard, SensorError> {
        let question = match receive::<Question>(&self.socket) {
            Ok(Some((question, _))) => question,
            Ok(None) => return Ok(Heard::Nothing),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Ok(Heard::Nothing);
            }
            Err(error) => return Err(error.into()),
        };
        match self.answer(&question) {
            // The engine has ended, and does not want to know any more.
            Err(SensorError::Read(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                Ok(Heard::Nothing)
            }
            answered => answered.map(|()| match question {
                Question::Calls(_) => Heard::Calls,
                _ => Heard::Other,
            }),
        }
    }

    /// Gives the sinks the next file that they ask for; false where they have ended.
    fn hear_sinks(&mut self) -> Result<bool, SensorError> {
        match receive::<NextFile>(&self.to_sinks) {
            Ok(Some((NextFile(place), _))) => {
                self.outlets.next(&self.to_sinks, place)?;
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the engine the files anew.
    fn renew_files(&mut self) -> Result<(), SensorError> {
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        let files = self.files.open().into_iter().map(|opened| match opened {
            Ok(file) => {
                descriptors.push(file.into());
                None
            }
            Err(cause) => Some(cause),
        });
        let answer = Answer::Files(files.collect());
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(|one| one.as_fd()).collect();
        Ok(gone_is_well(send(&self.socket, &answer, &borrowed))?)
    }

    fn answer(&mut self, question: &Question) -> Result<(), SensorError> {
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        let answer = match question {
            Question::Container(name) => {
                let opened = self.machine.places().open(name);
                let opened = opened.into_iter().take(bulkhead_frames::DESCRIPTORS);
                let kinds = opened.map(|one| {
                    descriptors.push(one.file.into());
                    (one.document, one.runtime)
                });
                Answer::Documents(kinds.collect())
            }
            Question::Accounts(view) => match self.machine.account_files(view) {
                Some(files) => {
                    let files = files.into_array();
                    let there = files.each_ref().map(Option::is_some);
                    descriptors.extend(files.into_iter().flatten().map(OwnedFd::from));
                    Answer::Accounts(there)
                }
                None => Answer::Nothing,
            },
            Question::Losses => Answer::Losses(self.probes.losses()?.into()),
            Question::PassedOver => Answer::PassedOver(self.probes.passed_over()),
            Question::Costs => match &self.costs {
                Some(_) => Answer::Costs(costs(&self.probes)),
                None => Answer::Nothing,
            },
            Question::Membership(process) => match self.machine.membership(*process) {
                Some(file) => {
                    descriptors.push(file.into());
                    Answer::File
                }
                None => Answer::Nothing,
            },
            Question::Usage(groups) => {
                let opened = self.machine.meters().open(groups).into_iter();
                let (meters, files): (Vec<_>, Vec<_>) =
                    opened.take(bulkhead_frames::DESCRIPTORS).unzip();
                descriptors = files;
                Answer::Meters(meters)
            }
            Question::Calls(filter) => match self.probes.want(filter) {
                Ok(()) => Answer::Watching(watch(&self.probes)),
                Err(error) => Answer::Refused(error.to_string()),
            },
        };
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(|one| one.as_fd()).collect();
        Ok(send(&self.socket, &answer, &borrowed)?)
    }
}

fn watch(probes: &Probes) -> Watch {
    let statistics = probes.statistics().into_iter();
    let mut programs: Vec<ProgramStatus> = statistics
        .map(|program| ProgramStatus {
            name: program.program,
            id: program.id,
            ..ProgramStatus::default()
        })
        .collect();
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    Watch { hooks: HooksStatus::of(probes), programs }
}

fn costs(probes: &Probes) -> Vec<(u32, u64, u64)> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let statistics = probes.statistics().into_iter();
    statistics.map(|program| (program.id, program.runs, nanoseconds(program.time))).collect()
}

/// The shortest wait, so that a time that is nearly over is not waited for in circles.
const TICK: Duration = Duration::from_millis(1);

/// How often it is looked whether files have changed.
const LOOK: Duration = Duration::from_secs(1);

/// How long a part may take for the rest of a frame that it has begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which of the other parts have not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    engine: bool,
    sinks: bool,
}

/// Who has something to say.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a descriptor of its own")]
struct Came {
    engine: bool,
    sinks: bool,
    renew: bool,
    end: bool,
}

/// What the engine said.
enum Heard {
    /// It has ended.
    Nothing,
    /// Which calls it wants.
    Calls,
    /// Something else.
    Other,
}

/// The ways on which signs of life can come through.
fn ways(reports: &[FeatureReport]) -> Vec<Way> {
    let works = |feature| {
        let mut of = reports.iter().filter(|report| report.feature == feature);
        of.all(|report| report.state == FeatureState::Loaded)
    };
    Way::ALL.into_iter().filter(|way| works(way.feature())).collect()
}

/// Who has ended does not want to know any more.
fn gone_is_well(sent: io::Result<()>) -> io::Result<()> {
    match sent {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        sent => sent,
    }
}

/// Starts this program again: without environment, in which credentials might be, and in a group of its own, so
/// that what a terminal interrupts is this process alone and the others end in order.
fn spawn(command: &PartCommand, arguments: &[OsString], socket: UnixStream) -> io::Result<Child> {
    Command::new(&command.program)
        .args(arguments)
        .env_clear()
        .process_group(0)
        .stdin(Stdio::from(OwnedFd::from(socket)))
        .stdout(Stdio::null())
        .spawn()
}
