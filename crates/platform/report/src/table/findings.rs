//! The findings, package by package.

use std::collections::BTreeMap;

use bulkhead_model::{Confidence, FixState, PackageType, Report, Severity};

use super::groups::{self, Group, Row};
use super::{Page, layers};
use crate::text::{columns, count, cut, cut_start, pad, printable, wrap_with};
use crate::words::fix;

/// Locations of a package that are shown one by one.
const SHOWN_LOCATIONS: usize = 3;
/// From so many minor findings of one class on, they share lines.
const CONDENSED: usize = 3;
/// The longest severity.
const SEVERITY_COLUMNS: usize = 10;
/// What stands before a row.
const INDENT: &str = "    ";

/// All findings that passed the filters.
pub(super) fn list(report: &Report, page: &mut Page) {
    let groups = groups::of(report);
    if groups.is_empty() {
        return;
    }
    let columns = Columns::of(&groups, page.style.width);
    page.line("");
    let header = format!(
        "{INDENT}{}  {}  {}  NOTES",
        pad("SEVERITY", SEVERITY_COLUMNS),
        pad("ID", columns.id),
        pad("FIXED IN", columns.fix)
    );
    let header = page.style.faint(&header);
    page.line(&header);
    for group in &groups {
        heading(group, report, page);
        let (minor, others): (Vec<Row<'_>>, Vec<Row<'_>>) =
            group.rows.iter().copied().partition(Row::is_minor);
        for row in &others {
            line(*row, &columns, page);
        }
        condensed(&minor, &columns, page);
    }
}

/// The width of the columns, the same for all groups.
struct Columns {
    id: usize,
    fix: usize,
    notes: usize,
}

impl Columns {
    fn of(groups: &[Group<'_>], width: usize) -> Self {
        let rows = || groups.iter().flat_map(|group| &group.rows);
        let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or(0);
        let id = widest(&mut rows().map(|row| columns(&printable(&row.finding.rule)))).max(2);
        let fix = widest(&mut rows().map(|row| columns(&fix(row.detail)))).max(8);
        let before = INDENT.len() + SEVERITY_COLUMNS + 2 + id + 2;
        // At least a third of what is left is kept for the notes.
        let left = width.saturating_sub(before + 2);
        let fix = fix.min((left * 2 / 3).max(12));
        Self { id, fix, notes: left.saturating_sub(fix) }
    }
}

fn heading(group: &Group<'_>, report: &Report, page: &mut Page) {
    let style = page.style;
    let kind = group.package_type.map(PackageType::name).unwrap_or_default();
    let source = match group.source {
        Some(source) => format!("source {}", printable(source)),
        None => String::new(),
    };
    let about: Vec<&str> = [kind, &source].into_iter().filter(|text| !text.is_empty()).collect();
    let about = about.join(", ");
    page.line("");
    let version = printable(group.version);
    let taken = columns(&version) + columns(&about) + 3;
    let names: Vec<_> = group.names.iter().map(|name| printable(name)).collect();
    let names = shortened(&names, page.style.width.saturating_sub(taken));
    page.line(&format!("{} {version}  {}", style.strong(&names), style.faint(&about)));

    // What a document or package URL names may have no place.
    let places = || group.locations.iter().filter(|place| !place.path.as_bytes().is_empty());
    for location in places().take(SHOWN_LOCATIONS) {
        let path = printable(&location.to_string()).into_owned();
        let layer = location.layer.as_ref().map(|layer| layers::describe(layer, report));
        let width = style.width.saturating_sub(2);
        let line = match layer {
            Some(layer) => {
                let path = cut_start(&path, width.saturating_sub(20).max(20));
                let rest = width.saturating_sub(columns(&path) + 3);
                format!("{path} · {}", cut(&layer, rest))
            }
            None => cut_start(&path, width),
        };
        page.line(&format!("  {}", style.faint(&line)));
    }
    let rest = places().count().saturating_sub(SHOWN_LOCATIONS);
    if rest > 0 {
        page.line(&format!(
            "  {}",
            style.faint(&format!("and {}", count(rest as u64, "more place")))
        ));
    }
}

/// As many names as fit, at least one.
fn shortened(names: &[std::borrow::Cow<'_, str>], width: usize) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let rest = format!(" and {} more", names.len() - index);
        if index > 0 && columns(&text) + 2 + columns(name) + columns(&rest) > width {
            return text + &rest;
        }
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}

fn line(row: Row<'_>, columns_of: &Columns, page: &mut Page) {
    let style = page.style;
    let severity = row.finding.rating.severity;
    let fix_text = pad(&cut(&fix(row.detail), columns_of.fix), columns_of.fix);
    let fix_text =
        if row.detail.state == FixState::Fixed { style.good(&fix_text) } else { fix_text };
    page.line(&format!(
        "{INDENT}{}  {}  {fix_text}  {}",
        style.severity(severity, &pad(severity.name(), SEVERITY_COLUMNS)),
        pad(&printable(&row.finding.rule), columns_of.id),
        notes(row, columns_of.notes, page),
    ));
}

/// What the columns do not say: exploited, unconfirmed, and the title while there is room.
fn notes(row: Row<'_>, width: usize, page: &Page) -> String {
    let style = page.style;
    let mut parts = Vec::new();
    let mut used = 0;
    if row.detail.exploited.is_some() {
        parts.push(style.alarm("exploited"));
        used += "exploited".len() + 2;
    }
    if row.detail.confidence == Confidence::Unconfirmed {
        parts.push(style.warning("unconfirmed"));
        used += "unconfirmed".len() + 2;
    }
    let rest = width.saturating_sub(used);
    if let Some(title) = row.detail.title.as_deref().filter(|_| rest >= 12) {
        parts.push(style.faint(&cut(&printable(title), rest)));
    }
    parts.join("  ")
}

/// Findings of one severity and state without a fix, by their ids alone where they are many.
fn condensed(rows: &[Row<'_>], columns_of: &Columns, page: &mut Page) {
    let mut classes: BTreeMap<(std::cmp::Reverse<Severity>, FixState), Vec<Row<'_>>> =
        BTreeMap::new();
    for row in rows {
        let class = (std::cmp::Reverse(row.finding.rating.severity), row.detail.state);
        classes.entry(class).or_default().push(*row);
    }
    for ((severity, state), rows) in classes {
        if rows.len() < CONDENSED {
            for row in rows {
                line(row, columns_of, page);
            }
            continue;
        }
        let mark = page.style.severity(severity.0, &pad(severity.0.name(), SEVERITY_COLUMNS));
        page.line(&format!("{INDENT}{mark}  {} {}", rows.len(), without_fix(state)));
        let indent = " ".repeat(INDENT.len() + SEVERITY_COLUMNS + 2);
        let width = page.style.width.saturating_sub(indent.len());
        let ids: Vec<_> = rows.iter().map(|row| printable(&row.finding.rule)).collect();
        for line in wrap_with(ids.iter().map(AsRef::as_ref), "  ", width) {
            page.line(&format!("{indent}{line}"));
        }
    }
}

const fn without_fix(state: FixState) -> &'static str {
    match state {
        FixState::WillNotFix => "that will not be fixed",
        FixState::UnderInvestigation => "under investigation",
        FixState::NotAffected => "not affected",
        FixState::Fixed | FixState::Affected => "without a fix",
    }
}
