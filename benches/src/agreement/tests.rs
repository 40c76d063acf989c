//! Our controls held against the rules of other tools, on those tools' own cases.

use super::{Agreement, Report};

/// The least share of equal answers, in hundredths. What we say is not checkable counts as a difference,
/// unless the rule says the same.
const AGREEMENT: usize = 98;

/// The rules that the tables map to controls, at the least.
const MAPPED: usize = 200;

#[test]
fn answers_are_those_of_others() {
    let agreement = Agreement::measure().expect("tables and cases are read");
    println!("{}", Report(&agreement));
    let mapped = agreement.mapped_by_tables;
    assert!(mapped >= MAPPED, "{mapped} rules mapped");
    let cases = agreement.cases();
    if cases == 0 {
        return; // Recorded as a skip.
    }
    let equal = agreement.equal;
    let cases_apart = agreement.differing.iter().chain(&agreement.not_checkable);
    let silent: Vec<_> =
        cases_apart.filter(|case| case.reason.is_none()).map(|case| &case.case).collect();
    // Libraries grow: a new case may differ before somebody has looked at it, and then counts as ours.
    assert!(
        100 * equal >= AGREEMENT * cases,
        "{equal} of {cases} cases equal; without a reason: {silent:#?}"
    );
}
