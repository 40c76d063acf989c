//! The XML of `JUnit`, for pipelines that show tests: every finding is a test that fails.
//!
//! A suite for each type of package, as users of other scanners know it; one for what was not
//! assessed, whose tests end in errors, and one for releases whose support has ended. Valid by the
//! schema that Jenkins has published for the format, which has no other definition.

use std::collections::BTreeMap;

use askama::Template;
use bulkhead_model::{PackageType, Report};

use crate::ReportError;
use crate::control::ControlRow;
use crate::row::Row;
use crate::table::gaps;
use crate::text::{count, excerpt};
use crate::words;

/// Characters of a name or a message, which viewers show in one line.
const LINE: usize = 300;

/// One document with the suites of all reports, which are those of an image's platforms.
pub(crate) fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    let suites: Vec<Suite> =
        reports.iter().flat_map(|report| suites(report, reports.len() > 1)).collect();
    let counts = Counts::of(suites.iter().flat_map(|suite| &suite.cases));
    Ok(Document { suites, counts }.render()? + "\n")
}

#[derive(Template)]
#[template(path = "junit.xml")]
struct Document {
    suites: Vec<Suite>,
    counts: Counts,
}

struct Suite {
    name: String,
    /// Without a zone; empty where it is unknown.
    timestamp: String,
    cases: Vec<Case>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Failed { .. } => counts.failures += 1,
                Outcome::Error { .. } => counts.errors += 1,
            }
        }
        counts
    }
}

struct Case {
    /// What it is about: the package.
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// A finding that something answers.
    Skipped(String),
    /// A finding.
    Failed {
        kind: &'static str,
        message: String,
        lines: Vec<String>,
    },
    /// What could not be assessed.
    Error {
        message: String,
        hint: String,
    },
}

fn suites(report: &Report, several: bool) -> Vec<Suite> {
    let mut of_types: BTreeMap<Option<PackageType>, Vec<Case>> = BTreeMap::new();
    for package in &report.inventory.packages {
        of_types.entry(Some(package.package_type)).or_default();
    }
    for row in Row::open(report).chain(Row::suppressed(report)) {
        of_types.entry(row.package_type()).or_default().push(finding(row));
    }
    let mut of_kinds: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for kind in report.posture.iter().flat_map(|posture| posture.objects.keys()) {
        of_kinds.entry(kind).or_default();
    }
    for row in ControlRow::open(report).chain(ControlRow::suppressed(report)) {
        of_kinds.entry(row.kind()).or_default().push(failure(row));
    }
    let platform = report.target.image.as_ref().map(|image| image.platform.as_str());
    let platform = platform.filter(|_| several).map(|it| format!(" {it}")).unwrap_or_default();
    let suite = |what: &str, cases: Vec<Case>| Suite {
        name: excerpt(&format!("{}{platform}: {what}", report.target.name), LINE).into_owned(),
        timestamp: timestamp(&report.created),
        counts: Counts::of(cases.iter()),
        cases,
    };
    let mut suites: Vec<Suite> = of_types
        .into_iter()
        .map(|(package_type, mut cases)| {
            if cases.is_empty() {
                cases.push(nothing_found(report, package_type));
            }
            suite(package_type.map_or("package", PackageType::name), cases)
        })
        .collect();
    suites.extend(of_kinds.into_iter().map(|(kind, mut cases)| {
        if cases.is_empty() {
            cases.push(nothing_against(report, kind));
        }
        suite(kind, cases)
    }));
    if !report.not_assessed.is_empty() {
        suites.push(suite("not assessed", not_assessed(report)));
    }
    if !report.end_of_life.is_empty() {
        suites.push(suite("support of releases", releases(report)));
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

/// What a control says against an object.
fn failure(row: ControlRow<'_>) -> Case {
    let severity = row.severity().name();
    let name = format!("[{}] {} {}", severity.to_uppercase(), row.rule(), row.detail.place);
    Case {
        class: excerpt(&row.object(), LINE).into_owned(),
        name: excerpt(name.trim_end(), LINE).into_owned(),
        outcome: match row.suppressed {
            Some(by) => Outcome::Skipped(words::suppression(by)),
            None => Outcome::Failed {
                kind: severity,
                message: format!("{}. {}", excerpt(row.title(), LINE), excerpt(&row.said(), LINE)),
                lines: lines_of_control(row),
            },
        },
    }
}

fn lines_of_control(row: ControlRow<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("object: {}", row.object()),
        format!("file: {}", row.file()),
        format!("severity: {}", row.severity()),
    ];
    if let Some(statement) = row.statement {
        lines.push(format!("why: {}", statement.why));
        lines.push(format!("risk: {}", statement.risk));
        lines.push(format!("fix: {}", statement.fix));
    }
    lines.extend(row.clauses());
    lines
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
