//! Whether what a document says identifies a package.

use bulkhead_model::{OperatingSystem, Package, PackageType};

use super::range;
use super::statement::{Identity, VersionClause};
use crate::distribution;
use crate::purl::Purl;

/// How well something fits, the best first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is this.
    Same,
    /// It is another version of this.
    OtherVersion { stated: String, found: String },
    /// It is said by something that cannot be judged.
    NotJudged(String),
    /// It is something else.
    Other,
}

impl Fit {
    pub(super) fn best(fits: impl IntoIterator<Item = Self>) -> Self {
        fits.into_iter().min().unwrap_or(Self::Other)
    }
}

/// Distributions that package URLs call otherwise than os-release does.
const NAMESPACES: [(&str, &str); 7] = [
    ("redhat", "rhel"),
    ("suse", "sles"),
    ("suse", "opensuse-leap"),
    ("opensuse", "opensuse-leap"),
    ("opensuse", "opensuse-tumbleweed"),
    ("oracle", "ol"),
    ("amazon", "amzn"),
];

/// Qualifiers that tools add for themselves: they say where a package came from or how a tool calls
/// it, not which it is.
const NOT_IDENTIFYING: [&str; 2] = ["package-id", "upstream"];

/// Holds an identity against a package.
pub(super) fn of_package(
    identity: &Identity,
    package: &Package,
    system: Option<&OperatingSystem>,
) -> Fit {
    let by_url = identity.purls.iter().filter_map(|text| {
        let purl = Purl::parse(text).ok()?;
        let fit = purl_fit(&purl, package, system);
        Some(if fit == Fit::Same { versions_fit(identity, &purl, package) } else { fit })
    });
    let best = Fit::best(by_url);
    if best != Fit::Other || !identity.purls.is_empty() {
        return best;
    }
    // Without a package URL what remains may well be about this package: nobody here can tell.
    match identity.cpes.iter().chain(&identity.hashes).next() {
        Some(text) => Fit::NotJudged(text.clone()),
        None => Fit::Other,
    }
}

fn purl_fit(stated: &Purl, package: &Package, system: Option<&OperatingSystem>) -> Fit {
    let Ok(own) = Purl::parse(&package.purl) else { return Fit::Other };
    if stated.kind != own.kind {
        return Fit::Other;
    }
    let is_source = stated.qualifiers.get("arch").is_some_and(|it| it == "source" || it == "src");
    let source = package.source.as_ref().filter(|_| is_source);
    let same_name = match source {
        Some(source) => stated.name == source.name,
        None => names_agree(stated, &own, package.package_type),
    };
    let same_namespace = !package.package_type.is_system()
        || namespaces_agree(stated.namespace.as_deref(), own.namespace.as_deref());
    let qualified = stated
        .qualifiers
        .iter()
        .all(|(key, value)| qualifier_holds(key, value, is_source, &own, package, system));
    if !(same_name && same_namespace && qualified) {
        return Fit::Other;
    }
    let Some(version) = &stated.version else { return Fit::Same };
    let mut found = match source {
        Some(source) => vec![source.version.as_str()],
        None => vec![package.version.as_str()],
    };
    found.extend(own.version.as_deref().filter(|_| !is_source));
    if found.iter().any(|found| versions_agree(version, found, &stated.kind)) {
        Fit::Same
    } else {
        let found = found.first().copied().unwrap_or_default().to_owned();
        Fit::OtherVersion { stated: version.clone(), found }
    }
}

/// The names as their ecosystem compares them; a namespace is part of the name in most.
fn names_agree(stated: &Purl, own: &Purl, package_type: PackageType) -> bool {
    match package_type {
        PackageType::Language(ecosystem) => {
            let name = |purl: &Purl| ecosystem.normalise(&purl.package_name(package_type));
            name(stated) == name(own)
        }
        _ => stated.name == own.name,
    }
}

fn namespaces_agree(stated: Option<&str>, own: Option<&str>) -> bool {
    let (Some(stated), Some(own)) = (stated, own) else { return stated == own };
    stated.eq_ignore_ascii_case(own)
        || NAMESPACES.iter().any(|(url, release)| {
            stated.eq_ignore_ascii_case(url) && own.eq_ignore_ascii_case(release)
        })
}

fn qualifier_holds(
    key: &str,
    value: &str,
    is_source: bool,
    own: &Purl,
    package: &Package,
    system: Option<&OperatingSystem>,
) -> bool {
    let same = own.qualifiers.get(key).is_some_and(|own| own == value);
    match key {
        _ if same || NOT_IDENTIFYING.contains(&key) => true,
        "arch" => is_source || package.architecture.as_deref() == Some(value),
        "distro" => system.is_some_and(|system| is_release(value, own, system)),
        "epoch" => {
            let epoch = package.version.split_once(':').map_or("0", |(epoch, _)| epoch);
            own.qualifiers.get(key).map_or(epoch, String::as_str) == value
        }
        // What a package of Maven's is where nothing is said.
        "type" => value == "jar" && !own.qualifiers.contains_key(key),
        "rpmmod" => is_of_module(value, package),
        _ => false,
    }
}

/// Whether a `distro` qualifier names the release: `debian-12`, `12`, `bookworm`.
fn is_release(value: &str, own: &Purl, system: &OperatingSystem) -> bool {
    let named = || distribution::from_qualifier(value, own.namespace.as_deref());
    system.codename.as_deref() == Some(value)
        || (!system.version.is_empty() && system.version == value)
        || named().is_some_and(|named| named.scope.is_some() && named.scope == system.scope)
}

/// Whether a package of rpm's belongs to this module and stream, `nodejs:18`.
pub(super) fn is_of_module(module: &str, package: &Package) -> bool {
    let label = package.properties.get("rpm:modularity");
    label
        .and_then(|label| label.strip_prefix(module))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Texts of the same version: rpm's epoch 0 may be left out, and the `v` of Go's modules.
fn versions_agree(stated: &str, found: &str, kind: &str) -> bool {
    let plain = |version: &str| match kind {
        "golang" => version.strip_prefix('v').unwrap_or(version).to_owned(),
        // The epoch is a qualifier of its own.
        "rpm" => version.split_once(':').map_or(version, |(_, rest)| rest).to_owned(),
        "deb" => version.strip_prefix("0:").unwrap_or(version).to_owned(),
        _ => version.to_owned(),
    };
    plain(stated) == plain(found)
}

fn versions_fit(identity: &Identity, purl: &Purl, package: &Package) -> Fit {
    if identity.versions.is_empty() {
        return Fit::Same;
    }
    Fit::best(identity.versions.iter().map(|clause| match clause {
        VersionClause::Exactly(version)
            if versions_agree(version, &package.version, &purl.kind) =>
        {
            Fit::Same
        }
        VersionClause::Exactly(version) => {
            Fit::OtherVersion { stated: version.clone(), found: package.version.clone() }
        }
        VersionClause::Range(range) => {
            match range::contains(range, &package.version, Some(&purl.kind)) {
                Some(true) => Fit::Same,
                Some(false) => {
                    Fit::OtherVersion { stated: range.clone(), found: package.version.clone() }
                }
                None => Fit::NotJudged(range.clone()),
            }
        }
    }))
}
