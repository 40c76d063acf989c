//! The agreement as people read it.

use std::fmt;

use super::{Agreement, Counts, Difference};

/// Precision and recall of each control, the agreement of all, and each difference with its reason.
#[derive(Debug)]
pub(super) struct Report<'a>(pub(super) &'a Agreement);

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(agreement) = self;
        writeln!(
            formatter,
            "{:<48} {:>9} {:>7}  {:>5} {:>5} {:>7} {:>8} {:>5}",
            "control", "precision", "recall", "both", "ours", "theirs", "neither", "open"
        )?;
        for (control, counts) in &agreement.controls {
            let Counts { both, ours, theirs, neither, open } = *counts;
            let (precision, recall) = (share(both, both + ours), share(both, both + theirs));
            writeln!(
                formatter,
                "{control:<48} {precision:>9} {recall:>7}  {both:>5} {ours:>5} {theirs:>7} {neither:>8} {open:>5}"
            )?;
        }
        let (equal, cases) = (agreement.equal, agreement.cases());
        let open = agreement.not_checkable.len();
        writeln!(
            formatter,
            "\n{} rules mapped, {} not\n{equal} of {} judged cases equal: {}\n\
             {open} more are not checkable; counted as differences: {equal} of {cases}, {}",
            agreement.mapped.len(),
            agreement.unmapped.len(),
            cases - open,
            share(equal, cases - open),
            share(equal, cases)
        )?;
        list(formatter, "differences", &agreement.differing)?;
        list(formatter, "not checkable", &agreement.not_checkable)?;
        writeln!(formatter, "\nrules that no control judges")?;
        for (rule, reason) in &agreement.unmapped {
            writeln!(formatter, "  {rule}: {reason}")?;
        }
        Ok(())
    }
}

fn list(
    formatter: &mut fmt::Formatter<'_>,
    title: &str,
    differences: &[Difference],
) -> fmt::Result {
    writeln!(formatter, "\n{title}")?;
    for Difference { case, theirs, ours, reason } in differences {
        let theirs = if *theirs { "the rule fails it" } else { "the rule passes it" };
        let controls: Vec<_> = ours.iter().copied().collect();
        let ours = if controls.is_empty() {
            String::new()
        } else {
            format!(", {} fails it", controls.join(" "))
        };
        let reason = reason.as_deref().unwrap_or("NO REASON IS KNOWN");
        writeln!(formatter, "  {case}: {theirs}{ours}: {reason}")?;
    }
    Ok(())
}

/// Hundredths with one digit; a dash where there is nothing to share.
fn share(part: usize, all: usize) -> String {
    let Some(tenths) = (1000 * part).checked_div(all) else { return "-".to_owned() };
    format!("{}.{} %", tenths / 10, tenths % 10)
}
