//! How bad a vulnerability is, and who says so.

use bulkhead_model::{AdvisoryMatch, Cvss, Rating, Scope, Severity};

use super::judgement::Judgement;
use super::knowledge::Knowledge;
use crate::Advisory;

/// The vendor's own word; else the newest CVSS version that any feed gives; else the word of a
/// publisher whose row matched; else unknown.
pub(super) fn rating(judgement: &Judgement<'_>, cvss: &[Cvss], knowledge: &Knowledge) -> Rating {
    let deciding = || judgement.rows.iter().filter(|row| row.inside);
    let of_row = deciding().map(|row| (row.severity, row.feed.as_str()));
    // What the feed says of the vulnerability itself is nearer than what it says of its bulletin.
    let of_record = |row: &AdvisoryMatch| {
        let stated = |id| knowledge.record(id, &row.feed).filter(|one| one.severity.is_some());
        let record = stated(&judgement.vulnerability).or_else(|| stated(&row.record));
        record.map(|record| (record.severity, record.feed.clone()))
    };
    // Only a distribution's feeds speak about packages that their publisher builds.
    let is_vendor = |row: &&AdvisoryMatch| matches!(row.key.scope(), Scope::Distribution { .. });
    worst(of_row)
        .or_else(|| worst(deciding().filter(is_vendor).filter_map(of_record)))
        .or_else(|| cvss.first().map(of_cvss))
        .or_else(|| worst(deciding().filter_map(of_record)))
        .unwrap_or_default()
}

/// All vectors of a vulnerability: the newest version first, within one the highest score. Those
/// of bulletins, which may mean another of their vulnerabilities, only where there are no others.
pub(super) fn vectors(id: &str, knowledge: &Knowledge) -> Vec<Cvss> {
    let of = |records: Vec<&Advisory>| -> Vec<Cvss> {
        records.into_iter().flat_map(|record| record.cvss.clone()).collect()
    };
    let mut vectors = of(knowledge.records(id, false));
    if vectors.is_empty() {
        vectors = of(knowledge.records(id, true));
    }
    vectors.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        let names = |cvss: &Cvss| (cvss.source.clone(), cvss.vector.clone());
        let by_name = || names(one).cmp(&names(other));
        other.version.cmp(&one.version).then(by_score).then_with(by_name)
    });
    vectors.dedup();
    vectors
}

fn worst<S: Into<String>>(words: impl Iterator<Item = (Option<Severity>, S)>) -> Option<Rating> {
    let stated = words.filter_map(|(severity, source)| Some((severity?, source)));
    let mut worst: Option<(Severity, S)> = None;
    for (severity, source) in stated.filter(|(severity, _)| *severity != Severity::Unknown) {
        if worst.as_ref().is_none_or(|(known, _)| severity > *known) {
            worst = Some((severity, source));
        }
    }
    worst.map(|(severity, source)| Rating { severity, source: source.into(), ..Rating::default() })
}

fn of_cvss(cvss: &Cvss) -> Rating {
    Rating {
        severity: Severity::from_score(cvss.score),
        source: cvss.source.clone(),
        vector: Some(cvss.vector.clone()),
        score: Some(cvss.score),
    }
}
