//! Pieces of a database file, and the packages that are read from them.

use std::borrow::Cow;
use std::io::ErrorKind;

use bulkhead_archive::ReadAt;
use bulkhead_limits::{Budget, Exceeded};
use bulkhead_model::ProblemKind;

use super::package::Installed;
use crate::reading::{Fault, Parsed};

/// Rows whose faults are told one by one; a damaged database has the same in thousands.
const MOST_FAULTS: usize = 64;

/// A file that is read piece by piece: databases are larger than any row of theirs.
pub(super) struct Storage<'a> {
    content: &'a dyn ReadAt,
    budget: &'a Budget,
    /// Bytes of rows that may still be read. No two rows share a byte, so all of them together are
    /// no longer than the file; that they are longer is a trick to have the same bytes read often.
    left: u64,
}

impl<'a> Storage<'a> {
    pub(super) fn new(content: &'a dyn ReadAt, budget: &'a Budget) -> Self {
        Self { content, budget, left: content.size() }
    }

    pub(super) fn size(&self) -> u64 {
        self.content.size()
    }

    /// A piece of the file; none where the file ends before the piece does.
    pub(super) fn piece(&self, offset: u64, length: usize) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        if let Some(all) = self.content.as_slice() {
            let rest = usize::try_from(offset).ok().and_then(|offset| all.get(offset..));
            return Ok(rest.and_then(|rest| rest.get(..length)).map(Cow::Borrowed));
        }
        if offset.checked_add(length as u64).is_none_or(|end| end > self.size()) {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        match self.content.read_exact_at(offset, &mut bytes) {
            Ok(()) => Ok(Some(Cow::Owned(bytes))),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(Fault::new(ProblemKind::Unreadable, error.to_string())),
        }
    }

    /// As [`Storage::piece`], where the end of the file is a fault.
    pub(super) fn expect(&self, offset: u64, length: usize) -> Result<Cow<'a, [u8]>, Fault> {
        self.piece(offset, length)?.ok_or_else(|| {
            let message = format!("the file ends before offset {offset} + {length}");
            Fault::new(ProblemKind::Truncated, message)
        })
    }

    /// Accounts for a row of this length, before it is read.
    pub(super) fn claim(&mut self, length: u64) -> Result<(), Fault> {
        let limit = |error: Exceeded| Fault::new(ProblemKind::LimitReached, error.to_string());
        self.budget.check().map_err(limit)?;
        self.budget.check_file(length).map_err(limit)?;
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(Fault::malformed("rows are longer than the file that holds them")),
        }
        Ok(())
    }
}

/// The packages of a database as its rows are read.
#[derive(Debug, Default)]
pub(super) struct Collection {
    packages: Vec<Installed>,
    faults: Vec<Fault>,
    further: usize,
}

impl Collection {
    /// A package, or why the row holds none.
    pub(super) fn add(&mut self, row: u64, package: Result<Installed, Fault>) {
        match package {
            Ok(package) => self.packages.push(package),
            Err(Fault { kind, message }) => {
                self.fault(Fault::new(kind, format!("row {row}: {message}")));
            }
        }
    }

    /// Something wrong with more than a row.
    pub(super) fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.further = self.further.saturating_add(1);
        }
    }

    pub(super) fn finish(mut self) -> Parsed<Vec<Installed>> {
        if self.further > 0 {
            let message = format!("{} more faults of the same file", self.further);
            self.faults.push(Fault::malformed(message));
        }
        Parsed { value: self.packages, faults: self.faults }
    }
}
