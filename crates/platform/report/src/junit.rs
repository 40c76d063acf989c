//! The XML of `JUnit`, for pipelines that show tests: every finding is a test that fails.
//!
//! A suite for each type of package, as users of other scanners know it; one for what was not
//! assessed, whose tests end in errors, and one for releases whose support has ended. Valid by the
//! schema that Jenkins has published for the format, which has no other definition.

mod cases;

use std::collections::BTreeMap;
use std::io::Write;

use askama::Template;
use bulkhead_model::{PackageType, Report};

use crate::ReportError;
use crate::control::ControlRow;
use crate::row::Row;
use crate::streamed::{Findings, Tally};
use crate::table::gaps;
use crate::text::{count, excerpt};
use crate::words;
use cases::{Case, Cases, OfKind, Outcome};

/// Characters of a name or a message, which viewers show in one line.
const LINE: usize = 300;

/// One document with the suites of all reports, which are those of an image's platforms.
pub(crate) fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    let tallies: Vec<Tally> = reports.iter().map(|report| Tally::of(&report.findings)).collect();
    let all = reports.iter().zip(&tallies);
    let all = all.flat_map(|(report, tally)| suites(report, (report, tally), reports.len() > 1));
    Ok(Document::of(all.collect()).render()? + "\n")
}

/// The document of one report, which holds no findings itself.
pub(crate) fn stream(
    report: &Report,
    findings: (&dyn Findings, &Tally),
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    Document::of(suites(report, findings, false)).write_into(out)?;
    Ok(writeln!(out)?)
}

#[derive(Template)]
#[template(path = "junit.xml")]
struct Document<'a> {
    suites: Vec<Suite<'a>>,
    counts: Counts,
}

impl<'a> Document<'a> {
    fn of(suites: Vec<Suite<'a>>) -> Self {
        let mut counts = Counts::default();
        for suite in &suites {
            counts.tests += suite.counts.tests;
            counts.failures += suite.counts.failures;
            counts.errors += suite.counts.errors;
            counts.skipped += suite.counts.skipped;
        }
        Self { suites, counts }
    }
}

struct Suite<'a> {
    name: String,
    /// Without a zone; empty where it is unknown.
    timestamp: String,
    cases: Cases<'a>,
    counts: Counts,
}

/// How many tests ended how.
#[derive(Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

fn suites<'a>(
    report: &'a Report,
    (findings, tally): (&'a dyn Findings, &'a Tally),
    several: bool,
) -> Vec<Suite<'a>> {
    let mut of_types: BTreeMap<Option<PackageType>, Vec<Case>> = BTreeMap::new();
    for package in &report.inventory.packages {
        of_types.entry(Some(package.package_type)).or_default();
    }
    for row in Row::open(report).chain(Row::suppressed(report)) {
        of_types.entry(row.package_type()).or_default().push(finding(row));
    }
    let mut of_kinds: BTreeMap<&str, OfKind<'_>> = BTreeMap::new();
    let mut add = |kind: &'a str, skipped: u64| {
        let make = || OfKind { report, findings, kind, failures: tally.of_kind(kind), skipped: 0 };
        of_kinds.entry(kind).or_insert_with(make).skipped += skipped;
    };
    let judged = report.posture.iter().flat_map(|posture| posture.objects.keys());
    for kind in judged.chain(tally.kinds.keys()).filter(|kind| !kind.is_empty()) {
        add(kind, 0);
    }
    for row in ControlRow::suppressed(report) {
        add(row.kind(), 1);
    }
    let platform = report.target.image.as_ref().map(|image| image.platform.as_str());
    let platform = platform.filter(|_| several).map(|it| format!(" {it}")).unwrap_or_default();
    let suite = |what: &str, cases: Cases<'a>| Suite {
        name: excerpt(&format!("{}{platform}: {what}", report.target.name), LINE).into_owned(),
        timestamp: timestamp(&report.created),
        counts: cases.counts(),
        cases,
    };
    let mut suites: Vec<Suite<'_>> = of_types
        .into_iter()
        .map(|(package_type, mut cases)| {
            if cases.is_empty() {
                cases.push(nothing_found(report, package_type));
            }
            suite(package_type.map_or("package", PackageType::name), Cases::Known(cases))
        })
        .collect();
    suites.extend(of_kinds.into_iter().map(|(kind, cases)| {
        let is_clean = cases.failures == 0 && cases.skipped == 0;
        let clean = || Cases::Known(vec![nothing_against(report, kind)]);
        suite(kind, if is_clean { clean() } else { Cases::OfKind(cases) })
    }));
    if !report.not_assessed.is_empty() {
        suites.push(suite("not assessed", Cases::Known(not_assessed(report))));
    }
    if !report.end_of_life.is_empty() {
        suites.push(suite("support of releases", Cases::Known(releases(report))));
    }
    suites
}

/// `2026-11-24T08:00:00Z` without its zone, which is UTC.
fn timestamp(created: &str) -> String {
    created.strip_suffix('Z').map(|it| excerpt(it, 19).into_owned()).unwrap_or_default()
}

fn finding(row: Row<'_>) -> Case {
    let package = format!("{} {}", row.name(), row.version());
    Case {
        class: excerpt(&package, LINE).into_owned(),
        name: excerpt(&format!("[{}] {}", row.severity().name().to_uppercase(), row.rule()), LINE)
            .into_owned(),
        outcome: match row.suppressed {
            Some(by) => Outcome::Skipped(words::suppression(by)),
            None => Outcome::Failed {
                kind: row.severity().name(),
                message: message(row),
                lines: lines(row),
            },
        },
    }
}

fn nothing_against(report: &Report, kind: &str) -> Case {
    let objects = report.posture.as_ref().and_then(|posture| posture.objects.get(kind));
    let objects = count(objects.copied().unwrap_or_default(), "object");
    Case {
        class: excerpt(kind, LINE).into_owned(),
        name: format!("no finding in {objects}"),
        outcome: Outcome::Passed,
    }
}

/// What it is and what to do, in one line.
fn message(row: Row<'_>) -> String {
    let title = match row.title() {
        "" => row.rule(),
        title => title,
    };
    let exploited = if row.detail.exploited.is_some() { ". Known to be exploited" } else { "" };
    let fix = words::fix_sentence(row.detail);
    format!("{}. {}{exploited}", excerpt(title, LINE), excerpt(&fix, LINE))
}

/// Everything that one needs to judge it.
fn lines(row: Row<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("package: {}", row.purl()),
        format!("severity: {}", row.rating()),
        format!("fix: {}", words::fix(row.detail)),
    ];
    let place = row.place();
    if !place.is_empty() {
        lines.push(format!("file: {place}"));
    }
    lines.extend(row.layer().map(|layer| format!("layer: {layer}")));
    lines.extend(row.exploitation());
    lines.extend(row.evidence().map(|(kind, text)| format!("{kind}: {text}")));
    lines.extend(crate::links::of(row.rule()));
    lines
}

fn nothing_found(report: &Report, package_type: Option<PackageType>) -> Case {
    let packages = report.inventory.packages.iter();
    let packages = packages.filter(|package| Some(package.package_type) == package_type).count();
    Case {
        class: package_type.map_or("package", PackageType::name).to_owned(),
        name: format!("no finding in {}", count(packages as u64, "package")),
        outcome: Outcome::Passed,
    }
}

fn not_assessed(report: &Report) -> Vec<Case> {
    let case = |part: &bulkhead_model::NotAssessed| Case {
        class: "not assessed".to_owned(),
        name: excerpt(&gaps::describe(part, report), LINE).into_owned(),
        outcome: Outcome::Error {
            message: "that nothing was found in this means nothing".to_owned(),
            hint: part.hint.clone().unwrap_or_default(),
        },
    };
    report.not_assessed.iter().map(case).collect()
}

fn releases(report: &Report) -> Vec<Case> {
    let case = |release: &bulkhead_model::EndOfLife| Case {
        class: "support of releases".to_owned(),
        name: excerpt(&release.scope.to_string(), LINE).into_owned(),
        outcome: if release.ended {
            Outcome::Failed {
                kind: "end-of-life",
                message: words::end_of_life(release),
                lines: Vec::new(),
            }
        } else {
            Outcome::Passed
        },
    };
    report.end_of_life.iter().map(case).collect()
}
