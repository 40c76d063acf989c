//! What the page shows of one report, in the words and numbers that its template writes.

use std::collections::HashMap;

use bulkhead_model::{
    DatabaseStatement, FeedStatement, Finding, Package, PackageId, Report, Severity,
};

use crate::control::ControlRow;
use crate::links;
use crate::row::Row;
use crate::streamed::Tally;
use crate::table::summary::{self, Remarks};
use crate::table::{gaps, layers, sources};
use crate::text::count;
use crate::words;

/// Packages that are listed; a browser grows slow with more.
const SHOWN_PACKAGES: usize = 20_000;
/// Verdicts that are listed though nothing decided them.
const SHOWN_VERDICTS: usize = 2_000;
/// References of one finding.
const SHOWN_REFERENCES: usize = 8;

/// A report as the page shows it.
pub(super) struct Section<'a> {
    pub(super) report: &'a Report,
    /// From 1: what its anchors are named by.
    pub(super) number: usize,
    /// The findings of each severity, worst first.
    pub(super) severities: Vec<Share>,
    /// The findings that are shown, the worst first, and how many there are.
    shown: &'a [Finding],
    count: u64,
    findings_of_packages: HashMap<PackageId, usize>,
}

/// The findings of one severity, and their part of a bar that is 100 wide.
pub(super) struct Share {
    pub(super) severity: Severity,
    pub(super) count: u64,
    pub(super) start: f64,
    pub(super) width: f64,
}

/// A layer of the image.
pub(super) struct Layer<'a> {
    pub(super) number: usize,
    pub(super) made_by: &'a str,
    pub(super) size: String,
    pub(super) findings: usize,
}

impl<'a> Section<'a> {
    pub(super) fn of(
        report: &'a Report,
        (shown, tally): (&'a [Finding], &Tally),
        number: usize,
    ) -> Self {
        let mut findings_of_packages = HashMap::new();
        for row in Row::open(report) {
            *findings_of_packages.entry(row.detail.package).or_insert(0) += 1;
        }
        let (severities, count) = (shares(tally), tally.total());
        Self { report, number, severities, shown, count, findings_of_packages }
    }

    /// The platform, where the target is an image.
    pub(super) fn platform(&self) -> &str {
        self.report.target.image.as_ref().map_or("", |image| &image.platform)
    }

    /// Whether findings were looked for at all; without it is a bill of materials.
    pub(super) const fn is_scan(&self) -> bool {
        !self.report.databases.is_empty() || self.has_findings() || self.report.posture.is_some()
    }

    /// What describes the target, each behind its label.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let report = self.report;
        let system = report.inventory.operating_system.as_ref();
        let mut facts = match &report.posture {
            Some(posture) => {
                let verdicts = &posture.verdicts;
                let (open, pass) = (verdicts.not_checkable, verdicts.pass);
                vec![
                    ("Objects", summary::object_counts(posture)),
                    (
                        "Verdicts",
                        format!("{} fail, {pass} pass, {open} not checkable", verdicts.fail),
                    ),
                ]
            }
            None => vec![
                ("System", system.map_or("none".to_owned(), |system| system.pretty_name.clone())),
                ("Packages", summary::package_counts(report)),
            ],
        };
        if let Some(image) = &report.target.image {
            facts.push(("Platform", image.platform.clone()));
            if !image.tags.is_empty() {
                facts.push(("Tags", image.tags.join(", ")));
            }
            facts.extend(image.manifest.as_ref().map(|it| ("Manifest", it.to_string())));
        }
        facts.push(("Scanned", format!("{} by {}", report.created, report.tool)));
        facts.retain(|(_, text)| !text.is_empty());
        facts
    }

    pub(super) fn total(&self) -> String {
        count(self.count, "finding")
    }

    pub(super) const fn has_findings(&self) -> bool {
        self.count > 0
    }

    /// How many findings there is no room for.
    pub(super) const fn findings_left_out(&self) -> u64 {
        self.count.saturating_sub(self.shown.len() as u64)
    }

    /// What is special about the findings.
    pub(super) fn remarks(&self) -> Vec<String> {
        let Remarks { fixable, exploited, unconfirmed } = Remarks::of(self.report);
        let numbers = [
            (fixable as u64, "with a fix"),
            (exploited as u64, "known to be exploited"),
            (unconfirmed as u64, "unconfirmed"),
            (self.report.suppressed.len() as u64, "suppressed"),
            (self.report.filtered, "not shown (filters of the scan)"),
        ];
        let present = numbers.into_iter().filter(|(number, _)| *number > 0);
        present.map(|(number, what)| format!("{number} {what}")).collect()
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = Row<'a>> + use<'a> {
        Row::open(self.report)
    }

    pub(super) fn suppressed(&self) -> impl Iterator<Item = Row<'a>> + use<'a> {
        Row::suppressed(self.report)
    }

    /// What controls have against objects.
    pub(super) fn controls(&self) -> impl Iterator<Item = ControlRow<'a>> + use<'a> {
        ControlRow::all(self.report, self.shown)
    }

    pub(super) fn suppressed_controls(&self) -> impl Iterator<Item = ControlRow<'a>> + use<'a> {
        ControlRow::suppressed(self.report)
    }

    /// What controls could not judge.
    pub(super) fn open_verdicts(&self) -> impl Iterator<Item = ControlRow<'a>> + use<'a> {
        let report = self.report;
        let findings = report.posture.iter().flat_map(|posture| &posture.not_checkable);
        let rows = findings.filter_map(|finding| ControlRow::of(report, finding, None));
        rows.take(SHOWN_VERDICTS)
    }

    pub(super) fn open_count(&self) -> usize {
        self.report.posture.as_ref().map_or(0, |posture| posture.not_checkable.len())
    }

    /// How many there is no room for.
    pub(super) fn open_left_out(&self) -> usize {
        self.open_count().saturating_sub(SHOWN_VERDICTS)
    }

    /// The parts that were not assessed, and what to do about each.
    pub(super) fn not_assessed(&self) -> impl Iterator<Item = (String, &str)> {
        self.report.not_assessed.iter().map(|part| {
            (gaps::describe(part, self.report), part.hint.as_deref().unwrap_or_default())
        })
    }

    pub(super) fn problems(&self) -> impl Iterator<Item = String> {
        self.report.problems.iter().map(gaps::describe_problem)
    }

    pub(super) fn releases(&self) -> impl Iterator<Item = (String, bool)> {
        self.report.end_of_life.iter().map(|it| (words::end_of_life(it), it.ended))
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = (&Package, usize)> {
        self.report.inventory.iter().take(SHOWN_PACKAGES).map(|(id, package)| {
            (package, self.findings_of_packages.get(&id).copied().unwrap_or_default())
        })
    }

    /// How many packages there is no room for.
    pub(super) fn packages_left_out(&self) -> usize {
        self.report.inventory.packages.len().saturating_sub(SHOWN_PACKAGES)
    }

    pub(super) fn layers(&self) -> Vec<Layer<'_>> {
        let Some(image) = &self.report.target.image else { return Vec::new() };
        let mut findings: HashMap<u32, usize> = HashMap::new();
        for row in Row::open(self.report) {
            if let Some(layer) = &row.finding.location.layer {
                *findings.entry(layer.index).or_default() += 1;
            }
        }
        let layers = image.layers.iter().zip(0_u32..).zip(1..);
        layers
            .map(|((layer, index), number)| Layer {
                number,
                made_by: layer.created_by.as_deref().unwrap_or_default(),
                size: size(layer.size),
                findings: findings.get(&index).copied().unwrap_or_default(),
            })
            .collect()
    }

    /// Each database with those of its feeds that speak about the target, and how many others.
    pub(super) fn databases(&self) -> Vec<(&DatabaseStatement, Vec<&FeedStatement>, usize)> {
        let scopes = sources::scopes(self.report);
        let of = |database: &'a DatabaseStatement| {
            let feeds = database.feeds.iter();
            let (relevant, others): (Vec<_>, Vec<_>) =
                feeds.partition(|feed| sources::speaks_about(feed, &scopes));
            (database, relevant, others.len())
        };
        self.report.databases.iter().map(of).collect()
    }

    /// What the feeds cannot tell.
    pub(super) fn silences(&self) -> Vec<String> {
        let feeds: Vec<&FeedStatement> =
            self.databases().into_iter().flat_map(|(_, feeds, _)| feeds).collect();
        sources::cannot_tell(&feeds)
    }
}

/// What the template asks of a row beyond what every document does.
impl Row<'_> {
    /// How severities are sorted: unknown lowest.
    pub(super) fn rank(self) -> u8 {
        self.severity() as u8
    }

    pub(super) fn address(self) -> Option<String> {
        links::of(self.rule())
    }

    pub(super) fn fix(self) -> String {
        words::fix(self.detail)
    }

    pub(super) fn fix_sentence(self) -> String {
        words::fix_sentence(self.detail)
    }

    /// The chance of exploitation as a number to sort by and as text.
    pub(super) fn prediction(self) -> Option<(f64, String)> {
        let epss = self.detail.epss.as_ref()?;
        Some((epss.score, words::percent(epss.score)))
    }

    pub(super) fn references(self) -> impl Iterator<Item = String> {
        let references = self.detail.references.iter();
        references.filter_map(|it| links::web(it)).take(SHOWN_REFERENCES).map(str::to_owned)
    }

    pub(super) fn aliases(self) -> String {
        self.detail.aliases.join(", ")
    }

    pub(super) fn weaknesses(self) -> String {
        let numbers = self.detail.cwes.iter().map(|number| format!("CWE-{number}"));
        numbers.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn answer(self) -> String {
        self.suppressed.map(words::suppression).unwrap_or_default()
    }
}

impl ControlRow<'_> {
    /// How severities are sorted: unknown lowest.
    pub(super) fn rank(self) -> u8 {
        self.severity() as u8
    }

    pub(super) fn answer(self) -> String {
        self.suppressed.map(words::suppression).unwrap_or_default()
    }
}

impl Layer<'_> {
    /// The history line without what builders put around it.
    pub(super) fn line(&self) -> String {
        layers::history(self.made_by)
    }
}

fn shares(tally: &Tally) -> Vec<Share> {
    let all = tally.total().max(1);
    let mut start = 0.0;
    let share = |severity: Severity| {
        let count = tally.of_severity(severity);
        #[expect(clippy::cast_precision_loss, reason = "a width on a screen")]
        let width = count as f64 * 100.0 / all as f64;
        let share = Share { severity, count, start, width };
        start += width;
        share
    };
    Severity::DESCENDING.into_iter().map(share).collect()
}

/// `29.9 MiB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut number = bytes as f64 / 1024.0;
    let mut unit = 0;
    while number >= 1000.0 && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    format!("{number:.1} {}", UNITS.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (31_418_472, "30.0 MiB"),
            (1_200_000_000, "1.1 GiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
