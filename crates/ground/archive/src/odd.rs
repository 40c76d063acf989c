//! What was odd about content that could be read nevertheless.

use std::borrow::Cow;

use bulkhead_model::ProblemKind;

/// Something odd in an archive or a compressed stream. Reading went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Bytes from the start of the content to where it was met.
    pub position: u64,
    /// The class, as problems of a report have it.
    pub kind: ProblemKind,
    /// What was met, for people.
    pub message: Cow<'static, str>,
}

/// A list of odd things that hostile content cannot make long.
#[derive(Debug)]
pub(crate) struct Oddities {
    list: Vec<Odd>,
    most: usize,
    uncounted: u64,
    last: u64,
}

impl Oddities {
    /// An empty list that records at most `most` of them one by one.
    pub(crate) fn new(most: usize) -> Self {
        Self { list: Vec::new(), most, uncounted: 0, last: 0 }
    }

    pub(crate) fn add(
        &mut self,
        position: u64,
        kind: ProblemKind,
        message: impl Into<Cow<'static, str>>,
    ) {
        if self.most == 0 {
            self.uncounted = self.uncounted.saturating_add(1);
            self.last = position;
        } else {
            self.most = self.most.saturating_sub(1);
            self.list.push(Odd { position, kind, message: message.into() });
        }
    }

    /// Takes what was recorded since the last call; those past the limit as one line.
    pub(crate) fn take(&mut self) -> Vec<Odd> {
        let mut list = std::mem::take(&mut self.list);
        if self.uncounted > 0 {
            let message = format!("{} more odd places that are not listed", self.uncounted);
            list.push(Odd {
                position: self.last,
                kind: ProblemKind::LimitReached,
                message: message.into(),
            });
            self.uncounted = 0;
        }
        list
    }
}
