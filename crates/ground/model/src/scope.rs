//! Which advisories can speak about which packages.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language ecosystem: one name space of packages with one order of versions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// The npm registry.
    Npm,
    /// The Python package index.
    PyPi,
    /// Maven repositories; names are `group:artifact`.
    Maven,
    /// Go modules; the standard library is `stdlib`, the tool chain `toolchain`.
    #[serde(rename = "golang")]
    Go,
    /// crates.io.
    Cargo,
    /// RubyGems.
    Gem,
    /// Packagist; names are `vendor/project`.
    Composer,
    /// NuGet.
    NuGet,
    /// Conan centre.
    Conan,
    /// Bitnami's application packages.
    Bitnami,
    /// Pub, for Dart.
    Pub,
    /// Hex, for Erlang and Elixir.
    Hex,
    /// CRAN, for R.
    Cran,
    /// Hackage, for Haskell.
    Hackage,
    /// Channels of conda, for any language.
    Conda,
}

impl Ecosystem {
    /// Every ecosystem, in the order of declaration.
    pub const ALL: [Self; 15] = [
        Self::Npm,
        Self::PyPi,
        Self::Maven,
        Self::Go,
        Self::Cargo,
        Self::Gem,
        Self::Composer,
        Self::NuGet,
        Self::Conan,
        Self::Bitnami,
        Self::Pub,
        Self::Hex,
        Self::Cran,
        Self::Hackage,
        Self::Conda,
    ];

    /// The name, which is the package URL type where there is one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::PyPi => "pypi",
            Self::Maven => "maven",
            Self::Go => "golang",
            Self::Cargo => "cargo",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::NuGet => "nuget",
            Self::Conan => "conan",
            Self::Bitnami => "bitnami",
            Self::Pub => "pub",
            Self::Hex => "hex",
            Self::Cran => "cran",
            Self::Hackage => "hackage",
            Self::Conda => "conda",
        }
    }

    /// The name as two packages that the ecosystem regards as the same are both called.
    pub fn normalise(self, name: &str) -> String {
        match self {
            Self::PyPi => pep_503(name),
            Self::Composer | Self::NuGet | Self::Hex | Self::Pub | Self::Bitnami => {
                name.to_lowercase()
            }
            _ => name.to_owned(),
        }
    }
}

/// PEP 503: lower case, and runs of `-`, `_` and `.` are one `-`.
fn pep_503(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.trim().chars() {
        if !matches!(character, '-' | '_' | '.') {
            normal.extend(character.to_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

/// Distributions whose advisories are published for a major version with all its minor ones.
const BY_MAJOR: [&str; 10] = [
    "debian",
    "rhel",
    "centos",
    "rocky",
    "almalinux",
    "ol",
    "oracle",
    "rhcos",
    "virtuozzo",
    "eurolinux",
];

/// Distributions without releases: whatever version they call themselves, their advisories are about
/// the newest packages.
const ROLLING: [&str; 4] = ["arch", "chainguard", "opensuse-tumbleweed", "wolfi"];

/// The release of a distribution that has none.
const ALWAYS: &str = "rolling";

/// The set of packages that one publisher's statements are about: a language ecosystem, or one
/// release of a distribution.
///
/// The text form is `npm` or `debian:12`; it orders the rows of the advisory database.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Scope {
    /// A language ecosystem.
    Language(Ecosystem),
    /// A release of a distribution, by the `ID` of os-release and the publisher's name of the
    /// release: `debian:12`, `alpine:3.18`, `alpine:edge`.
    Distribution {
        /// `ID` of os-release.
        id: String,
        /// The release as the publisher's feed names it.
        release: String,
    },
}

impl Scope {
    /// The scope of one release of a distribution.
    pub fn distribution(id: &str, release: &str) -> Self {
        Self::Distribution { id: id.to_lowercase(), release: release.to_lowercase() }
    }

    /// The scope of a system by `ID` and `VERSION_ID` of its os-release: the release in the form in
    /// which publishers name it, `alpine:3.18` for version 3.18.4, `arch:rolling` where there are no
    /// releases. None where the version is no number. A derivative is itself, never what it is like: its packages have versions of their
    /// own.
    pub fn of_system(id: &str, version: &str) -> Option<Self> {
        let (id, version) = (id.trim().to_lowercase(), version.trim());
        if ROLLING.contains(&id.as_str()) {
            return Some(Self::distribution(&id, ALWAYS));
        }
        if id.is_empty() || !version.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let mut parts = version.split('.');
        let major = parts.next().unwrap_or_default();
        let release = match id.as_str() {
            // Development snapshots call themselves 3.21.0_alpha20240807.
            "alpine" if version.contains("_alpha") => "edge".to_owned(),
            "alpine" => {
                let minor = parts.next()?.split('_').next().unwrap_or_default();
                format!("{major}.{minor}")
            }
            // The first generation called itself by the year and month of each image.
            "amzn" if version.contains('.') => "1".to_owned(),
            id if BY_MAJOR.contains(&id) => major.to_owned(),
            _ => version.to_owned(),
        };
        Some(Self::distribution(&id, &release))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Language(ecosystem) => formatter.pad(ecosystem.name()),
            Self::Distribution { id, release } => formatter.pad(&format!("{id}:{release}")),
        }
    }
}

/// The text names neither an ecosystem nor a release of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}: expected an ecosystem such as npm, or distribution:release such as debian:12"
)]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((id, release)) = text.split_once(':') {
            if id.is_empty() || release.is_empty() {
                return Err(UnknownScope(text.to_owned()));
            }
            return Ok(Self::distribution(id, release));
        }
        Ecosystem::ALL
            .into_iter()
            .find(|ecosystem| ecosystem.name().eq_ignore_ascii_case(text))
            .map(Self::Language)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

/// What the rows of the advisory database are keyed by: a scope, and a package's name in the form
/// that the scope regards as canonical. Builder and matcher make it by the same function.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PackageKey {
    scope: Scope,
    name: String,
}

impl PackageKey {
    /// The key of `name` in `scope`. For distributions the name is that of the source package.
    pub fn new(scope: Scope, name: &str) -> Self {
        let name = match &scope {
            Scope::Language(ecosystem) => ecosystem.normalise(name),
            Scope::Distribution { .. } => name.trim().to_owned(),
        };
        Self { scope, name }
    }

    /// The scope.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The canonical name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for PackageKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.scope, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_what_they_show() {
        for text in ["npm", "golang", "debian:12", "alpine:edge"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        assert!("cobol".parse::<Scope>().is_err());
        assert!("debian:".parse::<Scope>().is_err());
    }

    #[test]
    fn releases_are_those_of_the_publishers() {
        for (id, version, scope) in [
            ("debian", "11.6", Some("debian:11")),
            ("Debian", "12", Some("debian:12")),
            ("alpine", "3.18.4", Some("alpine:3.18")),
            ("alpine", "3.21.0_alpha20240807", Some("alpine:edge")),
            ("alpine", "3", None),
            ("ubuntu", "22.04", Some("ubuntu:22.04")),
            ("rhel", "9.2", Some("rhel:9")),
            ("kali", "2024.1", Some("kali:2024.1")),
            ("amzn", "2018.03", Some("amzn:1")),
            ("amzn", "2023", Some("amzn:2023")),
            ("ol", "9.4", Some("ol:9")),
            ("sles", "15.5", Some("sles:15.5")),
            ("arch", "", Some("arch:rolling")),
            ("wolfi", "20230201", Some("wolfi:rolling")),
            ("debian", "", None),
            ("debian", "sid", None),
            ("", "1", None),
        ] {
            let found = Scope::of_system(id, version).map(|scope| scope.to_string());
            assert_eq!(found.as_deref(), scope, "{id} {version}");
        }
    }

    #[test]
    fn every_ecosystem_is_serialised_by_its_name() {
        for ecosystem in Ecosystem::ALL {
            let json = serde_json::to_string(&ecosystem).unwrap();
            assert_eq!(json, format!("{:?}", ecosystem.name()));
        }
    }

    #[test]
    fn names_are_canonical_per_ecosystem() {
        let python = PackageKey::new(Scope::Language(Ecosystem::PyPi), "Zope._-Interface");
        assert_eq!(python.name(), "zope-interface");
        let node = PackageKey::new(Scope::Language(Ecosystem::Npm), "JSONStream");
        assert_eq!(node.name(), "JSONStream");
    }
}
