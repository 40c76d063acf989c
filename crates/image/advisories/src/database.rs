//! The advisory database: one file, read by position, each page verified when it is read.
//!
//! The format is described in `docs/database.md`. The same reader serves the file that `db build`
//! writes, the starter set inside the binary and users' own advisories.

mod advisory;
mod affected;
mod artefact;
mod bytes;
pub(crate) mod codes;
mod difference;
pub(crate) mod error;
pub(crate) mod header;
pub(crate) mod keys;
mod lookup;
pub(crate) mod page;
pub(crate) mod root;
pub(crate) mod rows;
mod seal;
pub(crate) mod section;
pub(crate) mod store;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use bulkhead_model::{
    DatabaseStatement, Digest, ExploitPrediction, FeedStatement, KnownExploitation, PackageKey,
    Scope,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;

pub use advisory::{Advisory, Knowledge};
pub use affected::AffectedRow;
pub use artefact::{Artefact, ArtefactError, ArtefactPart};
pub use difference::{AdvisoryChange, AdvisoryId, Change, Difference};
pub use error::DatabaseError;
pub use seal::{Seal, SealedPage, Signature};

use error::Defect;
use rows::{AliasValue, FeedValue, ScopeValue, ScoreValue};
use section::Section;
use store::{Cursor, Source, Store};

/// An opened advisory database. Threads share it.
pub struct Database {
    name: String,
    digest: Digest,
    store: Store,
}

impl Database {
    /// Opens a file: reads and verifies its header and root, nothing else.
    #[expect(clippy::disallowed_methods, reason = "the error names the database already")]
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let name = path.display().to_string();
        match std::fs::File::open(path) {
            Ok(file) => Self::new(&name, Source::File(file)),
            Err(source) => Err(DatabaseError::Unreadable { name, source }),
        }
    }

    /// Opens a database that lies in memory. `name` stands for it in messages and reports.
    pub fn from_bytes(
        name: &str,
        bytes: impl Into<Cow<'static, [u8]>>,
    ) -> Result<Self, DatabaseError> {
        Self::new(name, Source::Bytes(bytes.into()))
    }

    fn new(name: &str, source: Source) -> Result<Self, DatabaseError> {
        let store = Store::open(name, source)?;
        let digest = Digest::sha256(store.header.root_digest);
        Ok(Self { name: name.to_owned(), digest, store })
    }

    /// The file, or what it was called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest of the root, which covers every page.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// A number that grows with every edition, where the builder gave one.
    pub fn sequence(&self) -> u64 {
        self.store.header.sequence
    }

    /// After which moment it should not be used any more.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.store.header.expires_at
    }

    /// What a report says of the database. `today` as `2026-11-24`: feeds are outdated when their
    /// date lies further back than their publisher's pace allows. An undated feed is at least as old as
    /// the database.
    pub fn statement(&self, today: &str) -> Result<DatabaseStatement, DatabaseError> {
        let today: Option<Date> = today.parse().ok();
        let built = self.store.header.built_at;
        let day = built.and_then(|built| built.to_string().get(..10)?.parse().ok());
        let mut feeds = Vec::new();
        self.visit(Section::Feeds, b"", &mut |key, value| {
            let ([id], _) = keys::split(key).ok_or_else(|| Defect::damage("a key of feeds"))?;
            let value: FeedValue = postcard::from_bytes(value)?;
            feeds.push(FeedStatement {
                id: id.to_owned(),
                outdated: today.is_some_and(|today| is_outdated(&value, day, today)),
                date: value.date,
                records: value.records,
                scopes: value.scopes,
                silent_about: value.silent_about,
                incomplete: value.incomplete.into_iter().collect(),
            });
            Ok(())
        })?;
        Ok(DatabaseStatement {
            name: self.name.clone(),
            digest: self.digest.clone(),
            built: built.map(|built| built.to_string()),
            feeds,
        })
    }

    /// Whether any publisher in it speaks about the scope: without one, no finding means nothing.
    /// Somebody's own advisories are about what they name and nothing else.
    pub fn assesses(&self, scope: &Scope) -> Result<bool, DatabaseError> {
        Ok(self.scope(scope)?.is_some_and(|value| value.is_assessed()))
    }

    /// The day on which the publisher's support of a release ends, and the feed that tells it.
    pub fn end_of_life(&self, scope: &Scope) -> Result<Option<(String, String)>, DatabaseError> {
        let end = self.scope(scope)?.and_then(|value| value.end_of_life);
        Ok(end.map(|end| (end.day, end.feed)))
    }

    /// The rows of a package, by feed and record.
    pub fn affected(&self, key: &PackageKey) -> Result<Vec<AffectedRow>, DatabaseError> {
        self.rows_below(keys::package(key))
    }

    /// The records with this id, by feed.
    pub fn advisory(&self, id: &str) -> Result<Vec<Advisory>, DatabaseError> {
        let mut advisories = Vec::new();
        let Some(prefix) = keys::join(&[id]) else { return Ok(advisories) };
        let mut details = self.store.cursor(Section::Details);
        let mut descriptions = self.store.cursor(Section::Descriptions);
        self.visit(Section::Advisories, &prefix, &mut |key, value| {
            let parts = keys::split(key).ok_or_else(|| Defect::damage("a key of advisories"))?;
            let ([id, feed], _) = parts;
            let detail = get(&mut details, key)?.unwrap_or_default();
            let mut advisory = Advisory::new(id, feed, postcard::from_bytes(value)?, detail)?;
            advisory.describe(get(&mut descriptions, key)?.unwrap_or_default());
            advisories.push(advisory);
            Ok(())
        })?;
        Ok(advisories)
    }

    /// The canonical ids that an id stands for: itself where it is a CVE, the CVEs where there are
    /// any, another name otherwise. Empty where the database does not know the id.
    pub fn aliases(&self, id: &str) -> Result<Vec<String>, DatabaseError> {
        if let Some(known) = self.alias(id)? {
            return Ok(known.vulnerabilities);
        }
        let prefix = keys::join(&[id]);
        let mut known = false;
        for section in [Section::Advisories, Section::Scores] {
            if let (false, Some(prefix)) = (known, &prefix) {
                self.visit(section, prefix, &mut |_, _| {
                    known = true;
                    Ok(())
                })?;
            }
        }
        Ok(if known { vec![id.to_owned()] } else { Vec::new() })
    }

    /// Everything known about an id: the answer to "what is this". Empty vulnerabilities where it
    /// is unknown.
    pub fn search(&self, id: &str) -> Result<Knowledge, DatabaseError> {
        let vulnerabilities = self.aliases(id)?;
        let mut found = Knowledge { id: id.to_owned(), ..Knowledge::default() };
        let mut records = BTreeSet::new();
        let mut names = BTreeSet::new();
        for name in vulnerabilities.iter().map(String::as_str).chain([id]) {
            records.insert(name.to_owned());
            if let Some(alias) = self.alias(name)? {
                names.extend(alias.names);
                records.extend(alias.records.into_iter().map(|reference| reference.record));
            }
            let score = self.score(name)?;
            found.exploited.extend(score.exploited.into_iter().map(KnownExploitation::from));
            found.epss = found.epss.or(score.predicted.map(ExploitPrediction::from));
        }
        found.exploited.dedup();
        for record in records {
            for advisory in self.advisory(&record)? {
                for key in &advisory.packages {
                    let rows = self.rows_of(key, &advisory)?;
                    found.affected.extend(rows.into_iter().map(|row| (key.clone(), row)));
                }
                found.advisories.push(advisory);
            }
        }
        found.names = names.into_iter().filter(|name| !vulnerabilities.contains(name)).collect();
        found.vulnerabilities = vulnerabilities;
        Ok(found)
    }

    /// The entries of catalogues of exploited vulnerabilities about a canonical id.
    pub fn exploited(&self, id: &str) -> Result<Vec<KnownExploitation>, DatabaseError> {
        Ok(self.score(id)?.exploited.into_iter().map(KnownExploitation::from).collect())
    }

    fn score(&self, id: &str) -> Result<ScoreValue, DatabaseError> {
        let Some(key) = keys::join(&[id]) else { return Ok(ScoreValue::default()) };
        Ok(self.get(Section::Scores, &key)?.unwrap_or_default())
    }

    /// How many rows about packages it has.
    pub fn affected_rows(&self) -> u64 {
        self.store.rows(Section::Affected)
    }

    pub(crate) fn scope(&self, scope: &Scope) -> Result<Option<ScopeValue>, DatabaseError> {
        let Some(key) = keys::join(&[&keys::scope(scope)]) else { return Ok(None) };
        self.get(Section::Scopes, &key)
    }

    pub(crate) fn alias(&self, id: &str) -> Result<Option<AliasValue>, DatabaseError> {
        let Some(key) = keys::join(&[id]) else { return Ok(None) };
        self.get(Section::Aliases, &key)
    }

    pub(crate) fn cursor(&self, section: Section) -> Cursor<'_> {
        self.store.cursor(section)
    }

    fn rows_of(
        &self,
        key: &PackageKey,
        advisory: &Advisory,
    ) -> Result<Vec<AffectedRow>, DatabaseError> {
        let scope = keys::scope(key.scope());
        self.rows_below(keys::join(&[&scope, key.name(), &advisory.feed, &advisory.id]))
    }

    fn rows_below(&self, prefix: Option<Vec<u8>>) -> Result<Vec<AffectedRow>, DatabaseError> {
        let mut rows = Vec::new();
        if let Some(prefix) = prefix {
            self.visit(Section::Affected, &prefix, &mut |key, value| {
                rows.push(AffectedRow::decode(key, value)?);
                Ok(())
            })?;
        }
        Ok(rows)
    }

    fn get<T: DeserializeOwned>(
        &self,
        section: Section,
        key: &[u8],
    ) -> Result<Option<T>, DatabaseError> {
        get(&mut self.store.cursor(section), key).map_err(|defect| defect.of(&self.name))
    }

    fn visit(
        &self,
        section: Section,
        prefix: &[u8],
        visit: &mut store::Visit<'_>,
    ) -> Result<(), DatabaseError> {
        let mut cursor = self.store.cursor(section);
        cursor.prefix(prefix, visit).map_err(|defect| defect.of(&self.name))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The row with exactly this key.
pub(crate) fn get<T: DeserializeOwned>(
    cursor: &mut Cursor<'_>,
    wanted: &[u8],
) -> Result<Option<T>, Defect> {
    let mut found = None;
    cursor.prefix(wanted, &mut |key, value| {
        if key == wanted {
            found = Some(postcard::from_bytes(value)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn is_outdated(feed: &FeedValue, built: Option<Date>, today: Date) -> bool {
    let date: Option<Date> = feed.date.as_deref().and_then(|date| date.parse().ok());
    match (date.or(built), feed.pace_days) {
        (Some(date), Some(days)) => {
            today.duration_since(date).as_hours() > i64::from(days).saturating_mul(24)
        }
        _ => false,
    }
}
