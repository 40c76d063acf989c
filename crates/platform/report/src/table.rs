//! The report for people: summary first, then what was not assessed, the findings by package, what
//! was broken, and where the knowledge comes from.

mod controls;
mod findings;
pub(crate) mod gaps;
mod groups;
pub(crate) mod layers;
mod packages;
pub(crate) mod sources;
pub(crate) mod summary;
mod suppressed;

use std::io::Write;

use bulkhead_model::{Posture, Report};

use crate::ReportError;
use crate::listed::Listed;
use crate::streamed::{Findings, Tally};
use crate::style::Style;
use crate::text::{columns, wrap};

/// The whole table with a final line break.
pub(crate) fn render(report: &Report, listed: Listed, style: Style) -> String {
    let mut page = Page::new(style);
    summary::heading(report, &mut page);
    let tally = Tally::of(&report.findings);
    if let Some(posture) = &report.posture {
        above(report, &tally, &mut page);
        controls::write_objects(report, &report.findings, &tally, &mut page);
        below(report, posture, &tally, listed, &mut page);
        return page.text;
    }
    // Without a database nobody asked for findings: a bill of materials.
    if report.databases.is_empty() && report.findings.is_empty() {
        gaps::not_assessed(report, &mut page);
        packages::list(report, &mut page);
        gaps::problems(report, &mut page);
        return page.text;
    }
    summary::ended(report, &mut page);
    summary::counts(report, &tally, &mut page);
    gaps::not_assessed(report, &mut page);
    findings::list(report, &mut page);
    if listed == Listed::Suppressed {
        suppressed::list(report, &mut page);
    }
    suppressed::unused(report, &mut page);
    gaps::problems(report, &mut page);
    sources::databases(report, &mut page);
    summary::closing(report, &tally, &mut page);
    page.text
}

/// The table of objects whose findings are not in the report, written as it comes.
pub(crate) fn stream(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    listed: Listed,
    style: Style,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut page = Page::new(style);
    summary::heading(report, &mut page);
    above(report, tally, &mut page);
    findings.by_object(&mut |findings| {
        controls::write_objects(report, findings, tally, &mut page);
        out.write_all(page.text.as_bytes())?;
        page.text.clear();
        Ok(())
    })?;
    if let Some(posture) = &report.posture {
        below(report, posture, tally, listed, &mut page);
    }
    Ok(out.write_all(page.text.as_bytes())?)
}

/// What stands above the findings of objects.
fn above(report: &Report, tally: &Tally, page: &mut Page) {
    summary::counts(report, tally, page);
    gaps::not_assessed(report, page);
}

/// What stands below them.
fn below(report: &Report, posture: &Posture, tally: &Tally, listed: Listed, page: &mut Page) {
    if listed == Listed::Suppressed {
        controls::not_checkable(report, posture, page);
        suppressed::list(report, page);
    }
    suppressed::unused(report, page);
    gaps::problems(report, page);
    summary::closing(report, tally, page);
}

/// The text so far, and how it is laid out.
pub(crate) struct Page {
    pub(crate) style: Style,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A section's title after an empty line.
    pub(crate) fn title(&mut self, title: &str) {
        let title = self.style.strong(title);
        self.line("");
        self.line(&title);
    }

    /// A paragraph behind a mark: the lines that follow stand under its text. The mark may be
    /// painted, `columns` is what it takes on the screen.
    pub(crate) fn item(&mut self, mark: &str, mark_columns: usize, paragraph: &str) {
        let width = self.style.width.saturating_sub(mark_columns).max(20);
        let mut mark = mark.to_owned();
        for line in wrap(paragraph.split_whitespace(), width) {
            self.line(&format!("{mark}{line}"));
            mark = " ".repeat(mark_columns);
        }
    }

    /// Pieces between ` · ` in as many lines as they need.
    pub(crate) fn flow(&mut self, indent: &str, pieces: &[Piece]) {
        let width = self.style.width;
        let mut line = indent.to_owned();
        let mut used = columns(indent);
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 && used + 3 + piece.columns > width {
                self.line(&line);
                indent.clone_into(&mut line);
                used = columns(indent);
            } else if index > 0 {
                line.push_str(" · ");
                used += 3;
            }
            line.push_str(&piece.painted);
            used += piece.columns;
        }
        if !pieces.is_empty() {
            self.line(&line);
        }
    }

    /// As [`Page::item`] with a mark that is not painted.
    pub(crate) fn plain_item(&mut self, mark: &str, paragraph: &str) {
        self.item(mark, columns(mark), paragraph);
    }
}

/// A text that may be painted: escape sequences take no columns, so those are kept beside it.
pub(crate) struct Piece {
    painted: String,
    columns: usize,
}

impl Piece {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::painted(text, str::to_owned)
    }

    pub(crate) fn painted(text: impl Into<String>, paint: impl FnOnce(&str) -> String) -> Self {
        let text = text.into();
        Self { painted: paint(&text), columns: columns(&text) }
    }
}
