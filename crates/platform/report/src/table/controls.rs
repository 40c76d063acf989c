//! The findings of controls, object by object.

use std::collections::BTreeMap;

use bulkhead_model::{Finding, Posture, Report, Severity};

use super::Page;
use crate::control::ControlRow;
use crate::streamed::Tally;
use crate::text::{columns, count, pad, printable};

/// The longest severity.
const SEVERITY_COLUMNS: usize = 10;
/// What stands before a control.
const INDENT: &str = "  ";
/// Places of one control in one object that are shown one by one.
const SHOWN_PLACES: usize = 5;

/// One object with what controls have against it.
struct Group<'a> {
    object: String,
    file: String,
    /// By control, the worst first.
    controls: Vec<Vec<ControlRow<'a>>>,
}

impl Group<'_> {
    fn worst(&self) -> Severity {
        self.controls.iter().flatten().map(|row| row.severity()).max().unwrap_or_default()
    }
}

/// The findings of objects, the worst objects first.
pub(super) fn write_objects(report: &Report, findings: &[Finding], tally: &Tally, page: &mut Page) {
    for group in groups(ControlRow::all(report, findings)) {
        write(&group, width(tally), page);
    }
}

/// The longest name of a control.
fn width(tally: &Tally) -> usize {
    tally.rules.iter().map(|rule| columns(rule)).max().unwrap_or(0)
}

/// What could not be judged.
pub(super) fn not_checkable(report: &Report, posture: &Posture, page: &mut Page) {
    if !posture.not_checkable.is_empty() {
        page.title(&format!("Not checkable ({})", posture.not_checkable.len()));
    }
    for row in ControlRow::all(report, &posture.not_checkable) {
        let text = format!("{}  {}: {}", row.rule(), printable(&row.object()), row.said());
        page.plain_item("  ", &text);
    }
}

fn groups<'a>(rows: impl Iterator<Item = ControlRow<'a>>) -> Vec<Group<'a>> {
    let mut objects: BTreeMap<(String, String), BTreeMap<&str, Vec<ControlRow<'a>>>> =
        BTreeMap::new();
    for row in rows {
        let file = row.finding.location.path.to_string();
        let object = objects.entry((file, row.object())).or_default();
        object.entry(row.rule()).or_default().push(row);
    }
    let mut groups: Vec<Group<'a>> = objects
        .into_iter()
        .map(|((file, object), controls)| {
            let mut controls: Vec<Vec<ControlRow<'a>>> = controls.into_values().collect();
            controls.sort_by_key(|rows| std::cmp::Reverse(rows.first().map(|it| it.severity())));
            Group { object, file, controls }
        })
        .collect();
    // Stable: equal ones stay in the order of their files.
    groups.sort_by_key(|group| std::cmp::Reverse(group.worst()));
    groups
}

fn write(group: &Group<'_>, width: usize, page: &mut Page) {
    let style = page.style;
    page.line("");
    let (object, file) = (printable(&group.object), printable(&group.file));
    page.line(&format!("{}  {}", style.strong(&object), style.faint(&file)));
    for rows in &group.controls {
        let Some(first) = rows.first() else { continue };
        let severity = first.severity();
        page.line(&format!(
            "{INDENT}{}  {}  {}",
            style.severity(severity, &pad(severity.name(), SEVERITY_COLUMNS)),
            pad(&printable(first.rule()), width),
            style.faint(&printable(first.title())),
        ));
        let indent = " ".repeat(INDENT.len() + SEVERITY_COLUMNS + 2);
        for row in rows.iter().take(SHOWN_PLACES) {
            // The way to a field is never cut: people search for it.
            page.line(&format!("{indent}{}  {}", printable(&row.file()), row.said()));
        }
        let rest = rows.len().saturating_sub(SHOWN_PLACES);
        if rest > 0 {
            let more = format!("and {}", count(rest as u64, "more place"));
            page.line(&format!("{indent}{}", style.faint(&more)));
        }
    }
}
