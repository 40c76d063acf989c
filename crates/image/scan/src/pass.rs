//! The pass over all layers: as many workers as processors, the largest layer first.

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::thread;

use crossbeam_channel::bounded;

use crate::process::{JobError, Worker};
use crate::protocol::{Job, Reading, Reply, Selection, Task};
use crate::{Progress, Request, ScanError};

/// A pass over the layers of one target.
pub(crate) struct Pass<'a> {
    pub(crate) request: &'a Request,
    pub(crate) progress: &'a dyn Progress,
}

/// Something that one job reads.
pub(crate) enum Unit {
    /// A layer in a file.
    Layer { file: File, offset: u64, size: u64, hashed: bool },
    /// A folder.
    Tree(File),
    /// A layer that is not there, and why.
    Absent(String),
}

impl Unit {
    /// Stored bytes; 0 where nobody knows.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Layer { size, .. } => *size,
            Self::Tree(_) | Self::Absent(_) => 0,
        }
    }
}

impl Pass<'_> {
    /// Reads all units, in their order in the result. A unit whose worker died is one that is
    /// broken, and the next one goes on with a new worker.
    pub(crate) fn read(
        &self,
        units: &[Unit],
        selection: impl Fn(usize) -> Selection,
    ) -> Result<Vec<Reading>, ScanError> {
        let mut readings: Vec<Reading> = units.iter().map(|_| Reading::default()).collect();
        let mut jobs = Vec::new();
        for (index, unit) in units.iter().enumerate() {
            let selection = selection(index);
            let empty = matches!(&selection, Selection::Only(list) if list.is_empty());
            match unit {
                _ if empty => {}
                Unit::Absent(cause) => {
                    if let Some(reading) = readings.get_mut(index) {
                        reading.broken = Some(cause.clone());
                    }
                }
                Unit::Layer { file, offset, size, hashed } => {
                    let (offset, hashed) = (*offset, *hashed);
                    let task = Task::Layer { offset, size: *size, hashed, selection };
                    jobs.push((index, *size, file.as_fd(), task));
                }
                Unit::Tree(folder) => {
                    jobs.push((index, 0, folder.as_fd(), Task::Tree { selection }));
                }
            }
        }
        jobs.sort_by_key(|(_, size, ..)| std::cmp::Reverse(*size));
        let jobs = jobs.into_iter().map(|(index, _, descriptor, task)| (index, descriptor, task));
        for (index, reading) in self.perform(jobs.collect())? {
            if let Some(place) = readings.get_mut(index) {
                *place = reading;
            }
        }
        Ok(readings)
    }

    fn perform(
        &self,
        jobs: Vec<(usize, BorrowedFd<'_>, Task)>,
    ) -> Result<Vec<(usize, Reading)>, ScanError> {
        let lanes = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
        let count = jobs.len();
        let (queue, next) = bounded(count);
        for job in jobs {
            let _ = queue.send(job);
        }
        drop(queue);
        let (done, results) = bounded(count);
        thread::scope(|scope| {
            for _ in 0..lanes {
                let (next, done) = (next.clone(), done.clone());
                scope.spawn(move || {
                    let mut worker = Worker::new(&self.request.worker);
                    for (index, descriptor, task) in next {
                        let _ = done.send(self.one(&mut worker, index, descriptor, task));
                    }
                });
            }
        });
        drop(done);
        results.into_iter().collect()
    }

    fn one(
        &self,
        worker: &mut Worker<'_>,
        index: usize,
        descriptor: BorrowedFd<'_>,
        task: Task,
    ) -> Result<(usize, Reading), ScanError> {
        let job = Job { limits: self.request.limits, task };
        let advance = |bytes| self.progress.advance(bytes);
        let reading = match worker.perform(&job, &[descriptor], &advance) {
            Ok(Reply::Read(reading)) => *reading,
            Ok(_) => broken("the worker answered something else"),
            Err(JobError::Died(cause)) => broken(&cause),
            Err(JobError::Start(error)) => return Err(ScanError::Worker(error)),
        };
        Ok((index, reading))
    }
}

fn broken(cause: &str) -> Reading {
    Reading { broken: Some(cause.to_owned()), ..Reading::default() }
}
