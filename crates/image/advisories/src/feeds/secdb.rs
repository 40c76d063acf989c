//! Security databases of apk packages: one JSON document per release and repository. Alpine makes it
//! from the comments `# secfixes:` of the build recipes; Wolfi and Chainguard, which have no releases,
//! write the same without the release's name.
//!
//! It says of an origin package which version fixed what. Version `0` stands for what the package
//! never had: such entries yield nothing. Where a vulnerability was fixed several times in one
//! release (the first fix was incomplete, or came back), every version below the last fix is
//! affected.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bulkhead_model::{FixState, PackageKey, Scope};
use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::reading::Reading;
use super::{names, texts};
use crate::{Affected, FeedError, Format, Record};

mod entry;

use entry::Entry;

/// The version that stands for "never affected".
const NEVER: &str = "0";

#[derive(Deserialize)]
struct Document<'a> {
    /// Absent where the distribution has no releases: Wolfi, Chainguard.
    #[serde(rename = "distroversion", default)]
    release: Option<String>,
    #[serde(borrow)]
    packages: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Wrapper {
    #[serde(rename = "pkg")]
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(rename = "secfixes")]
    fixes: Fixes,
}

/// The map of versions to entries as a list: a version that is written twice keeps both.
struct Fixes(Vec<(String, Vec<String>)>);

/// What a package says of one vulnerability.
struct Fix<'a> {
    version: &'a str,
    aliases: BTreeSet<String>,
    title: Option<String>,
}

pub(super) fn read(document: &[u8], reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let malformed =
        |cause: String| FeedError::Malformed { format: Format::AlpineSecdb.name(), cause };
    let document: Document<'_> =
        serde_json::from_slice(document).map_err(|error| malformed(error.to_string()))?;
    let scope = match (&document.release, reading.source.only_scope()) {
        (None, Some(scope)) => scope,
        (release, _) => {
            let release = release.as_deref().unwrap_or_default();
            alpine(release)
                .ok_or_else(|| malformed(format!("no release: {}", texts::quote(release))))?
        }
    };
    let mut packages = Vec::with_capacity(document.packages.len());
    for (position, package) in document.packages.iter().enumerate() {
        reading.budget.charge_entry()?;
        match serde_json::from_str::<Wrapper>(package.get()) {
            Ok(wrapper) if wrapper.package.name.trim().is_empty() => {
                reading.problem(&format!("package {position}"), "without a name");
            }
            Ok(wrapper) => packages.push(wrapper.package),
            Err(error) => reading.problem(&format!("package {position}"), error),
        }
    }
    let bulletins = bulletins(&packages);
    for package in &packages {
        deliver(package, &scope, &bulletins, reading);
    }
    Ok(())
}

/// `v3.18`, `edge`.
fn alpine(release: &str) -> Option<Scope> {
    let release = release.trim();
    let release = release.strip_prefix('v').unwrap_or(release);
    let plain = release.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (plain && !release.is_empty()).then(|| Scope::distribution("alpine", release))
}

/// Names that stand beside different CVEs, in one entry or in several: they are bulletins about
/// each of them and no other name of any.
fn bulletins(packages: &[Package]) -> BTreeSet<String> {
    let mut beside: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, entries) in packages.iter().flat_map(|package| &package.fixes.0) {
        for entry in entries.iter().map(|text| Entry::parse(text)) {
            for name in entry.others {
                beside.entry(name).or_default().extend(entry.cves.iter().cloned());
            }
        }
    }
    beside.retain(|_, cves| cves.len() > 1);
    beside.into_keys().collect()
}

fn deliver(
    package: &Package,
    scope: &Scope,
    bulletins: &BTreeSet<String>,
    reading: &mut Reading<'_>,
) {
    let mut fixes: BTreeMap<String, Fix<'_>> = BTreeMap::new();
    for (version, entries) in &package.fixes.0 {
        let version = version.trim();
        if version.is_empty() {
            reading.problem(&package.name, "a fix in no version");
            continue;
        }
        for text in entries {
            let entry = Entry::parse(text);
            for unclear in &entry.unclear {
                reading.problem(
                    &package.name,
                    format_args!("{} is no number of a CVE", texts::quote(unclear)),
                );
            }
            if version == NEVER {
                continue;
            }
            for (name, aliases) in entry.vulnerabilities(bulletins) {
                let fix = fixes.entry(name).or_insert_with(|| Fix {
                    version,
                    aliases: BTreeSet::new(),
                    title: entry.remark(),
                });
                if Scheme::Apk.compare(fix.version.as_bytes(), version.as_bytes()) == Ordering::Less
                {
                    fix.version = version;
                }
                fix.aliases.extend(aliases);
            }
        }
    }
    for (id, fix) in fixes {
        let below =
            Interval { low: Bound::Unbounded, high: Bound::Exclusive(fix.version.to_owned()) };
        reading.record(Record {
            aliases: names::aliases(&id, &fix.aliases),
            title: fix.title.as_deref().and_then(texts::title),
            affected: vec![Affected {
                key: PackageKey::new(scope.clone(), &package.name),
                scheme: Scheme::Apk,
                state: FixState::Fixed,
                versions: RangeSet::new(vec![below], Vec::new()),
                fixed: Vec::new(),
                architectures: Vec::new(),
                module: None,
                severity: None,
            }],
            id,
            ..Record::default()
        });
    }
}

impl<'de> Deserialize<'de> for Fixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Fixes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of versions to lists of names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fixes, A::Error> {
                let mut pairs = Vec::new();
                while let Some((version, names)) =
                    map.next_entry::<String, Option<Vec<String>>>()?
                {
                    pairs.push((version, names.unwrap_or_default()));
                }
                Ok(Fixes(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
