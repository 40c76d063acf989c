//! What the databases know of the vulnerabilities that were found, beside where they are.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{ExploitPrediction, KnownExploitation, NotAssessed};
use rustc_hash::FxHashMap;

use super::judgement::Judgement;
use super::plan::damaged;
use super::stretches::side_by_side;
use crate::build::is_cve;
use crate::database::error::Defect;
use crate::database::rows::{AliasValue, RecordReference, ScoreValue};
use crate::database::section::Section;
use crate::database::store::Cursor;
use crate::database::{get, keys};
use crate::{Advisory, Database};

/// Names, scores and records by vulnerability.
#[derive(Default)]
pub(super) struct Knowledge {
    vulnerabilities: FxHashMap<String, Known>,
    /// By record id.
    records: FxHashMap<String, Vec<Advisory>>,
    pub(super) damage: Vec<NotAssessed>,
}

/// What is known of one vulnerability.
#[derive(Default)]
pub(super) struct Known {
    /// Other names.
    pub(super) names: BTreeSet<String>,
    pub(super) exploited: Option<KnownExploitation>,
    pub(super) predicted: Option<ExploitPrediction>,
    /// Records of other ids that name it.
    references: BTreeSet<RecordReference>,
}

impl Knowledge {
    /// Reads it for every vulnerability of the judgements: first its names, then the records.
    pub(super) fn of(databases: &[&Database], judgements: &[Judgement<'_>]) -> Self {
        let wanted: BTreeSet<&str> =
            judgements.iter().map(|judgement| judgement.vulnerability.as_str()).collect();
        let mut knowledge = Self::default();
        let known = read(databases, &wanted, &mut knowledge.damage, vulnerability);
        let mut records: BTreeSet<&str> = wanted.clone();
        records.extend(judgements.iter().flat_map(|judgement| {
            judgement.rows.iter().filter(|row| row.inside).map(|row| row.record.as_str())
        }));
        let named = known.iter().flat_map(|(_, known)| &known.references);
        records.extend(named.map(|reference| reference.record.as_str()));
        knowledge.records =
            read(databases, &records, &mut knowledge.damage, record).into_iter().collect();
        knowledge.vulnerabilities = known.into_iter().collect();
        knowledge
    }

    pub(super) fn vulnerability(&self, id: &str) -> Option<&Known> {
        self.vulnerabilities.get(id)
    }

    /// The record of a feed.
    pub(super) fn record(&self, id: &str, feed: &str) -> Option<&Advisory> {
        self.records.get(id)?.iter().find(|record| record.feed == feed)
    }

    /// The records about a vulnerability, its own first: those about nothing else, or bulletins.
    pub(super) fn records(&self, id: &str, bulletins: bool) -> Vec<&Advisory> {
        let own = self.records.get(id).into_iter().flatten();
        let own = own.filter(|record| is_bulletin(record) == bulletins);
        let known = self.vulnerability(id);
        let named = known.into_iter().flat_map(|known| &known.references);
        let named = named.filter(|reference| reference.bulletin == bulletins);
        own.chain(named.filter_map(|one| self.record(&one.record, &one.feed))).collect()
    }
}

/// Whether what the record says in general is not said of one vulnerability.
fn is_bulletin(record: &Advisory) -> bool {
    let names = record.aliases.iter().chain([&record.id]);
    !record.covers.is_empty() || names.filter(|name| is_cve(name)).nth(1).is_some()
}

/// The sections that are read, in one database.
struct Cursors<'d> {
    database: &'d Database,
    aliases: Cursor<'d>,
    scores: Cursor<'d>,
    advisories: Cursor<'d>,
    details: Cursor<'d>,
}

impl<'d> Cursors<'d> {
    fn new(database: &'d Database) -> Self {
        Self {
            database,
            aliases: database.cursor(Section::Aliases),
            scores: database.cursor(Section::Scores),
            advisories: database.cursor(Section::Advisories),
            details: database.cursor(Section::Details),
        }
    }
}

/// Reads something of all databases for each id, stretches of ids side by side.
fn read<'i, T: Default + Send>(
    databases: &[&Database],
    ids: &BTreeSet<&'i str>,
    damage: &mut Vec<NotAssessed>,
    of: impl Fn(&mut Cursors<'_>, &[u8], &mut T) -> Result<(), Defect> + Sync,
) -> Vec<(String, T)> {
    let ids: Vec<&'i str> = ids.iter().copied().collect();
    let stretches = side_by_side(&ids, |stretch| {
        let mut cursors: Vec<_> = databases.iter().map(|database| Cursors::new(database)).collect();
        let mut damage = BTreeMap::new();
        let mut values = Vec::with_capacity(stretch.len());
        for id in stretch {
            let mut value = T::default();
            for cursors in &mut cursors {
                let Some(key) = keys::join(&[id]) else { continue };
                if let Err(defect) = of(cursors, &key, &mut value) {
                    let error = defect.of(cursors.database.name());
                    damage.entry(error.to_string()).or_insert_with(|| damaged(&error, 0));
                }
            }
            values.push(((*id).to_owned(), value));
        }
        (values, damage)
    });
    let mut all = Vec::with_capacity(ids.len());
    for (values, stretch_damage) in stretches {
        all.extend(values);
        damage.extend(stretch_damage.into_values());
    }
    all
}

fn vulnerability(cursors: &mut Cursors<'_>, key: &[u8], known: &mut Known) -> Result<(), Defect> {
    if let Some(alias) = get::<AliasValue>(&mut cursors.aliases, key)? {
        known.names.extend(alias.names);
        known.references.extend(alias.records);
    }
    if let Some(score) = get::<ScoreValue>(&mut cursors.scores, key)? {
        let first = score.exploited.into_iter().next().map(KnownExploitation::from);
        known.exploited = known.exploited.take().or(first);
        let predicted = score.predicted.map(ExploitPrediction::from);
        known.predicted = known.predicted.take().or(predicted);
    }
    Ok(())
}

fn record(cursors: &mut Cursors<'_>, key: &[u8], known: &mut Vec<Advisory>) -> Result<(), Defect> {
    let details = &mut cursors.details;
    cursors.advisories.prefix(key, &mut |key, value| {
        let parts = keys::split(key).ok_or_else(|| Defect::damage("a key of advisories"))?;
        let ([id, feed], _) = parts;
        let detail = get(details, key)?.unwrap_or_default();
        known.push(Advisory::new(id, feed, postcard::from_bytes(value)?, detail)?);
        Ok(())
    })
}
