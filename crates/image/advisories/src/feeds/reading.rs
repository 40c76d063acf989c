//! What every reader shares: the content, the budget, where items go, what is counted.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::Path;

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use bulkhead_model::{Location, Problem, ProblemKind};

use super::{FeedSummary, texts};
use crate::{EndOfLife, Error, Exploited, FeedSource, Item, Predicted, Record};

/// One file of a feed while it is read.
pub(super) struct Reading<'a> {
    pub(super) source: &'a FeedSource,
    pub(super) budget: &'a Budget,
    sink: &'a mut dyn FnMut(Item),
    summary: FeedSummary,
    /// The newest day of a record.
    newest: Option<String>,
    /// Records without a day.
    undated: u64,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        source: &'a FeedSource,
        budget: &'a Budget,
        sink: &'a mut dyn FnMut(Item),
    ) -> Self {
        Self { source, budget, sink, summary: FeedSummary::default(), newest: None, undated: 0 }
    }

    /// The summary. Its date is that of the document, else that of the newest record; none where
    /// most records have no day, because the newest of the others would make the feed look old.
    pub(super) fn finish(mut self) -> FeedSummary {
        if self.summary.date.is_none() && self.undated <= self.summary.records / 2 {
            self.summary.date = self.newest;
        }
        self.summary
    }

    /// Delivers a record.
    pub(super) fn record(&mut self, record: Record) {
        match record.published.as_deref().max(record.modified.as_deref()) {
            None => self.undated = self.undated.saturating_add(1),
            day if day > self.newest.as_deref() => self.newest = day.map(str::to_owned),
            _ => {}
        }
        for affected in &record.affected {
            if !self.summary.scopes.contains(affected.key.scope()) {
                self.summary.scopes.insert(affected.key.scope().clone());
            }
        }
        self.deliver(Item::Record(Box::new(record)));
    }

    /// Delivers a row of a catalogue of exploited vulnerabilities.
    pub(super) fn exploited(&mut self, exploited: Exploited) {
        if self.newest.as_ref() < Some(&exploited.entry.added) {
            self.newest = Some(exploited.entry.added.clone());
        }
        self.deliver(Item::Exploited(exploited));
    }

    /// Delivers a prediction.
    pub(super) fn predicted(&mut self, predicted: Predicted) {
        self.newest = self.newest.take().max(predicted.entry.date.clone());
        self.deliver(Item::Predicted(predicted));
    }

    /// Delivers when a release ends, which may be in the future; `newest` is a day that is not.
    pub(super) fn end_of_life(&mut self, end: EndOfLife, newest: Option<&str>) {
        if self.newest.as_deref() < newest {
            self.newest = newest.map(str::to_owned);
        }
        self.deliver(Item::EndOfLife(end));
    }

    fn deliver(&mut self, item: Item) {
        self.summary.records = self.summary.records.saturating_add(1);
        (self.sink)(item);
    }

    /// Counts a record that its publisher took back.
    pub(super) fn dropped(&mut self) {
        self.summary.dropped = self.summary.dropped.saturating_add(1);
    }

    /// Notes the day on which the document says it was made.
    pub(super) fn dated(&mut self, text: Option<&str>) {
        self.summary.date = text.and_then(texts::day);
    }

    /// Notes that `record` could not be read, or not wholly.
    pub(super) fn problem(&mut self, record: &str, cause: impl Display) {
        if self.summary.problems.len() < self.budget.limits().problems {
            let location = Location::of(record);
            let problem = Problem::new(ProblemKind::Malformed, location, cause.to_string());
            self.summary.problems.push(problem);
        } else {
            self.summary.further_problems = self.summary.further_problems.saturating_add(1);
        }
    }
}

/// A file that is read at any offset.
#[derive(Debug)]
pub struct FileContent {
    file: fs_err::File,
    size: u64,
}

impl FileContent {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = fs_err::File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl ReadAt for FileContent {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self.file.file(), buffer, offset)
    }
}

/// Content from its start to its end.
pub(super) struct Stream<'a> {
    content: &'a dyn ReadAt,
    offset: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn new(content: &'a dyn ReadAt) -> Self {
        Self { content, offset: 0 }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_at(self.offset, buffer)?;
        self.offset = self.offset.saturating_add(count as u64);
        Ok(count)
    }
}
