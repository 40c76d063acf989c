//! A few items of several feeds, with everything that a record can have.

use bulkhead_advisories::{Affected, Builder, Exploited, FeedDescription, Item, Record};
use bulkhead_model::{Cvss, FixState, KnownExploitation, PackageKey, Severity};
use bulkhead_versions::Scheme;

pub fn feeds() -> Vec<FeedDescription> {
    let feed = |id: &str, date: &str, pace| FeedDescription {
        id: id.to_owned(),
        address: format!("https://{id}.example"),
        terms: "CC0-1.0".to_owned(),
        date: Some(date.to_owned()),
        pace_days: Some(pace),
        ..FeedDescription::default()
    };
    vec![
        feed("osv", "2026-11-01", 30),
        feed("debian", "2023-07-20", 7),
        FeedDescription {
            scopes: ["alpine:3.22".parse().unwrap()].into(),
            silent_about: vec!["unfixed".to_owned()],
            ..feed("alpine", "2026-11-20", 7)
        },
        feed("kev", "2026-11-20", 7),
    ]
}

pub fn items() -> Vec<(&'static str, Item)> {
    let row = |scope: &str, name: &str, scheme, versions: &str| Affected {
        key: PackageKey::new(scope.parse().unwrap(), name),
        scheme,
        state: FixState::Fixed,
        versions: versions.parse().unwrap(),
        fixed: vec!["2.0".to_owned()],
        architectures: vec!["x86_64".to_owned(), "aarch64".to_owned()],
        module: None,
        severity: Some(Severity::High),
    };
    let ghsa = Record {
        id: "GHSA-aaaa".to_owned(),
        aliases: vec!["CVE-2024-1".to_owned()],
        published: Some("2024-01-01".to_owned()),
        modified: Some("2024-02-01".to_owned()),
        title: Some("widget: code execution".to_owned()),
        description: Some("Anything may happen.".to_owned()),
        severity: Some(Severity::Critical),
        cvss: vec![Cvss {
            source: "osv".to_owned(),
            version: "3.1".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            score: 9.8,
        }],
        cwes: vec![79, 22],
        references: vec!["https://widget.example/1".to_owned()],
        affected: vec![
            row("npm", "widget", Scheme::Npm, "[1.0,2.0)"),
            row("npm", "widget", Scheme::Npm, "=0.5"),
        ],
        ..Record::default()
    };
    let debian = Record {
        id: "CVE-2024-1".to_owned(),
        affected: vec![row("debian:12", "node-widget", Scheme::Dpkg, "(,1.8-2)")],
        ..Record::default()
    };
    let bulletin = Record {
        id: "ALSA-2024:1".to_owned(),
        covers: vec!["CVE-2024-1".to_owned(), "CVE-2024-2".to_owned()],
        affected: vec![Affected {
            module: Some("widget:1".to_owned()),
            ..row("almalinux:9", "widget", Scheme::Rpm, "(,1.8-2)")
        }],
        ..Record::default()
    };
    // The second half of a record that its feed publishes in pieces.
    let piece = Record {
        id: "GHSA-aaaa".to_owned(),
        aliases: vec!["PYSEC-2024-1".to_owned()],
        affected: vec![row("pypi", "Widget", Scheme::Pep440, "(,2.0)")],
        ..Record::default()
    };
    let exploited = Exploited {
        id: "CVE-2024-1".to_owned(),
        entry: KnownExploitation {
            source: "kev".to_owned(),
            added: "2024-03-01".to_owned(),
            due: Some("2024-03-21".to_owned()),
            ransomware: true,
        },
    };
    let record = |record: Record| Item::Record(Box::new(record));
    vec![
        ("osv", record(ghsa)),
        ("debian", record(debian)),
        ("osv", record(bulletin)),
        ("osv", record(piece)),
        ("kev", Item::Exploited(exploited)),
    ]
}

/// Items of which each has a number of its own, so many that every section has several pages.
pub fn many(count: u32) -> Vec<(&'static str, Item)> {
    let item = |number: u32| {
        let name = format!("package-{}", number % 997);
        Item::Record(Box::new(Record {
            id: format!("GHSA-{number:06}"),
            aliases: vec![format!("CVE-2025-{number:05}")],
            title: Some(format!("{name}: problem {}", number.wrapping_mul(2_654_435_761))),
            description: Some(format!("Text number {number}. ").repeat(20)),
            affected: vec![Affected {
                key: PackageKey::new("npm".parse().unwrap(), &name),
                scheme: Scheme::Npm,
                state: FixState::Fixed,
                versions: format!("[1.0.0,1.{number}.0)").parse().unwrap(),
                fixed: Vec::new(),
                architectures: Vec::new(),
                module: None,
                severity: None,
            }],
            ..Record::default()
        }))
    };
    (0..count).map(|number| ("osv", item(number))).collect()
}

pub fn builder(items: Vec<(&'static str, Item)>) -> Builder {
    let mut builder = Builder::new();
    for feed in feeds() {
        builder.feed(feed);
    }
    for (feed, item) in items {
        builder.push(feed, item);
    }
    builder
}
