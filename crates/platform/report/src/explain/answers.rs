//! What ignore files and VEX documents say about one finding.

use bulkhead_model::{Finding, Report};

use super::chain::fact;
use crate::answers::{circumstances, outcome, place, statement};
use crate::table::Page;

/// Every entry and statement that was held against the finding, those that apply first.
pub(super) fn of(finding: &Finding, report: &Report, page: &mut Page) {
    let mut held: Vec<_> = report
        .answers
        .iter()
        .flat_map(|answer| answer.verdicts.iter().map(move |verdict| (answer, verdict)))
        .filter(|(_, verdict)| verdict.finding == finding.id)
        .collect();
    held.sort_by_key(|(_, verdict)| verdict.outcome);
    for (answer, verdict) in held {
        let mut text = vec![format!("{}: {}", place(&answer.says), statement(&answer.says))];
        text.extend(circumstances(&answer.says));
        fact("said", &text.join(" · "), page);
        fact("", &outcome(verdict), page);
    }
}
