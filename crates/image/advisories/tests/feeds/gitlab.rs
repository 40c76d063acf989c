//! GitLab's advisories.

use bulkhead_model::FixState;

use super::{lines, one, problems, records};

/// An advisory of this package and range.
fn advisory(identifier: &str, slug: &str, range: &str) -> String {
    format!(
        "---
identifier: \"{identifier}\"
identifiers:
- \"GHSA-c77f-4rgj-jfr4\"
- \"{identifier}\"
package_slug: \"{slug}\"
title: \"Cross-site
  Scripting\"
date: \"2021-10-06\"
pubdate: 2021-09-15
affected_range: \"{range}\"
fixed_versions:
- 1.10
cvss_v2: \"AV:N/AC:M/Au:N/C:N/I:P/A:N\"
cvss_v3: \"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N\"
cwe_ids:
- \"CWE-1035\"
- \"CWE-79\"
unknown_key: [1, {{a: b}}]
"
    )
}

#[test]
fn packages_and_ranges_are_in_the_notation_of_their_tool() {
    for (slug, range, expected) in [
        ("npm/@a/b", "<1.10.0", "npm @a/b (,1.10.0)"),
        ("npm/a", ">=1.0.0 <1.0.2||=2.0.0", "npm a [1.0.0,1.0.2) =2.0.0"),
        ("pypi/Plone", ">=5.0,<=5.2.1", "pypi plone [5.0,5.2.1]"),
        ("maven/axis/axis", "(,1.4],[2.0,2.1)", "maven axis:axis (,1.4] [2.0,2.1)"),
        ("nuget/Some.Package", "[,1.11.7)", "nuget some.package (,1.11.7)"),
        ("packagist/A/b", "=2.1.27.36", "composer a/b =2.1.27.36"),
        ("gem/a", "<2.3.17 || >=2.4.0 <3.1.0", "gem a (,2.3.17) [2.4.0,3.1.0)"),
        ("go/k8s.io/client-go", "<v1.1.13", "golang k8s.io/client-go (,v1.1.13)"),
        ("go/github.com/a/b/", ">=0.4.6", "golang github.com/a/b [0.4.6,)"),
        ("conan/libxslt", "<1.1.35", "conan libxslt (,1.1.35)"),
        ("npm/a", "", "npm a (,)"),
        ("gem/a", ">=0", "gem a [0,)"),
    ] {
        let (items, summary) = one("gitlab-community", &advisory("CVE-2021-39391", slug, range));
        let expected = format!("CVE-2021-39391=GHSA-c77f-4rgj-jfr4 {expected} fixed");
        assert_eq!(lines(&items), [expected], "{slug} {range}");
        assert_eq!(problems(&summary), Vec::<String>::new(), "{slug} {range}");
    }
}

#[test]
fn fields_are_read() {
    let (items, summary) = one("gitlab-community", &advisory("CVE-2021-39391", "npm/a", "<1.10"));
    let record = records(&items)[0];
    assert_eq!(record.title.as_deref(), Some("Cross-site Scripting"));
    assert_eq!(record.published.as_deref(), Some("2021-09-15"));
    assert_eq!(record.modified.as_deref(), Some("2021-10-06"));
    assert_eq!(record.cwes, [79]);
    assert_eq!(record.affected[0].fixed, ["1.10"]);
    let scores: Vec<(&str, f64)> =
        record.cvss.iter().map(|cvss| (cvss.version.as_str(), cvss.score)).collect();
    assert_eq!(scores, [("3.1", 6.1), ("2.0", 4.3)]);
    assert_eq!(summary.date.as_deref(), Some("2021-10-06"));
}

#[test]
fn without_a_fixed_version_there_is_no_fix() {
    let record = advisory("CVE-2021-39391", "npm/a", "<=1.10")
        .replace("fixed_versions:\n- 1.10", "fixed_versions: []");
    let (items, _) = one("gitlab-community", &record);
    assert_eq!(records(&items)[0].affected[0].state, FixState::Affected);
}

#[test]
fn a_name_that_is_only_a_day_gets_the_package_before_it() {
    for (identifier, expected) in [
        ("2018-05-20", "npm/a/2018-05-20"),
        ("All versions", "npm/a/All versions"),
        ("CWE-201", "npm/a/CWE-201"),
        ("cvE-2014-3530", "CVE-2014-3530"),
        ("GMS-2016-86", "GMS-2016-86"),
    ] {
        let (items, _) = one("gitlab-community", &advisory(identifier, "npm/a", "<1"));
        let record = records(&items)[0];
        assert_eq!(record.id, expected);
        assert_eq!(record.aliases, ["GHSA-c77f-4rgj-jfr4"]);
    }
}

#[test]
fn a_broken_record_is_a_problem_with_its_name() {
    let good = advisory("CVE-2021-39391", "npm/a", "<1");
    for broken in [
        String::new(),
        "identifier: [".to_owned(),
        good.replace("package_slug", "slug"),
        good.replace("npm/a", "cobol/a"),
        good.replace("npm/a", "swift/a"),
        good.replace("npm/a", "npm"),
        good.replace("\"<1\"", "\"]1,2(\""),
        format!("a: &a [x, x]\nb: [{}]\n{good}", "*a, ".repeat(100_000)),
    ] {
        let (items, summary) = one("gitlab-community", &broken);
        assert_eq!(items.len(), 0, "{broken:.300}");
        assert!(problems(&summary)[0].starts_with("test record: "), "{broken:.300}");
    }
}
