//! The advisories of rubysec (the format of its advisory database): a tar of YAML files, one per gem.
//!
//! Patched and unaffected versions are named in the notation of RubyGems; all others are affected.
//! Scores without a vector are not taken. Advisories about the interpreters (`rubies/`) are not about
//! gems and passed over.

use bulkhead_model::{Ecosystem, PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, requirements, texts};
use crate::{Affected, FeedSource, Record};

#[derive(Deserialize)]
struct Document {
    gem: String,
    #[serde(default)]
    cve: Option<String>,
    #[serde(default)]
    ghsa: Option<String>,
    #[serde(default)]
    osvdb: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    patched_versions: Option<Vec<String>>,
    #[serde(default)]
    unaffected_versions: Option<Vec<String>>,
    #[serde(default)]
    related: Option<Related>,
}

#[derive(Deserialize)]
struct Related {
    #[serde(default)]
    url: Option<Vec<String>>,
}

/// One YAML file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the tar is an advisory about a gem.
fn is_record(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&byte| byte == b'/');
    parts.next().is_some_and(|name| name.ends_with(b".yml")) && parts.nth(1) == Some(b"gems")
}

fn parse(_source: &FeedSource, path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document: Document =
        serde_saphyr::from_slice(content).map_err(|error| texts::first_line(&error))?;
    let named = |prefix: &str, number: &Option<String>| {
        names::canonical(&format!("{prefix}-{}", number.as_deref()?.trim()))
    };
    let mut ids = [
        named("CVE", &document.cve),
        named("GHSA", &document.ghsa),
        named("OSVDB", &document.osvdb),
    ]
    .into_iter()
    .flatten();
    let gem = document.gem.trim();
    let id = ids.next().unwrap_or_else(|| format!("gem/{gem}/{}", texts::stem(path)));
    let scheme = Scheme::Gem;
    let patched = document.patched_versions.unwrap_or_default();
    let unaffected = document.unaffected_versions.unwrap_or_default();
    let (versions, state) = requirements::affected(scheme, &patched, &unaffected)?;
    let related = document.related.and_then(|related| related.url).unwrap_or_default();
    let day = document.date.as_deref().and_then(texts::day);
    let record = Record {
        aliases: names::aliases(&id, ids),
        published: day,
        title: document.title.as_deref().and_then(texts::title),
        description: document.description.as_deref().and_then(texts::description),
        references: texts::references(document.url.iter().chain(&related)),
        affected: vec![Affected {
            key: PackageKey::new(Scope::Language(Ecosystem::Gem), gem),
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
    Ok(Parsed::record(record, Vec::new()))
}
