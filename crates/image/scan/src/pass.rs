//! The pass over all layers: as many workers as processors, the largest layer first.

mod delivery;
mod kept;

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::thread;

use bulkhead_model::Digest;
use crossbeam_channel::bounded;

pub(crate) use delivery::{Blob, Delivery};
pub(crate) use kept::Kept;

use crate::broken::{Broken, BrokenKind};
use crate::pass::delivery::Expected;
use crate::process::{JobError, Worker};
use crate::protocol::{Job, Reading, Reply, Selection, Task};
use crate::results::Results;
use crate::{Progress, Request, ScanError};

/// A pass over the layers of one target.
pub(crate) struct Pass<'a> {
    pub(crate) request: &'a Request,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) results: &'a Results<'a>,
    /// What may be kept of this target in memory.
    pub(crate) kept: Kept,
}

/// Something that one job reads, unless an earlier scan did.
pub(crate) struct Unit {
    pub(crate) source: UnitSource,
    /// The digest by which the image names it.
    pub(crate) promised: Option<Digest>,
    /// The digest of the uncompressed content, where it is known.
    pub(crate) diff_id: Option<Digest>,
}

/// Where the bytes are.
pub(crate) enum UnitSource {
    /// A layer in a file.
    Layer { file: File, offset: u64, size: u64, hashed: bool },
    /// A layer that has to be fetched, while it is read.
    Delivered { delivery: Delivery, size: u64, hashed: bool },
    /// A folder.
    Tree(File),
    /// A layer that is not there, and why.
    Absent(String),
}

impl<'a> Pass<'a> {
    pub(crate) fn new(
        request: &'a Request,
        progress: &'a dyn Progress,
        results: &'a Results<'a>,
    ) -> Self {
        Self { request, progress, results, kept: Kept::new(request.limits.memory) }
    }

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
            readings.push(known.map(|known| self.kept.admit(known)).unwrap_or_default());
            match &unit.source {
                _ if is_known => {}
                UnitSource::Absent(cause) => {
                    if let Some(reading) = readings.last_mut() {
                        reading.broken = Some(Broken::new(BrokenKind::Absent, cause));
                    }
                }
                UnitSource::Layer { file, offset, size, hashed } => {
                    let (offset, size, hashed) = (*offset, *size, *hashed);
                    let bytes = Bytes::There(file.as_fd());
                    let task = Task::Layer { offset, size, hashed, is_arriving: false, selection };
                    jobs.push(Errand { index, size, bytes, task });
                }
                UnitSource::Delivered { delivery, size, hashed } => {
                    let (offset, size, hashed) = (0, *size, *hashed);
                    let bytes = delivery.kept().map_or(Bytes::Ordered(delivery), Bytes::There);
                    let is_arriving = matches!(bytes, Bytes::Ordered(_));
                    let task = Task::Layer { offset, size, hashed, is_arriving, selection };
                    jobs.push(Errand { index, size, bytes, task });
                }
                UnitSource::Tree(folder) => {
                    let (bytes, task) = (Bytes::There(folder.as_fd()), Task::Tree { selection });
                    jobs.push(Errand { index, size: 0, bytes, task });
                }
            }
        }
        jobs.sort_by_key(|errand| std::cmp::Reverse(errand.size));
        if jobs.is_empty() {
            return Ok(readings);
        }
        let total = jobs.iter().fold(0u64, |total, errand| total.saturating_add(errand.size));
        self.progress.begin(total, jobs.len());
        for (index, reading) in self.perform(jobs)? {
            let (Some(unit), Some(place)) = (units.get(index), readings.get_mut(index)) else {
                continue;
            };
            self.results.keep_reading(unit.diff_id.as_ref(), &selection(index), &reading);
            *place = reading;
        }
        self.progress.finish();
        Ok(readings)
    }

    fn perform(&self, errands: Vec<Errand<'_>>) -> Result<Vec<(usize, Reading)>, ScanError> {
        let lanes = thread::available_parallelism().map_or(1, usize::from).min(errands.len());
        let count = errands.len();
        let (queue, next) = bounded(count);
        let mut orders = Vec::new();
        for Errand { index, bytes, task, .. } in errands {
            let bytes = match bytes {
                Bytes::There(descriptor) => Awaited::There(descriptor),
                Bytes::Ordered(delivery) => {
                    let (order, expected) = delivery::order(delivery);
                    orders.push(order);
                    Awaited::Expected(expected)
                }
            };
            let _ = queue.send((index, bytes, task));
        }
        drop(queue);
        let (done, results) = bounded(count);
        thread::scope(|scope| {
            delivery::fetch(scope, orders);
            for _ in 0..lanes {
                let (next, done) = (next.clone(), done.clone());
                scope.spawn(move || {
                    let mut worker = Worker::new(&self.request.worker);
                    for (index, bytes, task) in next {
                        let reading = match bytes {
                            Awaited::There(descriptor) => {
                                self.one(&mut worker, &[descriptor], task)
                            }
                            Awaited::Expected(expected) => {
                                self.arriving(&mut worker, &expected, task)
                            }
                        };
                        let reading = reading.map(|reading| (index, self.kept.admit(reading)));
                        let _ = done.send(reading);
                    }
                });
            }
        });
        drop(done);
        results.into_iter().collect()
    }

    /// Reads a layer while it arrives.
    fn arriving(
        &self,
        worker: &mut Worker<'_>,
        expected: &Expected,
        task: Task,
    ) -> Result<Reading, ScanError> {
        let arriving = match expected.arriving() {
            Ok(arriving) => arriving,
            Err(error) => return Ok(broken(Broken::new(BrokenKind::Unfetched, error.to_string()))),
        };
        let descriptors = [arriving.file.as_fd(), arriving.pipe.as_fd()];
        let mut reading = self.one(worker, &descriptors, task)?;
        if let (Some(broken), Some(cause)) = (&mut reading.broken, arriving.failure()) {
            // The worker met the end that this made.
            *broken = Broken::new(BrokenKind::Unfetched, cause);
        }
        Ok(reading)
    }

    fn one(
        &self,
        worker: &mut Worker<'_>,
        descriptors: &[BorrowedFd<'_>],
        task: Task,
    ) -> Result<Reading, ScanError> {
        let job = Job { limits: self.request.limits, task };
        let advance = |bytes| self.progress.advance(bytes);
        Ok(match worker.perform(&job, descriptors, &advance) {
            Ok(Reply::Read(reading)) => *reading,
            Ok(_) => broken(Broken::new(BrokenKind::Fault, "the worker answered something else")),
            Err(JobError::Died(cause)) => broken(cause),
            Err(JobError::Start(error)) => return Err(ScanError::Worker(error)),
        })
    }
}

/// One job, and where its bytes are.
struct Errand<'a> {
    index: usize,
    size: u64,
    bytes: Bytes<'a>,
    task: Task,
}

enum Bytes<'a> {
    There(BorrowedFd<'a>),
    Ordered(&'a Delivery),
}

enum Awaited<'a> {
    There(BorrowedFd<'a>),
    Expected(Expected),
}

fn broken(cause: Broken) -> Reading {
    Reading { broken: Some(cause), ..Reading::default() }
}
