//! Messages that wait to be sent.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Messages that wait at most, and their bytes.
const MOST: (usize, usize) = (16_384, 8 << 20);

/// Messages that were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How many.
    pub dropped: u64,
}

/// A bounded queue with one reader. What has no room is dropped, the newest: the first alerts of an attack say
/// most.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Messages that were dropped, all and those that the server was not told of.
    dropped: u64,
    untold: u64,
    deadline: Option<Instant>,
    /// Whether the reader has left.
    is_finished: bool,
}

impl State {
    /// Whether nothing is to be sent any more.
    #[expect(clippy::disallowed_methods, reason = "tasks read the clock")]
    fn is_over(&self) -> bool {
        let is_late = |deadline: Instant| Instant::now() >= deadline;
        self.deadline.is_some_and(|deadline| self.messages.is_empty() || is_late(deadline))
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, message: Vec<u8>) {
        let mut state = self.state();
        let bytes = state.bytes.saturating_add(message.len());
        if state.messages.len() >= MOST.0 || bytes > MOST.1 {
            state.dropped = state.dropped.saturating_add(1);
            state.untold = state.untold.saturating_add(1);
        } else {
            state.bytes = bytes;
            state.messages.push_back(message);
        }
        self.changed.notify_all();
    }

    /// The next message, which stays in the queue until it is [`sent`](Self::sent). Waits for one; none where the
    /// queue has ended.
    pub(super) fn first(&self) -> Option<Vec<u8>> {
        let mut state = self.state();
        loop {
            if state.is_over() {
                return None;
            }
            if let Some(message) = state.messages.front() {
                return Some(message.clone());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The first message was sent.
    pub(super) fn sent(&self) {
        let mut state = self.state();
        let message = state.messages.pop_front();
        state.bytes = state.bytes.saturating_sub(message.map_or(0, |message| message.len()));
    }

    /// What the server was not told of yet.
    pub(super) fn gap(&self) -> Option<Gap> {
        let dropped = self.state().untold;
        (dropped > 0).then_some(Gap { dropped })
    }

    /// The server was told.
    pub(super) fn told(&self, gap: Gap) {
        let mut state = self.state();
        state.untold = state.untold.saturating_sub(gap.dropped);
    }

    /// Waits for a while, less where the queue has ended.
    #[expect(clippy::disallowed_methods, reason = "tasks read the clock")]
    pub(super) fn pause(&self, time: Duration) {
        let begin = Instant::now();
        let mut state = self.state();
        while let Some(left) = time.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
            let until_deadline = state
                .deadline
                .map_or(left, |deadline| deadline.saturating_duration_since(Instant::now()));
            if state.deadline.is_some() && until_deadline.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left.min(until_deadline));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing more comes. What is there may still be sent for so long; waits until it is, but no longer.
    #[expect(clippy::disallowed_methods, reason = "tasks read the clock")]
    pub(super) fn end(&self, patience: Duration) {
        let mut state = self.state();
        let deadline = Instant::now().checked_add(patience);
        state.deadline = deadline;
        self.changed.notify_all();
        while let Some(deadline) = deadline.filter(|_| !state.is_finished) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The reader leaves.
    pub(super) fn finish(&self) {
        self.state().is_finished = true;
        self.changed.notify_all();
    }

    /// Messages that were dropped, and those that are left.
    pub(super) fn missing(&self) -> u64 {
        let state = self.state();
        state.dropped.saturating_add(state.messages.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted() {
        let queue = Queue::default();
        for _ in 0..MOST.0 + 5 {
            queue.push(vec![b'x']);
        }
        assert_eq!(queue.gap(), Some(Gap { dropped: 5 }));
        queue.push(vec![0; MOST.1]);
        let gap = queue.gap().unwrap();
        assert_eq!(gap, Gap { dropped: 6 });
        queue.told(gap);
        assert_eq!(queue.gap(), None);
        assert_eq!(queue.first(), Some(vec![b'x']));
        queue.sent();
        assert_eq!(queue.missing(), 6 + MOST.0 as u64 - 1);
        queue.end(Duration::ZERO);
        assert_eq!(queue.first(), None);
    }
}
