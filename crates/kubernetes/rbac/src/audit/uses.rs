//! Which rights were used, by whom.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Exceeded};

use super::event::{Event, Skipped, read_events};
use crate::error::RbacError;
use crate::request::{Identity, Request};

/// What a log says of the use of rights.
#[derive(Debug, Default)]
pub struct Uses {
    /// Each request that somebody made and was allowed.
    pub allowed: BTreeMap<Identity, BTreeMap<Request, Use>>,
    /// Lines of requests that were allowed.
    pub lines: u64,
    /// Lines of requests that were denied.
    pub denied: u64,
    /// Lines that could not be read: the first of them.
    pub malformed: Vec<Malformed>,
    /// How many further ones there were.
    pub further_malformed: u64,
    /// When the first and the last request came, as the log writes it; empty where it does not.
    pub first: String,
    /// The last.
    pub last: String,
}

/// Something of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The log.
    pub log: String,
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// How often a request was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Use {
    /// Lines of the log; a watch has two.
    pub lines: u64,
    /// When it was last made.
    pub last: String,
}

impl Uses {
    /// Takes in a document of a log, which begins in this line.
    ///
    /// # Errors
    /// Where the budget is spent, by the number of different requests.
    pub fn add(
        &mut self,
        log: &str,
        line: u64,
        document: &[u8],
        budget: &Budget,
    ) -> Result<(), RbacError> {
        if document.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        for event in read_events(document) {
            match event {
                Ok(event) => self.add_event(event, budget).map_err(|exceeded| {
                    RbacError::Exceeded { log: log.to_owned(), line, exceeded }
                })?,
                Err(Skipped::Denied) => self.denied = self.denied.saturating_add(1),
                Err(Skipped::Undecided) => {}
                Err(Skipped::Malformed(reason)) => {
                    self.add_malformed(Malformed { log: log.to_owned(), line, reason }, budget);
                }
            }
        }
        Ok(())
    }

    /// Takes in that something of a log cannot be read.
    pub fn add_malformed(&mut self, malformed: Malformed, budget: &Budget) {
        if self.malformed.len() < budget.limits().problems {
            self.malformed.push(malformed);
        } else {
            self.further_malformed = self.further_malformed.saturating_add(1);
        }
    }

    fn add_event(&mut self, event: Event, budget: &Budget) -> Result<(), Exceeded> {
        self.lines = self.lines.saturating_add(1);
        if self.first.is_empty() || (!event.time.is_empty() && event.time < self.first) {
            self.first.clone_from(&event.time);
        }
        if event.time > self.last {
            self.last.clone_from(&event.time);
        }
        for (identity, request) in event.requests {
            let requests = self.allowed.entry(identity).or_default();
            if !requests.contains_key(&request) {
                budget.charge_entry()?;
            }
            let used = requests.entry(request).or_default();
            used.lines = used.lines.saturating_add(1);
            if event.time > used.last {
                used.last.clone_from(&event.time);
            }
        }
        Ok(())
    }

    /// Every request with who made it.
    pub fn requests(&self) -> impl Iterator<Item = (&Identity, &Request)> {
        self.allowed.iter().flat_map(|(identity, requests)| {
            requests.keys().map(move |request| (identity, request))
        })
    }
}
