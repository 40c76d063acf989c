//! The pass over all layers: as many workers as processors, the largest layer first.

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::thread;

use bulkhead_model::Digest;
use crossbeam_channel::bounded;

use crate::process::{JobError, Worker};
use crate::protocol::{Job, Reading, Reply, Selection, Task};
use crate::results::Results;
use crate::{Progress, Request, ScanError};

/// A pass over the layers of one target.
pub(crate) struct Pass<'a> {
    pub(crate) request: &'a Request,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) results: &'a Results<'a>,
}

/// Something that one job reads, unless an earlier scan did.
pub(crate) struct Unit {
    pub(crate) source: UnitSource,
    /// The digest of the uncompressed content, where it is known.
    pub(crate) diff_id: Option<Digest>,
}

/// Where the bytes are.
pub(crate) enum UnitSource {
    /// A layer in a file.
    Layer { file: File, offset: u64, size: u64, hashed: bool },
    /// A folder.
    Tree(File),
    /// A layer that is not there, and why.
    Absent(String),
}

impl Pass<'_> {
    /// Reads all units, in their order in the result. A unit whose worker died is one that is
    /// broken, and the next one goes on with a new worker.
    pub(crate) fn read(
        &self,
        units: &[Unit],
        selection: impl Fn(usize) -> Selection,
    ) -> Result<Vec<Reading>, ScanError> {
        let mut readings: Vec<Reading> = Vec::with_capacity(units.len());
        let mut jobs = Vec::new();
        for (index, unit) in units.iter().enumerate() {
            let selection = selection(index);
            let known = match &selection {
                Selection::Only(list) if list.is_empty() => Some(Reading::default()),
                _ => self.results.reading(unit.diff_id.as_ref(), &selection),
            };
            let is_known = known.is_some();
            readings.push(known.unwrap_or_default());
            match &unit.source {
                _ if is_known => {}
                UnitSource::Absent(cause) => {
                    if let Some(reading) = readings.last_mut() {
                        reading.broken = Some(cause.clone());
                    }
                }
                UnitSource::Layer { file, offset, size, hashed } => {
                    let (offset, hashed) = (*offset, *hashed);
                    let task = Task::Layer { offset, size: *size, hashed, selection };
                    jobs.push((index, *size, file.as_fd(), task));
                }
                UnitSource::Tree(folder) => {
                    jobs.push((index, 0, folder.as_fd(), Task::Tree { selection }));
                }
            }
        }
        jobs.sort_by_key(|(_, size, ..)| std::cmp::Reverse(*size));
        if jobs.is_empty() {
            return Ok(readings);
        }
        self.progress.begin(jobs.iter().map(|(_, size, ..)| size).sum(), jobs.len());
        let jobs = jobs.into_iter().map(|(index, _, descriptor, task)| (index, descriptor, task));
        for (index, reading) in self.perform(jobs.collect())? {
            let (Some(unit), Some(place)) = (units.get(index), readings.get_mut(index)) else {
                continue;
            };
            self.results.keep_reading(unit.diff_id.as_ref(), &selection(index), &reading);
            *place = reading;
        }
        self.progress.finish();
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
