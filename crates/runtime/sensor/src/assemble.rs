//! Records of the kernel to events.
//!
//! The state of the node is inside; what records do not tell is asked of [`Surroundings`]. Any record may be
//! missing or late: what a record says of its own process is taken before what is remembered of it, and a
//! process is known by its number and its start together, so that no two are ever taken for one.

mod accounts;
mod containers;
mod effects;
mod state;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use bulkhead_events::{Container, Event, FileDescriptor, Kind, Origin, Text};
use bulkhead_probes::{self as probes, Record, SystemCalls, record_flags};

use crate::Surroundings;
use crate::arguments::{self, Source};
use crate::files::Tables;
use crate::groups::{GroupKey, Groups, Occasion};
use crate::name_service;
use crate::names::{Names, Resolved};
use crate::processes::{ProcessKey, Processes};

use accounts::AccountsCache;

/// What the state of a node may grow to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Processes, running or just ended.
    pub processes: usize,
    /// Descriptors of all of them.
    pub descriptors: usize,
}

impl Bounds {
    /// About 40 MiB where all of it is used: processes share what they inherit.
    pub const DEFAULT: Self = Self { processes: 32 << 10, descriptors: 128 << 10 };
}

/// The figures of the state, for the sensor's own report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Processes in the table.
    pub processes: usize,
    /// Descriptors in all tables.
    pub descriptors: usize,
    /// Control groups whose containers are known, or are known to be none.
    pub groups: usize,
    /// Processes that were forgotten while they ran, because there were too many.
    pub forgotten: u64,
}

/// Makes events of records, in the order in which they come.
#[derive(Debug)]
pub struct Assembler<S> {
    surroundings: S,
    bounds: Bounds,
    /// Nanoseconds since 1970 at which the machine started.
    boot: u64,
    /// The name of the node.
    node: Option<Text>,
    sequence: u64,
    processes: Processes,
    tables: Tables,
    groups: Groups,
    accounts: AccountsCache,
    names: Names,
    /// What records told of beside their events, and was not taken yet.
    besides: Vec<Event>,
}

impl<S: Surroundings> Assembler<S> {
    /// An assembler that knows nothing yet. `boot`: nanoseconds since 1970 at which the machine started.
    pub fn new(boot: u64, bounds: Bounds, surroundings: S) -> Self {
        Self {
            surroundings,
            bounds,
            boot,
            node: None,
            sequence: 0,
            processes: Processes::new(bounds.processes),
            tables: Tables::new(bounds.descriptors),
            groups: Groups::default(),
            accounts: AccountsCache::default(),
            names: Names::default(),
            besides: Vec::new(),
        }
    }

    /// What is kept of the node.
    pub fn held(&self) -> Held {
        Held {
            processes: self.processes.len(),
            descriptors: self.tables.count(),
            groups: self.groups.len(),
            forgotten: self.processes.forgotten,
        }
    }

    /// The container of a control group, as far as it was found.
    pub fn container_of(&self, hierarchy: u32, number: u64) -> Option<Arc<Container>> {
        self.groups.known(GroupKey { hierarchy, number })
    }

    /// From now on events are told of a node of this name.
    pub fn call_node(&mut self, name: Text) {
        self.node = Some(name);
    }

    /// From now on addresses are called by these names.
    pub(crate) fn call_by_names(&mut self, resolved: &Resolved) {
        self.names = Names::new(resolved);
    }

    /// What the state may grow to.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The containers that have processes: one of these, and how many there are.
    pub fn running(&self) -> Vec<(Arc<Container>, u32, u64)> {
        self.processes.containers()
    }

    /// What answers the questions that records leave open.
    pub fn surroundings(&mut self) -> &mut S {
        &mut self.surroundings
    }

    /// What records told of beside their events since this was last asked: a container that is known now, a message of
    /// the name service that a call moved. Their numbers say which of them come before it.
    pub fn take_besides(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.besides)
    }

    /// All processes and descriptors of the start were told, which came in no order. To be called once they were, and
    /// before any other record.
    pub fn has_started(&mut self) {
        self.processes.draw_lines();
        self.know_dwellers();
    }

    /// Takes the next record. Not each is an event: some only tell of the state.
    pub fn push(&mut self, record: &Record<'_>) -> Option<Event> {
        match record.kind {
            probes::Kind::Task | probes::Kind::Move => {
                self.learn(record, Occasion::Start);
                None
            }
            probes::Kind::Descriptor => {
                let key = self.learn(record, Occasion::Event);
                self.learn_descriptors(record, key);
                self.know_standard_files(key);
                None
            }
            probes::Kind::Fork => self.fork(record),
            probes::Kind::Execute => Some(self.execute(record)),
            probes::Kind::Exit => Some(self.exit(record)),
            probes::Kind::Signal => {
                let key = self.learn(record, Occasion::Event);
                Some(self.event(record, Kind::SIGNAL, key, None))
            }
            probes::Kind::Call => self.call(record),
        }
    }

    fn fork(&mut self, record: &Record<'_>) -> Option<Event> {
        let flags = record.arguments().map_or(0, |[flags, ..]| flags);
        self.born(record, flags & effects::CLONE_FILES != 0);
        let key = self.learn(record, Occasion::Event);
        let kind = called(record).or_else(|| Kind::by_name("clone"))?;
        Some(self.event(record, kind, key, None))
    }

    fn execute(&mut self, record: &Record<'_>) -> Event {
        let key = self.learn(record, Occasion::Execution);
        if let Some(entry) = self.processes.get(key) {
            entry.files = self.tables.execute(entry.files);
        }
        self.learn_descriptors(record, key);
        self.know_standard_files(key);
        // The number of the call may be one of 32 bits, or missing.
        let by_descriptor = called(record).filter(|kind| kind.name() == "execveat");
        let kind = by_descriptor.unwrap_or(Kind::by_number(EXECUTE));
        self.event(record, kind, key, None)
    }

    fn exit(&mut self, record: &Record<'_>) -> Event {
        let key = self.learn(record, Occasion::Event);
        let event = self.event(record, Kind::EXIT, key, None);
        self.tell_last(record, key);
        if let Some(gone) = self.processes.end(key) {
            self.tables.release(gone.files);
        }
        event
    }

    fn call(&mut self, record: &Record<'_>) -> Option<Event> {
        let kind = called(record)?;
        let key = self.learn(record, Occasion::Event);
        let file = self.file_of(record, kind, key);
        if file.as_ref().is_some_and(|file| (0..=2).contains(&file.number)) {
            self.know_standard_files(key);
        }
        let event = self.event(record, kind, key, file);
        self.take_effect(record, kind, key);
        for message in name_service::events(&event, record) {
            self.tell_besides(message);
        }
        Some(event)
    }

    fn tell_besides(&mut self, mut event: Event) {
        self.sequence = self.sequence.saturating_add(1);
        event.sequence = self.sequence;
        self.besides.push(event);
    }

    /// The event of a record, once the state is up to date.
    fn event(
        &mut self,
        record: &Record<'_>,
        kind: Kind,
        key: ProcessKey,
        file: Option<Arc<FileDescriptor>>,
    ) -> Event {
        let header = record.header;
        self.sequence = self.sequence.saturating_add(1);
        let mut event = Event::new(kind);
        event.time = self.boot.saturating_add(header.time.get());
        event.sequence = self.sequence;
        event.processor = header.processor();
        event.node.clone_from(&self.node);
        event.origin = match record.origin {
            probes::Origin::Ring => Origin::IoUring,
            _ if record.has(record_flags::COMPAT) => Origin::Compatible,
            _ => Origin::Native,
        };
        let unknown = record.has(record_flags::RESULT_UNKNOWN) || !kind.is_system_call();
        event.result = (!unknown).then(|| header.result.get());
        event.thread = header.thread.get();
        event.virtual_thread = header.inner_thread.get();
        let Some(entry) = self.processes.get(key) else { return event };
        event.process = Arc::clone(&entry.process);
        let (namespace, table) = (entry.mount_namespace, entry.files);
        let tables = &self.tables;
        let name = |role, number: i64| {
            let known = || tables.get(table, number).map(|file| file.shown());
            self.beside(record, role, table, number).map(|file| file.shown()).or_else(known)
        };
        // Who names a process does so in its own namespace of numbers.
        let is_inside = header.inner_process.get() != header.process.get();
        let numbers = header.pid_namespace.get();
        let process = |number: i64| {
            let number = u32::try_from(number).ok()?;
            if is_inside {
                self.processes.named_inside(numbers, number)
            } else if kind == Kind::SIGNAL {
                self.processes.named_lately(number)
            } else {
                self.processes.named(number)
            }
        };
        let source = Source {
            record,
            kind,
            accounts: self.accounts.of(namespace),
            file: &name,
            process: &process,
            about: file.as_deref(),
        };
        event.arguments = arguments::arguments(&source);
        event.mismatch = arguments::mismatch(record, kind);
        event.file = file;
        event
    }
}

/// The number of `execve(2)`.
const EXECUTE: u16 = 59;

/// What was called. Calls of 32 bits have numbers of their own.
fn called(record: &Record<'_>) -> Option<Kind> {
    let number = record.header.call.get();
    if !record.has(record_flags::COMPAT) {
        return Kind::system_call(u16::try_from(number).ok()?);
    }
    let calls = CALLS.as_ref()?;
    Kind::by_name(calls.numbered(u32::try_from(number).ok()?, true)?.told_as())
}

/// The names of calls by either number.
static CALLS: LazyLock<Option<SystemCalls>> = LazyLock::new(|| SystemCalls::embedded().ok());
