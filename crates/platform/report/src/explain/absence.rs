//! Why there is no finding.

use bulkhead_advisories::{AffectedRow, Knowledge};
use bulkhead_model::{Finding, FixState, Package, PackageKey, PackageType, Report, Scope};

use super::chain::{compared, fact};
use crate::table::{Page, gaps};
use crate::text::printable;

/// How many packages of each kind of reason are listed.
const SHOWN: usize = 20;

/// The reasons, the decisive one first.
pub(super) fn reasons(
    report: &Report,
    overruled: &[&Finding],
    knowledge: &[Knowledge],
    page: &mut Page,
) {
    page.line("");
    let known = knowledge.iter().any(|known| !known.vulnerabilities.is_empty());
    if !overruled.is_empty() {
        page.plain_item(
            "  ",
            "The vendor of the package that owns the files overrules it, see above.",
        );
    } else if !known {
        page.plain_item("  ", "No database that was asked knows this id.");
    } else {
        let rows: Vec<_> = knowledge.iter().flat_map(|known| &known.affected).collect();
        compare(report, &rows, page);
    }
    gaps_of(report, page);
}

/// Every row about a package that the target has, and how that package compares.
fn compare(report: &Report, rows: &[&(PackageKey, AffectedRow)], page: &mut Page) {
    let mut outside = Vec::new();
    let mut inside = Vec::new();
    for (key, row) in rows {
        for (package, version) in installed(report, key) {
            let evidence = row.evidence(key, version);
            let applies = evidence.inside && row.state != FixState::NotAffected;
            let list = if applies { &mut inside } else { &mut outside };
            list.push((package, compared(&evidence)));
        }
    }
    if inside.is_empty() && outside.is_empty() {
        page.plain_item("  ", "The target has none of the packages that it is about:");
        let mut keys: Vec<String> = rows.iter().map(|(key, _)| key.to_string()).collect();
        keys.sort();
        keys.dedup();
        for key in keys.iter().take(SHOWN) {
            fact("package", &printable(key), page);
        }
        if keys.is_empty() {
            fact("package", "no feed names one", page);
        }
    } else if inside.is_empty() {
        page.plain_item("  ", "The installed versions are not affected:");
        list(&outside, page);
    } else if report.filtered > 0 {
        page.plain_item(
            "  ",
            "It matches, but the report leaves findings out by --severity or --only-fixed:",
        );
        list(&inside, page);
    } else {
        page.plain_item(
            "  ",
            "It matches by the database that was asked now, but not by that of the report: scan \
             again with this one.",
        );
        list(&inside, page);
    }
}

fn list(compared: &[(&Package, String)], page: &mut Page) {
    for (package, text) in compared.iter().take(SHOWN) {
        fact(&printable(&package.name), text, page);
    }
}

/// The packages that a row's key names, each with the version that counts: the source's where the
/// key names the source.
fn installed<'a>(
    report: &'a Report,
    key: &PackageKey,
) -> impl Iterator<Item = (&'a Package, &'a str)> {
    let system = report.inventory.operating_system.as_ref().and_then(|it| it.scope.as_ref());
    report.inventory.packages.iter().filter_map(move |package| {
        let scope = match package.package_type {
            PackageType::Language(ecosystem) => Scope::Language(ecosystem),
            _ => system?.clone(),
        };
        match &package.source {
            Some(source) if PackageKey::new(scope.clone(), &source.name) == *key => {
                Some((package, source.version.as_str()))
            }
            _ if PackageKey::new(scope, &package.name) == *key => {
                Some((package, package.version.as_str()))
            }
            _ => None,
        }
    })
}

/// The absence of a finding means nothing in what was not assessed.
fn gaps_of(report: &Report, page: &mut Page) {
    for part in &report.not_assessed {
        fact("not assessed", &gaps::describe(part, report), page);
    }
}
