//! Runs of findings that are made while they are written: the rules of a run stand before its results, so that a
//! run is held, and no more.

use std::ops::ControlFlow;

use bulkhead_model::{Finding, Report};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{Entry, RESULTS_PER_RUN, category, run};
use crate::control::ControlRow;
use crate::streamed::Findings;

/// The runs of one report about objects.
pub(super) struct Batches<'a> {
    pub(super) report: &'a Report,
    pub(super) findings: &'a dyn Findings,
    /// Whether there is more than one run.
    pub(super) several: bool,
}

impl Serialize for Batches<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut runs = serializer.serialize_seq(None)?;
        let mut answered = ControlRow::suppressed(self.report).peekable();
        let (mut part, mut batch, mut failed) = (0, Vec::new(), None);
        let mut write = |batch: &[Finding], answered: &[ControlRow<'_>]| {
            let open = ControlRow::all(self.report, batch);
            let rows: Vec<Entry<'_>> =
                open.chain(answered.iter().copied()).map(Entry::Control).collect();
            let category = self.several.then(|| category(self.report, part));
            part += 1;
            runs.serialize_element(&run(self.report, &rows, category))
        };
        let each = self.findings.each(None, &mut |finding| {
            if batch.len() == RESULTS_PER_RUN {
                if let Err(error) = write(&batch, &[]) {
                    failed = Some(error);
                    return Ok(ControlFlow::Break(()));
                }
                batch.clear();
            }
            batch.push(finding.clone());
            Ok(ControlFlow::Continue(()))
        });
        if let Some(error) = failed {
            return Err(error);
        }
        each.map_err(S::Error::custom)?;
        // The last run has room for what is answered, or there is one more.
        loop {
            let room = RESULTS_PER_RUN.saturating_sub(batch.len());
            let answered_here: Vec<_> = answered.by_ref().take(room).collect();
            write(&batch, &answered_here)?;
            batch.clear();
            if answered.peek().is_none() {
                return runs.end();
            }
        }
    }
}
