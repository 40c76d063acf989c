//! `RustSec`'s advisories (the format of its advisory database): a tar of Markdown files with a head in
//! TOML, one per crate.
//!
//! The head names the patched and the unaffected versions in Cargo's notation; all others are
//! affected. An advisory that is informational (unmaintained, unsound, a notice) is no vulnerability
//! and left out, as are withdrawn ones. Limits to functions, processors and operating systems are
//! not kept: nothing tells which of them a package was built for.

use bulkhead_model::{Ecosystem, PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, requirements, scores, texts};
use crate::{Affected, FeedSource, Record};

#[derive(Deserialize)]
struct Head {
    advisory: Advisory,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    package: String,
    date: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    informational: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    cvss: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    references: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// One Markdown file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the tar is an advisory about a crate. Those about the compiler and its
/// standard library are not about packages of the ecosystem.
fn is_record(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&byte| byte == b'/');
    parts.next().is_some_and(|name| name.starts_with(b"RUSTSEC-") && name.ends_with(b".md"))
        && parts.nth(1) == Some(b"crates")
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let content = std::str::from_utf8(content).map_err(|error| error.to_string())?;
    let (head, text) = content
        .strip_prefix("```toml")
        .and_then(|rest| rest.split_once("\n```"))
        .ok_or("without a head in TOML")?;
    let head: Head = toml::from_str(head).map_err(|error| error.message().to_owned())?;
    let advisory = head.advisory;
    if advisory.withdrawn.is_some() || advisory.informational.is_some() {
        return Ok(Parsed::Dropped);
    }
    let id = names::canonical(&advisory.id)
        .ok_or_else(|| format!("{} is the name of no vulnerability", texts::quote(&advisory.id)))?;
    let scheme = Scheme::Semver;
    let cargos = |requirements: &[String]| -> Vec<String> {
        requirements.iter().map(|requirement| compatible(requirement)).collect()
    };
    let (patched, unaffected) = (cargos(&head.versions.patched), cargos(&head.versions.unaffected));
    let (versions, state) = requirements::affected(scheme, &patched, &unaffected)?;
    let mut problems = Vec::new();
    let mut cvss = Vec::new();
    match advisory.cvss.as_deref().map(|vector| scores::score(&source.id, vector)) {
        Some(Ok(scored)) => cvss.push(scored),
        Some(Err(problem)) => problems.push(problem),
        None => {}
    }
    let (title, description) = title_and_text(text);
    let record = Record {
        aliases: names::aliases(&id, advisory.aliases),
        published: texts::day(&advisory.date),
        title: texts::title(title),
        description: texts::description(description),
        cvss,
        references: texts::references(advisory.url.iter().chain(&advisory.references)),
        affected: vec![Affected {
            key: PackageKey::new(Scope::Language(Ecosystem::Cargo), &advisory.package),
            scheme,
            state,
            versions,
            fixed: Vec::new(),
            architectures: Vec::new(),
            module: None,
            severity: None,
        }],
        id,
        ..Record::default()
    };
    Ok(Parsed::record(record, problems))
}

/// To Cargo a version alone means what is compatible with it.
fn compatible(requirement: &str) -> String {
    let requirement = requirement.trim();
    let is_alone = requirement.starts_with(|first: char| first.is_ascii_digit());
    if is_alone { format!("^{requirement}") } else { requirement.to_owned() }
}

/// The first heading, and what follows it.
fn title_and_text(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches('`').trim();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.strip_prefix("# ") {
        Some(title) => (title, rest),
        None => ("", text),
    }
}
