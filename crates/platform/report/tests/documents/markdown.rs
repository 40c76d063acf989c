//! Markdown: as GitHub's own renderer understands it, and within a comment's size.

use std::io::Write as _;
use std::process::{Command, Stdio};

use bulkhead_model::Report;
use bulkhead_report::{Format, Listed, Style, render_all};

use crate::example;
use crate::hostile;
use crate::published;

/// GitHub's renderer as a package of Python.
pub(crate) const RENDERER: &str = "cmarkgfm==2025.10.22";

/// GitHub refuses a longer comment.
const LONGEST: usize = 65_536;

fn markdown(report: &Report) -> String {
    example::document(report, Format::Markdown)
}

#[test]
fn golden() {
    insta::assert_snapshot!("markdown", markdown(&example::report()));
}

#[test]
fn a_comment_holds_it_and_what_was_cut_is_said() {
    let report = example::large(5000);
    let text = markdown(&report);
    assert!(text.len() <= LONGEST, "{}", text.len());
    assert!(text.len() > LONGEST * 9 / 10, "the room is used: {}", text.len());
    let shown = text.matches("| [CVE-").count();
    assert!(text.contains(&format!("**{} findings left out here**", 5000 - shown)), "{text}");
    assert!(text.contains("Not assessed"));
    let several =
        render_all(&vec![report; 5], Format::Markdown, Listed::Findings, Style::PLAIN, &[])
            .unwrap();
    assert!(several.len() <= LONGEST, "{}", several.len());
    assert_eq!(several.matches("\n---\n").count(), 4);
}

#[test]
fn the_renderer_sees_the_table_and_nothing_of_the_target_as_markup() {
    let Some(folder) = published::python(RENDERER) else { return };
    let report = example::report();
    let html = rendered(&folder, &markdown(&report));
    let links = report.findings.len();
    assert_eq!(html.matches("<a href=\"https://www.cve.org/").count(), links, "{html}");
    let rows = html.matches("<tr>").count();
    assert_eq!(html.matches("<td").count(), 6 * links, "{html}");
    for text in hostile::TEXTS {
        let html = rendered(&folder, &markdown(&hostile::poisoned(text)));
        assert_eq!(html.matches("<tr>").count(), rows, "{text:?}: {html}");
        assert_eq!(html.matches("<td").count(), 6 * links, "{text:?}: {html}");
        for markup in ["<a ", "<img", "<em>", "<script", "<h1", "<h3", "<ol", "<del>"] {
            assert!(!html.contains(markup), "{markup} by {text:?}: {html}");
        }
    }
}

/// The text as GitHub renders it.
pub(crate) fn rendered(folder: &std::path::Path, text: &str) -> String {
    const PROGRAM: &str = "import sys, cmarkgfm\n\
        from cmarkgfm.cmark import Options\n\
        text = sys.stdin.buffer.read().decode()\n\
        html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)\n\
        sys.stdout.buffer.write(html.encode())";
    let mut child = Command::new("python3")
        .args(["-c", PROGRAM])
        .env("PYTHONPATH", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
