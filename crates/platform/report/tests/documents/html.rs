//! HTML: valid by the checker of the web's own publisher, sorted and filtered in a browser, usable
//! without a mouse, without sight and without a script.

use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_model::{Detail, Report, Severity};
use bulkhead_report::{Format, Listed, Style, render_all};
use serde_json::Value;
use tempfile::TempDir;

use crate::browser::Browser;
use crate::example;
use crate::hostile;
use crate::published;

/// The Nu checker, by which the W3C validates HTML and CSS.
const CHECKER: (&str, &str) = ("vnu-jar", "26.9.27");

/// Deque's rules for accessibility (WCAG).
const ACCESSIBILITY: (&str, &str) = ("axe-core", "4.14.1");

fn page(report: &Report) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    fs_err::write(&file, example::document(report, Format::Html)).unwrap();
    (folder, file)
}

#[test]
fn golden() {
    // Style and script have their own history.
    let mut text = example::document(&example::report(), Format::Html);
    for tag in ["style", "script"] {
        let (before, rest) = text.split_once(&format!("<{tag}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{tag}>")).unwrap();
        text = format!("{before}<{tag}>…</{tag}>{after}");
    }
    let lines = text.lines().map(|line| {
        if line.contains("Content-Security-Policy") { "<meta … policy …>" } else { line }
    });
    insta::assert_snapshot!("html", lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn valid_by_the_checker() {
    let Some(folder) = published::npm(CHECKER.0, CHECKER.1) else { return };
    let Some(java) = bulkhead_testing::tool("java") else { return };
    let pages = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let file = pages.path().join(format!("{name}.html"));
        fs_err::write(&file, text).unwrap();
        file
    };
    let two = [example::report(), example::report()];
    let mut files = vec![write(
        "two",
        render_all(&two, Format::Html, Listed::Findings, Style::PLAIN, &[]).unwrap(),
    )];
    for (number, text) in hostile::TEXTS.iter().enumerate() {
        let text = example::document(&hostile::poisoned(text), Format::Html);
        files.push(write(&format!("hostile-{number}"), text));
    }
    let jar = folder.join("build/dist/vnu.jar");
    assert_eq!(checked(&java, &jar, &files), "");
    // The check itself works.
    let wrong = write("wrong", "<!DOCTYPE html><title>x</title><p></div>".to_owned());
    assert_ne!(checked(&java, &jar, &[wrong]), "");
}

/// Holds pages against the checker, where there is one.
pub(crate) fn expect_valid(pages: &[String]) {
    let Some(folder) = published::npm(CHECKER.0, CHECKER.1) else { return };
    let Some(java) = bulkhead_testing::tool("java") else { return };
    let written = tempfile::tempdir().unwrap();
    let files = pages.iter().enumerate().map(|(number, page)| {
        let file = written.path().join(format!("{number}.html"));
        fs_err::write(&file, page).unwrap();
        file
    });
    let files: Vec<PathBuf> = files.collect();
    let said = checked(&java, &folder.join("build/dist/vnu.jar"), &files);
    // The checker's list of properties ends before SVG 2.
    let known = |line: &&str| line.contains("Property “paint-order” doesn't exist");
    let mistakes: Vec<&str> = said.lines().filter(|line| !known(line)).collect();
    assert_eq!(mistakes, Vec::<&str>::new());
}

fn checked(java: &Path, jar: &Path, files: &[PathBuf]) -> String {
    let mut command = Command::new(java);
    command.arg("-jar").arg(jar).args(["--errors-only", "--also-check-css"]).args(files);
    String::from_utf8(command.output().unwrap().stderr).unwrap()
}

/// Column `number` of the findings that are shown, from the top.
fn column(browser: &Browser, number: usize) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('.finding:not([hidden])')]
            .filter((it) => it.offsetParent)
            .map((it) => it.rows[0].cells[{number}].innerText.split('\\n')[0].trim())"
    );
    let texts = browser.evaluate(&script);
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn sorts_by_every_column_both_ways() {
    let Some(browser) = Browser::start() else { return };
    let report = example::report();
    let (_folder, file) = page(&report);
    browser.open(&file);
    browser.size(1300, 900);

    let rank = |name: &String| name.parse::<Severity>().unwrap();
    let is_worst_first = |names: &[String]| names.is_sorted_by(|a, b| rank(a) >= rank(b));
    assert!(is_worst_first(&column(&browser, 0)), "before any click");

    browser.click("thead th:nth-child(2) button");
    let ids = column(&browser, 1);
    assert_eq!(ids.len(), report.findings.len());
    let numbers = |id: &String| -> Vec<u32> {
        let parts = id.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        parts.take(2).map(|part| part.parse().unwrap()).collect()
    };
    assert!(ids.is_sorted_by_key(numbers), "{ids:?}");
    browser.click("thead th:nth-child(2) button");
    let ids = column(&browser, 1);
    assert!(ids.iter().rev().is_sorted_by_key(numbers), "{ids:?}");

    browser.click("thead th:nth-child(1) button");
    assert!(is_worst_first(&column(&browser, 0)));
    let sorts = "return [...document.querySelectorAll('.findings [aria-sort]')].map(
        (it) => it.getAttribute('aria-sort'))";
    let sorts = browser.evaluate(sorts);
    let (first, others) = sorts.as_array().unwrap().split_first().unwrap();
    assert_eq!(first, "descending");
    assert!(others.iter().all(|other| other == "none"));

    browser.click("thead th:nth-child(3) button");
    let packages = column(&browser, 2);
    assert!(packages.is_sorted_by_key(|name| name.to_lowercase()), "{packages:?}");

    browser.click("thead th:nth-child(4) button");
    let fixable = report.findings.iter().filter(|it| is_fixed(it)).count();
    let fixes = column(&browser, 3);
    assert!(fixes[..fixable].iter().all(|fix| fix.starts_with(|c: char| c.is_ascii_digit())));
    assert!(fixes[fixable..].iter().all(|fix| fix.starts_with(|c: char| c.is_alphabetic())));

    browser.click("thead th:nth-child(5) button");
    assert!(column(&browser, 4)[0].ends_with('%'));
    browser.click("thead th:nth-child(6) button");
    assert_eq!(column(&browser, 5)[0], "exploited");
}

#[test]
fn filters_by_text_severity_fix_and_exploitation() {
    let Some(browser) = Browser::start() else { return };
    let report = example::report();
    let (_folder, file) = page(&report);
    browser.open(&file);
    browser.size(1300, 900);
    let shown = || column(&browser, 1).len();
    let said = || browser.evaluate("return document.querySelector('output').textContent");
    let count = |is: &dyn Fn(&bulkhead_model::Finding) -> bool| {
        report.findings.iter().filter(|finding| is(finding)).count()
    };
    let all = report.findings.len();
    assert_eq!(shown(), all);

    browser.click("[name=severity][value=low]");
    assert_eq!(shown(), count(&|it| it.rating.severity != Severity::Low));
    assert_eq!(said(), format!("{} of {all} shown", shown()));
    browser.click("[name=severity][value=low]");
    browser.click("[name=fixable]");
    assert_eq!(shown(), count(&is_fixed));
    browser.click("[name=exploited]");
    assert_eq!(shown(), count(&|it| is_fixed(it) && is_exploited(it)));
    browser.click("[name=fixable]");
    browser.click("[name=exploited]");

    browser.type_into("[name=text]", "LODASH 10744");
    assert_eq!(shown(), count(&|it| it.rule == "CVE-2019-10744"));
    browser.type_into("[name=text]", "-nothing");
    assert_eq!(shown(), 0);
    let empty = "return document.querySelector('.empty').hidden";
    assert_eq!(browser.evaluate(empty), false);
}

fn is_fixed(finding: &bulkhead_model::Finding) -> bool {
    let Detail::Vulnerability(detail) = &finding.detail else {
        panic!("no vulnerability of a package")
    };
    detail.state == bulkhead_model::FixState::Fixed
}

fn is_exploited(finding: &bulkhead_model::Finding) -> bool {
    let Detail::Vulnerability(detail) = &finding.detail else {
        panic!("no vulnerability of a package")
    };
    detail.exploited.is_some()
}

#[test]
fn details_open_with_the_keyboard() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, file) = page(&example::report());
    browser.open(&file);
    let open = "return document.querySelector('.detail').offsetParent !== null";
    assert_eq!(browser.evaluate(open), false);
    browser.type_into(".more", " ");
    assert_eq!(browser.evaluate(open), true);
    // Sorting works with the keyboard, too: Enter is U+E007 in WebDriver.
    browser.type_into("thead th:nth-child(3) button", "\u{e007}");
    let sorted = "return document.querySelectorAll('.findings th')[2].getAttribute('aria-sort')";
    assert_eq!(browser.evaluate(sorted), "ascending");
}

#[test]
fn everything_is_there_without_a_script() {
    let Some(browser) = Browser::start() else { return };
    let report = example::report();
    let (_folder, file) = page(&report);
    browser.without_scripts();
    browser.open(&file);
    assert_eq!(column(&browser, 1).len(), report.findings.len());
    let shown = "return !!document.querySelector('.filters').offsetParent";
    assert_eq!(browser.evaluate(shown), false, "what does nothing is not shown");
    browser.click(".more");
    let open = "return document.querySelector('.detail').offsetParent !== null";
    assert_eq!(browser.evaluate(open), true);
}

/// The page asks for nothing and runs nothing, whatever the target is called.
#[test]
fn nothing_of_the_target_runs() {
    let Some(browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    for text in hostile::TEXTS {
        fs_err::write(&file, example::document(&hostile::poisoned(text), Format::Html)).unwrap();
        browser.open(&file);
        let found = browser.evaluate(
            "return [document.scripts.length, document.images.length, document.styleSheets.length,
                performance.getEntriesByType('resource').length,
                document.querySelectorAll('iframe, object, embed, link, base').length,
                [...document.querySelectorAll('*')].filter((it) =>
                    [...it.attributes].some((a) => a.name.startsWith('on'))).length,
                [...document.links].filter((it) => it.protocol !== 'https:').length]",
        );
        assert_eq!(found, serde_json::json!([1, 0, 1, 0, 0, 0, 0]), "{text:?}");
        assert_eq!(browser.complaints(), Vec::<Value>::new(), "{text:?}");
    }
}

#[test]
fn accessible_in_light_and_dark() {
    let Some(folder) = published::npm(ACCESSIBILITY.0, ACCESSIBILITY.1) else { return };
    let Some(browser) = Browser::start() else { return };
    let rules = fs_err::read_to_string(folder.join("axe.min.js")).unwrap();
    let (_folder, file) = page(&example::report());
    browser.size(1300, 900);
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.open(&file);
        browser.click(".more");
        browser.evaluate("for (const it of document.querySelectorAll('details')) it.open = true");
        browser.evaluate(&rules);
        let violations = browser.evaluate_later(
            "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
                .then((it) => arguments[0](it.violations.map((found) =>
                    [found.id, found.nodes.slice(0, 3).map((node) => node.html + node.any.map(
                        (reason) => reason.message))])))",
        );
        assert_eq!(violations, serde_json::json!([]), "{scheme}");
    }
}

/// A large report answers to a click while one waits, in any build of any machine.
#[test]
fn thousands_of_findings_are_sorted_and_filtered() {
    let Some(browser) = Browser::start() else { return };
    let report = example::large(5000);
    let (_folder, file) = page(&report);
    assert!(fs_err::metadata(&file).unwrap().len() < 16 << 20);
    browser.open(&file);
    browser.click("thead th:nth-child(2) button");
    let first = column(&browser, 1)[0].clone();
    assert!(first.starts_with("CVE-2024-00000"), "{first}");
    browser.type_into("[name=text]", "cve-2024-04999");
    assert_eq!(column(&browser, 1).len(), 1);
}
