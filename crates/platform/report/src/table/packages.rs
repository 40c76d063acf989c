//! The packages, where nobody asked for findings.

use bulkhead_model::{Package, Report};

use super::Page;
use crate::text::{columns, cut_start, pad, printable};

/// One line for each package: type, name, version, and the place while there is room.
pub(super) fn list(report: &Report, page: &mut Page) {
    page.line("");
    let rows: Vec<[String; 4]> = report.inventory.packages.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row.get(column).map_or(0, |cell| columns(cell))).max().unwrap_or(0)
    };
    let widths = [width(0), width(1).min(60), width(2).min(40)];
    let used: usize = widths.iter().sum::<usize>() + 6;
    let rest = page.style.width.saturating_sub(used);
    for [kind, name, version, place] in &rows {
        let [kind_width, name_width, version_width] = widths;
        let place = if rest >= 16 { cut_start(place, rest) } else { String::new() };
        page.line(&format!(
            "{}  {}  {}  {}",
            page.style.faint(&pad(kind, kind_width)),
            pad(name, name_width),
            pad(version, version_width),
            page.style.faint(&place),
        ));
    }
}

fn row(package: &Package) -> [String; 4] {
    let place = package.locations.first().map(ToString::to_string).unwrap_or_default();
    [
        package.package_type.name().to_owned(),
        printable(&package.name).into_owned(),
        printable(&package.version).into_owned(),
        printable(&place).into_owned(),
    ]
}
