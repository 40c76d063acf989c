//! Events into a recording.

use std::io::{self, Write};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::output::Output;
use super::{MAGIC, Sort, VERSION, containers, event, files, processes};
use crate::{Container, Event, FileDescriptor, Kind, Process, Text};

/// Writes events into a recording.
///
/// What it writes is not compressed; where that is wanted, the stream that it is given does it. The
/// recording is whole after each [`RecordingWriter::write`]: there is no end to be written.
///
/// It holds what processes were told in their arguments and environments, secrets among it: whoever
/// makes a file of it lets only its owner read that.
pub struct RecordingWriter<W> {
    writer: W,
    definitions: Definitions,
    event: Output,
    /// Time and place of the event before.
    before: (u64, u64),
}

impl<W: Write> RecordingWriter<W> {
    /// Begins a recording.
    pub fn new(mut writer: W) -> io::Result<Self> {
        writer.write_all(&MAGIC)?;
        writer.write_all(&VERSION.to_le_bytes())?;
        Ok(Self {
            writer,
            definitions: Definitions::default(),
            event: Output::default(),
            before: (0, 0),
        })
    }

    /// Adds an event.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        if self.definitions.weight > HEAVIEST {
            self.definitions = Definitions::default();
            self.definitions.frames.frame(Sort::Forget, &[]);
            self.before = (0, 0);
        }
        self.definitions.node(event.node.as_ref());
        self.event.clear();
        event::put(event, self.before, &mut self.definitions, &mut self.event);
        self.before = (event.time, event.sequence);
        let frames = &mut self.definitions.frames;
        frames.frame(Sort::Event, self.event.as_bytes());
        let written = self.writer.write_all(frames.as_bytes());
        frames.clear();
        written
    }

    /// Hands on what the stream below keeps.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// The stream below.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

/// When definitions take more bytes, they are forgotten: in memory they are a few times as large.
const HEAVIEST: usize = 8 << 20;

/// What was defined so far, and frames that define it.
#[derive(Default)]
pub(super) struct Definitions {
    frames: Output,
    weight: usize,
    texts: FxHashMap<Text, u64>,
    containers: Shared<Container>,
    files: Shared<FileDescriptor>,
    processes: Shared<Process>,
    kinds: FxHashMap<Kind, u64>,
    /// The node that events happened on.
    node: Option<Text>,
}

/// Places of what is shared, by the address that it has as long as it is kept here.
type Shared<T> = FxHashMap<usize, (u64, Arc<T>)>;

impl Definitions {
    /// Says where events happen from now on. An empty name is none.
    fn node(&mut self, node: Option<&Text>) {
        let node = node.filter(|node| !node.is_empty());
        if self.node.as_ref() != node {
            self.define(Sort::Node, node.map_or(&[], Text::as_bytes));
            self.node = node.cloned();
        }
    }

    /// The place of a text. The empty one needs none.
    pub(super) fn text(&mut self, text: &Text) -> u64 {
        if text.is_empty() {
            return 0;
        }
        if let Some(place) = self.texts.get(text) {
            return *place;
        }
        self.define(Sort::Text, text);
        let place = next(self.texts.len());
        self.texts.insert(text.clone(), place);
        place
    }

    /// The place of a text that may be absent, which differs from the empty one.
    pub(super) fn optional(&mut self, text: Option<&Text>) -> u64 {
        text.map_or(0, |text| self.text(text).saturating_add(1))
    }

    pub(super) fn container(&mut self, container: &Arc<Container>) -> u64 {
        self.shared(container, |all| &mut all.containers, Sort::Container, containers::put)
    }

    pub(super) fn file(&mut self, file: &Arc<FileDescriptor>) -> u64 {
        self.shared(file, |all| &mut all.files, Sort::File, files::put)
    }

    /// The place of a process, all of whose ancestors are defined before it.
    pub(super) fn process(&mut self, process: &Arc<Process>) -> u64 {
        if let Some((place, _)) = self.processes.get(&address(process)) {
            return *place;
        }
        let unknown = process.ancestors();
        let unknown = unknown.take_while(|one| !self.processes.contains_key(&address(one)));
        let unknown: Vec<_> = unknown.cloned().collect();
        for ancestor in unknown.iter().rev() {
            self.shared(ancestor, |all| &mut all.processes, Sort::Process, processes::put);
        }
        self.shared(process, |all| &mut all.processes, Sort::Process, processes::put)
    }

    pub(super) fn kind(&mut self, kind: Kind) -> u64 {
        if let Some(place) = self.kinds.get(&kind) {
            return *place;
        }
        let mut content = Output::default();
        event::put_kind(kind, &mut content);
        self.define(Sort::Kind, content.as_bytes());
        let place = next(self.kinds.len());
        self.kinds.insert(kind, place);
        place
    }

    fn shared<T>(
        &mut self,
        value: &Arc<T>,
        table: fn(&mut Self) -> &mut Shared<T>,
        sort: Sort,
        put: fn(&T, &mut Self, &mut Output),
    ) -> u64 {
        if let Some((place, _)) = table(self).get(&address(value)) {
            return *place;
        }
        let mut content = Output::default();
        put(value, self, &mut content);
        self.define(sort, content.as_bytes());
        let table = table(self);
        let place = next(table.len());
        table.insert(address(value), (place, Arc::clone(value)));
        place
    }

    fn define(&mut self, sort: Sort, content: &[u8]) {
        self.frames.frame(sort, content);
        self.weight = self.weight.saturating_add(content.len()).saturating_add(OVERHEAD);
    }
}

/// What a definition costs beside its bytes.
const OVERHEAD: usize = 64;

fn address<T>(value: &Arc<T>) -> usize {
    Arc::as_ptr(value).addr()
}

/// The place of what is put behind so many others.
fn next(count: usize) -> u64 {
    (count as u64).saturating_add(1)
}
