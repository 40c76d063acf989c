//! Our controls held against the rules of other tools, on those tools' own cases.

use bulkhead_end_to_end::{Agreement, Report};

/// The least share of equal answers, in hundredths. What we say is not checkable counts as a difference,
/// unless the rule says the same.
const AGREEMENT: usize = 98;

/// Controls that judge what at least so many rules do.
const MAPPED: usize = 130;

#[test]
fn answers_are_those_of_others() {
    let agreement = Agreement::measure().expect("tables and cases are read");
    println!("{}", Report(&agreement));
    let cases = agreement.cases();
    if cases == 0 {
        return; // Recorded as a skip.
    }
    let silent: Vec<_> = agreement.without_reason().map(|case| &case.case).collect();
    // A library grows: a new case may differ before somebody has looked at it.
    assert!(silent.len() <= cases / 100, "differences without a reason: {silent:#?}");
    let equal = agreement.equal;
    assert!(100 * equal >= AGREEMENT * cases, "{equal} of {cases} cases equal");
    assert!(agreement.mapped.len() >= MAPPED, "{} rules mapped", agreement.mapped.len());
}
