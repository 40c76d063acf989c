//! The side of the scan: worker processes, and what becomes of them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bulkhead_frames::{receive, send};

use crate::broken::{Broken, BrokenKind};
use crate::protocol::{Job, Reply};
use crate::request::WorkerCommand;

/// Bytes of a dying worker's last words that are read.
const LAST_WORDS: u64 = 64 << 10;

/// A worker process that is started when the first job comes, and again when it has died.
pub(crate) struct Worker<'a> {
    command: &'a WorkerCommand,
    running: Option<Running>,
}

struct Running {
    child: Child,
    socket: UnixStream,
    last_words: File,
}

/// Why a job has no answer.
#[derive(Debug)]
pub(crate) enum JobError {
    /// No process could be started.
    Start(io::Error),
    /// The process died over the job, or was stopped.
    Died(Broken),
}

impl<'a> Worker<'a> {
    pub(crate) fn new(command: &'a WorkerCommand) -> Self {
        Self { command, running: None }
    }

    /// Has a job done. Progress is passed on; a worker that dies or falls silent takes only this
    /// job with it.
    pub(crate) fn perform(
        &mut self,
        job: &Job,
        descriptors: &[BorrowedFd<'_>],
        advance: &dyn Fn(u64),
    ) -> Result<Reply, JobError> {
        let running = match self.running.take() {
            Some(running) => running,
            None => start(self.command).map_err(JobError::Start)?,
        };
        match converse(&running.socket, job, descriptors, advance) {
            Ok(reply) => {
                self.running = Some(running);
                Ok(reply)
            }
            Err(error) => Err(JobError::Died(bury(running, &error, job))),
        }
    }
}

/// Ends the worker in order: without its socket it has nothing to wait for.
impl Drop for Worker<'_> {
    fn drop(&mut self) {
        if let Some(Running { mut child, socket, .. }) = self.running.take() {
            drop(socket);
            let _ = child.wait();
        }
    }
}

/// Starts a process that has nothing but its socket: no environment, in which credentials might be,
/// and no descriptors but those of its jobs.
fn start(command: &WorkerCommand) -> io::Result<Running> {
    let (socket, theirs) = UnixStream::pair()?;
    let last_words = tempfile::tempfile()?;
    let mut process = Command::new(&command.program);
    process.args(&command.arguments).env_clear();
    if let Some(folder) = std::env::var_os("TMPDIR") {
        process.env("TMPDIR", folder);
    }
    let child = process
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::from(last_words.try_clone()?))
        .spawn()?;
    Ok(Running { child, socket, last_words })
}

fn converse(
    socket: &UnixStream,
    job: &Job,
    descriptors: &[BorrowedFd<'_>],
    advance: &dyn Fn(u64),
) -> io::Result<Reply> {
    let patience = job.limits.time.max(Duration::from_secs(1));
    socket.set_read_timeout(Some(patience))?;
    send(socket, job, descriptors)?;
    loop {
        match receive::<Reply>(socket)? {
            Some((Reply::Progress(bytes), _)) => advance(bytes),
            Some((reply, _)) => return Ok(reply),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Ends a worker that did not answer, and finds out why.
fn bury(running: Running, error: &io::Error, job: &Job) -> Broken {
    let Running { mut child, socket, mut last_words } = running;
    let silent = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
    let talking = error.kind() == io::ErrorKind::InvalidData;
    if silent || talking {
        let _ = child.kill();
    }
    drop(socket);
    let status = child.wait();
    if silent {
        let seconds = job.limits.time.as_secs();
        let cause = format!("the worker gave no sign for {seconds} s and was stopped");
        return Broken::new(BrokenKind::Silent, cause);
    }
    if talking {
        let cause = format!("the worker answered what cannot be understood: {error}");
        return Broken::new(BrokenKind::Fault, cause);
    }
    let mut words = Vec::new();
    let _ = last_words.seek(SeekFrom::Start(0));
    let _ = last_words.take(LAST_WORDS).read_to_end(&mut words);
    match status {
        Ok(status) => cause(status, &String::from_utf8_lossy(&words), job.limits.memory),
        Err(error) => Broken::new(BrokenKind::Fault, format!("the worker is gone: {error}")),
    }
}

/// What killed a worker, from its exit status and its last words.
fn cause(status: ExitStatus, words: &str, memory: u64) -> Broken {
    if words.contains("memory allocation of") {
        let cause = format!("the worker ran out of its {} MiB of memory", memory >> 20);
        return Broken::new(BrokenKind::Memory, cause);
    }
    let fault = |cause: String| Broken::new(BrokenKind::Fault, cause);
    if words.contains("has overflowed its stack") {
        return fault("the worker overflowed its stack".to_owned());
    }
    if let Some((_, after)) = words.split_once("panicked at ") {
        let line: String = after.lines().take(2).collect::<Vec<_>>().join(" ");
        let line: String = line.chars().take(300).collect();
        return fault(format!("the worker panicked at {line}"));
    }
    match status.signal() {
        Some(9) => Broken::new(
            BrokenKind::Killed,
            "the worker was killed, perhaps because the machine ran out of memory",
        ),
        Some(signal) => fault(format!("the worker died of signal {signal}")),
        None => fault(format!("the worker ended with {status}")),
    }
}
