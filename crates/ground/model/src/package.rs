//! Software that is installed somewhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ecosystem, Location};

/// The position of a package in its [`crate::Inventory`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct PackageId(pub u32);

/// Which tool installed a package, and so whose names and versions it has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum PackageType {
    /// dpkg, of Debian and its derivatives.
    Deb,
    /// apk, of Alpine and its derivatives.
    Apk,
    /// rpm.
    Rpm,
    /// pacman, of Arch Linux and its derivatives.
    Alpm,
    /// opkg, of OpenWrt and other embedded systems.
    Opkg,
    /// A package of a language ecosystem.
    #[serde(untagged)]
    Language(Ecosystem),
}

impl PackageType {
    /// Those of distributions.
    const SYSTEM: [Self; 5] = [Self::Deb, Self::Apk, Self::Rpm, Self::Alpm, Self::Opkg];

    /// The type with this name; none where it is not known.
    pub fn named(name: &str) -> Option<Self> {
        Self::SYSTEM
            .into_iter()
            .chain(Ecosystem::ALL.map(Self::Language))
            .find(|candidate| candidate.name() == name)
    }

    /// The package URL type: `deb`, `apk`, `npm`…
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Alpm => "alpm",
            Self::Opkg => "opkg",
            Self::Language(ecosystem) => ecosystem.name(),
        }
    }

    /// Whether the distribution's package manager installed it.
    pub const fn is_system(self) -> bool {
        !matches!(self, Self::Language(_))
    }
}

/// The source package that a distribution built a binary package from; its advisories name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SourcePackage {
    /// `Source` of dpkg, `origin` of apk.
    pub name: String,
    /// The version of the source, which may differ from the binary's.
    pub version: String,
}

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Which tool installed it.
    #[serde(rename = "type")]
    pub package_type: PackageType,
    /// The name as the package itself writes it: `group:artifact` for Maven, `@scope/name` for npm.
    pub name: String,
    /// The version as the package itself writes it; empty where it has none.
    pub version: String,
    /// The package URL, with the qualifiers that its specification knows.
    pub purl: String,
    /// The architecture, where the package names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// The source package, where it is named (its name may equal the package's own).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePackage>,
    /// Declared licences, as the package writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// The files that prove the package is there; the first one is its place.
    pub locations: Vec<Location>,
    /// Facts of one ecosystem alone that reports carry on, by a name such as `python:direct_url`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
}
