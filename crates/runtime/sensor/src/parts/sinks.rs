//! The process that sends away what the engine found.

mod answer;
mod life;
mod outputs;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bulkhead_frames::receive;
use rustix::pipe::{PipeFlags, pipe_with};
use serde::{Deserialize, Serialize};

use super::outlets::SinkOutlet;
use super::protocol::{Begin, Told};
use crate::canary::{Canary, Sign, Way};
use crate::confine::{Part, confine};
use crate::names::{NameServers, serve};
use crate::{SensorError, Status};

use outputs::Outputs;

/// Bytes for an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its place among the outputs that the program gave.
    pub output: u16,
    /// What to write, whole lines or frames.
    pub bytes: Vec<u8>,
}

/// What the program does in the sinks.
pub struct SinksProgram<'a> {
    /// How long they run.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// What to write where the sign of life does not come, or comes again; the words are those that the
    /// program told itself.
    pub tell: &'a (dyn Fn(&[u8], Sign) -> Vec<Delivery> + Sync),
    /// The message that tells a syslog server how many it did not get.
    pub gap: fn(&[u8], u64) -> Vec<u8>,
    /// Tells whoever runs the program.
    pub warn: fn(&str),
}

/// What all threads of the sinks know.
struct Shared<'a> {
    program: &'a SinksProgram<'a>,
    words: Vec<u8>,
    outputs: Mutex<Outputs>,
    /// What the engine told last.
    status: Mutex<Option<Box<Status>>>,
    canary: Option<Mutex<Canary>>,
}

/// Becomes the sinks: gives up everything but the network, takes the outputs over, and writes until the engine
/// has ended. Whether the sign of life always came in time, and everything could be written.
///
/// What the engine tells is read by one thread; the others look after the sign of life and answer who asks, so
/// that none of them waits for the engine.
pub fn sinks(program: &SinksProgram<'_>) -> Result<bool, SensorError> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    confine(Part::Sinks)?;
    let (begin, descriptors) = receive::<Begin>(&socket)?.ok_or(SensorError::Alone)?;
    let mut descriptors = descriptors.into_iter();
    let files = begin.outputs.iter().filter(|one| matches!(one, SinkOutlet::Lines(_))).count();
    let files = descriptors.by_ref().take(files).map(File::from).collect();
    let shared = Shared {
        program,
        words: begin.words,
        outputs: Mutex::new(Outputs::default()),
        status: Mutex::new(None),
        canary: begin.canary.map(|every| Mutex::new(Canary::new(every, begin.ways))),
    };
    let listeners: Vec<_> = begin.listeners.into_iter().zip(descriptors.by_ref()).collect();
    let names = descriptors.next().map(UnixStream::from).ok_or(SensorError::Alone)?;
    let hands = descriptors.next().map(UnixStream::from).ok_or(SensorError::Alone)?;
    let mut rest = descriptors.map(File::from);
    let configuration = begin.files.0.then(|| rest.next()).flatten();
    let servers = NameServers::read(begin.name_servers, configuration, rest.next());
    let outputs = Outputs::open(program, &shared.words, begin.outputs, files, hands, &servers)?;
    *locked(&shared.outputs) = outputs;
    // Ends with this process.
    std::thread::spawn(move || serve(&names, &servers));
    // One end is closed when the engine has ended; who waits at the other one sees it.
    let (over, end) = pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from)?;
    let (over, known) = (&over, &shared);
    std::thread::scope(move |scope| {
        for (answers, listener) in listeners {
            scope.spawn(move || answer::listen(known, answers, &listener, over));
        }
        if known.canary.is_some() {
            scope.spawn(move || life::watch(known, over));
        }
        let ended = known.pass_on(&socket);
        drop::<OwnedFd>(end);
        ended
    })?;
    let canary = shared.canary.as_ref().map(|canary| locked(canary).figures().silences);
    let was_alive = canary.unwrap_or_default() == 0;
    let outputs = std::mem::take(&mut *locked(&shared.outputs));
    Ok(outputs.end() == 0 && was_alive)
}

impl Shared<'_> {
    /// Writes what the engine delivers, until it ends.
    fn pass_on(&self, socket: &UnixStream) -> Result<(), SensorError> {
        while let Some((told, _)) = receive::<Told>(socket)? {
            match told {
                Told::Delivery(delivery) => self.write(delivery)?,
                Told::Canary(round, way) => self.came(round, way),
                Told::Status(status) => *locked(&self.status) = Some(status),
            }
        }
        Ok(())
    }

    fn write(&self, delivery: Delivery) -> Result<(), SensorError> {
        locked(&self.outputs).write(delivery)
    }

    fn came(&self, round: u32, way: Way) {
        let Some(canary) = &self.canary else { return };
        let sign = locked(canary).returned(round, way, (self.program.elapsed)());
        self.tell(sign);
    }

    fn tell(&self, sign: Option<Sign>) {
        let Some(sign) = sign else { return };
        for delivery in (self.program.tell)(&self.words, sign) {
            // An output that takes nothing is told by the next alert that it does not take.
            let _ = self.write(delivery);
        }
    }
}

/// What a mutex holds, whatever became of a thread that held it before.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
