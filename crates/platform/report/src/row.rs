//! One finding together with what it points to in its report.

use bulkhead_model::{
    Confidence, Finding, FixState, Package, PackageType, Report, Severity, Suppression,
    VulnerabilityDetail,
};

use crate::explain::chain;
use crate::table::layers;
use crate::text::printable;

/// A finding as the documents show it.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) report: &'a Report,
    pub(crate) finding: &'a Finding,
    pub(crate) detail: &'a VulnerabilityDetail,
    /// The answer to it, where there is one.
    pub(crate) suppressed: Option<&'a Suppression>,
}

impl<'a> Row<'a> {
    fn of(
        report: &'a Report,
        finding: &'a Finding,
        suppressed: Option<&'a Suppression>,
    ) -> Option<Self> {
        Some(Self { report, finding, detail: finding.vulnerability()?, suppressed })
    }

    /// The findings of a report in its order.
    pub(crate) fn open(report: &'a Report) -> impl Iterator<Item = Self> {
        report.findings.iter().filter_map(|finding| Self::of(report, finding, None))
    }

    /// The findings that something answers.
    pub(crate) fn suppressed(report: &'a Report) -> impl Iterator<Item = Self> {
        report.suppressed.iter().filter_map(|it| Self::of(report, &it.finding, Some(&it.by)))
    }

    pub(crate) fn severity(self) -> Severity {
        self.finding.rating.severity
    }

    pub(crate) fn rule(self) -> &'a str {
        &self.finding.rule
    }

    pub(crate) fn name(self) -> &'a str {
        self.finding.subject.name()
    }

    pub(crate) fn version(self) -> &'a str {
        self.finding.subject.version()
    }

    pub(crate) fn purl(self) -> &'a str {
        self.finding.subject.purl()
    }

    /// The package in the inventory.
    pub(crate) fn package(self) -> Option<&'a Package> {
        self.report.inventory.package(self.detail.package)
    }

    pub(crate) fn package_type(self) -> Option<PackageType> {
        self.package().map(|package| package.package_type)
    }

    pub(crate) fn is_fixed(self) -> bool {
        self.detail.state == FixState::Fixed
    }

    pub(crate) fn is_unconfirmed(self) -> bool {
        self.detail.confidence == Confidence::Unconfirmed
    }

    /// The title, or what stands for it.
    pub(crate) fn title(self) -> &'a str {
        self.detail.title.as_deref().unwrap_or_default()
    }

    /// The file, and the path inside it; empty where the target names no file.
    pub(crate) fn place(self) -> String {
        self.finding.location.to_string()
    }

    /// The layer with its history line.
    pub(crate) fn layer(self) -> Option<String> {
        self.finding.location.layer.as_ref().map(|layer| layers::describe(layer, self.report))
    }

    /// Who rates it, and how.
    pub(crate) fn rating(self) -> String {
        let rating = &self.finding.rating;
        let reason = match (&rating.vector, rating.score) {
            (Some(vector), Some(score)) => format!("{score:.1} by {vector} of {}", rating.source),
            _ if rating.source.is_empty() => "no feed rates it".to_owned(),
            _ => format!("{} says so", rating.source),
        };
        printable(&format!("{}: {reason}", rating.severity)).into_owned()
    }

    /// Since when it is known to be exploited.
    pub(crate) fn exploitation(self) -> Option<String> {
        let known = self.detail.exploited.as_ref()?;
        let ransomware = if known.ransomware { ", by ransomware too" } else { "" };
        let due = known.due.as_deref().map(|day| format!(", due {day}")).unwrap_or_default();
        let text = format!(
            "known to be exploited since {} ({}{due}){ransomware}",
            known.added, known.source
        );
        Some(printable(&text).into_owned())
    }

    /// Why it is there, step by step: kind and sentence.
    pub(crate) fn evidence(self) -> impl Iterator<Item = (&'static str, String)> {
        self.finding.evidence.iter().map(chain::evidence)
    }
}
