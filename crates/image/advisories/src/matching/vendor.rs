//! What the distribution says of files that it built from an upstream package.

use bulkhead_model::{Confidence, FixState, Inventory, PackageId};
use rustc_hash::FxHashMap;

use super::judgement::{Judgement, Overruling, Statement};
use super::plan::Owners;

/// Lets the vendor's statement decide about language packages that a system package brought.
///
/// Where the vendor says anything about the vulnerability, the finding about the language package
/// is overruled: not affected and fixed mean that there is none, affected means that it stands on
/// the system package already and would be counted twice. Where the vendor is silent, the upstream
/// finding stands unconfirmed, because a fix may have been backported without a word.
pub(super) fn overrule(
    judgements: &mut [Judgement<'_>],
    inventory: &Inventory,
    owners: &Owners,
    statements: &FxHashMap<PackageId, Vec<Statement>>,
) {
    for judgement in judgements {
        if judgement.package.package_type.is_system() {
            continue;
        }
        let Some(owner) = owners.of.get(&judgement.id) else { continue };
        let Some(package) = inventory.package(*owner) else { continue };
        judgement.owner = Some(package.purl.clone());
        if judgement.overruling.is_some() {
            continue;
        }
        let about = statements.get(owner).into_iter().flatten();
        let verdict = about
            .filter(|one| one.vulnerabilities.contains(&judgement.vulnerability))
            .map(|statement| &statement.verdict)
            // A row that the version lies in says more than one that it does not.
            .min_by_key(|verdict| (!verdict.inside, verdict.state == FixState::NotAffected));
        match verdict {
            Some(verdict) => {
                judgement.state = match (verdict.inside, verdict.state) {
                    (true, state) => state,
                    (false, FixState::Fixed) => FixState::Fixed,
                    (false, _) => FixState::NotAffected,
                };
                judgement.overruling = Some(Overruling::Vendor(verdict.clone()));
            }
            None => judgement.confidence = Confidence::Unconfirmed,
        }
    }
}
