//! Which rights were used, by whom.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Exceeded};

use super::event::{Skipped, read_event};
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
    /// Lines that could not be read: the first of them by their numbers from 1, with the reasons.
    pub malformed: Vec<(u64, String)>,
    /// How many further ones there were.
    pub further_malformed: u64,
    /// When the first and the last request came, as the log writes it; empty where it does not.
    pub first: String,
    /// The last.
    pub last: String,
    read: u64,
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
    /// Takes in the next line of a log.
    ///
    /// # Errors
    /// Where the budget is spent: by the length of the line, or by the number of different requests.
    pub fn add(&mut self, line: &[u8], budget: &Budget) -> Result<(), RbacError> {
        self.read = self.read.saturating_add(1);
        let number = self.read;
        let spent = |exceeded: Exceeded| RbacError::Exceeded { line: number, exceeded };
        budget.charge_bytes(line.len() as u64).map_err(spent)?;
        budget.check_file(line.len() as u64).map_err(spent)?;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let event = match read_event(line) {
            Ok(event) => event,
            Err(Skipped::Denied) => {
                self.denied = self.denied.saturating_add(1);
                return Ok(());
            }
            Err(Skipped::Undecided) => return Ok(()),
            Err(Skipped::Malformed(reason)) => {
                if self.malformed.len() < budget.limits().problems {
                    self.malformed.push((number, reason));
                } else {
                    self.further_malformed = self.further_malformed.saturating_add(1);
                }
                return Ok(());
            }
        };
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
                budget.charge_entry().map_err(spent)?;
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
