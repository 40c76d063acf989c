//! Package URLs, by the types of their specification. Identities of findings hang on them, so every
//! one is made here, from the same parts in the same way.

use bulkhead_model::{Ecosystem, OperatingSystem};
use packageurl::PackageUrl;

/// A package of a distribution: `pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12`. Without a
/// known system the namespace is the one that the type is named for.
pub(crate) fn system(
    package_type: &str,
    system: Option<&OperatingSystem>,
    name: &str,
    version: &str,
    architecture: Option<&str>,
) -> String {
    let origin = match package_type {
        "apk" => "alpine",
        "alpm" => "arch",
        "opkg" => "openwrt",
        _ => "debian",
    };
    let namespace = system.map_or(origin, |system| system.id.as_str());
    let distribution = distribution(system);
    let qualifiers = [("arch", architecture), ("distro", distribution.as_deref())];
    build(package_type, namespace, name, version, &qualifiers)
}

/// A package of rpm, `pkg:rpm/fedora/bash@5.2-1.fc40?arch=x86_64&distro=fedora-40&epoch=1`: the epoch
/// is a qualifier and no part of the version. Without a known system there is no namespace.
pub(crate) fn rpm(
    system: Option<&OperatingSystem>,
    name: &str,
    version_and_release: &str,
    qualifiers: &[(&str, Option<&str>)],
) -> String {
    let namespace = system.map_or("", |system| system.id.as_str());
    let distribution = distribution(system);
    let mut qualifiers = qualifiers.to_vec();
    qualifiers.push(("distro", distribution.as_deref()));
    build("rpm", namespace, name, version_and_release, &qualifiers)
}

fn distribution(system: Option<&OperatingSystem>) -> Option<String> {
    system
        .filter(|system| !system.version.is_empty())
        .map(|system| format!("{}-{}", system.id, system.version))
}

/// A package of a language ecosystem by the name that it has there; `qualifiers` without a value are
/// left out.
pub(crate) fn language(
    ecosystem: Ecosystem,
    name: &str,
    version: &str,
    qualifiers: &[(&str, Option<&str>)],
) -> String {
    let (namespace, name) = match ecosystem {
        Ecosystem::Maven => name.split_once(':').unwrap_or(("", name)),
        Ecosystem::PyPi => {
            return build("pypi", "", &ecosystem.normalise(name), version, qualifiers);
        }
        Ecosystem::Go => {
            let version = go_version(name, version);
            let (namespace, name) = name.rsplit_once('/').unwrap_or(("", name));
            return build("golang", namespace, name, version, qualifiers);
        }
        // The scope alone: manifests of subfolders call themselves `@scope/name/part`.
        Ecosystem::Npm if name.starts_with('@') => name.split_once('/').unwrap_or(("", name)),
        // NuGet's names are whole; so are those of crates, gems, Conan and conda.
        Ecosystem::Npm
        | Ecosystem::Cargo
        | Ecosystem::Conan
        | Ecosystem::Conda
        | Ecosystem::Gem
        | Ecosystem::NuGet => ("", name),
        Ecosystem::Composer => {
            let name = ecosystem.normalise(name);
            let (namespace, name) = name.rsplit_once('/').unwrap_or(("", &name));
            return build("composer", namespace, name, version, qualifiers);
        }
        _ => name.rsplit_once('/').unwrap_or(("", name)),
    };
    build(ecosystem.name(), namespace, name, version, qualifiers)
}

/// The tool chain writes `go1.21.5` where its advisories and package URLs have `1.21.5`.
fn go_version<'a>(name: &str, version: &'a str) -> &'a str {
    match name {
        "stdlib" | "toolchain" => version.strip_prefix("go").unwrap_or(version),
        _ => version,
    }
}

fn build(
    package_type: &str,
    namespace: &str,
    name: &str,
    version: &str,
    qualifiers: &[(&str, Option<&str>)],
) -> String {
    let Ok(mut purl) = PackageUrl::new(package_type, name) else {
        return String::new();
    };
    if !namespace.is_empty() {
        let _ = purl.with_namespace(namespace);
    }
    if !version.is_empty() {
        let _ = purl.with_version(version);
    }
    for (key, value) in qualifiers {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = purl.add_qualifier(*key, value);
        }
    }
    purl.to_string()
}

#[cfg(test)]
mod tests {
    use bulkhead_model::Location;

    use super::*;

    #[test]
    fn system_packages_name_their_release() {
        let debian = OperatingSystem {
            id: "debian".into(),
            version: "12".into(),
            codename: None,
            like: Vec::new(),
            pretty_name: String::new(),
            scope: None,
            location: Location::default(),
        };
        assert_eq!(
            system("deb", Some(&debian), "libstdc++6", "1:12.2.0-14+b1", Some("amd64")),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12"
        );
        assert_eq!(system("apk", None, "musl", "1.1.24-r2", None), "pkg:apk/alpine/musl@1.1.24-r2");
    }

    #[test]
    fn language_packages_follow_their_type() {
        let check = |ecosystem, name, version, expected| {
            assert_eq!(language(ecosystem, name, version, &[]), expected);
        };
        check(Ecosystem::Npm, "@babel/core", "7.0.0", "pkg:npm/%40babel/core@7.0.0");
        check(Ecosystem::Npm, "lodash", "4.17.4", "pkg:npm/lodash@4.17.4");
        check(Ecosystem::Npm, "@a/core/node", "1", "pkg:npm/%40a/core%2Fnode@1");
        check(Ecosystem::Npm, "rxjs/ajax", "1", "pkg:npm/rxjs%2Fajax@1");
        check(Ecosystem::PyPi, "Zope._Interface", "5", "pkg:pypi/zope-interface@5");
        check(Ecosystem::Maven, "org.a:b-c", "1.0", "pkg:maven/org.a/b-c@1.0");
        check(Ecosystem::Maven, "alone", "", "pkg:maven/alone");
        check(Ecosystem::Go, "golang.org/x/net", "v0.1.0", "pkg:golang/golang.org/x/net@v0.1.0");
        check(Ecosystem::Go, "stdlib", "go1.21.5", "pkg:golang/stdlib@1.21.5");
        check(Ecosystem::Npm, "", "1", "");
        check(Ecosystem::Composer, "Monolog/Monolog", "v1.0", "pkg:composer/monolog/monolog@v1.0");
        check(Ecosystem::NuGet, "Newtonsoft.Json", "9.0.1", "pkg:nuget/Newtonsoft.Json@9.0.1");
        check(Ecosystem::Gem, "rails", "5.0", "pkg:gem/rails@5.0");
    }
}
