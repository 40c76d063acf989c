//! `bulkhead sbom`.

use bulkhead_model::{Outcome, Report};
use bulkhead_report::{Format, Listed};
use bulkhead_scan::Survey;

use super::{TOOL, network, survey};
use crate::arguments::Sbom;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::terminal::Terminal;

/// The exit code of a target that could not be looked at as a whole.
const INCOMPLETE: u8 = 3;

pub(crate) fn run(arguments: &Sbom, terminal: Terminal) -> Result<u8, Failure> {
    let sources = network::sources(&arguments.network, &arguments.registries)?;
    let surveys =
        survey::of(&arguments.target, &arguments.view, &arguments.caching, sources, terminal)?;
    let created = survey::now().to_string();
    let reports: Vec<Report> = surveys.into_iter().map(|it| report(it, &created)).collect();
    let standard = [Output::standard(Format::CycloneDx)];
    let outputs =
        if arguments.view.output.is_empty() { &standard } else { &*arguments.view.output };
    output::write(&reports, outputs, Listed::Findings, &[], terminal)?;
    let incomplete = reports.iter().any(|report| report.outcome.incomplete);
    Ok(if incomplete { INCOMPLETE } else { 0 })
}

/// A report for which no database was asked.
fn report(survey: Survey, created: &str) -> Report {
    let Survey { target, inventory, not_assessed, problems } = survey;
    let incomplete = !not_assessed.is_empty();
    Report {
        schema_version: Report::SCHEMA_VERSION.to_owned(),
        tool: TOOL.to_owned(),
        created: created.to_owned(),
        target,
        databases: Vec::new(),
        outcome: Outcome {
            exit_code: if incomplete { INCOMPLETE } else { 0 },
            gates: Vec::new(),
            incomplete,
        },
        findings: Vec::new(),
        filtered: 0,
        overruled: Vec::new(),
        suppressed: Vec::new(),
        answers: Vec::new(),
        end_of_life: Vec::new(),
        not_assessed,
        problems,
        inventory,
        posture: None,
    }
}
