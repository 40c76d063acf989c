//! The process that reads everything and may do nothing.

mod losses;
mod upkeep;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bulkhead_events::Event;
use bulkhead_frames::{receive, send};
use bulkhead_probes::{Filter, Lane, read_snapshot};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::protocol::{Answer, PARTS, Question, Start, Told};
use super::sinks::Delivery;
use crate::accounts::{AccountFiles, Accounts};
use crate::allowance::SpentAccounts;
use crate::canary::{self, told};
use crate::confine::{Part, confine};
use crate::documents::{Found, Opened, read};
use crate::names::Resolved;
use crate::{Assembler, Held, SensorError, Stream, Surroundings, View};

pub use losses::Losses;
use upkeep::Upkeep;
pub use upkeep::{GivenUp, Tended};

/// Records after which the engine listens for what names lead to, however busy it is.
const UNHEARD: u32 = 1 << 14;

/// The engine: events come out of it.
pub struct Engine {
    assembler: Assembler<Asked>,
    stream: Stream,
    sinks: UnixStream,
    names: UnixStream,
    /// Records since it was last heard what names lead to.
    unheard: u32,
    /// The number of the process whose sign of life is looked for.
    canary: u32,
    /// What is wanted, should nothing be given up.
    wanted: Filter,
    upkeep: Upkeep,
    /// Events that come next: those of a record that showed a loss, which is told first, or that told several.
    held: VecDeque<Box<Event>>,
    is_ending: bool,
}

/// What the program gave along for the engine.
#[derive(Debug)]
pub struct Setup {
    /// When the machine started, in nanoseconds since 1970.
    pub boot: u64,
    /// Files to read, in the order in which they were given.
    pub files: Vec<File>,
    /// What the program told itself.
    pub words: Vec<u8>,
    /// What could not be given up.
    pub confinement: Vec<&'static str>,
}

/// What happens next.
#[derive(Debug)]
pub enum Moment {
    /// An event.
    Event(Box<Event>),
    /// So many records of a lane were found lost.
    Lost(Lane, u64),
    /// Files that the program gave along have changed: the files anew, in their order, or why one cannot be
    /// opened.
    Files(Vec<Result<File, String>>),
    /// Nothing, for as long as one was ready to wait.
    Idle,
    /// All was read, and no more will come.
    End,
}

impl Engine {
    /// Becomes the engine: takes over what the hands pass along on standard input, and gives up all
    /// rights.
    pub fn begin() -> Result<(Self, Setup), SensorError> {
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let (mut start, descriptors) = receive::<Start>(&socket)?.ok_or(SensorError::Alone)?;
        let mut descriptors = descriptors.into_iter();
        let lanes = start.lanes.iter().filter_map(|lane| Lane::of(*lane)).zip(&mut descriptors);
        // What came until here is the hands' own. The buffers are asked for their sizes by bpf(2), which is
        // given up next, before the first byte that anybody else had a hand in.
        let stream = Stream::open(lanes.collect())?;
        let node = rustix::system::uname().nodename().to_bytes().into();
        let confinement = confine(Part::Engine)?;
        let snapshots: Vec<OwnedFd> = descriptors.by_ref().take(start.snapshots.into()).collect();
        let mut socket_of = || descriptors.next().map(UnixStream::from).ok_or(SensorError::Alone);
        let (sinks, names) = (socket_of()?, socket_of()?);
        let accounts = SpentAccounts::take(&mut descriptors, PARTS.len());
        let files = descriptors.take(start.files.into()).map(File::from).collect();
        let asked = Asked { socket, unasked: VecDeque::new() };
        let mut assembler = Assembler::new(start.boot, start.allowance.bounds(), asked);
        assembler.call_node(node);
        for snapshot in snapshots {
            // A process that ended meanwhile, or one too many, is no reason to see nothing.
            let _ = read_snapshot(&mut File::from(snapshot), |record| drop(assembler.push(record)));
        }
        assembler.has_started();
        let canary = start.parts.last().copied().unwrap_or_default();
        let words = std::mem::take(&mut start.words);
        let setup = Setup { boot: start.boot, files, words, confinement };
        let mut engine = Self {
            assembler,
            stream,
            sinks,
            names,
            unheard: 0,
            canary,
            wanted: Filter::default(),
            upkeep: Upkeep::new(start, accounts)?,
            held: VecDeque::new(),
            is_ending: false,
        };
        engine.hold(None);
        Ok((engine, setup))
    }

    /// Has the kernel report what a filter keeps from now on ([`crate::filter`]), but for what is given up. It takes the
    /// place of the one before at one moment.
    pub fn want(&mut self, filter: Filter) -> Result<(), SensorError> {
        self.wanted = filter;
        self.ask_for_calls()
    }

    /// Has what is wanted reported, without the calls that are given up.
    fn ask_for_calls(&mut self) -> Result<(), SensorError> {
        let mut filter = self.wanted.clone();
        filter.calls.retain(|name, _| !self.upkeep.has_given_up(name));
        let (answer, _) = self.assembler.surroundings().ask(&Question::Calls(filter))?;
        match answer {
            Answer::Refused(cause) => Err(SensorError::Refused { cause }),
            Answer::Watching(watch) => {
                self.upkeep.watch_by(watch);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Has addresses called by these names, as far as they lead to any, from now on. Waits so long for the first
    /// answer; the names that lead nowhere until then are in the answer.
    pub fn call_by_names(
        &mut self,
        names: Vec<String>,
        patience: Duration,
    ) -> Result<Vec<String>, SensorError> {
        if names.is_empty() {
            return Ok(names);
        }
        send(&self.names, &names, &[])?;
        let resolved = self.hear_names(patience)?.unwrap_or_default();
        let leads = |name: &String| {
            resolved.iter().any(|(other, addresses)| other == name && !addresses.is_empty())
        };
        Ok(names.into_iter().filter(|name| !leads(name)).collect())
    }

    /// Takes over what was found out of names, where something was.
    fn hear_names(&mut self, patience: Duration) -> Result<Option<Resolved>, SensorError> {
        self.unheard = 0;
        let patience = Timespec::try_from(patience).unwrap_or_default();
        let mut waiting = [PollFd::new(&self.names, PollFlags::IN)];
        if poll(&mut waiting, Some(&patience))? == 0 {
            return Ok(None);
        }
        let resolved = receive::<Resolved>(&self.names)?.map(|(resolved, _)| resolved);
        if let Some(resolved) = &resolved {
            self.assembler.call_by_names(resolved);
        }
        Ok(resolved)
    }

    /// The next thing that happens, within some time.
    pub fn next(&mut self, patience: Duration) -> Result<Moment, SensorError> {
        if let Some(event) = self.held.pop_front() {
            return Ok(Moment::Event(event));
        }
        if self.unheard >= UNHEARD {
            self.hear_names(Duration::ZERO)?;
            self.assembler.surroundings().hear(Duration::ZERO)?;
        }
        if let Some(files) = self.take_unasked() {
            return Ok(Moment::Files(files));
        }
        loop {
            self.unheard = self.unheard.saturating_add(1);
            let (mut event, mut lost) = (None, None);
            let assembler = &mut self.assembler;
            let mut sign = None;
            let canary = self.canary;
            let took = self.stream.next(|record, missing| {
                lost = (missing > 0).then_some((record.lane, missing));
                sign = told(record, canary);
                if sign.is_some() {
                    return;
                }
                event = assembler.push(record).map(Box::new);
            });
            if let Some(canary::Told::Sign(round, way)) = sign {
                send(&self.sinks, &Told::Canary(round, way), &[])?;
            }
            self.hold(event);
            if let Some((lane, count)) = lost {
                return Ok(Moment::Lost(lane, count));
            }
            match self.held.pop_front() {
                Some(event) => return Ok(Moment::Event(event)),
                None if took => {}
                None if self.is_ending => return Ok(Moment::End),
                None => {
                    self.wait(patience)?;
                    self.hear_names(Duration::ZERO)?;
                    return Ok(Moment::Idle);
                }
            }
        }
    }

    /// An event comes next, with what records told of beside it, in the order of their numbers.
    fn hold(&mut self, event: Option<Box<Event>>) {
        self.held.extend(event);
        let besides = self.assembler.take_besides();
        if !besides.is_empty() {
            self.held.extend(besides.into_iter().map(Box::new));
            self.held.make_contiguous().sort_by_key(|event| event.sequence);
        }
    }

    /// Waits for records, for the end, or until the time is over.
    fn wait(&mut self, patience: Duration) -> Result<(), SensorError> {
        let asked = self.assembler.surroundings();
        if self.stream.wait(Some(asked.socket.as_fd()), patience)? {
            asked.hear(Duration::ZERO)?;
        }
        Ok(())
    }

    /// What the hands said unasked: that the sensor ends, or that files have changed.
    fn take_unasked(&mut self) -> Option<Vec<Result<File, String>>> {
        match self.assembler.surroundings().unasked.pop_front()? {
            Unasked::End => {
                self.is_ending = true;
                None
            }
            Unasked::Files(files) => Some(files),
        }
    }

    /// Hands bytes to an output, by its place among those that the program gave.
    pub fn deliver(&self, delivery: Delivery) -> Result<(), SensorError> {
        Ok(send(&self.sinks, &Told::Delivery(delivery), &[])?)
    }

    /// What is kept of the node.
    pub fn held(&self) -> Held {
        self.assembler.held()
    }
}

/// What records leave open is asked of the hands, who answer with descriptors.
#[derive(Debug)]
struct Asked {
    socket: UnixStream,
    /// What they said of their own accord.
    unasked: VecDeque<Unasked>,
}

/// What the hands say of their own accord.
#[derive(Debug)]
enum Unasked {
    /// The sensor ends, or the hands are gone.
    End,
    /// Files have changed.
    Files(Vec<Result<File, String>>),
}

impl Asked {
    fn ask(&mut self, question: &Question) -> Result<(Answer, Vec<OwnedFd>), SensorError> {
        send(&self.socket, question, &[])?;
        loop {
            let (answer, descriptors) = receive(&self.socket)?.ok_or(SensorError::Alone)?;
            match answer {
                Answer::End | Answer::Files(_) => self.keep(answer, descriptors),
                answer => return Ok((answer, descriptors)),
            }
        }
    }

    /// Takes what was said unasked, if anything was within some time.
    fn hear(&mut self, patience: Duration) -> Result<(), SensorError> {
        let patience = Timespec::try_from(patience).unwrap_or_default();
        let mut waiting = [PollFd::new(&self.socket, PollFlags::IN)];
        if poll(&mut waiting, Some(&patience))? == 0 {
            return Ok(());
        }
        match receive(&self.socket)? {
            Some((answer, descriptors)) => self.keep(answer, descriptors),
            None => self.unasked.push_back(Unasked::End),
        }
        Ok(())
    }

    fn keep(&mut self, answer: Answer, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter().map(File::from);
        match answer {
            Answer::Files(causes) => {
                let file = |cause: Option<String>| match cause {
                    Some(cause) => Err(cause),
                    None => descriptors.next().ok_or_else(|| "it did not come along".to_owned()),
                };
                self.unasked.push_back(Unasked::Files(causes.into_iter().map(file).collect()));
            }
            _ => self.unasked.push_back(Unasked::End),
        }
    }
}

impl Surroundings for Asked {
    fn container(&mut self, name: &str) -> Option<Found> {
        let (answer, descriptors) = self.ask(&Question::Container(name.to_owned())).ok()?;
        let Answer::Documents(kinds) = answer else { return None };
        let opened = kinds.into_iter().zip(descriptors).map(|((document, runtime), descriptor)| {
            Opened { document, runtime, file: descriptor.into() }
        });
        read(name, opened.collect())
    }

    fn accounts(&mut self, of: &View) -> Option<Accounts> {
        let (answer, descriptors) = self.ask(&Question::Accounts(of.clone())).ok()?;
        let Answer::Accounts(there) = answer else { return None };
        let mut files = descriptors.into_iter().map(File::from);
        let files = there.map(|is_there| if is_there { files.next() } else { None });
        Some(AccountFiles::from_array(files).read())
    }
}
