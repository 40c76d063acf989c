//! One file for a browser: no network, no script that it needs, nothing of the target as markup.
//!
//! Templates, style and script lie in `templates/`. Every expression of a template goes through
//! [`crate::escape::Shown`]; what a text could still do is forbidden by the page's own policy, which
//! names the digests of its one style and its one script.

mod section;

use std::io::Write;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bulkhead_model::{Finding, Report};
use sha2::{Digest as _, Sha256};

use crate::ReportError;
use crate::map::{self, Map};
use crate::streamed::{Findings, Tally, first};
use section::Section;

const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: String,
    script: &'static str,
    sections: Vec<Section<'a>>,
    /// Finished pictures, whose texts were escaped as they were drawn.
    maps: Vec<Picture<'a>>,
}

/// A map of the target.
struct Picture<'a> {
    title: &'a str,
    svg: String,
}

/// Findings that are shown where there are more than memory should hold; a browser grows slow with more.
const SHOWN: usize = 20_000;

/// One document of all reports, which are those of an image's platforms, with maps of the target.
pub(crate) fn write_all(reports: &[Report], maps: &[Map]) -> Result<String, ReportError> {
    let tallies: Vec<Tally> = reports.iter().map(|report| Tally::of(&report.findings)).collect();
    let all = reports.iter().zip(&tallies).zip(1..);
    let sections = all.map(|((report, tally), number)| {
        Section::of(report, (report.findings.as_slice(), tally), number)
    });
    Ok(page(sections.collect(), maps).render()? + "\n")
}

/// The document of one report, which holds no findings itself.
pub(crate) fn stream(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    maps: &[Map],
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let shown: Vec<Finding> = first(findings, SHOWN)?;
    page(vec![Section::of(report, (shown.as_slice(), tally), 1)], maps).write_into(out)?;
    Ok(writeln!(out)?)
}

fn page<'a>(sections: Vec<Section<'a>>, maps: &'a [Map]) -> Page<'a> {
    let pictures = maps.iter().enumerate();
    let pictures =
        pictures.map(|(number, map)| Picture { title: &map.title, svg: map.part(number) });
    let of_maps = if maps.is_empty() { String::new() } else { map::style_of_page() };
    let style = format!("{STYLE}{of_maps}");
    Page { policy: policy(&style), style, script: SCRIPT, sections, maps: pictures.collect() }
}

/// What the browser allows the page (Content Security Policy 3): its own style and script, by their
/// digests, and nothing else.
fn policy(style: &str) -> String {
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(SCRIPT)
    )
}
