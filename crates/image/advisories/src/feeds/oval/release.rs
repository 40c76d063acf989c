//! Which release a definition is about.

use bulkhead_model::Scope;

/// Names of distributions as platforms and titles write them before the release, with the `ID` of
/// their os-release.
const NAMES: [(&str, &str); 6] = [
    ("Debian GNU/Linux ", "debian"),
    ("Ubuntu ", "ubuntu"),
    ("Red Hat Enterprise Linux ", "rhel"),
    ("Rocky Linux ", "rocky"),
    ("AlmaLinux ", "almalinux"),
    ("Oracle Linux ", "ol"),
];

/// Vendor and product of platform names (CPE 2.2, `cpe:/o:rocky:rocky:9:GA`).
const PRODUCTS: [(&str, &str, &str); 4] = [
    ("redhat", "enterprise_linux", "rhel"),
    ("rocky", "rocky", "rocky"),
    ("almalinux", "almalinux", "almalinux"),
    ("oracle", "linux", "ol"),
];

/// `Debian GNU/Linux 12`, `Ubuntu 22.04 LTS`: what follows the release is no part of it, unless it
/// makes another set of packages of it (`9.2 Extended Update Support`).
pub(super) fn of_platform(platform: &str) -> Option<Scope> {
    let (rest, id) =
        NAMES.iter().find_map(|(name, id)| Some((platform.trim().strip_prefix(name)?, *id)))?;
    let (release, more) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    // Ubuntu's ESM are fixes for packages of the release itself, to which not all are entitled.
    let known = ["LTS", "ESM", "("].iter().any(|word| more.starts_with(word));
    let known = known || more.is_empty();
    scope(id, release).filter(|_| known)
}

/// The release in a title such as `Check that Ubuntu 24.04 LTS (noble) is installed.`
pub(super) fn of_title(title: &str) -> Option<Scope> {
    let (id, rest) = NAMES.iter().find_map(|(name, id)| Some((*id, title.split_once(name)?.1)))?;
    scope(id, rest.split_whitespace().next()?)
}

/// The release of a platform name.
pub(super) fn of_cpe(name: &str) -> Option<Scope> {
    let mut parts = name.trim().strip_prefix("cpe:/")?.split(':').skip(1);
    let (vendor, product, release) = (parts.next()?, parts.next()?, parts.next()?);
    let known = PRODUCTS.iter().find(|known| (known.0, known.1) == (vendor, product));
    scope(known?.2, release)
}

fn scope(id: &str, release: &str) -> Option<Scope> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    (!release.is_empty() && release.bytes().all(plain)).then(|| Scope::distribution(id, release))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_from_what_publishers_write() {
        let shown = |scope: Option<Scope>| scope.map(|scope| scope.to_string());
        for (platform, expected) in [
            ("Debian GNU/Linux 12", Some("debian:12")),
            ("Debian GNU/Linux ", None),
            ("Debian GNU/Hurd 12", None),
            ("Ubuntu 22.04 LTS", Some("ubuntu:22.04")),
            ("Ubuntu 22.04 ESM", Some("ubuntu:22.04")),
            ("Red Hat Enterprise Linux 9", Some("rhel:9")),
            ("Red Hat Enterprise Linux 9.2 Extended Update Support", None),
        ] {
            assert_eq!(shown(of_platform(platform)).as_deref(), expected, "{platform}");
        }
        let title = "Check that Ubuntu 24.04 LTS (noble) is installed.";
        assert_eq!(shown(of_title(title)).as_deref(), Some("ubuntu:24.04"));
        assert_eq!(of_title("USN-5371-2 -- nginx vulnerability"), None);
        assert_eq!(shown(of_cpe("cpe:/o:rocky:rocky:9:GA")).as_deref(), Some("rocky:9"));
        assert_eq!(of_cpe("cpe:/a:redhat:openshift:4"), None);
        assert_eq!(of_cpe("security@ubuntu.com"), None);
    }
}
