//! Operating systems of documents that name them shortly: `debian` and `11.6`, `distro=alpine-3.18.4`.

use bulkhead_model::{Location, OperatingSystem, Scope};

/// The operating system with this name and version; the form that os-release would have is not
/// known, so neither its file nor its pretty name is.
pub(crate) fn named(id: &str, version: &str) -> OperatingSystem {
    let id = id.trim().to_lowercase();
    let version = version.trim().to_owned();
    OperatingSystem {
        scope: release(&id, &version).map(|release| Scope::distribution(&id, &release)),
        pretty_name: format!("{id} {version}").trim_end().to_owned(),
        codename: None,
        like: Vec::new(),
        location: Location::default(),
        id,
        version,
    }
}

/// What the `distro` qualifier of a package URL names: `debian-11`, or a version alone beside the
/// namespace that names the distribution.
pub(crate) fn from_qualifier(distro: &str, namespace: Option<&str>) -> Option<OperatingSystem> {
    match distro.rsplit_once('-') {
        Some((id, version)) if starts_with_digit(version) => Some(named(id, version)),
        _ if starts_with_digit(distro) => namespace.map(|id| named(id, distro)),
        _ => None,
    }
}

/// The release as the distribution's advisories name it; none where the version names none.
fn release(id: &str, version: &str) -> Option<String> {
    if id.is_empty() || !starts_with_digit(version) {
        return None;
    }
    let mut parts = version.split('.');
    let major = parts.next().unwrap_or_default();
    Some(match id {
        // Development snapshots call themselves 3.21.0_alpha20240807.
        "alpine" if version.contains("_alpha") => "edge".to_owned(),
        "alpine" => match parts.next() {
            Some(minor) => format!("{major}.{minor}"),
            None => major.to_owned(),
        },
        "debian" | "rhel" | "centos" | "rocky" | "almalinux" | "ol" | "fedora" => major.to_owned(),
        _ => version.to_owned(),
    })
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_those_of_the_publishers() {
        for (id, version, scope) in [
            ("debian", "11.6", Some("debian:11")),
            ("Debian", "12", Some("debian:12")),
            ("alpine", "3.18.4", Some("alpine:3.18")),
            ("alpine", "3.21.0_alpha20240807", Some("alpine:edge")),
            ("ubuntu", "22.04", Some("ubuntu:22.04")),
            ("rhel", "9.2", Some("rhel:9")),
            ("debian", "", None),
            ("", "1", None),
        ] {
            let system = named(id, version);
            assert_eq!(system.scope.map(|scope| scope.to_string()).as_deref(), scope, "{id}");
        }
    }

    #[test]
    fn qualifiers_name_distributions() {
        for (distro, namespace, id, version) in [
            ("debian-11", Some("debian"), "debian", "11"),
            ("opensuse-leap-15.4", Some("opensuse"), "opensuse-leap", "15.4"),
            ("3.16.0", Some("alpine"), "alpine", "3.16.0"),
        ] {
            let system = from_qualifier(distro, namespace).unwrap();
            assert_eq!((system.id.as_str(), system.version.as_str()), (id, version), "{distro}");
        }
        assert_eq!(from_qualifier("jessie", Some("debian")), None);
    }
}
