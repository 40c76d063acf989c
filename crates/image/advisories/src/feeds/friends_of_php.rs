//! The advisories of `FriendsOfPHP` (the format of their database): a tar of YAML files, one per
//! vulnerability and Composer package.
//!
//! Each maintained branch has the comparisons that an affected version satisfies together. Where there
//! is no CVE the file's own name is the name of the record, within its package: the same day names
//! another vulnerability in another package.

use std::collections::BTreeMap;

use bulkhead_model::{Ecosystem, FixState, PackageKey, Scope};
use bulkhead_versions::{RangeSet, Scheme};
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, requirements, texts};
use crate::{Affected, FeedSource, Record};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    cve: Option<String>,
    branches: BTreeMap<String, Branch>,
    /// `composer://vendor/project`.
    reference: String,
}

#[derive(Deserialize)]
struct Branch {
    /// When it was fixed there.
    #[serde(default)]
    time: Option<String>,
    versions: Vec<String>,
}

/// One YAML file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the tar is an advisory: a YAML file in the folder of a package, which lies in
/// that of its vendor. Folders of the repository itself begin with a point.
fn is_record(path: &[u8]) -> bool {
    let mut parts = path.split(|&byte| byte == b'/').filter(|part| *part != b".");
    path.ends_with(b".yaml")
        && !parts.clone().any(|part| part.starts_with(b"."))
        && parts.nth(2).is_some()
}

fn parse(_source: &FeedSource, path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document: Document =
        serde_saphyr::from_slice(content).map_err(|error| texts::first_line(&error))?;
    let package = document
        .reference
        .trim()
        .strip_prefix("composer://")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| format!("{} is no Composer package", texts::quote(&document.reference)))?;
    let scheme = Scheme::Packagist;
    let mut problems = Vec::new();
    let mut versions = RangeSet::empty();
    for (name, branch) in &document.branches {
        match requirements::range(scheme, &branch.versions.join(",")) {
            Ok(range) => versions = versions.union(range),
            Err(problem) => problems.push(format!("branch {}: {problem}", texts::quote(name))),
        }
    }
    if versions.is_empty() {
        return Err(problems.pop().unwrap_or_else(|| "no version is affected".to_owned()));
    }
    let days = document.branches.values().filter_map(|branch| texts::day(branch.time.as_deref()?));
    let (first, last) = (days.clone().min(), days.max());
    let id = document.cve.as_deref().and_then(names::canonical);
    let is_fixed = versions.upper_bounds().next().is_some();
    let record = Record {
        id: id.unwrap_or_else(|| format!("packagist/{package}/{}", texts::stem(path))),
        published: first,
        modified: last,
        title: document.title.as_deref().and_then(texts::title),
        references: texts::references(&document.link),
        affected: vec![Affected {
            key: PackageKey::new(Scope::Language(Ecosystem::Composer), package),
            scheme,
            state: if is_fixed { FixState::Fixed } else { FixState::Affected },
            versions,
            fixed: Vec::new(),
            architectures: Vec::new(),
            module: None,
            severity: None,
        }],
        ..Record::default()
    };
    Ok(Parsed::record(record, problems))
}
