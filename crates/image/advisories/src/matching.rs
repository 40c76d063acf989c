//! Holding an inventory against advisory databases.
//!
//! In three passes, each over sorted keys, so that a page of a database is read once: the rows of
//! the packages give judgements; what the vendor says of the owner of a language package overrules
//! some; what is known of the vulnerabilities makes findings of them.

mod assembly;
mod join;
mod judgement;
mod knowledge;
mod names;
mod plan;
mod rating;
mod stretches;
mod vendor;

use bulkhead_model::{Finding, Inventory, NotAssessed, Problem, Severity};

use crate::Database;

/// What databases say about an inventory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matched {
    /// One for each installed package and vulnerability, worst first.
    pub findings: Vec<Finding>,
    /// What would be findings if nobody had stated otherwise, in the same order. The last piece of
    /// evidence is the statement that decided.
    pub overruled: Vec<Finding>,
    /// What no database speaks about, and damaged parts of databases.
    pub not_assessed: Vec<NotAssessed>,
    /// Packages that could not be compared.
    pub problems: Vec<Problem>,
}

/// Matches every package of an inventory against the rows of all databases together.
///
/// The rules stand in `docs/adr/0011-matching.md`. A damaged part of a database is not an error: what
/// could not be read is in [`Matched::not_assessed`].
pub fn match_inventory(databases: &[&Database], inventory: &Inventory) -> Matched {
    let mut plan = plan::Plan::of(databases, inventory);
    let joined = join::join(databases, &plan.wanted, &plan.owners);
    plan.not_assessed.extend(joined.damage);
    let mut judgements = joined.judgements;
    vendor::overrule(&mut judgements, inventory, &plan.owners, &joined.statements);

    let knowledge = knowledge::Knowledge::of(databases, &judgements);
    plan.not_assessed.extend(knowledge.damage.iter().cloned());
    let mut matched =
        Matched { not_assessed: plan.not_assessed, problems: plan.problems, ..Matched::default() };
    for judgement in &judgements {
        let finding = assembly::finding(judgement, &knowledge);
        if judgement.overruling.is_some() {
            matched.overruled.push(finding);
        } else {
            matched.findings.push(finding);
        }
    }
    worst_first(&mut matched.findings);
    worst_first(&mut matched.overruled);
    matched.not_assessed.sort();
    matched.not_assessed.dedup();
    matched.problems.sort();
    matched
}

/// By severity, then score, then what stays the same from scan to scan.
fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_cached_key(|finding| {
        let purl = finding.subject.purl().to_owned();
        let rank = Severity::DESCENDING.iter().position(|level| *level == finding.rating.severity);
        let score = finding.rating.score.map_or(0, tenths);
        (
            rank,
            std::cmp::Reverse(score),
            finding.rule.clone(),
            purl,
            finding.location.clone(),
            finding.id.clone(),
        )
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "scores lie between 0 and 10"
)]
fn tenths(score: f64) -> u32 {
    (score * 10.0).round() as u32
}
