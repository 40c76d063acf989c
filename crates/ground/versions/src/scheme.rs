//! The orders of versions by name.

mod apk;
mod bitnami;
mod conan;
mod cran;
mod dart;
mod dotted;
mod dpkg;
mod gem;
mod go;
mod hackage;
mod maven;
mod npm;
mod nuget;
mod packagist;
mod pacman;
mod pep440;
mod rpm;
mod semver;

use std::cmp::Ordering;

/// An order of versions.
///
/// Each is a total preorder over any bytes: reflexive, transitive and total also for texts that its
/// ecosystem would refuse, so that sorting and searching never go wrong on a hostile version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// dpkg: deb-version(7).
    Dpkg,
    /// apk-tools.
    Apk,
    /// rpm: epoch, `~`, `^`.
    Rpm,
    /// Maven's `ComparableVersion`.
    Maven,
    /// PEP 440 with legacy versions.
    Pep440,
    /// node-semver, loose.
    Npm,
    /// Semantic versions 2.0.0.
    Semver,
    /// RubyGems' `Gem::Version`.
    Gem,
    /// `NuGet`.
    NuGet,
    /// Composer.
    Packagist,
    /// R's numeric versions.
    Cran,
    /// Haskell's package versioning policy.
    Hackage,
    /// Dart's `pub_semver`.
    Pub,
    /// Go modules with pseudo-versions and `go1.21rc2` forms.
    Go,
    /// pacman: `alpm_pkg_vercmp`.
    Pacman,
    /// Conan 2.
    Conan,
    /// Bitnami's application packages: semantic versions with a revision of the package.
    Bitnami,
}

/// Which of the versions that a bound names is its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The first pre-release of it, where the scheme has it so: of `>=` and `<`.
    First,
    /// Itself: of `>`, `<=` and `=`.
    Itself,
}

/// What is known of one scheme.
struct Facts {
    /// Stored in databases: never reused.
    id: u8,
    name: &'static str,
    compare: Compare,
    is_valid: IsValid,
}

type Compare = fn(&[u8], &[u8]) -> Ordering;
type IsValid = fn(&[u8]) -> bool;

impl Scheme {
    /// All of them, in the order of their ids.
    pub const ALL: [Self; 17] = [
        Self::Dpkg,
        Self::Apk,
        Self::Rpm,
        Self::Maven,
        Self::Pep440,
        Self::Npm,
        Self::Semver,
        Self::Gem,
        Self::NuGet,
        Self::Packagist,
        Self::Cran,
        Self::Hackage,
        Self::Pub,
        Self::Go,
        Self::Pacman,
        Self::Conan,
        Self::Bitnami,
    ];

    /// Which of two versions is older. Any bytes compare; see [`Self::is_valid`].
    pub fn compare(self, left: &[u8], right: &[u8]) -> Ordering {
        if left == right { Ordering::Equal } else { (self.facts().compare)(left, right) }
    }

    /// As [`Self::compare`], of a version with one that a range names. Two tools change them before:
    /// to a specifier of PEP 440 without a local label the label of the candidate does not count
    /// ("Version specifiers"), and Composer fills both up to four numbers (`VersionParser::normalize`)
    /// and has `>=` and `<` begin at the first pre-release (`VersionParser::parseConstraint`).
    pub(crate) fn compare_with_bound(self, version: &[u8], bound: &[u8], edge: Edge) -> Ordering {
        match self {
            Self::Pep440 if !bound.contains(&b'+') => {
                let public = version.split(|&byte| byte == b'+').next().unwrap_or_default();
                self.compare(public, bound)
            }
            Self::Packagist => {
                let bound = packagist::filled(bound, edge == Edge::First);
                self.compare(&packagist::filled(version, false), &bound)
            }
            _ => self.compare(version, bound),
        }
    }

    /// Whether the ecosystem itself would accept the text as a version.
    pub fn is_valid(self, version: &[u8]) -> bool {
        (self.facts().is_valid)(version)
    }

    /// The name in files that people write: `dpkg`, `pep440`.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The scheme of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }

    /// The number in databases, the same for ever.
    pub fn id(self) -> u8 {
        self.facts().id
    }

    /// The scheme of a number.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.id() == id)
    }

    #[rustfmt::skip]
    fn facts(self) -> Facts {
        let (id, name, compare, is_valid): (u8, _, Compare, IsValid) =
            match self {
                Self::Dpkg => (1, "dpkg", dpkg::compare, dpkg::is_valid),
                Self::Apk => (2, "apk", apk::compare, apk::is_valid),
                Self::Rpm => (3, "rpm", rpm::compare, rpm::is_valid),
                Self::Maven => (4, "maven", maven::compare, maven::is_valid),
                Self::Pep440 => (5, "pep440", pep440::compare, pep440::is_valid),
                Self::Npm => (6, "npm", npm::compare, npm::is_valid),
                Self::Semver => (7, "semver", semver::compare, semver::is_valid),
                Self::Gem => (8, "gem", gem::compare, gem::is_valid),
                Self::NuGet => (9, "nuget", nuget::compare, nuget::is_valid),
                Self::Packagist => (10, "packagist", packagist::compare, packagist::is_valid),
                Self::Cran => (11, "cran", cran::compare, cran::is_valid),
                Self::Hackage => (12, "hackage", hackage::compare, hackage::is_valid),
                Self::Pub => (13, "pub", dart::compare, dart::is_valid),
                Self::Go => (14, "go", go::compare, go::is_valid),
                Self::Pacman => (15, "pacman", pacman::compare, pacman::is_valid),
                Self::Conan => (16, "conan", conan::compare, conan::is_valid),
                Self::Bitnami => (17, "bitnami", bitnami::compare, bitnami::is_valid),
            };
        Facts { id, name, compare, is_valid }
    }
}
