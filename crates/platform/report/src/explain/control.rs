//! What people read about a control, and why it has nothing to say.

use bulkhead_model::{Posture, Report};

use super::chain::fact;
use crate::control::ControlRow;
use crate::table::{Page, gaps};
use crate::text::{count, printable};

/// The control with its reasons and who asks for it.
pub(super) fn heading(row: ControlRow<'_>, page: &mut Page) {
    let rule = page.style.strong(&printable(row.rule()));
    page.line(&format!("{rule}  {}", printable(row.title())));
    page.line("");
    if let Some(statement) = row.statement {
        fact("why", &printable(&statement.why), page);
        fact("risk", &printable(&statement.risk), page);
        fact("fix", &printable(&statement.fix), page);
    }
    for (number, clauses) in row.clauses().enumerate() {
        fact(if number == 0 { "asked for by" } else { "" }, &printable(&clauses), page);
    }
}

/// Why there is no finding: the control passed or met nothing that it is about, unless something was
/// not assessed.
pub(super) fn absence(id: &str, posture: &Posture, report: &Report, page: &mut Page) {
    page.line("");
    let judged = count(posture.count(), "object");
    let id = printable(id);
    page.plain_item(
        "  ",
        &format!(
            "{judged} were judged, and {id} has nothing against them; `bulkhead k8s controls explain \
             {id}` tells what it looks for, if there is such a control."
        ),
    );
    for part in &report.not_assessed {
        fact("not assessed", &gaps::describe(part, report), page);
    }
}
