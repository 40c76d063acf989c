//! Making a database.
//!
//! The bytes depend on nothing but the items and the options: not on the order of files, the number
//! of threads, or the clock.

mod digests;
mod encode;
mod folder;
mod names;
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bulkhead_model::{Problem, ProblemKind, Scope};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::database::rows::{
    EndOfLifeValue, ExploitedValue, FeedValue, PredictedValue, ScopeValue,
};
use crate::database::section::Section;
use crate::database::{codes, keys};
use crate::record::{Affected, Exploited, Item, Predicted, Record};
use crate::scope::NameRule;
use encode::{Pending, Row, Superseded};
use names::{Claim, Names};

pub(crate) use names::{is_cve, rank};

pub use folder::{BuildSummary, FeedCount, build};

/// A database could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A moment is neither a day nor an instant of RFC 3339.
    #[error("{text:?} is no moment: expected 2026-11-24 or 2026-11-24T12:00:00Z")]
    Moment {
        /// What was given.
        text: String,
    },
    /// Compressing failed.
    #[error("cannot compress a page: {0}")]
    Compression(std::io::Error),
    /// The output could not be written.
    #[error("cannot write the database: {0}")]
    Output(std::io::Error),
    /// Nothing to build from: a database of it would make every target look clean.
    #[error("no file of a known feed in {}: give --feeds a mirror folder as content/feeds.yaml describes it", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder, the catalogue, or a user's own advisories could not be read.
    #[error(transparent)]
    Feeds(#[from] crate::Error),
}

/// What is stated in the header, beside what the items give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildOptions {
    /// When it was built: a day or an instant. The newest day of the feeds where none is given, so
    /// that the same feeds give the same bytes.
    pub built_at: Option<String>,
    /// After which moment it should not be used any more.
    pub expires_at: Option<String>,
    /// A number that grows with every edition.
    pub sequence: u64,
}

/// A feed as the database describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedDescription {
    /// The id, as in `content/feeds.yaml`.
    pub id: String,
    /// Where the publisher serves it.
    pub address: String,
    /// Under which terms.
    pub terms: String,
    /// The day of its newest statement.
    pub date: Option<String>,
    /// The scopes it speaks about, beside those of its items: a feed that knows of no vulnerable
    /// package in a scope still assesses it.
    pub scopes: BTreeSet<Scope>,
    /// What it cannot tell.
    pub silent_about: Vec<String>,
    /// After how many days without news it counts as outdated.
    pub pace_days: Option<u32>,
    /// Feeds whose statements are left out where this one speaks of the same vulnerability of the
    /// same package.
    pub supersedes: Vec<String>,
    /// The digest of what it was read from, `sha256:…`.
    pub digest: Option<String>,
}

/// Collects feeds and items, and writes the database of them.
#[derive(Debug, Default)]
pub struct Builder {
    feeds: BTreeMap<String, FeedValue>,
    scopes: BTreeMap<String, ScopeValue>,
    claims: Vec<Claim>,
    affected: Vec<Pending>,
    advisories: Vec<Row>,
    details: Vec<Row>,
    descriptions: Vec<Row>,
    exploited: BTreeMap<String, BTreeSet<ExploitedValue>>,
    predicted: BTreeMap<String, PredictedValue>,
    /// By feed, those that supersede it.
    superseded: Superseded,
    problems: Vec<Problem>,
}

impl Builder {
    /// A builder of an empty database.
    pub fn new() -> Self {
        Self::default()
    }

    /// Describes a feed. Of two descriptions of one feed the newer date counts, and the scopes of
    /// both.
    pub fn feed(&mut self, feed: FeedDescription) {
        for scope in &feed.scopes {
            self.speaks_about(&feed.id, scope, None);
        }
        for inferior in &feed.supersedes {
            self.superseded.entry(inferior.clone()).or_default().insert(feed.id.clone());
        }
        let known = self.feed_value(&feed.id);
        known.date = known.date.take().max(feed.date);
        known.address = feed.address;
        known.terms = feed.terms;
        known.silent_about = feed.silent_about;
        known.pace_days = feed.pace_days;
        known.digest = feed.digest;
    }

    /// Notes that a file of a feed could not be read to its end: a scan that asks the feed says so.
    pub fn incomplete(&mut self, feed: &str, cause: String) {
        self.feed_value(feed).incomplete.insert(cause);
    }

    /// Adds one item of a feed.
    pub fn push(&mut self, feed: &str, item: Item) {
        let value = self.feed_value(feed);
        value.records = value.records.saturating_add(1);
        match item {
            Item::Record(record) => self.push_record(feed, &record),
            Item::Exploited(exploited) => self.push_exploited(exploited),
            Item::Predicted(predicted) => self.push_predicted(&predicted),
            Item::EndOfLife(end) => {
                let value = EndOfLifeValue { day: end.day, feed: feed.to_owned() };
                self.scope_value(&end.scope).keep_latest(value);
            }
        }
    }

    /// States the digest of all that was read of a feed.
    pub fn digest(&mut self, feed: &str, digest: String) {
        self.feed_value(feed).digest = Some(digest);
    }

    /// Adds everything of another builder. The order in which builders are added changes nothing.
    pub fn absorb(&mut self, other: Self) {
        for (id, value) in other.feeds {
            let known = self.feed_value(&id);
            let records = known.records.saturating_add(value.records);
            // A described feed wins over one that only occurred in items.
            let date = known.date.take().max(value.date.clone());
            let mut incomplete = std::mem::take(&mut known.incomplete);
            incomplete.extend(value.incomplete.iter().cloned());
            if !value.address.is_empty() || known.address.is_empty() {
                *known = value;
            }
            known.records = records;
            known.date = date;
            known.incomplete = incomplete;
        }
        for (scope, value) in other.scopes {
            let known = self.scopes.entry(scope).or_insert_with(|| ScopeValue {
                schemes: Vec::new(),
                feeds: Vec::new(),
                end_of_life: None,
                ..value.clone()
            });
            known.schemes.extend(value.schemes);
            known.feeds.extend(value.feeds);
            if let Some(end) = value.end_of_life {
                known.keep_latest(end);
            }
        }
        let first = self.claims.len();
        self.claims.extend(other.claims);
        self.affected.extend(other.affected.into_iter().map(|pending| pending.moved(first)));
        self.advisories.extend(other.advisories);
        self.details.extend(other.details);
        self.descriptions.extend(other.descriptions);
        for (id, entries) in other.exploited {
            self.exploited.entry(id).or_default().extend(entries);
        }
        for (id, value) in other.predicted {
            self.keep_newest(id, value);
        }
        for (inferior, superior) in other.superseded {
            self.superseded.entry(inferior).or_default().extend(superior);
        }
        self.problems.extend(other.problems);
    }

    /// What could not be taken, so far.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The bytes of the database, after which the builder is empty but for its problems.
    pub fn finish(&mut self, options: &BuildOptions) -> Result<Vec<u8>, BuildError> {
        let mut whole = std::mem::take(self);
        self.problems = std::mem::take(&mut whole.problems);
        let (bytes, left_out) = whole.assemble(options)?;
        self.problems.extend(left_out);
        Ok(bytes)
    }

    fn assemble(self, options: &BuildOptions) -> Result<(Vec<u8>, Vec<Problem>), BuildError> {
        let newest = self.feeds.values().filter_map(|feed| feed.date.clone()).max();
        let built_at = options.built_at.clone().or(newest).as_deref().map(moment).transpose()?;
        let expires_at = options.expires_at.as_deref().map(moment).transpose()?;
        let mut database = pages::Assembly::new(built_at, expires_at, options.sequence);
        self.write_sections(&mut database)?;
        Ok(database.finish())
    }

    fn write_sections(mut self, database: &mut pages::Assembly) -> Result<(), BuildError> {
        let names = Names::of(&self.claims);
        let affected = encode::affected(self.affected, &self.claims, &names, &self.superseded);
        let aliases = encode::rows(names.rows());
        encode::count_packages(&mut self.scopes, &affected);
        for value in self.scopes.values_mut() {
            sort(&mut value.schemes);
            sort(&mut value.feeds);
        }
        for (id, value) in &mut self.feeds {
            let own = self.scopes.iter().filter(|(_, scope)| scope.feeds.contains(id));
            value.scopes = own.map(|(scope, _)| scope.clone()).collect();
        }
        database.section(Section::Feeds, encode::rows(self.feeds))?;
        database.section(Section::Scopes, encode::rows(self.scopes))?;
        database.section(Section::Affected, affected)?;
        database.section(Section::Advisories, encode::merge_advisories(self.advisories))?;
        database.section(Section::Aliases, aliases)?;
        database.section(Section::Scores, encode::scores(self.exploited, self.predicted))?;
        database.section(Section::Details, encode::merge_details(self.details))?;
        database.descriptions(encode::merge_descriptions(self.descriptions))
    }

    fn push_record(&mut self, feed: &str, record: &Record) {
        let Some(key) =
            keys::join(&[record.id.trim(), feed]).filter(|_| !record.id.trim().is_empty())
        else {
            self.refuse(feed, &record.id, "its id is no id");
            return;
        };
        let claim = Claim {
            feed: feed.into(),
            id: record.id.trim().into(),
            aliases: ids(&record.aliases, &record.id),
            covers: ids(&record.covers, &record.id),
        };
        let number = self.claims.len();
        self.advisories.push(Row { key: key.clone(), value: encode::advisory(&claim, record) });
        self.details.push(Row { key: key.clone(), value: encode::detail(record) });
        self.descriptions.push(Row { key, value: encode::description(record) });
        self.claims.push(claim);
        for affected in &record.affected {
            self.push_affected(feed, record, number, affected);
        }
    }

    fn push_affected(&mut self, feed: &str, record: &Record, claim: usize, affected: &Affected) {
        let scope = keys::scope(affected.key.scope());
        match keys::join(&[&scope, affected.key.name(), feed, record.id.trim()]) {
            Some(key) if !affected.key.name().is_empty() => {
                self.speaks_about(
                    feed,
                    affected.key.scope(),
                    Some(codes::of_scheme(affected.scheme)),
                );
                self.affected.push(Pending::new(key, affected, claim));
            }
            _ => self.refuse(feed, &record.id, "a package of it has no name"),
        }
    }

    fn push_exploited(&mut self, exploited: Exploited) {
        let entry = exploited.entry;
        let value = ExploitedValue {
            added: entry.added,
            source: entry.source,
            due: entry.due,
            ransomware: entry.ransomware,
        };
        self.exploited.entry(exploited.id.trim().to_owned()).or_default().insert(value);
    }

    fn push_predicted(&mut self, predicted: &Predicted) {
        self.keep_newest(predicted.id.trim().to_owned(), PredictedValue::from(&predicted.entry));
    }

    /// Of several predictions the one of the latest day counts; their order begins with the day.
    fn keep_newest(&mut self, id: String, value: PredictedValue) {
        let known = self.predicted.remove(&id);
        self.predicted.insert(id, known.into_iter().fold(value, std::cmp::max));
    }

    fn speaks_about(&mut self, feed: &str, scope: &Scope, scheme: Option<u8>) {
        let value = self.scope_value(scope);
        if !value.feeds.iter().any(|known| known == feed) {
            value.feeds.push(feed.to_owned());
        }
        value.schemes.extend(scheme.filter(|scheme| !value.schemes.contains(scheme)));
    }

    fn scope_value(&mut self, scope: &Scope) -> &mut ScopeValue {
        self.scopes.entry(keys::scope(scope)).or_insert_with(|| ScopeValue {
            schemes: Vec::new(),
            names: NameRule::of(scope).code(),
            feeds: Vec::new(),
            packages: 0,
            end_of_life: None,
        })
    }

    fn feed_value(&mut self, id: &str) -> &mut FeedValue {
        self.feeds.entry(id.to_owned()).or_insert_with(|| FeedValue {
            address: String::new(),
            terms: String::new(),
            date: None,
            records: 0,
            scopes: Vec::new(),
            silent_about: Vec::new(),
            pace_days: None,
            digest: None,
            incomplete: BTreeSet::new(),
        })
    }

    fn refuse(&mut self, feed: &str, record: &str, why: &str) {
        let message = format!("record {record:?} of feed {feed} was left out: {why}");
        self.problems.push(Problem::general(ProblemKind::Malformed, message));
    }
}

/// Ids without what is no id, sorted, without the record's own.
fn ids(texts: &[String], own: &str) -> Box<[Box<str>]> {
    let usable = |text: &&str| !text.is_empty() && *text != own.trim() && !text.contains('\0');
    let ids: BTreeSet<&str> = texts.iter().map(|text| text.trim()).filter(usable).collect();
    ids.into_iter().map(Box::from).collect()
}

fn sort<T: Ord>(values: &mut Vec<T>) {
    values.sort_unstable();
    values.dedup();
}

/// A day, `2026-11-24`, which begins at midnight in UTC, or an instant of RFC 3339.
pub fn moment(text: &str) -> Result<Timestamp, BuildError> {
    let day = || TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    let moment = text.parse::<Timestamp>().ok().or_else(day);
    moment.ok_or_else(|| BuildError::Moment { text: text.to_owned() })
}
