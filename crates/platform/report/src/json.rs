//! The report as JSON, its schema, and reading it back.

use std::io::Write;
use std::ops::ControlFlow;

use bulkhead_model::Report;
use serde::Deserialize;

use crate::ReportError;
use crate::streamed::Findings;

/// The report as indented JSON with a final line break.
pub fn write(report: &Report) -> Result<String, ReportError> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// What stands for the findings of a report that has none. A text of JSON has no line breaks in it, so this
/// is no text.
const NO_FINDINGS: &str = "\n  \"findings\": []";

/// Writes a report without findings and puts these in.
pub(crate) fn stream(
    report: &Report,
    findings: &dyn Findings,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let around = write(report)?;
    let Some((before, after)) = around.split_once(NO_FINDINGS) else {
        return Ok(out.write_all(around.as_bytes())?);
    };
    write!(out, "{before}\n  \"findings\": [")?;
    let mut separator = "";
    findings.each(None, &mut |finding| {
        let text = serde_json::to_string_pretty(finding)?.replace('\n', "\n    ");
        write!(out, "{separator}\n    {text}")?;
        separator = ",";
        Ok(ControlFlow::Continue(()))
    })?;
    let end = if separator.is_empty() { "]" } else { "\n  ]" };
    Ok(write!(out, "{end}{after}")?)
}

/// Several reports, one for each platform of an image, as one JSON array.
pub fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    match reports {
        [report] => write(report),
        reports => Ok(serde_json::to_string_pretty(reports)? + "\n"),
    }
}

/// Reads a report, or the several of an array.
pub fn read(bytes: &[u8]) -> Result<Vec<Report>, ReportError> {
    let array = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    // The version is looked at first: a report of another form would fail with a misleading field.
    let versions: Vec<Version> =
        if array { serde_json::from_slice(bytes)? } else { vec![serde_json::from_slice(bytes)?] };
    for version in versions {
        if version.schema_version.split('.').next() != Report::SCHEMA_VERSION.split('.').next() {
            let found = version.schema_version.chars().take(20).collect();
            return Err(ReportError::Version { found, known: Report::SCHEMA_VERSION });
        }
    }
    if array {
        Ok(serde_json::from_slice(bytes)?)
    } else {
        Ok(vec![serde_json::from_slice(bytes)?])
    }
}

/// The JSON schema of a report as indented JSON with a final line break, made from the types.
pub fn schema() -> Result<String, ReportError> {
    let schema = schemars::schema_for!(Report);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

#[derive(Deserialize)]
struct Version {
    schema_version: String,
}
