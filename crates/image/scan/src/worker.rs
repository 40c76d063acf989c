//! The side of a worker process: it reads hostile bytes and may die of them.

mod arrival;
mod chunks;
mod layer;
mod offer;
mod stored;
mod tree;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use bulkhead_frames::{receive, send};
use bulkhead_image::{ImageError, Source};
use bulkhead_layers::Detector;
use bulkhead_limits::Budget;
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::protocol::{Failure, Form, Job, Reply, Task};

/// Serves jobs from the socket that is standard input, until the other side closes it.
///
/// Before the first job it gives up what it does not need; with each job it takes on that job's
/// limit of memory. It opens nothing by name but files below folders that it was handed, and uses
/// no network.
pub fn worker(detectors: &[Box<dyn Detector>]) -> ExitCode {
    match serve(detectors) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(detectors: &[Box<dyn Detector>]) -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::thread::set_no_new_privs(true)?;
    limit(Resource::Core, 0)?;
    while let Some((job, descriptors)) = receive::<Job>(&socket)? {
        limit(Resource::As, job.limits.memory)?;
        let reply = perform(job, descriptors, detectors, &socket)?;
        send(&socket, &reply, &[])?;
    }
    Ok(())
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

fn perform(
    job: Job,
    descriptors: Vec<OwnedFd>,
    detectors: &[Box<dyn Detector>],
    socket: &UnixStream,
) -> io::Result<Reply> {
    let Job { limits, task } = job;
    let budget = Budget::new(limits);
    let mut files = descriptors.into_iter().map(File::from);
    let mut next = || files.next().ok_or_else(|| io::Error::other("a descriptor is missing"));
    Ok(match task {
        Task::Open { form, choice } => {
            let source = match form {
                Form::Folder => Source::Folder(next()?),
                Form::Content => Source::Content { folder: next()?, index: next()? },
                Form::Archive => Source::Archive { file: next()?, spool: next()? },
                Form::Part => Source::Part(next()?),
            };
            Reply::Opened(bulkhead_image::open(source, &choice, &budget).map_err(failure))
        }
        Task::Layer { offset, size, hashed, is_arriving, selection } => {
            let advance = |bytes| drop(send(socket, &Reply::Progress(bytes), &[]));
            let file = next()?;
            let arrival = if is_arriving { Some(next()?) } else { None };
            let stored = layer::Stored { file, offset, size, hashed, arrival };
            let reading = layer::read(&stored, detectors, &selection, &budget, &advance);
            Reply::Read(Box::new(reading))
        }
        Task::Tree { selection } => {
            Reply::Read(Box::new(tree::read(&next()?, detectors, &selection, &budget)))
        }
    })
}

fn failure(error: ImageError) -> Failure {
    let (message, hint) = (error.to_string(), error.hint().map(str::to_owned));
    let missing = match error {
        ImageError::Incomplete { missing } => missing,
        _ => Vec::new(),
    };
    Failure { message, hint, missing }
}
