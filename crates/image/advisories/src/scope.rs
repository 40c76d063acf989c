//! How the publishers of a scope name its packages.

use bulkhead_model::{Ecosystem, Package, PackageKey, PackageType, Scope};
use bulkhead_versions::Scheme;

/// The order of versions in a scope; none for distributions whose package manager is not known.
pub fn scheme_of(scope: &Scope) -> Option<Scheme> {
    Some(match scope {
        Scope::Language(ecosystem) => match ecosystem {
            Ecosystem::Npm => Scheme::Npm,
            // Conda's own order departs from Python's for versions that are invalid there.
            Ecosystem::PyPi | Ecosystem::Conda => Scheme::Pep440,
            Ecosystem::Maven => Scheme::Maven,
            Ecosystem::Go => Scheme::Go,
            Ecosystem::Gem => Scheme::Gem,
            Ecosystem::Composer => Scheme::Packagist,
            Ecosystem::NuGet => Scheme::NuGet,
            Ecosystem::Pub => Scheme::Pub,
            Ecosystem::Cran => Scheme::Cran,
            Ecosystem::Hackage => Scheme::Hackage,
            Ecosystem::Conan => Scheme::Conan,
            Ecosystem::Bitnami => Scheme::Bitnami,
            Ecosystem::Cargo | Ecosystem::Hex => Scheme::Semver,
        },
        Scope::Distribution { id, .. } => match id.as_str() {
            "debian" | "ubuntu" => Scheme::Dpkg,
            "alpine" | "chainguard" | "wolfi" => Scheme::Apk,
            "almalinux"
            | "amzn"
            | "azurelinux"
            | "centos"
            | "fedora"
            | "mariner"
            | "ol"
            | "openeuler"
            | "opensuse"
            | "opensuse-leap"
            | "opensuse-tumbleweed"
            | "photon"
            | "redhat"
            | "rhel"
            | "rocky"
            | "sl-micro"
            | "sle-micro"
            | "sles" => Scheme::Rpm,
            "arch" => Scheme::Pacman,
            _ => return None,
        },
    })
}

/// Which name and version of an installed package a publisher's rows are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// The source package: `Source` of dpkg, `origin` of apk.
    Source,
    /// The package as it is installed.
    Installed,
}

impl NameRule {
    /// The rule of a scope. The publishers of RPM distributions, of Arch Linux and of Ubuntu list the
    /// binary packages of an advisory, all others the source package.
    pub(crate) fn of(scope: &Scope) -> Self {
        const BY_BINARY: &[&str] = &[
            "almalinux",
            "amzn",
            "arch",
            "centos",
            "ol",
            "openeuler",
            "opensuse",
            "opensuse-leap",
            "opensuse-tumbleweed",
            "redhat",
            "rhel",
            "rocky",
            "sl-micro",
            "sle-micro",
            "sles",
            "ubuntu",
        ];
        match scope {
            Scope::Distribution { id, .. } if !BY_BINARY.contains(&id.as_str()) => Self::Source,
            _ => Self::Installed,
        }
    }

    /// The name and version to look up. A package that names no source is its own.
    pub(crate) fn coordinates(self, package: &Package) -> (&str, &str) {
        match (&package.source, self) {
            (Some(source), Self::Source) => (&source.name, &source.version),
            _ => (&package.name, &package.version),
        }
    }

    /// The key of what is said of the source of a package whose publisher names binary packages: where
    /// there is no fix, Red Hat names the source as well, or alone, as its file is called
    /// (`libtiff.src`).
    pub(crate) fn source_key(self, scope: &Scope, package: &Package) -> Option<PackageKey> {
        let is_asked = self == Self::Installed && package.package_type == PackageType::Rpm;
        let source = package.source.as_ref().filter(|_| is_asked)?;
        Some(PackageKey::new(scope.clone(), &format!("{}.src", source.name)))
    }

    /// The number of the rule in the database.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Source => 0,
            Self::Installed => 1,
        }
    }

    /// The rule with this number; a number from the future reads as the commoner rule.
    pub(crate) const fn by_code(code: u8) -> Self {
        if code == 1 { Self::Installed } else { Self::Source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishers_name_source_or_binary_packages() {
        for (scope, rule) in [
            ("debian:12", NameRule::Source),
            ("alpine:3.18", NameRule::Source),
            ("almalinux:9", NameRule::Installed),
            ("azurelinux:3.0", NameRule::Source),
            ("sle-micro:5.5", NameRule::Installed),
            ("arch:rolling", NameRule::Installed),
            ("fedora:40", NameRule::Source),
            ("wolfi:rolling", NameRule::Source),
            ("ubuntu:22.04", NameRule::Installed),
            ("npm", NameRule::Installed),
        ] {
            assert_eq!(NameRule::of(&scope.parse().unwrap()), rule, "{scope}");
            assert_eq!(NameRule::by_code(rule.code()), rule);
        }
    }
}
