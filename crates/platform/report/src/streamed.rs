//! Reports whose findings are made while they are written, for more of them than memory holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use bulkhead_model::{Finding, Report, Severity};

use crate::{Format, Listed, ReportError, Style, json, table};

/// Findings that can be had again and again, from somewhere else than a report.
pub trait Findings {
    /// Gives each, in the order of reports: the worst first.
    ///
    /// # Errors
    /// Those of `take`, which end it.
    fn each(
        &self,
        take: &mut dyn FnMut(&Finding) -> Result<(), ReportError>,
    ) -> Result<(), ReportError>;

    /// Gives those of each object together, the object with the worst finding first.
    ///
    /// # Errors
    /// Those of `take`, which end it.
    fn by_object(
        &self,
        take: &mut dyn FnMut(&[Finding]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError>;
}

/// What is said of findings before any is shown.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub(crate) severities: BTreeMap<Severity, u64>,
    pub(crate) rules: BTreeSet<String>,
    /// The rule of the first one.
    pub(crate) first: Option<(Severity, String)>,
}

impl Tally {
    /// Counts a finding. Of equally bad ones the one that a report names first comes first.
    pub fn add(&mut self, finding: &Finding) {
        let severity = finding.rating.severity;
        let count = self.severities.entry(severity).or_default();
        *count = count.saturating_add(1);
        if !self.rules.contains(&finding.rule) {
            self.rules.insert(finding.rule.clone());
        }
        if self.first.as_ref().is_none_or(|(worst, _)| severity > *worst) {
            self.first = Some((severity, finding.rule.clone()));
        }
    }

    /// How many findings there are.
    pub fn total(&self) -> u64 {
        self.severities.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(crate) fn of(findings: &[Finding]) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.add(finding);
        }
        tally.first = findings.first().map(|it| (it.rating.severity, it.rule.clone()));
        tally
    }
}

/// Whether [`write`] knows the form; the others need all findings at once.
pub const fn is_streamed(format: Format) -> bool {
    matches!(format, Format::Table | Format::Json)
}

/// Writes a report, which holds no findings itself, as [`crate::render_all`] would write it with them.
///
/// # Errors
/// Where it cannot be written, or the form needs all findings at once.
pub fn write(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    format: Format,
    listed: Listed,
    style: Style,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    match format {
        Format::Table => table::stream(report, (findings, tally), listed, style, out),
        Format::Json => json::stream(report, findings, out),
        format => Err(ReportError::OtherTarget { format, target: "findings that come one by one" }),
    }
}
