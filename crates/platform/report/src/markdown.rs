//! Markdown for a comment on a pull request, in GitHub's flavour and within its size.
//!
//! What matters stands first, so that what a reader misses when something has to be cut is the end of
//! the list of findings, and that is said.

mod text;

use std::fmt::Write as _;
use std::io;

use bulkhead_model::{Finding, Report, Severity};

use text::code;
pub(crate) use text::text;

use crate::ReportError;
use crate::control::ControlRow;
use crate::links;
use crate::row::Row;
use crate::streamed::{Findings, Tally, first};
use crate::table::summary::{self, Remarks};
use crate::table::{gaps, sources};
use crate::text::count;
use crate::words;

/// The bytes of a document: GitHub takes comments of 65,536 characters.
pub(crate) const LONGEST: usize = 65_536;

/// Findings that stand open; the others are folded.
const OPEN: u64 = 10;
/// Entries of the lists beside the findings.
const SHOWN: usize = 10;
/// Characters of a name in a cell.
const NAME: usize = 100;
/// Characters of a sentence.
const SENTENCE: usize = 300;

/// One document of all reports, which are those of an image's platforms.
pub(crate) fn write_all(reports: &[Report]) -> String {
    // Each report has its share, and uses what those before it left.
    let mut document = String::new();
    for (index, report) in reports.iter().enumerate() {
        let left = reports.len().saturating_sub(index).max(1);
        let share = LONGEST.saturating_sub(document.len()) / left;
        if index > 0 {
            document.push_str("\n---\n\n");
        }
        let shown = (report.findings.as_slice(), &Tally::of(&report.findings));
        document.push_str(&one(report, shown, share.saturating_sub(8)));
    }
    document
}

/// The document of one report, which holds no findings itself.
pub(crate) fn stream(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    // No row is shorter than that.
    let shown = first(findings, LONGEST / "| low | | | | |".len())?;
    let page = one(report, (shown.as_slice(), tally), LONGEST.saturating_sub(8));
    Ok(out.write_all(page.as_bytes())?)
}

/// One report in at most so many bytes; its head is always whole. Of its findings, the first that there can be
/// room for.
fn one(report: &Report, (shown, tally): (&[Finding], &Tally), size: usize) -> String {
    let mut head = String::new();
    title(report, tally, &mut head);
    not_assessed(report, &mut head);
    end_of_life(report, &mut head);
    let mut tail = String::new();
    problems(report, &mut tail);
    advisories(report, &mut tail);
    let taken = head.len().saturating_add(tail.len());
    let list = match report.posture {
        Some(_) => objects(report, (shown, tally), size.saturating_sub(taken)),
        None => findings(report, size.saturating_sub(taken)),
    };
    format!("{head}{list}{tail}")
}

fn title(report: &Report, tally: &Tally, page: &mut String) {
    let target = &report.target;
    let platform = target.image.as_ref().map(|image| image.platform.as_str());
    let platform = platform.filter(|it| !it.is_empty()).map(|it| format!(" · {}", code(it, NAME)));
    line(page, &format!("## {}{}", code(&target.name, NAME), platform.unwrap_or_default()));
    line(page, "");
    let total = count(tally.total(), "finding");
    let counts: Vec<String> = Severity::DESCENDING
        .into_iter()
        .map(|severity| (severity, tally.of_severity(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    line(page, &format!("**{total}**{counts}"));
    line(page, "");
    let system = report.inventory.operating_system.as_ref();
    let system = system.map_or("no operating system", |system| &system.pretty_name);
    let mut facts = match &report.posture {
        Some(posture) => summary::judged(posture).iter().map(|it| text(it, SENTENCE)).collect(),
        None => vec![text(system, NAME), text(&summary::package_counts(report), SENTENCE)],
    };
    facts.extend(remarks(report));
    line(page, &facts.join(" · "));
    if !report.outcome.gates.is_empty() {
        line(page, "");
        let gates = text(&report.outcome.gates.join(", "), SENTENCE);
        line(page, &format!("**Gate hit:** {gates}"));
    }
}

fn remarks(report: &Report) -> Vec<String> {
    let Remarks { fixable, exploited, unconfirmed } = Remarks::of(report);
    let mut remarks = Vec::new();
    let of_packages = report.findings.iter().filter(|it| it.vulnerability().is_some()).count();
    match (of_packages, fixable) {
        (0, _) => {}
        (_, 0) => remarks.push("none has a fix".to_owned()),
        (_, 1) => remarks.push("1 has a fix".to_owned()),
        (_, count) => remarks.push(format!("{count} have a fix")),
    }
    let others = [
        (exploited as u64, "known to be exploited"),
        (unconfirmed as u64, "unconfirmed"),
        (report.suppressed.len() as u64, "suppressed"),
        (report.filtered, "not shown (filters)"),
    ];
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    remarks.extend(others.map(|(number, what)| format!("{number} {what}")));
    remarks
}

/// The parts that were not assessed, as an alert that the findings cannot hide.
fn not_assessed(report: &Report, page: &mut String) {
    if report.not_assessed.is_empty() {
        return;
    }
    line(page, "");
    line(page, "> [!WARNING]");
    line(page, "> **Not assessed**: that nothing was found in these means nothing.");
    line(page, ">");
    let items = report.not_assessed.iter().map(|part| {
        let hint = part.hint.as_deref().map(|hint| format!(" → {hint}")).unwrap_or_default();
        format!("{}{hint}", gaps::describe(part, report))
    });
    list("> ", items, page);
}

fn end_of_life(report: &Report, page: &mut String) {
    if report.end_of_life.is_empty() {
        return;
    }
    line(page, "");
    list("", report.end_of_life.iter().map(words::end_of_life), page);
}

/// The findings of packages.
fn findings(report: &Report, size: usize) -> String {
    const HEADER: &str = "\n| Severity | Vulnerability | Package | Installed | Fixed in | |\n\
                          |---|---|---|---|---|---|\n";
    rows(HEADER, report.findings.len() as u64, Row::open(report).map(cells), size)
}

/// The findings of objects.
fn objects(report: &Report, (shown, tally): (&[Finding], &Tally), size: usize) -> String {
    const HEADER: &str = "\n| Severity | Control | Object | Place | |\n|---|---|---|---|---|\n";
    let cells = ControlRow::all(report, shown).map(cells_of_control);
    rows(HEADER, tally.total(), cells, size)
}

/// As many lines of a table as there is room for: the first in the open, the others folded.
fn rows(header: &str, total: u64, cells: impl Iterator<Item = String>, size: usize) -> String {
    /// What a closing sentence and the tags of the fold may take.
    const RESERVE: usize = 400;
    let mut page = String::new();
    if total == 0 {
        return page;
    }
    page.push_str(header);
    let mut shown = 0_u64;
    let room = size.saturating_sub(RESERVE);
    for cells in cells {
        let fold = if shown == OPEN { header.len() } else { 0 };
        if page.len().saturating_add(cells.len()).saturating_add(fold) > room {
            break;
        }
        if shown == OPEN {
            let rest = total.saturating_sub(OPEN);
            let _ = write!(page, "\n<details>\n<summary>{rest} more</summary>\n{header}");
        }
        page.push_str(&cells);
        shown = shown.saturating_add(1);
    }
    if shown > OPEN {
        page.push_str("\n</details>\n");
    }
    let cut = total.saturating_sub(shown);
    if cut > 0 {
        let what = count(cut, "finding");
        let _ = write!(
            page,
            "\n**{what} left out here**: a comment holds {LONGEST} characters. The report has them \
             all (`-o html=FILE`, `-o json=FILE`).\n"
        );
    }
    page
}

fn cells_of_control(row: ControlRow<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} · {} |\n",
        row.severity(),
        text(row.rule(), NAME),
        code(&row.object(), NAME),
        code(&row.file(), NAME),
        text(row.title(), NAME),
        code(&row.said(), SENTENCE),
    )
}

fn cells(row: Row<'_>) -> String {
    let rule = match links::of(row.rule()) {
        Some(address) => format!("[{}]({address})", text(row.rule(), NAME)),
        None => text(row.rule(), NAME),
    };
    let mut notes = Vec::new();
    if row.detail.exploited.is_some() {
        notes.push("**exploited**".to_owned());
    }
    if row.is_unconfirmed() {
        notes.push("unconfirmed".to_owned());
    }
    if !row.title().is_empty() {
        notes.push(text(row.title(), NAME));
    }
    let fix =
        if row.is_fixed() { code(&words::fix(row.detail), NAME) } else { words::fix(row.detail) };
    format!(
        "| {} | {rule} | {} | {} | {fix} | {} |\n",
        row.severity(),
        code(row.name(), NAME),
        code(row.version(), NAME),
        notes.join(" · "),
    )
}

fn problems(report: &Report, page: &mut String) {
    if report.problems.is_empty() {
        return;
    }
    fold(&count(report.problems.len() as u64, "problem"), page, |page| {
        list("", report.problems.iter().map(gaps::describe_problem), page);
    });
}

/// The feeds that speak about the target, with their dates.
fn advisories(report: &Report, page: &mut String) {
    if report.databases.is_empty() {
        return;
    }
    let scopes = sources::scopes(report);
    let feeds = report.databases.iter().flat_map(|database| &database.feeds);
    let feeds = feeds.filter(|feed| sources::speaks_about(feed, &scopes)).map(|feed| {
        let date = feed.date.as_deref().unwrap_or("undated");
        let old = if feed.outdated { " (old)" } else { "" };
        format!("{} {date}{old}", feed.id)
    });
    fold("Advisories", page, |page| list("", feeds, page));
}

/// A part that opens with a click.
fn fold(summary: &str, page: &mut String, content: impl FnOnce(&mut String)) {
    line(page, "");
    line(page, "<details>");
    line(page, &format!("<summary>{summary}</summary>"));
    line(page, "");
    content(page);
    line(page, "");
    line(page, "</details>");
}

/// The first sentences of many, and how many there are beside.
fn list(indent: &str, items: impl Iterator<Item = String>, page: &mut String) {
    let mut rest = 0;
    for (index, item) in items.enumerate() {
        if index < SHOWN {
            line(page, &format!("{indent}- {}", text(&item, SENTENCE)));
        } else {
            rest += 1;
        }
    }
    if rest > 0 {
        line(page, &format!("{indent}- and {rest} more"));
    }
}

fn line(page: &mut String, line: &str) {
    page.push_str(line);
    page.push('\n');
}
