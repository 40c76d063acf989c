//! Rules of other tools, our controls that judge the same, and how often the answers are equal.
//!
//! The rules' own cases come from `fixtures/posture` of the test data; which control judges what a rule
//! judges, why none does, and why an answer differs is data: `tests/agreement`.

mod answer;
mod library;
mod node_facts;
mod report;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_posture::Verdict;

pub use report::Report;

use answer::answer;
use library::{Case, LIBRARIES};
use table::Table;

/// How our answers stand to those of others.
#[derive(Debug, Default)]
pub struct Agreement {
    /// How many rules the tables map to controls, whether or not the libraries at hand have cases of them.
    pub mapped_by_tables: usize,
    /// Rules with cases that controls judge, too.
    pub mapped: BTreeSet<String>,
    /// Rules with cases that none does, with the reason.
    pub unmapped: BTreeMap<String, String>,
    /// Cases of mapped rules with equal answers.
    pub equal: usize,
    /// Cases whose answers differ.
    pub differing: Vec<Difference>,
    /// Cases of which we say that they are not checkable, and the rule says something.
    pub not_checkable: Vec<Difference>,
    /// By control.
    pub controls: BTreeMap<&'static str, Counts>,
}

/// A case with another answer than ours.
#[derive(Debug)]
pub struct Difference {
    /// The rule and the case.
    pub case: String,
    /// Whether the rule fails the case.
    pub theirs: bool,
    /// The mapped controls that fail it.
    pub ours: BTreeSet<&'static str>,
    /// Why; none where nobody has looked at it yet.
    pub reason: Option<String>,
}

/// Cases of the rules that a control is mapped to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Both fail.
    pub both: usize,
    /// The control alone fails.
    pub ours: usize,
    /// The rule alone fails.
    pub theirs: usize,
    /// Neither fails.
    pub neither: usize,
    /// The control could not look.
    pub open: usize,
}

impl Agreement {
    /// Holds our controls against every rule of the libraries that are there. An absent one is recorded
    /// as a skip.
    pub fn measure() -> anyhow::Result<Self> {
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
    pub fn cases(&self) -> usize {
        self.equal + self.differing.len() + self.not_checkable.len()
    }

    /// Cases that differ, or that we cannot judge, without a reason being known.
    pub fn without_reason(&self) -> impl Iterator<Item = &Difference> {
        self.differing.iter().chain(&self.not_checkable).filter(|case| case.reason.is_none())
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
