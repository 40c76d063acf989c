//! The schema's names of ecosystems (section "Defined Ecosystems").

use bulkhead_model::{Ecosystem, Scope};

/// The scope of `Go`, `AlmaLinux:9`, `Alpine:v3.18`; none for ecosystems that have none here.
///
/// A distribution without a release speaks of no release in particular and has none either.
pub(super) fn scope(ecosystem: &str) -> Option<Scope> {
    let (name, release) = match ecosystem.split_once(':') {
        Some((name, release)) => (name, Some(release)),
        None => (ecosystem, None),
    };
    if let Some(language) = language(name) {
        return Some(Scope::Language(language));
    }
    let id = match name {
        "AlmaLinux" => "almalinux",
        "Alpine" => "alpine",
        "Azure Linux" => "azurelinux",
        "Chainguard" => return Some(Scope::distribution("chainguard", "rolling")),
        "Debian" => "debian",
        "Rocky Linux" => "rocky",
        "Ubuntu" => "ubuntu",
        "Wolfi" => return Some(Scope::distribution("wolfi", "rolling")),
        _ => return None,
    };
    let release = release?;
    let release = release.strip_suffix(":LTS").unwrap_or(release);
    let release = release.strip_prefix('v').filter(|_| id == "alpine").unwrap_or(release);
    // `Ubuntu:Pro:22.04:LTS` is a set of packages of its own, not the release.
    let plain = !release.is_empty() && !release.contains(':');
    plain.then(|| Scope::distribution(id, release))
}

fn language(name: &str) -> Option<Ecosystem> {
    Some(match name {
        "Bitnami" => Ecosystem::Bitnami,
        "ConanCenter" => Ecosystem::Conan,
        "CRAN" => Ecosystem::Cran,
        "crates.io" => Ecosystem::Cargo,
        "Go" => Ecosystem::Go,
        "Hackage" => Ecosystem::Hackage,
        "Hex" => Ecosystem::Hex,
        "Maven" => Ecosystem::Maven,
        "npm" => Ecosystem::Npm,
        "NuGet" => Ecosystem::NuGet,
        "Packagist" => Ecosystem::Composer,
        "Pub" => Ecosystem::Pub,
        "PyPI" => Ecosystem::PyPi,
        "RubyGems" => Ecosystem::Gem,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn ecosystems_have_scopes() {
        for (ecosystem, expected) in [
            ("Go", Some("golang")),
            ("crates.io", Some("cargo")),
            ("Packagist", Some("composer")),
            ("Maven:https://repo.example.org/", Some("maven")),
            ("AlmaLinux:9", Some("almalinux:9")),
            ("Alpine:v3.18", Some("alpine:3.18")),
            ("Ubuntu:22.04:LTS", Some("ubuntu:22.04")),
            ("Ubuntu:Pro:22.04:LTS", None),
            ("Debian", None),
            ("Debian:", None),
            ("Linux", None),
            ("", None),
        ] {
            let scope = super::scope(ecosystem).map(|scope| scope.to_string());
            assert_eq!(scope.as_deref(), expected, "{ecosystem}");
        }
    }
}
