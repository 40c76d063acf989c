//! From what is there to what it means: findings, filters, gates, the exit code.

use bulkhead_advisories::{Database, match_inventory};
use bulkhead_model::{
    DatabaseStatement, EndOfLife, Finding, FindingKind, Inventory, NotAssessed, Outcome, Posture,
    Problem, Report, Severity, Target, VulnerabilityDetail,
};

use crate::answers::Answered;
use crate::gate::Gate;
use crate::{ScanError, Survey, Testimony, incomplete, support};

/// How a survey is judged.
#[derive(Debug, Clone, Default)]
pub struct JudgeOptions {
    /// Severities that are shown; all where it is empty.
    pub severities: Vec<Severity>,
    /// Show only what a newer version fixes.
    pub only_fixed: bool,
    /// What answers findings before the gate sees them.
    pub testimony: Testimony,
    /// What makes the exit code 2; looks at all findings that nothing answers, also those that are
    /// not shown.
    pub gate: Option<Gate>,
    /// Whether a release that is supported no more makes the exit code 2, too.
    pub exit_on_eol: bool,
    /// Whether problems count as incomplete.
    pub strict: bool,
    /// The time of the scan, RFC 3339 in UTC.
    pub created: String,
    /// The day of the scan, `2026-11-24`: how old a feed is.
    pub today: String,
    /// Name and version of the program.
    pub tool: String,
}

/// What was found out of a target, before anything answers it.
#[derive(Debug, Default)]
pub struct Evidence {
    /// What was looked at.
    pub target: Target,
    /// Its software.
    pub inventory: Inventory,
    /// Its objects.
    pub posture: Option<Posture>,
    /// What is wrong, in any order.
    pub findings: Vec<Finding>,
    /// What would be wrong, but for somebody's better knowledge.
    pub overruled: Vec<Finding>,
    /// The databases that were asked.
    pub databases: Vec<DatabaseStatement>,
    /// Releases whose end of support is known.
    pub end_of_life: Vec<EndOfLife>,
    /// What was not assessed.
    pub not_assessed: Vec<NotAssessed>,
    /// What was broken or odd.
    pub problems: Vec<Problem>,
}

/// Holds a survey against databases.
pub fn judge(
    survey: Survey,
    databases: &[&Database],
    options: &JudgeOptions,
) -> Result<Report, ScanError> {
    let Survey { target, inventory, mut not_assessed, mut problems } = survey;
    let matched = match_inventory(databases, &inventory);
    let statements: Result<Vec<_>, _> =
        databases.iter().map(|database| database.statement(&options.today)).collect();
    let statements = statements?;
    not_assessed.extend(matched.not_assessed);
    not_assessed.extend(incomplete::of(&statements, &inventory));
    problems.extend(matched.problems);
    let end_of_life = support::of(&inventory, databases, &options.today);
    let mut gates = Vec::new();
    if options.exit_on_eol {
        match support::gate(&inventory, &end_of_life) {
            Ok(ended) => gates = ended,
            Err(problem) => problems.push(problem),
        }
    }
    let evidence = Evidence {
        target,
        inventory,
        posture: None,
        findings: matched.findings,
        overruled: matched.overruled,
        databases: statements,
        end_of_life,
        not_assessed,
        problems,
    };
    Ok(conclude(evidence, gates, options))
}

/// From what was found out to a report: answers, filters, gates, the exit code. `gates` are those that
/// were hit already.
pub fn conclude(evidence: Evidence, mut gates: Vec<String>, options: &JudgeOptions) -> Report {
    let Evidence { target, inventory, posture, mut not_assessed, mut problems, .. } = evidence;
    not_assessed.sort();
    not_assessed.dedup();
    let kind = match posture {
        Some(_) => FindingKind::Configuration,
        None => FindingKind::Vulnerability,
    };
    let Answered { findings, suppressed, answers, problems: of_answers } =
        options.testimony.answer(evidence.findings, &target, &inventory, kind, &options.created);
    problems.extend(of_answers);
    problems.sort();
    problems.dedup();

    let held = options.gate.as_ref().map(|gate| gate.held(&findings)).unwrap_or_default();
    gates.extend(held.into_iter().map(|(condition, count)| format!("{condition}: {count}")));
    let incomplete = !not_assessed.is_empty() || (options.strict && !problems.is_empty());
    let exit_code = match (gates.is_empty(), incomplete) {
        (false, _) => 2,
        (true, true) => 3,
        (true, false) => 0,
    };
    let all = findings.len();
    let findings: Vec<Finding> =
        findings.into_iter().filter(|finding| is_shown(finding, options)).collect();
    Report {
        schema_version: Report::SCHEMA_VERSION.to_owned(),
        tool: options.tool.clone(),
        created: options.created.clone(),
        target,
        databases: evidence.databases,
        outcome: Outcome { exit_code, gates, incomplete },
        filtered: all.saturating_sub(findings.len()) as u64,
        findings,
        overruled: evidence.overruled,
        suppressed,
        answers,
        end_of_life: evidence.end_of_life,
        not_assessed,
        problems,
        inventory,
        posture,
    }
}

fn is_shown(finding: &Finding, options: &JudgeOptions) -> bool {
    let of_severity =
        options.severities.is_empty() || options.severities.contains(&finding.rating.severity);
    // What is configured can always be changed.
    let fixable = finding.vulnerability().is_none_or(VulnerabilityDetail::is_fixable);
    of_severity && (!options.only_fixed || fixable)
}
