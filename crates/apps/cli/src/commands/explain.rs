//! `bulkhead explain`.

use bulkhead_advisories::{Database, Knowledge};
use bulkhead_model::Report;
use bulkhead_report::{explain, json};

use super::{answers, databases, survey};
use crate::arguments::Explain;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &Explain, terminal: Terminal) -> Result<u8, Failure> {
    let mut reports = match &arguments.report {
        Some(file) => json::read(&fs_err::read(file)?)?,
        None => Vec::new(),
    };
    let testimony = answers::read(&arguments.answers)?;
    let now = survey::now().to_string();
    for report in &mut reports {
        bulkhead_scan::answer(report, &testimony, &now);
    }
    let opened = databases::open(&arguments.databases)?;
    let id = spelling(&arguments.id, &reports, &opened.databases);
    opened.warn(terminal, survey::now());
    let knowledge: Result<Vec<Knowledge>, _> =
        opened.databases.iter().map(|database| database.search(&id)).collect();
    let knowledge = knowledge?;
    let style = terminal.style();
    let texts: Vec<String> = match reports.as_slice() {
        [] => vec![explain::vulnerability(&id, &knowledge, style)],
        reports => {
            reports.iter().map(|report| explain::finding(report, &id, &knowledge, style)).collect()
        }
    };
    output::standard(&texts.join("\n"))?;
    Ok(0)
}

/// The id as it was written where somebody knows it so, as `openSUSE-SU-2024:1-1` and the paths of
/// GitLab's records; else in the usual letters.
fn spelling(id: &str, reports: &[Report], databases: &[Database]) -> String {
    let written = id.trim();
    let in_report = |report: &Report| {
        report.findings.iter().chain(&report.overruled).any(|finding| finding.rule == written)
    };
    let in_database = |database: &Database| {
        database.search(written).is_ok_and(|known| !known.advisories.is_empty())
    };
    if reports.iter().any(in_report) || databases.iter().any(in_database) {
        written.to_owned()
    } else {
        canonical(written)
    }
}

/// The id as publishers write it: capitals, but for the letters after `GHSA-`.
pub(super) fn canonical(id: &str) -> String {
    let id = id.trim();
    match id.split_at_checked(5) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("GHSA-") => {
            format!("GHSA-{}", rest.to_ascii_lowercase())
        }
        _ => id.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_any_case() {
        for (id, canonical_id) in [
            ("cve-2021-44228", "CVE-2021-44228"),
            ("ghsa-JFH8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q"),
            (" go-2021-0052", "GO-2021-0052"),
        ] {
            assert_eq!(canonical(id), canonical_id);
        }
    }
}
