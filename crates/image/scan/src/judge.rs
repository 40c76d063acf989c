//! From what is there to what it means: findings, filters, gates, the exit code.

use bulkhead_advisories::{Database, match_inventory};
use bulkhead_model::{
    DatabaseStatement, EndOfLife, Finding, FindingKind, Inventory, NotAssessed, Outcome, Posture,
    Problem, Report, Severity, Suppressed, Target, VulnerabilityDetail,
};

use crate::answers::Answering;
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
pub fn conclude(mut evidence: Evidence, gates: Vec<String>, options: &JudgeOptions) -> Report {
    let kind = match evidence.posture {
        Some(_) => FindingKind::Configuration,
        None => FindingKind::Vulnerability,
    };
    let findings = std::mem::take(&mut evidence.findings);
    let inventory = std::mem::take(&mut evidence.inventory);
    let target = evidence.target.clone();
    let mut conclusion = Conclusion::new(options, &target, &inventory, kind);
    let shown = findings.into_iter().filter_map(|finding| conclusion.take(finding)).collect();
    let report = conclusion.finish(evidence, gates);
    Report { findings: shown, inventory, ..report }
}

/// A conclusion that is drawn finding by finding, for more of them than memory holds.
pub struct Conclusion<'e> {
    options: &'e JudgeOptions,
    answering: Answering<'e>,
    suppressed: Vec<Suppressed>,
    /// How many findings meet each alternative of the gate.
    met: Vec<u64>,
    filtered: u64,
}

impl<'e> Conclusion<'e> {
    /// No findings yet.
    pub fn new(
        options: &'e JudgeOptions,
        target: &'e Target,
        inventory: &'e Inventory,
        kind: FindingKind,
    ) -> Self {
        let answering = options.testimony.about(target, inventory, kind, &options.created);
        let met = options.gate.iter().flat_map(|gate| gate.alternatives().map(|_| 0)).collect();
        Self { options, answering, suppressed: Vec::new(), met, filtered: 0 }
    }

    /// Takes a finding in, and gives it back where it is to be shown.
    pub fn take(&mut self, mut finding: Finding) -> Option<Finding> {
        if let Some(by) = self.answering.ask(&mut finding) {
            self.suppressed.push(Suppressed { finding, by });
            return None;
        }
        if let Some(gate) = &self.options.gate {
            for (count, is_met) in self.met.iter_mut().zip(gate.met(&finding)) {
                *count = count.saturating_add(u64::from(is_met));
            }
        }
        if is_shown(&finding, self.options) {
            return Some(finding);
        }
        self.filtered = self.filtered.saturating_add(1);
        None
    }

    /// The report without its findings and its inventory, which are the caller's. `gates` are those that
    /// were hit already.
    pub fn finish(self, evidence: Evidence, mut gates: Vec<String>) -> Report {
        let Evidence { mut not_assessed, mut problems, .. } = evidence;
        not_assessed.sort();
        not_assessed.dedup();
        let (answers, of_answers) = self.answering.finish();
        problems.extend(of_answers);
        problems.sort();
        problems.dedup();

        let alternatives = self.options.gate.iter().flat_map(Gate::alternatives);
        let held = alternatives.zip(&self.met).filter(|(_, count)| **count > 0);
        gates.extend(held.map(|(condition, count)| format!("{condition}: {count}")));
        let incomplete = !not_assessed.is_empty() || (self.options.strict && !problems.is_empty());
        let exit_code = match (gates.is_empty(), incomplete) {
            (false, _) => 2,
            (true, true) => 3,
            (true, false) => 0,
        };
        Report {
            schema_version: Report::SCHEMA_VERSION.to_owned(),
            tool: self.options.tool.clone(),
            created: self.options.created.clone(),
            target: evidence.target,
            databases: evidence.databases,
            outcome: Outcome { exit_code, gates, incomplete },
            filtered: self.filtered,
            findings: Vec::new(),
            overruled: evidence.overruled,
            suppressed: self.suppressed,
            answers,
            end_of_life: evidence.end_of_life,
            not_assessed,
            problems,
            inventory: Inventory::default(),
            posture: evidence.posture,
        }
    }
}

impl std::fmt::Debug for Conclusion<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Conclusion")
            .field("filtered", &self.filtered)
            .finish_non_exhaustive()
    }
}

fn is_shown(finding: &Finding, options: &JudgeOptions) -> bool {
    let of_severity =
        options.severities.is_empty() || options.severities.contains(&finding.rating.severity);
    // What is configured can always be changed.
    let fixable = finding.vulnerability().is_none_or(VulnerabilityDetail::is_fixable);
    of_severity && (!options.only_fixed || fixable)
}
