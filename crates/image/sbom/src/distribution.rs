//! Operating systems of documents that name them shortly: `debian` and `11.6`, `distro=alpine-3.18.4`.

use bulkhead_model::{Location, OperatingSystem, Scope};

/// The operating system with this name and version; the form that os-release would have is not
/// known, so neither its file nor its pretty name is.
pub(crate) fn named(id: &str, version: &str) -> OperatingSystem {
    let id = id.trim().to_lowercase();
    let version = version.trim().to_owned();
    OperatingSystem {
        scope: Scope::of_system(&id, &version),
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

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

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
