//! Tests that stand in rule files: events, and whether a rule is met by them.
use crate::problem::Problem;
use crate::rule::Rule;
use crate::yaml::Node;
/// Draft
#[derive(Debug, Clone)]
pub struct Trial;
/// Draft
#[derive(Debug, Clone)]
pub struct TrialOutcome;
impl Trial {
    pub(crate) fn read_all(_: &[Node], _: &[Rule], _: &mut Vec<Problem>) -> Vec<Self> {
        Vec::new()
    }
}
