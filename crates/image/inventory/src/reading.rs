//! What every detector does around its parser: getting at the bytes, saying what was wrong.

use std::borrow::Cow;

use bulkhead_layers::{Detected, Facts, File};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};
use serde::Serialize;

/// What a parser made of a file: what it could read, and what was wrong with the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parsed<T> {
    pub(crate) value: T,
    pub(crate) faults: Vec<Fault>,
}

/// Something wrong in a file whose place the parser need not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Malformed, message)
    }
}

impl<T> Parsed<Option<T>> {
    /// The same, as one kind of facts among others.
    pub(crate) fn map<F>(self, fact: impl FnOnce(T) -> F) -> Parsed<Option<F>> {
        Parsed { value: self.value.map(fact), faults: self.faults }
    }
}

impl<T> From<T> for Parsed<T> {
    fn from(value: T) -> Self {
        Self { value, faults: Vec::new() }
    }
}

impl<T: Default> From<Fault> for Parsed<T> {
    fn from(fault: Fault) -> Self {
        Self { value: T::default(), faults: vec![fault] }
    }
}

/// Runs a parser over the whole content of a file and encodes the facts that it found.
pub(crate) fn detect<T: Serialize>(
    file: &File<'_>,
    budget: &Budget,
    parse: impl FnOnce(&[u8]) -> Parsed<Option<T>>,
) -> Detected {
    match whole(file, budget) {
        Ok(bytes) => detected(file.path, parse(&bytes)),
        Err(problem) => Detected { facts: None, problems: vec![problem] },
    }
}

/// Encodes facts, and gives the faults of a file their place.
pub(crate) fn detected<T: Serialize>(path: &EntryPath, parsed: Parsed<Option<T>>) -> Detected {
    let place = |fault: Fault| Problem::new(fault.kind, Location::of(path.clone()), fault.message);
    Detected {
        facts: parsed.value.as_ref().and_then(Facts::encode),
        problems: parsed.faults.into_iter().map(place).collect(),
    }
}

/// All bytes of a file, within the limit for one slice.
fn whole<'a>(file: &File<'a>, budget: &Budget) -> Result<Cow<'a, [u8]>, Problem> {
    if let Some(slice) = file.content.as_slice() {
        return Ok(Cow::Borrowed(slice));
    }
    let location = || Location::of(file.path.clone());
    let size = file.content.size();
    budget
        .check_file(size)
        .map_err(|e| Problem::new(ProblemKind::LimitReached, location(), e.to_string()))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    file.content
        .read_exact_at(0, &mut bytes)
        .map_err(|e| Problem::new(ProblemKind::Unreadable, location(), e.to_string()))?;
    Ok(Cow::Owned(bytes))
}

/// The text of a file: a byte order mark is dropped, what is no UTF-8 replaced.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}
