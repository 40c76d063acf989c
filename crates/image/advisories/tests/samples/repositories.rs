//! Update notices: a search of the text for the tags, without a parser.

use std::collections::BTreeSet;

use super::walks::{documents, unpacked};
use super::{Fact, facts, read};

/// The values of an attribute of every tag of this name.
fn tags<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let start = format!("<{name} ");
    let rest = text.split(&start).skip(1);
    rest.map(|rest| rest.split('>').next().unwrap()).collect()
}

fn value<'t>(tag: &'t str, attribute: &str) -> &'t str {
    let rest = tag.split(&format!("{attribute}=\"")).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap()
}

/// Distribution, notice, package and fix of every package that a notice of security brings.
fn expected(text: &str, by_source: bool) -> BTreeSet<Fact> {
    let mut expected = BTreeSet::new();
    for notice in text.split("<update ").skip(1) {
        if value(notice.split('>').next().unwrap(), "type") != "security" {
            continue;
        }
        let id = notice.split("<id>").nth(1).unwrap().split('<').next().unwrap();
        for package in tags(notice, "package") {
            let release = value(package, "release");
            let scope = match (release.split(".amzn").nth(1), release.split(".fc").nth(1)) {
                (Some(number), _) => format!("amzn:{}", number.split('.').next().unwrap()),
                (None, Some(number)) => format!("fedora:{number}"),
                (None, None) => {
                    let name = notice.split("<name>Amazon Linux ").nth(1).unwrap();
                    format!("amzn:{}", name.split([' ', '<']).next().unwrap())
                }
            };
            if by_source != (value(package, "arch") == "src") {
                continue;
            }
            let epoch = match value(package, "epoch") {
                "0" | "" => String::new(),
                epoch => format!("{epoch}:"),
            };
            let fix = format!("{epoch}{}-{release}", value(package, "version"));
            expected.insert((scope, value(package, "name").to_owned(), id.to_owned(), fix));
        }
    }
    expected
}

#[test]
fn every_package_of_a_notice_is_told() {
    for (feed, folder) in [
        ("amazon-updateinfo", "pkg/fetch/amazon/testdata/fixtures/"),
        ("fedora-updateinfo", "pkg/fetch/fedora/updateinfo/testdata/fixtures/happy/"),
    ] {
        for (path, content) in
            documents(&[folder], |path| path.contains("updateinfo") && path.contains(".xml."))
        {
            if path.contains("/epel/") {
                continue;
            }
            let text = String::from_utf8(unpacked(&content)).unwrap();
            let (items, summary) = read(feed, &path, &content);
            let notices: BTreeSet<&str> =
                text.split("<id>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
            let found: BTreeSet<Fact> = facts(&items)
                .into_iter()
                .filter(|fact| notices.contains(fact.2.as_str()))
                .collect();
            assert_eq!(found, expected(&text, feed.starts_with("fedora")), "{path}");
            assert_eq!(summary.problems, [], "{path}");
            let covered: BTreeSet<String> = facts(&items)
                .into_iter()
                .map(|fact| fact.2)
                .filter(|id| id.starts_with("CVE"))
                .collect();
            for reference in
                tags(&text, "reference").iter().filter(|tag| value(tag, "type") == "cve")
            {
                assert!(covered.contains(value(reference, "id")), "{path}: {reference}");
            }
        }
    }
}
