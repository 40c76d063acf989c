//! What differs between two databases.
//!
//! A page whose digest both have holds the same rows in both, so that only the others are read. Rows
//! have unique keys: one that stands in such a common page stands in no other page, so that the
//! rows of the other pages are all that can differ. That holds for pages which need no dictionary: equal
//! bytes may be other rows with another one, so that texts are left out.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::error::Defect;
use super::rows::DescriptionValue;
use super::section::Section;
use super::store::{Cursor, Row};
use super::{Database, DatabaseError, get, keys};

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is in the second database only.
    Added,
    /// It is in the first database only.
    Removed,
    /// It is in both and says something else.
    Changed,
}

/// What differs between two databases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Advisories whose statements about packages differ: by scope, record and feed.
    pub scopes: BTreeMap<String, BTreeMap<AdvisoryId, AdvisoryChange>>,
    /// Records that differ in what they say in general (names, days, vectors, titles, addresses) and
    /// in no statement about a package. Their texts are not compared.
    pub records: BTreeMap<AdvisoryId, Change>,
    /// Vulnerabilities about whose exploitation, known or predicted, something else is said.
    pub scores: BTreeMap<String, Change>,
    /// Pages that were read.
    pub pages_read: u64,
    /// Pages that both databases have.
    pub pages: u64,
}

/// A record of a feed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvisoryId {
    /// The id in that feed.
    pub record: String,
    /// The feed.
    pub feed: String,
}

/// How what an advisory says of the packages of a scope differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisoryChange {
    /// Of all that the advisory says of the scope: added where it said nothing of it before.
    pub change: Change,
    /// The packages about which something else is said.
    pub packages: BTreeMap<String, Change>,
}

impl Database {
    /// What is different in `newer`.
    pub fn difference(&self, newer: &Self) -> Result<Difference, DatabaseError> {
        let mut difference = Difference {
            pages: self.store.page_count().saturating_add(newer.store.page_count()),
            ..Difference::default()
        };
        if self.digest == newer.digest {
            return Ok(difference);
        }
        let pair = Pair { older: self, newer };
        pair.statements(&mut difference)?;
        pair.records(&mut difference)?;
        let scores = pair.rows(Section::Scores, &mut difference.pages_read)?;
        for (key, change) in scores {
            if let Some(([id], _)) = keys::split(&key) {
                difference.scores.insert(id.to_owned(), change);
            }
        }
        Ok(difference)
    }
}

/// Keys of rows that differ, sorted.
type Rows = BTreeMap<Vec<u8>, Change>;

/// Names of packages, and how what is said of each differs.
type Packages = BTreeMap<String, Change>;

/// What is true of all parts, else that the whole has changed.
fn uniform<'c>(mut changes: impl Iterator<Item = &'c Change>) -> Change {
    let first = changes.next().copied().unwrap_or(Change::Changed);
    if changes.all(|change| *change == first) { first } else { Change::Changed }
}

struct Pair<'d> {
    older: &'d Database,
    newer: &'d Database,
}

impl Pair<'_> {
    fn statements(&self, difference: &mut Difference) -> Result<(), DatabaseError> {
        let rows = self.rows(Section::Affected, &mut difference.pages_read)?;
        // A statement may have several rows, of which some are in common pages.
        let mut statements: BTreeMap<&[u8], Vec<Change>> = BTreeMap::new();
        for (key, change) in &rows {
            let Some(([..], number)) = keys::split::<4>(key) else { continue };
            let statement = key.get(..key.len().saturating_sub(number.len())).unwrap_or_default();
            statements.entry(statement).or_default().push(*change);
        }
        let mut older = Presence::of(self.older, Section::Affected);
        let mut newer = Presence::of(self.newer, Section::Affected);
        // By advisory first: in that order both databases are asked.
        let mut advisories: BTreeMap<AdvisoryId, BTreeMap<&str, Packages>> = BTreeMap::new();
        for (statement, changes) in statements {
            let Some(([scope, package, feed, record], _)) = keys::split::<4>(statement) else {
                continue;
            };
            let change = match uniform(changes.iter()) {
                Change::Added if older.has(statement)? => Change::Changed,
                Change::Removed if newer.has(statement)? => Change::Changed,
                change => change,
            };
            let id = AdvisoryId { record: record.to_owned(), feed: feed.to_owned() };
            let packages = advisories.entry(id).or_default().entry(scope).or_default();
            packages.insert(package.to_owned(), change);
        }
        let (mut older, mut newer) = (Said::by(self.older), Said::by(self.newer));
        for (id, scopes) in advisories {
            for (scope, packages) in scopes {
                let change = match uniform(packages.values()) {
                    Change::Added if older.says(&id, scope)? => Change::Changed,
                    Change::Removed if newer.says(&id, scope)? => Change::Changed,
                    change => change,
                };
                let advisories = difference.scopes.entry(scope.to_owned()).or_default();
                advisories.insert(id.clone(), AdvisoryChange { change, packages });
            }
        }
        Ok(())
    }

    fn records(&self, difference: &mut Difference) -> Result<(), DatabaseError> {
        let listed: BTreeSet<AdvisoryId> =
            difference.scopes.values().flat_map(BTreeMap::keys).cloned().collect();
        // Every record has a row in both, so that both agree on what is added and removed.
        for section in [Section::Advisories, Section::Details] {
            for (key, change) in self.rows(section, &mut difference.pages_read)? {
                let Some(([record, feed], _)) = keys::split(&key) else { continue };
                let id = AdvisoryId { record: record.to_owned(), feed: feed.to_owned() };
                if !listed.contains(&id) {
                    difference.records.insert(id, change);
                }
            }
        }
        Ok(())
    }

    /// The rows of a section that differ.
    fn rows(&self, section: Section, pages_read: &mut u64) -> Result<Rows, DatabaseError> {
        let (one, other) = (self.older.cursor(section), self.newer.cursor(section));
        let (of_one, of_other) = (digests(&one), digests(&other));
        let mut one = Uncommon::new(self.older, one, &of_other);
        let mut other = Uncommon::new(self.newer, other, &of_one);
        let mut rows = Rows::new();
        let (mut left, mut right) = (one.next()?, other.next()?);
        loop {
            let (key, change) = match (left.take(), right.take()) {
                (None, None) => break,
                (Some((key, _)), None) => {
                    left = one.next()?;
                    (key, Some(Change::Removed))
                }
                (None, Some((key, _))) => {
                    right = other.next()?;
                    (key, Some(Change::Added))
                }
                (Some((key, value)), Some((other_key, other_value))) if key == other_key => {
                    left = one.next()?;
                    right = other.next()?;
                    (key, (value != other_value).then_some(Change::Changed))
                }
                (Some((key, _)), Some(later)) if key < later.0 => {
                    left = one.next()?;
                    right = Some(later);
                    (key, Some(Change::Removed))
                }
                (later, Some((key, _))) => {
                    right = other.next()?;
                    left = later;
                    (key, Some(Change::Added))
                }
            };
            if let Some(change) = change {
                rows.insert(key, change);
            }
        }
        *pages_read = pages_read.saturating_add(one.read).saturating_add(other.read);
        Ok(rows)
    }
}

fn digests(cursor: &Cursor<'_>) -> FxHashSet<[u8; 32]> {
    cursor.pages().filter_map(|index| cursor.digest(index)).collect()
}

/// The rows of the pages that another database does not have, in order. Holds one page.
struct Uncommon<'d> {
    database: &'d Database,
    cursor: Cursor<'d>,
    pages: std::vec::IntoIter<u32>,
    rows: std::vec::IntoIter<Row>,
    read: u64,
}

impl<'d> Uncommon<'d> {
    fn new(database: &'d Database, cursor: Cursor<'d>, others: &FxHashSet<[u8; 32]>) -> Self {
        let is_common =
            |index: &u32| cursor.digest(*index).is_some_and(|digest| others.contains(&digest));
        let pages: Vec<u32> = cursor.pages().filter(|index| !is_common(index)).collect();
        Self { database, cursor, pages: pages.into_iter(), rows: Vec::new().into_iter(), read: 0 }
    }

    fn next(&mut self) -> Result<Option<Row>, DatabaseError> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            let Some(index) = self.pages.next() else { return Ok(None) };
            let rows = self.cursor.rows_of(index);
            self.rows = rows.map_err(|defect| defect.of(&self.database.name))?.into_iter();
            self.read = self.read.saturating_add(1);
        }
    }
}

/// Tells what an advisory says something about.
struct Said<'d> {
    descriptions: Cursor<'d>,
    affected: Presence<'d>,
}

impl<'d> Said<'d> {
    fn by(database: &'d Database) -> Self {
        let descriptions = database.cursor(Section::Descriptions);
        Self { descriptions, affected: Presence::of(database, Section::Affected) }
    }

    /// Whether it has a statement about any package of the scope. The list of its packages may name
    /// some whose statement was left out because another feed's supersedes it.
    fn says(&mut self, id: &AdvisoryId, scope: &str) -> Result<bool, DatabaseError> {
        let Some(key) = keys::join(&[&id.record, &id.feed]) else { return Ok(false) };
        let described = get(&mut self.descriptions, &key);
        let described: Option<DescriptionValue> =
            described.map_err(|defect| defect.of(&self.affected.database.name))?;
        let packages = described.map(|value| value.packages).unwrap_or_default();
        for (_, name) in packages.iter().filter(|(known, _)| known == scope) {
            let statement = keys::join(&[scope, name, &id.feed, &id.record]);
            if let Some(statement) = statement
                && self.affected.has(&statement)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Tells whether a section has any row with a prefix. Asked in order, it reads each page once.
struct Presence<'d> {
    database: &'d Database,
    cursor: Cursor<'d>,
}

impl<'d> Presence<'d> {
    fn of(database: &'d Database, section: Section) -> Self {
        Self { database, cursor: database.cursor(section) }
    }

    fn has(&mut self, prefix: &[u8]) -> Result<bool, DatabaseError> {
        let mut found = false;
        let visited = self.cursor.prefix(prefix, &mut |_, _| {
            found = true;
            Ok::<(), Defect>(())
        });
        visited.map_err(|defect| defect.of(&self.database.name))?;
        Ok(found)
    }
}
