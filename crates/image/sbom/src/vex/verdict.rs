//! Which statement decides, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{AnswerOutcome, Finding, Verdict};
use jiff::Timestamp;

use super::identity::Fit;
use super::scanned::Scanned;
use super::statement::{Document, Product, Statement, Status};

/// Products that a verdict names; a statement may have thousands.
const SHOWN: usize = 3;

/// The statements of all documents, by vulnerability.
pub struct Statements<'a> {
    documents: &'a [Document],
    by_name: BTreeMap<String, Vec<Position>>,
}

/// Document and statement.
type Position = (usize, usize);

/// What a statement means for a finding.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// The positions of document and statement.
    pub position: (usize, usize),
    /// Whose statement it is.
    pub document: &'a Document,
    /// The statement.
    pub statement: &'a Statement,
    /// What it means. [`AnswerOutcome::Suppresses`] and [`AnswerOutcome::Confirms`] decide.
    pub verdict: Verdict,
}

impl<'a> Statements<'a> {
    /// Those of these documents.
    pub fn new(documents: &'a [Document]) -> Self {
        let mut by_name: BTreeMap<String, Vec<Position>> = BTreeMap::new();
        for (number, document) in documents.iter().enumerate() {
            for (index, statement) in document.statements.iter().enumerate() {
                for name in &statement.vulnerabilities {
                    by_name.entry(name.to_ascii_lowercase()).or_default().push((number, index));
                }
            }
        }
        Self { documents, by_name }
    }

    /// Holds every statement about the vulnerability of a finding, by any of its names, against
    /// it. Of those that apply the newest decides; of several of the same age the most cautious.
    pub fn judge(&self, finding: &Finding, scanned: &Scanned<'_>) -> Vec<Judged<'a>> {
        let Some(detail) = finding.vulnerability() else { return Vec::new() };
        let names = std::iter::once(&finding.rule).chain(&detail.aliases);
        let positions: BTreeSet<Position> = names
            .filter_map(|name| self.by_name.get(&name.to_ascii_lowercase()))
            .flatten()
            .copied()
            .collect();
        let mut judged: Vec<Judged<'a>> = Vec::new();
        for position in positions {
            let Some(document) = self.documents.get(position.0) else { continue };
            let Some(statement) = document.statements.get(position.1) else { continue };
            let fit = Fit::best(
                statement.products.iter().map(|product| scanned.fit(product, detail.package)),
            );
            let verdict = verdict(finding, statement, fit);
            judged.push(Judged { position, document, statement, verdict });
        }
        settle(&mut judged);
        judged
    }
}

/// What the products alone decide.
fn verdict(finding: &Finding, statement: &Statement, fit: Fit) -> Verdict {
    let (outcome, stated, found) = match fit {
        Fit::Same => (of_status(statement.status), None, None),
        Fit::OtherVersion { stated, found } => {
            (AnswerOutcome::OtherVersion, Some(stated), Some(found))
        }
        Fit::NotJudged(what) => (AnswerOutcome::NotJudged, Some(what), None),
        Fit::Other => (AnswerOutcome::OtherProduct, Some(shown(&statement.products)), None),
    };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    Verdict { finding: finding.id.clone(), outcome, stated: filled(stated), found: filled(found) }
}

const fn of_status(status: Status) -> AnswerOutcome {
    match status {
        Status::NotAffected | Status::Fixed => AnswerOutcome::Suppresses,
        Status::Affected => AnswerOutcome::Confirms,
        Status::UnderInvestigation => AnswerOutcome::Undecided,
    }
}

/// Of the statements that apply, lets one decide.
fn settle(judged: &mut [Judged<'_>]) {
    let applies = |one: &Judged<'_>| {
        matches!(
            one.verdict.outcome,
            AnswerOutcome::Suppresses | AnswerOutcome::Confirms | AnswerOutcome::Undecided
        )
    };
    // Where nobody says when, it is older than all that does (no time sorts first). The most
    // cautious of the same age comes last.
    let decisive = judged
        .iter()
        .enumerate()
        .filter(|(_, one)| applies(one))
        .max_by_key(|(index, one)| {
            (time(one.statement), one.statement.status, std::cmp::Reverse(*index))
        })
        .map(|(index, one)| (index, one.statement, one.document.id.clone()));
    let Some((decisive, winner, document)) = decisive else { return };
    for (index, one) in judged.iter_mut().enumerate() {
        if index == decisive || !applies(one) {
            continue;
        }
        let is_older = time(one.statement) < time(winner);
        let agrees = of_status(one.statement.status) == of_status(winner.status);
        one.verdict.outcome = match (is_older, agrees) {
            (true, _) => AnswerOutcome::Superseded,
            (false, false) => AnswerOutcome::Contradicted,
            (false, true) if winner.status.suppresses() => AnswerOutcome::AlsoSuppresses,
            (false, true) => continue,
        };
        one.verdict.stated.clone_from(&one.statement.time);
        let when = winner.time.as_deref().unwrap_or("an unknown time");
        one.verdict.found = Some(format!("{} of {when} in {document}", winner.status.name()));
    }
}

fn time(statement: &Statement) -> Option<Timestamp> {
    statement.time.as_deref()?.trim().parse().ok()
}

/// The first products in their own words.
fn shown(products: &[Product]) -> String {
    let text = |product: &Product| {
        let identities = product.wholes.iter().rev().chain(&product.parts);
        identities
            .map(super::Identity::shown)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" > ")
    };
    let mut texts: Vec<String> = products.iter().take(SHOWN).map(text).collect();
    let rest = products.len().saturating_sub(SHOWN);
    if rest > 0 {
        texts.push(format!("{rest} more"));
    }
    texts.join(", ")
}
