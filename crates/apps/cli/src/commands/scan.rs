//! `bulkhead scan`.

use bulkhead_advisories::Database;
use bulkhead_model::Report;
use bulkhead_report::{Format, Listed};
use bulkhead_scan::JudgeOptions;

use super::{TOOL, answers, databases, network, survey};
use crate::arguments::{Scan, Scanner};
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &Scan, terminal: Terminal) -> Result<u8, Failure> {
    let wants_vulnerabilities =
        arguments.scanners.is_empty() || arguments.scanners.contains(&Scanner::Vulnerabilities);
    debug_assert!(wants_vulnerabilities, "there is no other scanner yet");
    // First: a wrong name of a file should not cost the time of a scan.
    let opened = databases::open(&arguments.databases)?;
    let testimony = answers::read_or_find(&arguments.answers)?;
    let sources = network::sources(&arguments.network, &arguments.registries)?;
    let surveys =
        survey::of(&arguments.target, &arguments.view, &arguments.caching, sources, terminal)?;
    let databases: Vec<&Database> = opened.databases.iter().collect();
    let now = survey::now();
    opened.warn(terminal, now);
    let options = JudgeOptions {
        severities: arguments.severity.clone(),
        only_fixed: arguments.only_fixed,
        testimony,
        gate: arguments.fail_on.clone(),
        exit_on_eol: arguments.exit_on_eol,
        strict: arguments.strict,
        created: now.to_string(),
        today: survey::day(now),
        tool: TOOL.to_owned(),
    };
    let mut reports = Vec::with_capacity(surveys.len());
    for mut survey in surveys {
        survey.problems.extend(opened.problems.iter().cloned());
        reports.push(bulkhead_scan::judge(survey, &databases, &options)?);
    }
    let standard = [Output::standard(Format::Table)];
    let outputs =
        if arguments.view.output.is_empty() { &standard } else { &*arguments.view.output };
    let listed = if arguments.show_suppressed { Listed::Suppressed } else { Listed::Findings };
    output::write(&reports, outputs, listed, &[], terminal)?;
    Ok(exit_code(&reports))
}

/// Of several platforms the gate outranks what was not assessed.
fn exit_code(reports: &[Report]) -> u8 {
    let holds = |code| reports.iter().any(|report| report.outcome.exit_code == code);
    [2, 3].into_iter().find(|code| holds(*code)).unwrap_or(0)
}
