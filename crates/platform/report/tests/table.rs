//! The table as people see it, and what must never reach a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_model::{Detail, EndOfLife, Location, Report, Severity, Subject};
use bulkhead_report::{Format, Style, json, render};

fn example() -> Report {
    let path = bulkhead_testing::repository().join("content/schemas/examples/report-1.json");
    json::read(&fs_err::read(path).unwrap()).unwrap().remove(0)
}

fn table(report: &Report, style: Style) -> String {
    render(report, Format::Table, style).unwrap()
}

#[test]
fn golden_at_every_width() {
    for width in [80, 120, 200] {
        let text = table(&example(), Style { width, colour: false });
        insta::assert_snapshot!(format!("table-{width}"), text);
    }
}

#[test]
fn colour_adds_nothing_but_escape_sequences() {
    let plain = table(&example(), Style { width: 80, colour: false });
    let coloured = table(&example(), Style { width: 80, colour: true });
    assert_ne!(plain, coloured);
    insta::assert_snapshot!(
        "table-80-colour",
        coloured.escape_debug().to_string().replace("\\n", "\n")
    );
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    // Trailing spaces are trimmed from plain lines alone.
    let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
}

#[test]
fn no_line_is_wider_than_the_terminal_and_no_id_is_broken() {
    let report = example();
    for width in [80, 100, 160, 200] {
        let text = table(&report, Style { width, colour: false });
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        for finding in &report.findings {
            assert!(text.contains(&finding.rule), "{width}: {}", finding.rule);
        }
    }
}

#[test]
fn a_narrow_terminal_still_gets_whole_ids() {
    let report = example();
    let text = table(&report, Style { width: 20, colour: false });
    for finding in &report.findings {
        assert!(text.contains(&finding.rule), "{}", finding.rule);
    }
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    const HOSTILE: &str = "\x1b]0;owned\x07\x1b[2J\u{202e}evil\r\n\u{9b}31m\u{200b}";
    let mut report = example();
    let hostile = || HOSTILE.to_owned();
    report.target.name = hostile();
    report.outcome.gates.push(hostile());
    let image = report.target.image.as_mut().unwrap();
    image.tags.push(hostile());
    image.platform = hostile();
    for layer in &mut image.layers {
        layer.created_by = Some(hostile());
    }
    report.databases[0].name = hostile();
    report.databases[0].feeds[0].id = hostile();
    report.databases[0].feeds[0].date = Some(hostile());
    report.databases[0].feeds[0].silent_about = vec![hostile()];
    report.inventory.operating_system.as_mut().unwrap().pretty_name = hostile();
    for package in &mut report.inventory.packages {
        package.name = hostile();
        package.source =
            Some(bulkhead_model::SourcePackage { name: hostile(), version: hostile() });
    }
    for problem in &mut report.problems {
        problem.message = hostile();
        problem.location = Some(Location::of(HOSTILE));
    }
    for part in &mut report.not_assessed {
        part.hint = Some(hostile());
    }
    for finding in &mut report.findings {
        finding.rule = hostile();
        finding.location = Location::of(HOSTILE);
        let Subject::Package { name, version, purl } = &mut finding.subject else {
            panic!("no vulnerability of a package")
        };
        (*name, *version, *purl) = (hostile(), hostile(), hostile());
        let Detail::Vulnerability(detail) = &mut finding.detail else {
            panic!("no vulnerability of a package")
        };
        detail.title = Some(hostile());
        detail.fixed_versions = vec![hostile()];
    }
    let style = Style { width: 200, colour: false };
    let mut bill = report.clone();
    bill.findings.clear();
    bill.databases.clear();
    for text in [
        table(&report, style),
        table(&bill, style),
        bulkhead_report::explain::finding(&report, HOSTILE, &[], style),
        bulkhead_report::explain::vulnerability(HOSTILE, &[], style),
    ] {
        let bad = text
            .chars()
            .find(|it| (it.is_control() && *it != '\n') || "\u{202e}\u{200b}".contains(*it));
        assert_eq!(bad, None, "{text}");
    }
}

#[test]
fn a_bill_of_materials_lists_packages() {
    let mut report = example();
    report.findings.clear();
    report.databases.clear();
    let text = table(&report, Style { width: 80, colour: false });
    for package in &report.inventory.packages {
        assert!(text.contains(&package.name), "{}", package.name);
    }
    insta::assert_snapshot!("packages-80", text);
}

#[test]
fn nothing_found_is_said_so() {
    let mut report = example();
    report.findings.clear();
    report.outcome.gates.clear();
    let text = table(&report, Style { width: 80, colour: false });
    assert!(text.contains("0 findings"), "{text}");
    assert!(text.contains("NOT ASSESSED"), "{text}");
}

#[test]
fn severities_are_counted_with_the_unknown_ones() {
    let text = table(&example(), Style { width: 80, colour: false });
    for severity in Severity::DESCENDING {
        let count = example().findings.iter().filter(|it| it.rating.severity == severity).count();
        assert!(text.contains(&format!("{count} {severity}")), "{severity}");
    }
}

#[test]
fn the_end_of_support_is_a_fact_until_it_is_a_warning() {
    let mut report = example();
    let end = EndOfLife {
        scope: "debian:12".parse().unwrap(),
        day: "2026-06-10".to_owned(),
        source: "endoflife-date".to_owned(),
        ended: false,
    };
    report.end_of_life = vec![end.clone()];
    let style = Style { width: 80, colour: false };
    let text = table(&report, style);
    assert!(text.contains(" · supported until 2026-06-10"), "{text}");
    report.end_of_life = vec![EndOfLife { ended: true, ..end }];
    let text = table(&report, style);
    let warning = text.find("END OF LIFE  the support of debian:12 ended on 2026-06-10");
    assert!(warning < text.find(" findings · ") && warning.is_some(), "{text}");
}
