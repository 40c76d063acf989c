//! All the software of one target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Location, Package, PackageId, Scope};

/// What is installed in one image, root file system or project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// The operating system, where os-release names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    /// The packages, ordered by type, name, version and first location.
    pub packages: Vec<Package>,
    /// How they hang together, ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
}

impl Inventory {
    /// The package with this id.
    pub fn package(&self, id: PackageId) -> Option<&Package> {
        self.packages.get(usize::try_from(id.0).ok()?)
    }

    /// Every package with its id.
    pub fn iter(&self) -> impl Iterator<Item = (PackageId, &Package)> {
        (0..).map(PackageId).zip(&self.packages)
    }
}

/// What os-release says (os-release(5)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperatingSystem {
    /// `ID`, lower case: `debian`, `alpine`.
    pub id: String,
    /// `VERSION_ID`, whole; empty where there is none (Debian testing and unstable).
    pub version: String,
    /// `VERSION_CODENAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codename: Option<String>,
    /// `ID_LIKE`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
    /// `PRETTY_NAME`, for people.
    pub pretty_name: String,
    /// The scope whose advisories speak about the system's packages: the release in the form that
    /// publishers use (`alpine:3.18` for version 3.18.4). None where os-release names no release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The file it was read from.
    pub location: Location,
}

/// A directed relation between two packages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Relation {
    /// The package that depends, is owned, or is contained.
    pub from: PackageId,
    /// How.
    pub kind: RelationKind,
    /// The package that is depended upon, owns, or contains.
    pub to: PackageId,
}

/// How two packages hang together.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// `from` needs `to` to work.
    DependsOn,
    /// The files of `from` were installed with the package `to`.
    OwnedBy,
    /// `from` lies inside the archive or binary of `to`.
    ContainedIn,
}
