//! No text of a target leaves its place: whatever it holds, each document stays well-formed, bounded
//! and of the same structure.

use std::collections::BTreeSet;

use bulkhead_model::{
    Digest, EndOfLife, Evidence, Finding, Location, NotAssessed, NotAssessedReason, Report, Scope,
    SourcePackage, Subject, Suppression, SuppressionSource,
};
use bulkhead_report::Format;
use proptest::prelude::*;
use serde_json::Value;

use crate::example;
use crate::junit;

/// What has broken out of documents before.
pub(crate) const TEXTS: [&str; 18] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]><!--",
    "-->",
    "&lt;b&gt;&#0;&unknown;",
    "\u{202e}gpj.exe\u{2066}\u{200b}",
    "\0\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{9b}\u{fffe}\u{ffff}",
    "a\r\nb\n\n# heading\n- list\n\n    code",
    "a | b | c \\| d \\\\| e",
    "`code` ``more`` ```\nfence\n```",
    "[text](https://example.org) ![image](https://example.org/x.png) <https://example.org>",
    "https://example.org www.example.org mail@example.org @octocat #1 GH-1",
    "**bold** _italic_ ~~struck~~ $x$ <!-- comment",
    "{0} [link](1) {{{}}}",
    "javascript:alert(1)",
    "1. one",
    "</style></template></textarea></title>",
];

/// The example with one text in every place that text of a target, a feed or an ignore file reaches.
pub(crate) fn poisoned(text: &str) -> Report {
    let mut report = example::report();
    let hostile = || text.to_owned();
    report.tool = hostile();
    report.created = hostile();
    report.target.name = hostile();
    report.target.kind = hostile();
    report.outcome.gates = vec![hostile()];
    let image = report.target.image.as_mut().unwrap();
    image.tags = vec![hostile()];
    image.platform = hostile();
    for layer in &mut image.layers {
        layer.created_by = Some(hostile());
    }
    for database in &mut report.databases {
        database.name = hostile();
        database.built = Some(hostile());
        for feed in &mut database.feeds {
            feed.id = hostile();
            feed.date = Some(hostile());
            feed.silent_about = vec![hostile()];
        }
    }
    let system = report.inventory.operating_system.as_mut().unwrap();
    system.pretty_name = hostile();
    for package in &mut report.inventory.packages {
        package.name = hostile();
        package.version = hostile();
        package.purl = hostile();
        package.architecture = Some(hostile());
        package.licences = vec![hostile()];
        package.source = Some(SourcePackage { name: hostile(), version: hostile() });
        package.locations = vec![located(text)];
    }
    for problem in &mut report.problems {
        problem.message = hostile();
        problem.location = Some(located(text));
    }
    let causes = report.not_assessed.len();
    report.not_assessed = vec![not_assessed(text); causes];
    let day = hostile();
    let releases = report.end_of_life.iter().map(|release| EndOfLife {
        scope: Scope::distribution(text, text),
        day: day.clone(),
        source: hostile(),
        ended: release.ended,
    });
    report.end_of_life = releases.collect();
    report.findings.iter_mut().for_each(|finding| poison(finding, text));
    for suppressed in &mut report.suppressed {
        poison(&mut suppressed.finding, text);
        suppressed.by = Suppression {
            source: SuppressionSource::Vex {
                document: hostile(),
                author: Some(hostile()),
                status: hostile(),
                justification: Some(hostile()),
            },
            owner: Some(hostile()),
            reason: Some(hostile()),
            expires: Some(hostile()),
        };
    }
    report
}

fn poison(finding: &mut Finding, text: &str) {
    let hostile = || text.to_owned();
    finding.rule = hostile();
    finding.subject = Subject::Package { purl: hostile(), name: hostile(), version: hostile() };
    let layer = finding.location.layer.take();
    finding.location = Location { layer, ..located(text) };
    finding.rating.source = hostile();
    finding.rating.vector = finding.rating.vector.as_ref().map(|_| hostile());
    for step in &mut finding.evidence {
        match step {
            Evidence::Advisory(row) => {
                row.feed = hostile();
                row.record = hostile();
                row.version = hostile();
                row.range = hostile();
            }
            Evidence::Vendor { owner, .. } => *owner = hostile(),
            // What alerts rest on.
            _ => {}
        }
    }
    let detail = example::detail(finding);
    detail.title = Some(hostile());
    detail.aliases = vec![hostile()];
    detail.references = vec![hostile(), format!("https://example.org/{text}")];
    detail.fixed_versions = detail.fixed_versions.iter().map(|_| hostile()).collect();
    if let Some(known) = &mut detail.exploited {
        known.source = hostile();
        known.added = hostile();
        known.due = Some(hostile());
    }
    if let Some(epss) = &mut detail.epss {
        epss.source = hostile();
        epss.date = Some(hostile());
    }
}

fn located(text: &str) -> Location {
    Location { inside: vec![text.into()], ..Location::of(text) }
}

fn not_assessed(text: &str) -> NotAssessed {
    NotAssessed {
        reason: NotAssessedReason::Layer {
            index: 0,
            digest: None::<Digest>,
            cause: text.to_owned(),
        },
        count: 1,
        hint: Some(text.to_owned()),
    }
}

/// Text with a taste for what markup is made of.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => proptest::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
        3 => "[<>&\"'`|\\[\\](){}*_~#@!:/.=\\\\ -]{1,12}",
        2 => any::<String>(),
        1 => proptest::char::any().prop_map(String::from),
    ];
    proptest::collection::vec(pieces, 1..4).prop_map(|pieces| pieces.concat())
}

/// The documents of a text that cannot break anything.
fn plain(format: Format) -> String {
    example::document(&poisoned("x"), format)
}

/// The tags of a page with the names of their attributes, without the values.
fn tags(html: &str) -> BTreeSet<String> {
    let (_, body) = html.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    let tags = body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
    tags.map(|tag| tag.split('"').step_by(2).collect()).collect()
}

fn is_shown(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' || "\u{202e}\u{200b}\u{fffe}".contains(c))
}

#[track_caller]
fn check(text: &str) {
    let report = poisoned(text);

    let sarif = example::document(&report, Format::Sarif);
    let document: Value = serde_json::from_str(&sarif).unwrap();
    for result in document["runs"][0]["results"].as_array().unwrap() {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(uri.as_str().unwrap().is_ascii(), "{uri}");
    }

    let names = |text: &str| -> Vec<String> {
        junit::elements(text).into_iter().map(|(name, _)| name).collect()
    };
    let xml = example::document(&report, Format::Junit);
    assert_eq!(names(&xml), names(&plain(Format::Junit)), "{text:?}");
    assert!(is_shown(&xml), "{text:?}");

    let html = example::document(&report, Format::Html);
    let unknown: Vec<String> =
        tags(&html).difference(&tags(&plain(Format::Html))).cloned().collect();
    assert_eq!(unknown, Vec::<String>::new(), "{text:?}");
    assert!(is_shown(&html), "{text:?}");

    let markdown = example::document(&report, Format::Markdown);
    assert!(markdown.len() <= 65_536, "{}", markdown.len());
    assert!(is_shown(&markdown), "{text:?}");
}

#[test]
fn known_ways_out_are_closed() {
    TEXTS.into_iter().for_each(check);
}

#[test]
fn names_of_a_megabyte_are_cut() {
    for pattern in ["a", "`", "|", "&", "\u{202e}", "中", "<script>"] {
        let text = pattern.repeat((1 << 20) / pattern.len());
        let report = poisoned(&text);
        for format in [Format::Sarif, Format::Junit, Format::Markdown, Format::Html] {
            let size = example::document(&report, format).len();
            assert!(size < 8 << 20, "{format} of {pattern:?} takes {size} bytes");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_text_leaves_its_place(text in nasty()) {
        check(&text);
    }
}
