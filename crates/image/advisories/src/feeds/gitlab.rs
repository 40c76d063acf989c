//! GitLab's advisories (the format of its advisory database): a tar of YAML files, one per
//! vulnerability and package.
//!
//! Ranges are in the notation of the package's own tool. An empty range means every version (the
//! text beside it says so). Records that several packages share have the same identifier. Some
//! identifiers are names only within their package (a day, a number): those records are called by
//! their path, so that no two vulnerabilities come to share a name.

use bulkhead_model::{Ecosystem, FixState, PackageKey, Scope};
use bulkhead_versions::RangeSet;
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, scores, texts};
use crate::scope::scheme_of;
use crate::{Affected, FeedSource, Record};

#[derive(Deserialize)]
struct Document {
    identifier: String,
    #[serde(default)]
    identifiers: Option<Vec<String>>,
    package_slug: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// The day of the last change.
    #[serde(default)]
    date: Option<String>,
    /// The day of publication.
    #[serde(default)]
    pubdate: Option<String>,
    #[serde(default)]
    affected_range: Option<String>,
    #[serde(default)]
    fixed_versions: Option<Vec<String>>,
    #[serde(default)]
    urls: Option<Vec<String>>,
    #[serde(default)]
    cvss_v2: Option<String>,
    #[serde(default)]
    cvss_v3: Option<String>,
    #[serde(default)]
    cvss_v4: Option<String>,
    #[serde(default)]
    cwe_ids: Option<Vec<String>>,
}

/// The package types of the database, as folders and first parts of slugs.
const TYPES: [(&str, Option<Ecosystem>); 10] = [
    ("cargo", Some(Ecosystem::Cargo)),
    ("conan", Some(Ecosystem::Conan)),
    ("gem", Some(Ecosystem::Gem)),
    ("go", Some(Ecosystem::Go)),
    ("maven", Some(Ecosystem::Maven)),
    ("npm", Some(Ecosystem::Npm)),
    ("nuget", Some(Ecosystem::NuGet)),
    ("packagist", Some(Ecosystem::Composer)),
    ("pypi", Some(Ecosystem::PyPi)),
    ("swift", None),
];

/// One YAML file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the tar is a record: a YAML file in the folder of a package type, at the top
/// or one level down.
fn is_record(path: &[u8]) -> bool {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let is_type = |name: &[u8]| TYPES.iter().any(|(known, _)| known.as_bytes() == name);
    let mut parts = path.split(|&byte| byte == b'/');
    path.ends_with(b".yml")
        && (parts.next().is_some_and(is_type) || parts.next().is_some_and(is_type))
        && parts.count() >= 2
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document: Document =
        serde_saphyr::from_slice(content).map_err(|error| texts::first_line(&error))?;
    let slug = document.package_slug.trim_matches('/');
    let (ecosystem, name) = package(slug)?;
    let scope = Scope::Language(ecosystem);
    let scheme = scheme_of(&scope)
        .filter(|_| source.speaks_about(&scope))
        .ok_or_else(|| format!("{ecosystem:?} is not among the scopes of the feed"))?;
    let versions = match document.affected_range.as_deref().map(str::trim) {
        None | Some("") => RangeSet::everything(),
        Some(range) => scheme.parse_range(range).map_err(|error| error.to_string())?,
    };
    let mut problems = Vec::new();
    let mut cvss = Vec::new();
    for vector in [&document.cvss_v4, &document.cvss_v3, &document.cvss_v2].into_iter().flatten() {
        match scores::score(&source.id, vector) {
            Ok(scored) => cvss.push(scored),
            Err(problem) => problems.push(problem),
        }
    }
    let id = names::canonical(&document.identifier)
        .unwrap_or_else(|| format!("{slug}/{}", document.identifier.trim()));
    let fixed = document.fixed_versions.unwrap_or_default();
    let affected = Affected {
        key: PackageKey::new(scope, &name),
        scheme,
        state: if fixed.is_empty() { FixState::Affected } else { FixState::Fixed },
        versions,
        fixed,
        architectures: Vec::new(),
        module: None,
        severity: None,
    };
    let record = Record {
        aliases: names::aliases(&id, document.identifiers.unwrap_or_default()),
        published: document.pubdate.as_deref().and_then(texts::day),
        modified: document.date.as_deref().and_then(texts::day),
        title: document.title.as_deref().and_then(texts::title),
        description: document.description.as_deref().and_then(texts::description),
        cvss,
        cwes: names::weaknesses(document.cwe_ids.unwrap_or_default()),
        references: texts::references(document.urls.unwrap_or_default()),
        affected: vec![affected],
        id,
        ..Record::default()
    };
    Ok(Parsed::record(record, problems))
}

/// Ecosystem and name of a slug: `maven/group/artifact`, `packagist/vendor/project`, `npm/@scope/name`.
fn package(slug: &str) -> Result<(Ecosystem, String), String> {
    let unknown = || format!("{} is no package", texts::quote(slug));
    let (kind, name) = slug.split_once('/').ok_or_else(unknown)?;
    let (_, ecosystem) = TYPES.iter().find(|(known, _)| *known == kind).ok_or_else(unknown)?;
    let ecosystem = ecosystem.ok_or_else(|| format!("packages of type {kind} are not read yet"))?;
    let name = match ecosystem {
        // Old artifacts have their own name for group: `maven/mysql-connector-java`.
        Ecosystem::Maven => {
            let (group, artifact) = name.split_once('/').unwrap_or((name, name));
            format!("{group}:{artifact}")
        }
        _ => name.to_owned(),
    };
    if name.is_empty() { Err(unknown()) } else { Ok((ecosystem, name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_in_folders_of_package_types() {
        for (path, expected) in [
            ("npm/lodash/CVE-2019-10744.yml", true),
            ("./npm/lodash/CVE-2019-10744.yml", true),
            ("advisories-community-main/npm/lodash/CVE-2019-10744.yml", true),
            ("advisories-community-main/go/a/b/c/CVE-2019-10744.yml", true),
            ("advisories-community-main/.gitlab-ci.yml", false),
            ("advisories-community-main/ci/npm.yml", false),
            ("npm/CVE-2019-10744.yml", false),
            ("npm/lodash/README.md", false),
            ("", false),
        ] {
            assert_eq!(is_record(path.as_bytes()), expected, "{path}");
        }
    }

    #[test]
    fn slugs_name_packages() {
        for (slug, expected) in [
            ("npm/@diez/generation", Ok((Ecosystem::Npm, "@diez/generation"))),
            ("maven/axis/axis", Ok((Ecosystem::Maven, "axis:axis"))),
            (
                "maven/mysql-connector-java",
                Ok((Ecosystem::Maven, "mysql-connector-java:mysql-connector-java")),
            ),
            ("packagist/moodle/moodle", Ok((Ecosystem::Composer, "moodle/moodle"))),
            ("go/k8s.io/client-go", Ok((Ecosystem::Go, "k8s.io/client-go"))),
            ("swift/github.com/apple/swift-nio", Err(())),
            ("cobol/a", Err(())),
            ("npm", Err(())),
        ] {
            let package = package(slug);
            let package = package.as_ref().map(|(e, name)| (*e, name.as_str())).map_err(|_| ());
            assert_eq!(package, expected, "{slug}");
        }
    }
}
