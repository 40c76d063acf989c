//! Items as rows.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::names::{Claim, Names};
use crate::database::rows::{
    AdvisoryValue, AffectedStatement, CvssValue, DescriptionValue, DetailValue, ExploitedValue,
    PredictedValue, ScopeValue, ScoreValue,
};
use crate::database::{codes, keys};
use crate::record::{Affected, Record};

/// Addresses that are kept of the pieces of one record together.
const MOST_REFERENCES: usize = 64;

/// A row of a section.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

/// A row about a package that waits until it is known which vulnerabilities its record is about.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Without its number.
    key: Box<[u8]>,
    statement: Box<[u8]>,
    /// The position of the record's claim.
    claim: usize,
}

impl Pending {
    pub(crate) fn new(key: Vec<u8>, affected: &Affected, claim: usize) -> Self {
        let texts = |texts: &'_ [String]| -> BTreeSet<String> { texts.iter().cloned().collect() };
        let (fixed, architectures) = (texts(&affected.fixed), texts(&affected.architectures));
        let statement = AffectedStatement {
            scheme: codes::of_scheme(affected.scheme),
            state: codes::of_state(affected.state),
            versions: &affected.versions.to_string(),
            fixed: fixed.iter().map(String::as_str).collect(),
            architectures: architectures.iter().map(String::as_str).collect(),
            module: affected.module.as_deref(),
            severity: codes::of_severity(affected.severity),
        };
        Self { key: key.into(), statement: encoded(&statement).into(), claim }
    }

    /// Scope and name, as in the key.
    fn package(&self) -> &[u8] {
        let rest = keys::split::<2>(&self.key).map_or(0, |(_, rest)| rest.len());
        self.key.get(..self.key.len().saturating_sub(rest)).unwrap_or_default()
    }

    fn feed(&self) -> &str {
        keys::split::<3>(&self.key).map_or("", |([_, _, feed], _)| feed)
    }

    /// The same row after its record's claim was moved behind `first` others.
    pub(crate) fn moved(self, first: usize) -> Self {
        Self { claim: self.claim.saturating_add(first), ..self }
    }
}

/// The rows of section `affected`. Equal statements of one record about one package are one row;
/// different ones are numbered in the order of their bytes.
pub(crate) fn affected(
    pending: Vec<Pending>,
    claims: &[Claim],
    names: &Names<'_>,
    superseded: &Superseded,
) -> Vec<Row> {
    let statements: Vec<(Pending, Vec<&str>)> = pending
        .into_par_iter()
        .filter_map(|pending| {
            let vulnerabilities = names.vulnerabilities(claims.get(pending.claim)?);
            Some((pending, vulnerabilities))
        })
        .collect();
    let told = told_by_superiors(&statements, superseded);
    let mut rows: Vec<Row> = statements
        .par_iter()
        .filter_map(|(pending, vulnerabilities)| {
            let claim = claims.get(pending.claim)?;
            let mut vulnerabilities = vulnerabilities.clone();
            if superseded.contains_key(pending.feed()) {
                let package = pending.package();
                vulnerabilities.retain(|id| !told.contains(&(pending.feed(), package, *id)));
                if vulnerabilities.is_empty() {
                    return None;
                }
            }
            if vulnerabilities == [&*claim.id] {
                vulnerabilities.clear();
            }
            let mut value = encoded(&vulnerabilities);
            value.extend_from_slice(&pending.statement);
            Some(Row { key: pending.key.to_vec(), value })
        })
        .collect();
    rows.par_sort_unstable();
    rows.dedup();
    let mut previous = Vec::new();
    let mut number = 0_u32;
    for row in &mut rows {
        if row.key == previous {
            number = number.saturating_add(1);
        } else {
            previous.clone_from(&row.key);
            number = 0;
        }
        row.key.extend_from_slice(&number.to_be_bytes());
    }
    rows
}

/// By feed, those whose statements are kept instead of its own.
pub(crate) type Superseded = BTreeMap<String, BTreeSet<String>>;

/// What superseded feeds need not tell: feed, package and vulnerability.
fn told_by_superiors<'s>(
    statements: &'s [(Pending, Vec<&'s str>)],
    superseded: &'s Superseded,
) -> FxHashSet<(&'s str, &'s [u8], &'s str)> {
    let mut told = FxHashSet::default();
    for (pending, vulnerabilities) in statements {
        for (inferior, superiors) in superseded {
            if superiors.contains(pending.feed()) {
                let package = pending.package();
                told.extend(vulnerabilities.iter().map(|id| (inferior.as_str(), package, *id)));
            }
        }
    }
    told
}

/// Counts the packages of each scope.
pub(crate) fn count_packages(scopes: &mut BTreeMap<String, ScopeValue>, affected: &[Row]) {
    let packages = affected.iter().filter_map(|row| keys::split::<2>(&row.key));
    let mut previous = [""; 2];
    for (package, _) in packages {
        if package != previous
            && let [scope, _] = package
            && let Some(value) = scopes.get_mut(scope)
        {
            value.packages = value.packages.saturating_add(1);
        }
        previous = package;
    }
}

/// Rows whose keys are single texts.
pub(crate) fn rows<K: AsRef<str>, V: Serialize>(values: BTreeMap<K, V>) -> Vec<Row> {
    let rows = values.into_iter().filter_map(|(key, value)| {
        Some(Row { key: keys::join(&[key.as_ref()])?, value: encoded(&value) })
    });
    rows.collect()
}

/// The rows of section `scores`.
pub(crate) fn scores(
    exploited: BTreeMap<String, BTreeSet<ExploitedValue>>,
    predicted: BTreeMap<String, PredictedValue>,
) -> Vec<Row> {
    let mut values: BTreeMap<String, ScoreValue> = BTreeMap::new();
    for (id, entries) in exploited {
        values.entry(id).or_default().exploited.extend(entries);
    }
    for (id, value) in predicted {
        values.entry(id).or_default().predicted = Some(value);
    }
    rows(values)
}

/// The value of a record's row in `advisories`.
pub(crate) fn advisory(claim: &Claim, record: &Record) -> Vec<u8> {
    let owned = |ids: &[Box<str>]| ids.iter().map(ToString::to_string).collect();
    let mut value = AdvisoryValue {
        aliases: owned(&claim.aliases),
        covers: owned(&claim.covers),
        published: record.published.clone(),
        modified: record.modified.clone(),
        severity: codes::of_severity(record.severity),
        cvss: record.cvss.iter().map(CvssValue::from).collect(),
        cwes: record.cwes.clone(),
    };
    super::sort(&mut value.cvss);
    super::sort(&mut value.cwes);
    encoded(&value)
}

/// The value of a record's row in `details`.
pub(crate) fn detail(record: &Record) -> Vec<u8> {
    encoded(&DetailValue { title: record.title.clone(), references: record.references.clone() })
}

/// The value of a record's row in `descriptions`.
pub(crate) fn description(record: &Record) -> Vec<u8> {
    let packages: BTreeSet<(String, String)> = record
        .affected
        .iter()
        .map(|affected| (keys::scope(affected.key.scope()), affected.key.name().to_owned()))
        .collect();
    encoded(&DescriptionValue {
        packages: packages.into_iter().collect(),
        text: record.description.clone(),
    })
}

/// Makes one row of the rows of records that a feed publishes in pieces, one per package.
pub(crate) fn merge_advisories(rows: Vec<Row>) -> Vec<Row> {
    let fold = |whole: &mut AdvisoryValue, piece: AdvisoryValue| {
        whole.aliases.extend(piece.aliases);
        whole.covers.extend(piece.covers);
        whole.cvss.extend(piece.cvss);
        whole.cwes.extend(piece.cwes);
        whole.severity = whole.severity.max(piece.severity);
        whole.published = earliest(whole.published.take(), piece.published);
        whole.modified = whole.modified.take().max(piece.modified);
    };
    merge(rows, fold, |whole| {
        super::sort(&mut whole.aliases);
        super::sort(&mut whole.covers);
        super::sort(&mut whole.cvss);
        super::sort(&mut whole.cwes);
    })
}

/// As [`merge_advisories`].
pub(crate) fn merge_details(rows: Vec<Row>) -> Vec<Row> {
    let fold = |whole: &mut DetailValue, piece: DetailValue| {
        whole.title = whole.title.take().or(piece.title);
        for reference in piece.references {
            let is_room = whole.references.len() < MOST_REFERENCES;
            if is_room && !whole.references.contains(&reference) {
                whole.references.push(reference);
            }
        }
    };
    merge(rows, fold, |_| {})
}

/// As [`merge_advisories`].
pub(crate) fn merge_descriptions(rows: Vec<Row>) -> Vec<Row> {
    let fold = |whole: &mut DescriptionValue, piece: DescriptionValue| {
        whole.text = whole.text.take().or(piece.text);
        whole.packages.extend(piece.packages);
    };
    merge(rows, fold, |whole| super::sort(&mut whole.packages))
}

/// Folds rows of equal keys, in the order of their bytes, and puts each whole in order once.
fn merge<V>(mut rows: Vec<Row>, fold: impl Fn(&mut V, V), settle: impl Fn(&mut V)) -> Vec<Row>
where
    V: Serialize + serde::de::DeserializeOwned,
{
    rows.par_sort_unstable();
    rows.dedup();
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for run in rows.chunk_by_mut(|one, other| one.key == other.key) {
        let Some((first, others)) = run.split_first_mut() else { continue };
        let mut row = std::mem::replace(first, Row { key: Vec::new(), value: Vec::new() });
        if !others.is_empty()
            && let Ok(mut whole) = postcard::from_bytes(&row.value)
        {
            for piece in others.iter().filter_map(|row| postcard::from_bytes(&row.value).ok()) {
                fold(&mut whole, piece);
            }
            settle(&mut whole);
            row.value = encoded(&whole);
        }
        merged.push(row);
    }
    merged
}

fn earliest(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The stored form. The types of `rows` have one: only maps and unsized sequences have none.
fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}
