//! Rules of other tools, our controls that judge the same, and how often the answers are equal.
//!
//! The rules' own cases come from `fixtures/posture` of the test data; which control judges what a rule
//! judges, why none does, and why an answer differs is data: `benches/agreement`.

mod answer;
mod library;
mod node_facts;
mod report;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use bulkhead_posture::Verdict;

use answer::answer;
use library::{Case, LIBRARIES};
use report::Report;
use table::Table;

/// The agreement with every library of rules in the test data, as people read it.
pub(crate) fn report() -> anyhow::Result<String> {
    let agreement = Agreement::measure()?;
    ensure!(
        agreement.cases() > 0,
        "the test data has no cases; hint: BULKHEAD_TEST_DATA names the folder that holds `fixtures/posture`"
    );
    Ok(Report(&agreement).to_string())
}

/// How our answers stand to those of others.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    /// How many rules the tables map to controls, whether or not the libraries at hand have cases of them.
    pub(crate) mapped_by_tables: usize,
    /// Rules with cases that controls judge, too.
    pub(crate) mapped: BTreeSet<String>,
    /// Rules with cases that none does, with the reason.
    pub(crate) unmapped: BTreeMap<String, String>,
    /// Cases of mapped rules with equal answers.
    pub(crate) equal: usize,
    /// Cases whose answers differ.
    pub(crate) differing: Vec<Difference>,
    /// Cases of which we say that they are not checkable, and the rule says something.
    pub(crate) not_checkable: Vec<Difference>,
    /// By control.
    pub(crate) controls: BTreeMap<&'static str, Counts>,
}

/// A case with another answer than ours.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The rule and the case.
    pub(crate) case: String,
    /// Whether the rule fails the case.
    pub(crate) theirs: bool,
    /// The mapped controls that fail it.
    pub(crate) ours: BTreeSet<&'static str>,
    /// Why; none where nobody has looked at it yet.
    pub(crate) reason: Option<String>,
}

/// Cases of the rules that a control is mapped to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    /// Both fail.
    pub(crate) both: usize,
    /// The control alone fails.
    pub(crate) ours: usize,
    /// The rule alone fails.
    pub(crate) theirs: usize,
    /// Neither fails.
    pub(crate) neither: usize,
    /// The control could not look.
    pub(crate) open: usize,
}

impl Agreement {
    /// Holds our controls against every rule of the libraries that are there. An absent one is recorded
    /// as a skip.
    pub(crate) fn measure() -> anyhow::Result<Self> {
        let mut agreement = Self::default();
        for library in &LIBRARIES {
            let table = Table::read(library.name)?;
            agreement.mapped_by_tables +=
                table.rules.values().filter(|row| row.none.is_none()).count();
            library.each_case(|case| agreement.add(&table, &case))?;
        }
        Ok(agreement)
    }

    /// Cases in all, of mapped rules.
    pub(crate) fn cases(&self) -> usize {
        self.equal + self.differing.len() + self.not_checkable.len()
    }

    fn add(&mut self, table: &Table, case: &Case) {
        let row = match table.rules.get(&case.rule) {
            Some(row) if row.none.is_none() => row,
            row => {
                let reason = row.and_then(|row| row.none.clone());
                let reason = reason.unwrap_or_else(|| "not in the table".to_owned());
                self.unmapped.insert(case.rule.clone(), reason);
                return;
            }
        };
        self.mapped.insert(case.rule.clone());
        let answers = answer(case, row);
        let failing: BTreeSet<_> = answers
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Fail)
            .map(|(id, _)| *id)
            .collect();
        let open = answers.values().any(|verdict| *verdict == Verdict::NotCheckable);
        for (id, verdict) in &answers {
            let counts = self.controls.entry(id).or_default();
            let count = match (verdict, case.fails) {
                (Verdict::Fail, true) => &mut counts.both,
                (Verdict::Fail, false) => &mut counts.ours,
                (Verdict::NotCheckable, _) => &mut counts.open,
                // Another control of the rule answers for it.
                (_, true) if !failing.is_empty() => continue,
                (_, true) => &mut counts.theirs,
                (_, false) => &mut counts.neither,
            };
            *count += 1;
        }
        let equal = match (failing.is_empty(), open) {
            // The rule says the same in its own way.
            (true, true) => case.undecided,
            (nothing, _) => nothing != case.fails && !case.undecided,
        };
        if equal {
            self.equal += 1;
            return;
        }
        let into =
            if failing.is_empty() && open { &mut self.not_checkable } else { &mut self.differing };
        into.push(Difference {
            case: format!("{}/{}", case.rule, case.name),
            theirs: case.fails,
            ours: failing,
            reason: row.differs.get(&case.name).cloned(),
        });
    }
}
