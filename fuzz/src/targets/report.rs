//! Reports that are read back, and shown.

use bulkhead_report::{Format, Style, explain, json, render};

use crate::Target;

pub(super) const TARGETS: &[Target] =
    &[Target { name: "report", run: read_report, seeds: reports, data: &[] }];

/// Reads a report and shows it in every form; nothing that a terminal acts upon may pass. Succeeds
/// where it is a report.
fn read_report(bytes: &[u8]) -> bool {
    let Ok(reports) = json::read(bytes) else { return false };
    let style = Style { width: 80, colour: false };
    for report in &reports {
        let mut texts = vec![explain::finding(report, "CVE-2021-44228", &[], style)];
        texts.extend(render(report, Format::Table, style));
        for text in texts {
            let control = text.chars().find(|letter| letter.is_control() && *letter != '\n');
            assert_eq!(control, None, "{text:?}");
        }
        let _ = render(report, Format::CycloneDx, style);
    }
    !reports.is_empty()
}

fn reports() -> Vec<Vec<u8>> {
    let example = include_bytes!("../../../content/schemas/examples/report-1.json");
    let newer = br#"{"schema_version": "2.0"}"#;
    vec![example.to_vec(), newer.to_vec(), b"[]".to_vec(), b"{".to_vec()]
}
