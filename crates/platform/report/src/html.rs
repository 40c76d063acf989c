//! One file for a browser: no network, no script that it needs, nothing of the target as markup.
//!
//! Templates, style and script lie in `templates/`. Every expression of a template goes through
//! [`crate::escape::Shown`]; what a text could still do is forbidden by the page's own policy, which
//! names the digests of its one style and its one script.

mod section;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bulkhead_model::Report;
use sha2::{Digest as _, Sha256};

use crate::ReportError;
use section::Section;

const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    sections: Vec<Section<'a>>,
}

/// One document of all reports, which are those of an image's platforms.
pub(crate) fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    let sections = reports.iter().zip(1..).map(|(report, number)| Section::of(report, number));
    let page =
        Page { policy: policy(), style: STYLE, script: SCRIPT, sections: sections.collect() };
    Ok(page.render()? + "\n")
}

/// What the browser allows the page (Content Security Policy 3): its own style and script, by their
/// digests, and nothing else.
fn policy() -> String {
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}
