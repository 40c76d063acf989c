//! Judgements as findings.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{
    Detail, Evidence, Finding, FindingId, FindingKind, FixState, Subject, Text, VulnerabilityDetail,
};

use super::judgement::{Judgement, Overruling};
use super::knowledge::Knowledge;
use super::rating::{rating, vectors};
use crate::Advisory;

/// Addresses that a finding carries; all are in the database.
const MOST_REFERENCES: usize = 5;

pub(super) fn finding(judgement: &Judgement<'_>, knowledge: &Knowledge) -> Finding {
    let package = judgement.package;
    let subject = Subject::Package {
        purl: package.purl.clone(),
        name: package.name.clone(),
        version: package.version.clone(),
    };
    let location = package.locations.first().cloned().unwrap_or_default();
    let detail = detail(judgement, knowledge);
    Finding {
        id: FindingId::new(
            FindingKind::Vulnerability,
            &judgement.vulnerability,
            &subject,
            &location,
        ),
        kind: FindingKind::Vulnerability,
        rule: judgement.vulnerability.clone(),
        subject,
        location,
        rating: rating(judgement, &detail.cvss, knowledge),
        evidence: evidence(judgement),
        text: text(judgement),
        detail: Detail::Vulnerability(Box::new(detail)),
    }
}

fn detail(judgement: &Judgement<'_>, knowledge: &Knowledge) -> VulnerabilityDetail {
    let id = &judgement.vulnerability;
    let known = knowledge.vulnerability(id);
    let own = knowledge.records(id, false);
    let matched: Vec<&Advisory> = judgement
        .rows
        .iter()
        .filter(|row| row.inside)
        .filter_map(|row| knowledge.record(&row.record, &row.feed))
        .collect();
    // What decided is nearest to the reader; what is about nothing else comes next.
    let all = || matched.iter().chain(&own).copied();
    let cwes: BTreeSet<u32> = own.iter().flat_map(|record| record.cwes.iter().copied()).collect();
    let mut references: Vec<String> = Vec::new();
    for reference in all().flat_map(|record| &record.references) {
        if references.len() < MOST_REFERENCES && !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    VulnerabilityDetail {
        package: judgement.id,
        aliases: known
            .into_iter()
            .flat_map(|known| &known.names)
            .filter(|name| *name != id)
            .cloned()
            .collect(),
        state: judgement.state,
        fixed_versions: judgement.fixed.clone(),
        confidence: judgement.confidence,
        cvss: vectors(id, knowledge),
        cwes: cwes.into_iter().collect(),
        exploited: known.and_then(|known| known.exploited.clone()),
        epss: known.and_then(|known| known.predicted.clone()),
        title: own.iter().copied().chain(all()).find_map(|record| record.title.clone()),
        published: own.iter().filter_map(|record| record.published.clone()).min(),
        references,
    }
}

fn evidence(judgement: &Judgement<'_>) -> Vec<Evidence> {
    let rows = judgement.rows.iter().map(|row| Evidence::Advisory(row.clone()));
    let mut evidence: Vec<Evidence> = rows.collect();
    if let Some(owner) = &judgement.owner {
        let verdict = match &judgement.overruling {
            Some(Overruling::Vendor(verdict)) => Some(verdict.clone()),
            _ => None,
        };
        evidence.push(Evidence::Vendor { owner: owner.clone(), verdict });
    }
    evidence
}

/// The sentence: `vulnerability.` and what the reader is to know first.
fn text(judgement: &Judgement<'_>) -> Text {
    let id = match (&judgement.overruling, judgement.state) {
        (Some(Overruling::NotAffected), _) => "vulnerability.not_affected",
        (Some(Overruling::Vendor(verdict)), _)
            if verdict.inside && verdict.state != FixState::NotAffected =>
        {
            "vulnerability.reported_for_owner"
        }
        (Some(Overruling::Vendor(_)), FixState::Fixed) => "vulnerability.fixed_by_vendor",
        (Some(Overruling::Vendor(_)), _) => "vulnerability.not_affected_by_vendor",
        (None, FixState::Fixed) if !judgement.fixed.is_empty() => "vulnerability.fixed",
        (None, FixState::WillNotFix) => "vulnerability.will_not_fix",
        (None, FixState::UnderInvestigation) => "vulnerability.under_investigation",
        (None, _) => "vulnerability.affected",
    };
    let mut arguments = BTreeMap::from([
        ("vulnerability".to_owned(), judgement.vulnerability.clone()),
        ("package".to_owned(), judgement.package.name.clone()),
        ("version".to_owned(), judgement.package.version.clone()),
    ]);
    if !judgement.fixed.is_empty() {
        arguments.insert("fixed".to_owned(), judgement.fixed.join(", "));
    }
    if let Some(owner) = &judgement.owner {
        arguments.insert("owner".to_owned(), owner.clone());
    }
    Text { id: id.to_owned(), arguments }
}
