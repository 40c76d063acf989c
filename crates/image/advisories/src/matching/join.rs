//! Sorted packages against sorted rows.

use bulkhead_model::{NotAssessed, PackageId};
use rustc_hash::FxHashMap;

use super::judgement::{Candidate, Judgement, Statement, judge};
use super::names::Names;
use super::plan::{Owners, Wanted, damaged};
use super::stretches::side_by_side;
use crate::database::section::Section;
use crate::database::store::Cursor;
use crate::{AffectedRow, Database};

/// What the rows of all packages give.
#[derive(Default)]
pub(super) struct Joined<'i> {
    pub(super) judgements: Vec<Judgement<'i>>,
    /// Everything the vendor says of packages that own others, by the owner.
    pub(super) statements: FxHashMap<PackageId, Vec<Statement>>,
    pub(super) damage: Vec<NotAssessed>,
}

/// Reads the rows of every wanted key. Stretches of keys are read side by side; within one, keys
/// are in the order of the rows, so that a page is read once.
pub(super) fn join<'i>(
    databases: &[&Database],
    wanted: &[Wanted<'i>],
    owners: &Owners,
) -> Joined<'i> {
    let parts: Vec<Joined<'i>> = side_by_side(wanted, |stretch| {
        let mut reader = Reader::new(databases);
        let mut joined = Joined::default();
        for wanted in stretch {
            reader.read(wanted, owners, &mut joined);
        }
        joined
    });
    let mut whole = Joined::default();
    for part in parts {
        whole.judgements.extend(part.judgements);
        whole.statements.extend(part.statements);
        whole.damage.extend(part.damage);
    }
    whole
}

/// One cursor into each database.
struct Reader<'d> {
    databases: &'d [&'d Database],
    cursors: Vec<Cursor<'d>>,
    names: Names<'d>,
}

impl<'d> Reader<'d> {
    fn new(databases: &'d [&'d Database]) -> Self {
        let cursors = databases.iter().map(|database| database.cursor(Section::Affected)).collect();
        Self { databases, cursors, names: Names::new(databases) }
    }

    fn read<'i>(&mut self, wanted: &Wanted<'i>, owners: &Owners, joined: &mut Joined<'i>) {
        let mut rows: Vec<Candidate> = Vec::new();
        let source = wanted.source.iter().map(|(_, prefix)| (prefix, true));
        for (prefix, of_source) in [(&wanted.prefix, false)].into_iter().chain(source) {
            for (cursor, database) in self.cursors.iter_mut().zip(self.databases) {
                let read = cursor.prefix(prefix, &mut |key, value| {
                    rows.push(Candidate { row: AffectedRow::decode(key, value)?, of_source });
                    Ok(())
                });
                if let Err(defect) = read {
                    let count = wanted.packages.len() as u64;
                    joined.damage.push(damaged(&defect.of(database.name()), count));
                }
            }
        }
        if rows.is_empty() {
            return;
        }
        for Candidate { row, .. } in &mut rows {
            if let Err(error) = self.names.resolve(&mut row.vulnerabilities) {
                joined.damage.push(damaged(&error, wanted.packages.len() as u64));
            }
        }
        let judged = judge(wanted, &rows, &|package| owners.all.contains(&package));
        joined.judgements.extend(judged.affected);
        joined.statements.extend(judged.statements);
    }
}
