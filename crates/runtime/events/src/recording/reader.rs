//! Events out of a recording.

use std::io::BufRead;
use std::sync::Arc;

use bulkhead_limits::Budget;

use super::event::KnownKind;
use super::input::{Fault, Input};
use super::source::Source;
use super::{RecordingError, Sort, containers, event, files, processes};
use crate::{Container, Event, FileDescriptor, Kind, Process, Text};

/// Reads the events of a recording.
///
/// ```
/// use bulkhead_events::{Event, Kind, RecordingReader, RecordingWriter};
/// use bulkhead_limits::{Budget, Limits};
///
/// let mut writer = RecordingWriter::new(Vec::new())?;
/// writer.write(&Event::new(Kind::EXIT))?;
/// let bytes = writer.into_inner();
///
/// let mut reader = RecordingReader::open(&bytes[..], &Budget::new(Limits::DEFAULT))?;
/// while let Some(event) = reader.next_event()? {
///     assert_eq!(event.kind, Kind::EXIT);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RecordingReader<R> {
    source: Source<R>,
    definitions: Known,
    event: Event,
    ended: bool,
}

impl<R: BufRead> RecordingReader<R> {
    /// Opens a recording, compressed or not. What its definitions take in memory is bounded by
    /// [`Limits::file_bytes`](bulkhead_limits::Limits::file_bytes).
    pub fn open(reader: R, budget: &Budget) -> Result<Self, RecordingError> {
        Ok(Self {
            source: Source::open(reader, budget)?,
            definitions: Known::new(budget),
            event: Event::new(Kind::EXIT),
            ended: false,
        })
    }

    /// The next event; none at the end. An error says why the recording cannot be read to its end: all
    /// events before that place were given, and none follows.
    pub fn next_event(&mut self) -> Result<Option<&Event>, RecordingError> {
        if self.ended {
            return Ok(None);
        }
        let another = self.advance();
        self.ended = !matches!(another, Ok(true));
        another.map(|another| another.then_some(&self.event))
    }

    fn advance(&mut self) -> Result<bool, RecordingError> {
        while let Some((start, content)) = self.source.frame()? {
            let mut input = Input::new(content);
            let done = self.definitions.frame(&mut input, &mut self.event);
            let left = input.len();
            let done = done.and_then(|is_event| input.end().map(|()| is_event));
            let offset = || start.saturating_add(content.len().saturating_sub(left) as u64);
            match done {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Fault::Malformed(what)) => {
                    return Err(RecordingError::Malformed { offset: offset(), what });
                }
                Err(Fault::Limit(exceeded)) => {
                    return Err(RecordingError::Limit { offset: offset(), exceeded });
                }
            }
        }
        Ok(false)
    }
}

/// What was defined so far.
pub(super) struct Known {
    budget: Budget,
    weight: u64,
    texts: Vec<Text>,
    containers: Vec<Arc<Container>>,
    files: Vec<Arc<FileDescriptor>>,
    processes: Vec<Arc<Process>>,
    kinds: Vec<KnownKind>,
    /// The node that events happened on.
    node: Option<Text>,
    /// Time and place of the event before.
    before: (u64, u64),
}

impl Known {
    fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            weight: 0,
            texts: vec![Text::default()],
            containers: Vec::new(),
            files: Vec::new(),
            processes: Vec::new(),
            kinds: Vec::new(),
            node: None,
            before: (0, 0),
        }
    }

    /// Takes a frame in; true where it is an event.
    fn frame(&mut self, input: &mut Input<'_>, event: &mut Event) -> Result<bool, Fault> {
        let sort = Sort::of(input.byte()?).ok_or(Fault::Malformed("a frame of no known sort"))?;
        if sort == Sort::Event {
            event::take(event, self.before, self, input)?;
            if event.node != self.node {
                event.node.clone_from(&self.node);
            }
            self.before = (event.time, event.sequence);
            return Ok(true);
        }
        let (times, beside) = if sort == Sort::Text { (1, TEXT) } else { (MOST_TIMES, OTHER) };
        self.charge(input.len().saturating_mul(times).saturating_add(beside))?;
        match sort {
            Sort::Forget => *self = Self::new(&self.budget),
            Sort::Text => self.texts.push(input.all().into()),
            Sort::Container => {
                let container = containers::take(self, input)?;
                self.containers.push(container.into());
            }
            Sort::File => {
                let file = files::take(self, input)?;
                self.files.push(file.into());
            }
            Sort::Process => {
                let process = processes::take(self, input)?;
                self.processes.push(process.into());
            }
            Sort::Kind => self.kinds.push(event::take_kind(input)?),
            Sort::Node => {
                let node = input.all();
                self.node = (!node.is_empty()).then(|| node.into());
            }
            Sort::Event => {}
        }
        Ok(false)
    }

    /// Accounts for memory that lasts until definitions are forgotten.
    fn charge(&mut self, bytes: usize) -> Result<(), Fault> {
        self.weight = self.weight.saturating_add(bytes as u64);
        self.budget.check().and_then(|()| self.budget.check_file(self.weight)).map_err(Fault::Limit)
    }

    #[inline]
    pub(super) fn text(&self, input: &mut Input<'_>) -> Result<Text, Fault> {
        let place: usize = input.fitting()?;
        self.texts.get(place).cloned().ok_or(Fault::Malformed("a text is not defined"))
    }

    pub(super) fn optional(&self, input: &mut Input<'_>) -> Result<Option<Text>, Fault> {
        let Some(place) = input.fitting::<usize>()?.checked_sub(1) else { return Ok(None) };
        let text = self.texts.get(place).cloned();
        text.map(Some).ok_or(Fault::Malformed("a text is not defined"))
    }

    /// Several texts behind their number.
    pub(super) fn texts(&self, input: &mut Input<'_>) -> Result<Arc<[Text]>, Fault> {
        let count = input.count()?;
        (0..count).map(|_| self.text(input)).collect()
    }

    pub(super) fn container(&self, input: &mut Input<'_>) -> Result<Option<Arc<Container>>, Fault> {
        defined(&self.containers, input)
    }

    pub(super) fn file(&self, input: &mut Input<'_>) -> Result<Option<Arc<FileDescriptor>>, Fault> {
        defined(&self.files, input)
    }

    pub(super) fn process(&self, input: &mut Input<'_>) -> Result<Option<Arc<Process>>, Fault> {
        defined(&self.processes, input)
    }

    pub(super) fn kind(&self, input: &mut Input<'_>) -> Result<&KnownKind, Fault> {
        let place = input.fitting::<usize>()?.checked_sub(1);
        place.and_then(|place| self.kinds.get(place)).ok_or(UNDEFINED)
    }
}

/// A byte of a definition that refers to a text is so many times larger in memory.
const MOST_TIMES: usize = size_of::<Text>();

/// What a text takes beside its bytes.
const TEXT: usize = 2 * size_of::<Text>();

/// What another definition takes beside its bytes: processes are the largest.
const OTHER: usize = size_of::<Process>();

const UNDEFINED: Fault = Fault::Malformed("what is referred to is not defined");

#[inline]
fn defined<T>(table: &[Arc<T>], input: &mut Input<'_>) -> Result<Option<Arc<T>>, Fault> {
    let Some(place) = input.fitting::<usize>()?.checked_sub(1) else { return Ok(None) };
    table.get(place).cloned().map(Some).ok_or(UNDEFINED)
}
