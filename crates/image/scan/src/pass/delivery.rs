//! Layers that are fetched while they are read.
//!
//! A transfer writes into an unnamed file; beside it goes a pipe on which the fetching side tells how
//! many bytes lie in the file, eight bytes little-endian each time. A worker reads behind that. The
//! end of the pipe before the last byte means that no more will come.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, OnceLock};
use std::thread::Scope;

use bulkhead_http::Sink;
use crossbeam_channel::{Receiver, Sender, bounded};
use rustix::fs::OFlags;
use rustix::pipe::PipeFlags;

/// Transfers at a time.
const TRANSFERS: usize = 3;

/// Layers that may have been fetched, or be on their way, and were not read to their end yet.
const AHEAD: usize = 8;

/// Layers that are kept for a second reading; others are fetched again for it.
const KEPT: usize = 128;

/// Bytes after which the worker is told of more: small against what it inflates at once.
const STRIDE: u64 = 128 << 10;

/// Something that can be fetched.
pub(crate) trait Blob: Send + Sync {
    /// Fetches all of it; the cause where that fails, for people.
    fn fetch(&self, sink: &mut dyn Sink) -> Result<(), String>;
}

/// A layer that is fetched when it is to be read.
pub(crate) struct Delivery {
    blob: Box<dyn Blob>,
    /// The whole of it, once it was fetched.
    kept: OnceLock<File>,
}

impl Delivery {
    pub(crate) fn new(blob: Box<dyn Blob>) -> Self {
        Self { blob, kept: OnceLock::new() }
    }

    /// The file of an earlier reading.
    pub(super) fn kept(&self) -> Option<BorrowedFd<'_>> {
        self.kept.get().map(File::as_fd)
    }
}

/// The fetching end of a delivery.
pub(super) struct Order<'a> {
    delivery: &'a Delivery,
    started: Sender<io::Result<Arriving>>,
}

/// The reading end of a delivery.
pub(super) struct Expected(Receiver<io::Result<Arriving>>);

/// A layer on its way.
pub(super) struct Arriving {
    pub(super) file: File,
    pub(super) pipe: OwnedFd,
    failure: Arc<OnceLock<String>>,
    _slot: Slot,
}

/// One of the places that [`AHEAD`] counts; free again when it is dropped.
struct Slot(Sender<()>);

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = self.0.try_send(());
    }
}

/// Both ends of a delivery.
pub(super) fn order(delivery: &Delivery) -> (Order<'_>, Expected) {
    let (started, arriving) = bounded(1);
    (Order { delivery, started }, Expected(arriving))
}

impl Expected {
    /// Waits until the transfer has started.
    pub(super) fn arriving(&self) -> io::Result<Arriving> {
        self.0.recv().unwrap_or_else(|_| Err(io::Error::other("nobody fetches it")))
    }
}

impl Arriving {
    /// Why the transfer failed, if it did.
    pub(super) fn failure(&self) -> Option<&String> {
        self.failure.get()
    }
}

/// Carries out orders, some at a time, in their sequence: that in which the layers are read.
pub(super) fn fetch<'scope, 'env>(scope: &'scope Scope<'scope, 'env>, orders: Vec<Order<'env>>) {
    let threads = TRANSFERS.min(orders.len());
    let (queue, next) = bounded(orders.len());
    for order in orders.into_iter().enumerate() {
        let _ = queue.send(order);
    }
    let (free, slots) = bounded(AHEAD);
    for _ in 0..AHEAD {
        let _ = free.send(());
    }
    for _ in 0..threads {
        let (next, free, slots) = (next.clone(), free.clone(), slots.clone());
        scope.spawn(move || {
            // The order is taken with its slot in hand, so that the first ones have theirs.
            while slots.recv().is_ok() {
                let slot = Slot(free.clone());
                let Ok((position, order)) = next.try_recv() else { break };
                order.carry_out(slot, position < KEPT);
            }
        });
    }
}

impl Order<'_> {
    fn carry_out(self, slot: Slot, keep: bool) {
        let Self { delivery, started } = self;
        let (arriving, mut transfer) = match start(slot) {
            Ok(both) => both,
            Err(error) => return drop(started.send(Err(error))),
        };
        let failure = Arc::clone(&arriving.failure);
        // Nobody waits for it where the scan has failed as a whole.
        if started.send(Ok(arriving)).is_err() {
            return;
        }
        let fetched = delivery.blob.fetch(&mut transfer);
        match fetched.and_then(|()| transfer.finish().map_err(|error| error.to_string())) {
            Ok(()) if keep => drop(delivery.kept.set(transfer.file)),
            Ok(()) => {}
            // Told before the pipe ends, which says that there is something to tell.
            Err(cause) => drop(failure.set(cause)),
        }
    }
}

fn start(slot: Slot) -> io::Result<(Arriving, Transfer)> {
    let file = tempfile::tempfile()?;
    let (pipe, tell) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    rustix::fs::fcntl_setfl(&tell, OFlags::NONBLOCK)?;
    let transfer = Transfer { file: file.try_clone()?, position: 0, told: 0, tell };
    let failure = Arc::new(OnceLock::new());
    Ok((Arriving { file, pipe, failure, _slot: slot }, transfer))
}

/// Where the bytes of a transfer go.
struct Transfer {
    file: File,
    position: u64,
    told: u64,
    tell: OwnedFd,
}

impl Transfer {
    /// Tells that everything is there. This must arrive, so it waits where the pipe is full.
    fn finish(&mut self) -> io::Result<()> {
        rustix::fs::fcntl_setfl(&self.tell, OFlags::empty())?;
        match self.tell() {
            // The worker may have seen enough: bytes behind the end of the archive.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            told => told,
        }
    }

    fn tell(&mut self) -> io::Result<()> {
        match rustix::io::write(&self.tell, &self.position.to_le_bytes()) {
            Ok(_) => {
                self.told = self.position;
                Ok(())
            }
            // A worker that has so much to read hears of the rest later.
            Err(rustix::io::Errno::AGAIN) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Sink for Transfer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.position)?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        if self.position.saturating_sub(self.told) < STRIDE {
            return Ok(());
        }
        // An error where nobody reads any more: the transfer is of no use then.
        self.tell()
    }

    fn restart(&mut self) -> io::Result<()> {
        Err(io::Error::other("a layer that is being read cannot begin again"))
    }
}
