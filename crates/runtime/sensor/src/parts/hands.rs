//! The process with the rights: it loads the probes, holds them, and opens files by fixed places.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bulkhead_frames::{receive, send};
use bulkhead_probes::{Feature, FeatureReport, Lane, Options, Probes};

use super::protocol::{Answer, Answers, Begin, Question, Start};
use crate::accounts::AccountFiles;
use crate::allowance::SpentAccounts;
use crate::confine::{Part, confine};
use crate::status::{FeatureStatus, ProgramStatus};
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
    /// Files that the engine reads.
    pub files: Vec<File>,
    /// What the engine has to know, in the program's own form.
    pub words: Vec<u8>,
    /// Files that the sinks write to, by their place; the first is standard output.
    pub outputs: Vec<File>,
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

/// The sensor at work, seen from the process that holds the probes.
pub struct Hands {
    probes: Probes,
    reports: Vec<FeatureReport>,
    machine: Machine,
    engine: Child,
    sinks: Child,
    socket: UnixStream,
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
        let ring_bytes = wanted.rings.iter().map(|bytes| u64::from(*bytes)).sum();
        let (mut probes, reports) = Probes::load(&wanted)?;
        let costs = if options.counts_costs { Some(Probes::count_costs()?) } else { None };
        // The sinks learn of their outputs from here; everything later comes from the engine.
        let (names, to_names) = UnixStream::pair()?;
        let open = |path| fs_err::File::open(path).map(fs_err::File::into_file).ok();
        let (configuration, hosts) = (open("/etc/resolv.conf"), open("/etc/hosts"));
        let begin = Begin {
            outputs: u8::try_from(options.outputs.len()).unwrap_or(u8::MAX),
            listeners: options.listeners.iter().map(|(answers, _)| *answers).collect(),
            canary: options.canary,
            words: options.sink_words,
            name_servers: options.name_servers,
            files: (configuration.is_some(), hosts.is_some()),
        };
        let outputs = options.outputs.iter().map(|file| file.as_fd());
        let listeners = options.listeners.iter().map(|(_, listener)| listener.as_fd());
        let files = [&configuration, &hosts].into_iter().flatten().map(|file| file.as_fd());
        let given: Vec<BorrowedFd<'_>> =
            outputs.chain(listeners).chain([names.as_fd()]).chain(files).collect();
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
        let files = u8::try_from(options.files.len()).unwrap_or(u8::MAX);
        descriptors.extend(options.files.into_iter().map(OwnedFd::from));
        let start = Start {
            boot: options.boot,
            parts,
            allowance: options.allowance,
            ring_bytes,
            features: reports.iter().map(FeatureStatus::from).collect(),
            programs: programs(&probes),
            lanes: Lane::ALL.iter().map(|lane| *lane as u8).collect(),
            snapshots,
            files,
            words: options.words,
        };
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(|one| one.as_fd()).collect();
        send(&socket, &start, &borrowed)?;
        let confinement = confine(Part::Hands)?;
        Ok(Self { probes, reports, machine, engine, sinks, socket, confinement, costs })
    }

    /// What became of each feature of the probes.
    pub fn reports(&self) -> &[FeatureReport] {
        &self.reports
    }

    /// What could not be given up here.
    pub fn confinement(&self) -> &[&'static str] {
        &self.confinement
    }

    /// Answers the engine until it ends, or until the time is over: then it is told to, and waited for.
    /// `elapsed` tells how long the sensor runs; `ready` is called once the calls that the engine wants are
    /// reported.
    pub fn serve(
        mut self,
        duration: Option<Duration>,
        elapsed: &dyn Fn() -> Duration,
        ready: &dyn Fn(),
    ) -> Result<(ExitStatus, ExitStatus), SensorError> {
        let (mut is_ending, mut is_ready) = (false, false);
        loop {
            let left = duration.map(|duration| duration.saturating_sub(elapsed()));
            if left == Some(Duration::ZERO) && !std::mem::replace(&mut is_ending, true) {
                // No call is reported any more, so that what the engine still reads has an end. It sees that
                // something came unasked, and may ask about the rest on the way.
                self.probes.want_named(&[])?;
                send(&self.socket, &Answer::End, &[])?;
            }
            let patience = left.filter(|_| !is_ending);
            self.socket.set_read_timeout(patience.map(|left| left.max(TICK)))?;
            match receive::<Question>(&self.socket) {
                Ok(Some((question, _))) => match self.answer(&question) {
                    // The engine has ended, and does not want to know any more.
                    Err(SensorError::Read(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                        break;
                    }
                    answered => {
                        answered?;
                        let calls = matches!(question, Question::Calls(_));
                        if calls && !std::mem::replace(&mut is_ready, true) {
                            ready();
                        }
                    }
                },
                Ok(None) => break,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
                Err(error) => return Err(error.into()),
            }
        }
        drop(self.socket);
        Ok((self.engine.wait()?, self.sinks.wait()?))
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
                Some(AccountFiles { passwd, group }) => {
                    let there = (passwd.is_some(), group.is_some());
                    descriptors.extend([passwd, group].into_iter().flatten().map(OwnedFd::from));
                    Answer::Accounts(there.0, there.1)
                }
                None => Answer::Nothing,
            },
            Question::Losses => Answer::Losses(self.probes.losses()?.into()),
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
                Ok(()) => Answer::Done,
                Err(error) => Answer::Refused(error.to_string()),
            },
        };
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(|one| one.as_fd()).collect();
        Ok(send(&self.socket, &answer, &borrowed)?)
    }
}

fn programs(probes: &Probes) -> Vec<ProgramStatus> {
    let statistics = probes.statistics().into_iter();
    let mut programs: Vec<ProgramStatus> = statistics
        .map(|program| ProgramStatus { name: program.program, id: program.id, cost: None })
        .collect();
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    programs
}

fn costs(probes: &Probes) -> Vec<(u32, u64, u64)> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let statistics = probes.statistics().into_iter();
    statistics.map(|program| (program.id, program.runs, nanoseconds(program.time))).collect()
}

/// The shortest wait: the system takes zero for none.
const TICK: Duration = Duration::from_millis(1);

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
