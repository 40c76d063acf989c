//! Advisories of language ecosystems in their publishers' own formats.

use bulkhead_advisories::Item;

use super::archives::tar;
use super::{lines, one, problems, records, whole};

const RUSTSEC: &str = "```toml
[advisory]
id = \"RUSTSEC-2021-0124\"
package = \"tokio\"
aliases = [\"CVE-2021-45710\", \"GHSA-fg7r-2g4j-5cgr\"]
date = \"2021-11-16\"
url = \"https://github.com/tokio-rs/tokio/issues/4225\"
cvss = \"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H\"

[versions]
patched = [\">= 1.8.4, < 1.9.0\", \">= 1.13.1\"]
unaffected = [\"< 0.1.14\"]

[affected]
arch = [\"x86\"]
```

# Data race with a `oneshot` channel

Longer text.
";

#[test]
fn crates_are_affected_but_for_patched_and_unaffected_versions() {
    let (items, summary) = one("rustsec", RUSTSEC);
    assert_eq!(
        lines(&items),
        [
            "RUSTSEC-2021-0124=CVE-2021-45710=GHSA-fg7r-2g4j-5cgr cargo tokio [0.1.14,1.8.4) [1.9.0,1.13.1) fixed"
        ]
    );
    assert_eq!(problems(&summary), Vec::<String>::new());
    let record = records(&items)[0];
    assert_eq!(record.title.as_deref(), Some("Data race with a `oneshot` channel"));
    assert_eq!(record.description.as_deref(), Some("Longer text."));
    assert_eq!((record.published.as_deref(), record.cvss[0].score), (Some("2021-11-16"), 8.1));
    for (patched, unaffected, expected) in [
        ("", "", "(,) affected"),
        ("\">= 0.9.1\"", "", "(,0.9.1) fixed"),
        ("\"0.54.2\"", "", "(,0.54.2) [0.55.0-0,) fixed"),
        (
            "\"^0.7.1\", \">=0.8.26, <1.0.0\"",
            "\"> 1\"",
            "(,0.7.1) [0.8.0-0,0.8.26) [1.0.0,2.0.0-0) fixed",
        ),
        ("", "\"=0.2.0\"", "(,0.2.0) (0.2.0,) affected"),
    ] {
        let text = RUSTSEC
            .replace("\">= 1.8.4, < 1.9.0\", \">= 1.13.1\"", patched)
            .replace("\"< 0.1.14\"", unaffected);
        let (items, summary) = one("rustsec", &text);
        assert_eq!(problems(&summary), Vec::<String>::new(), "{patched}");
        assert!(lines(&items)[0].ends_with(&format!(" tokio {expected}")), "{:?}", lines(&items));
    }
}

#[test]
fn what_is_no_vulnerability_of_a_crate_is_left_out() {
    for line in [
        "informational = \"unmaintained\"",
        "informational = \"unsound\"",
        "withdrawn = \"2022-01-01\"",
    ] {
        let text = RUSTSEC.replace("[versions]", &format!("{line}\n[versions]"));
        let (items, summary) = one("rustsec", &text);
        assert_eq!((items.len(), summary.dropped, summary.problems.len()), (0, 1, 0), "{line}");
    }
    let archive = tar(&[
        ("advisory-db-main/crates/tokio/RUSTSEC-2021-0124.md", RUSTSEC),
        ("advisory-db-main/rust/std/CVE-2021-1.md", "x"),
        ("advisory-db-main/crates/tokio/README.md", "x"),
    ]);
    let (items, summary) = whole("rustsec", &archive).unwrap();
    assert_eq!((items.len(), summary.problems.len()), (1, 0), "{summary:?}");
    for broken in ["", "# A", "```toml\n[advisory\n```", &RUSTSEC.replace(">= 1.8.4", ">=")] {
        let (items, summary) = one("rustsec", broken);
        assert_eq!((items.len(), summary.problems.len()), (0, 1), "{broken}");
    }
}

const RUBYSEC: &str = "---
gem: activesupport
framework: rails
cve: 2020-8165
ghsa: 2p68-f74v-9wc6
osvdb: 115941
url: https://groups.google.com/forum/#!topic/rubyonrails-security/bv6fW4S0Y1c
title: Unintended unmarshalling
  of objects
date: 2020-05-18
description: |
  Some text.
cvss_v3: 9.8
unaffected_versions:
  - \"< 3.0\"
patched_versions:
  - \"~> 5.2.4, >= 5.2.4.3\"
  - \">= 6.0.3.1\"
related:
  cve:
    - 2020-1
  url:
    - https://example.org/
";

#[test]
fn gems_are_affected_but_for_patched_and_unaffected_versions() {
    let (items, summary) = one("rubysec", RUBYSEC);
    assert_eq!(
        lines(&items),
        [
            "CVE-2020-8165=GHSA-2p68-f74v-9wc6=OSVDB-115941 gem activesupport [3.0,5.2.4.3) [5.3.A,6.0.3.1) fixed"
        ]
    );
    assert_eq!(problems(&summary), Vec::<String>::new());
    let record = records(&items)[0];
    assert_eq!(record.references.len(), 2);
    assert_eq!(record.title.as_deref(), Some("Unintended unmarshalling of objects"));
    let nameless: String = RUBYSEC
        .lines()
        .filter(|line| {
            !line.contains("cve") && !line.starts_with("ghsa") && !line.starts_with("osvdb")
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let nameless = nameless.replace("related:\n    - 2020-1\n", "related:\n");
    let archive =
        tar(&[("gems/activesupport/2020-05-18.yml", &nameless), ("rubies/ruby/CVE-1.yml", "x")]);
    let (items, summary) = whole("rubysec", &archive).unwrap();
    assert_eq!(records(&items)[0].id, "gem/activesupport/2020-05-18", "{summary:?}");
    assert_eq!(summary.problems.len(), 0, "{summary:?}");
}

const PHP: &str = "title: Direct access of prefixed controller actions
link: https://bakery.cakephp.org/2015/08/06/released.html
cve: ~
branches:
    2.0.x:
        time:     2015-08-06 22:08:00
        versions: ['>=2.0.0', '<2.0.99']
    master:
        time:     ~
        versions: ['>=3.0']
reference: composer://cakephp/cakephp
composer-repository: false
";

#[test]
fn branches_of_composer_packages_are_alternatives() {
    let archive = tar(&[
        ("cakephp/cakephp/2015-08-06.yaml", PHP),
        (".github/workflows/php.yaml", "x"),
        (
            "security-advisories-master/a/b/CVE-2016-1.yaml",
            &PHP.replace("cve: ~", "cve: CVE-2016-0001"),
        ),
        ("validator.yaml", "x"),
    ]);
    let (items, summary) = whole("friends-of-php", &archive).unwrap();
    assert_eq!(
        lines(&items),
        [
            "packagist/cakephp/cakephp/2015-08-06 composer cakephp/cakephp [2.0.0,2.0.99) [3.0,) fixed",
            "CVE-2016-0001 composer cakephp/cakephp [2.0.0,2.0.99) [3.0,) fixed",
        ]
    );
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!(records(&items)[0].published.as_deref(), Some("2015-08-06"));
    let (items, summary) = one("friends-of-php", &PHP.replace("'>=2.0.0'", "'>='"));
    assert_eq!((items.len(), summary.problems.len()), (1, 1), "{summary:?}");
    let (items, summary) = one("friends-of-php", &PHP.replace("composer://", "npm://"));
    assert_eq!((items.len(), summary.problems.len()), (0, 1), "{summary:?}");
}

const DEBIAN: &str = "---
title: Debian
category: os
releases:
  - releaseCycle: \"13\"
    eol: 2028-08-09
    eoes: 2030-06-30
    latestReleaseDate: 2026-07-11
  - releaseCycle: \"12\"
    eol: 2026-07-11
    latestReleaseDate: 2026-07-11
  - releaseCycle: \"sid\"
    eol: 2026-07-11
  - releaseCycle: \"14\"
    eol: false
  - releaseCycle: \"1\"
    eol: true
  - releaseCycle: \"2\"
    eol: someday
---

Text.
";

#[test]
fn releases_of_distributions_have_an_end() {
    let centos = "---\nreleases:\n  - releaseCycle: \"8\"\n    eol: 2021-12-31\n---\n";
    let stream = "---\nreleases:\n  - releaseCycle: \"8\"\n    eol: 2024-05-31\n---\n";
    let archive = tar(&[
        ("products/debian.md", DEBIAN),
        ("products/centos.md", centos),
        ("endoflife.date-master/products/centos-stream.md", stream),
        ("products/nodejs.md", "x"),
        ("HACKING.md", "x"),
    ]);
    let (items, summary) = whole("endoflife-date", &archive).unwrap();
    let ends: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::EndOfLife(end) => format!("{} {}", end.scope, end.day),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        ends,
        [
            "debian:12 2026-07-11",
            "debian:13 2028-08-09",
            "centos:8 2021-12-31",
            "centos:8 2024-05-31"
        ]
    );
    assert_eq!(summary.date.as_deref(), Some("2026-07-11"));
    assert_eq!(
        problems(&summary),
        [
            "products/debian.md: 1: the day of its end is not told",
            "products/debian.md: 2: \"someday\" is no day"
        ]
    );
}
