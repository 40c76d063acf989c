//! Which scope a platform is.

use bulkhead_model::Scope;

/// Families of SUSE's products whose packages are those of the enterprise server: what precedes the
/// release in their names.
const SERVER: [&str; 5] = [
    "SUSE Linux Enterprise Server ",
    "SUSE Linux Enterprise Module for ",
    "SUSE Linux Enterprise Software Development Kit ",
    "SUSE Linux Enterprise Workstation Extension ",
    "SUSE Package Hub ",
];

/// Other products, with the `ID` of their os-release.
const OTHERS: [(&str, &str); 5] = [
    ("SUSE Linux Enterprise Micro ", "sle-micro"),
    ("SUSE Linux Micro ", "sl-micro"),
    ("openSUSE Leap ", "opensuse-leap"),
    ("openSUSE ", "opensuse"),
    ("openEuler-", "openeuler"),
];

/// The scope of a platform, by its name and its platform name (CPE).
///
/// None for products that are no distribution, and for editions with packages of their own: extended
/// support for a minor release (EUS, AUS, TUS), servers for SAP, for Teradata.
pub fn scope(name: &str, cpe: Option<&str>) -> Option<Scope> {
    let name = name.trim();
    if let Some(cpe) = cpe.and_then(red_hat) {
        return Some(cpe);
    }
    if name == "openSUSE Tumbleweed" {
        return Some(Scope::distribution("opensuse-tumbleweed", "rolling"));
    }
    if let Some(rest) = SERVER.iter().find_map(|family| name.strip_prefix(family)) {
        // Modules are called by words before the release, the server is not.
        let is_server = name.starts_with(SERVER[0]);
        let start =
            rest.split(' ').position(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let release: Vec<&str> = rest.split(' ').skip(start).collect();
        return (start == 0 || !is_server).then(|| suse(&release)).flatten();
    }
    let (rest, id) =
        OTHERS.iter().find_map(|(start, id)| Some((name.strip_prefix(start)?, *id)))?;
    let release = rest.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let known =
        release.starts_with(|first: char| first.is_ascii_digit()) && release.bytes().all(plain);
    known.then(|| Scope::distribution(id, release))
}

/// `15 SP5`, `12`, `11 SP3-LTSS`, `11 SP4 LTSS`, `16.0`. Long-term support fixes the packages of the release itself.
fn suse(release: &[&str]) -> Option<Scope> {
    let release = release.strip_suffix(&["LTSS"]).unwrap_or(release);
    let (major, pack) = match release {
        [major] => (*major, None),
        [major, pack] => (*major, Some(pack.strip_prefix("SP")?)),
        _ => return None,
    };
    let supported = |text: &str| text.strip_suffix("-LTSS").unwrap_or(text).to_owned();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let release = match pack {
        None => supported(major),
        Some(pack) => format!("{major}.{}", supported(pack)),
    };
    plain(&release).then(|| Scope::distribution("sles", &release))
}

/// `cpe:/o:redhat:enterprise_linux:9::baseos`: the major version; other products of Red Hat's, of
/// which extended support is one, are none.
fn red_hat(cpe: &str) -> Option<Scope> {
    let parts = cpe.strip_prefix("cpe:/").or_else(|| cpe.strip_prefix("cpe:2.3:"))?;
    let mut parts = parts.split(':').skip(1);
    let (vendor, product, version) = (parts.next()?, parts.next()?, parts.next()?);
    let major = version.split('.').next().unwrap_or_default();
    let known = (vendor, product) == ("redhat", "enterprise_linux")
        && !major.is_empty()
        && major.bytes().all(|byte| byte.is_ascii_digit());
    known.then(|| Scope::distribution("rhel", major))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_releases_or_none() {
        for (name, cpe, expected) in [
            (
                "Red Hat Enterprise Linux BaseOS (v. 9)",
                "cpe:/o:redhat:enterprise_linux:9::baseos",
                Some("rhel:9"),
            ),
            ("Red Hat Enterprise Linux 10", "cpe:/o:redhat:enterprise_linux:10.0", Some("rhel:10")),
            (
                "Red Hat Enterprise Linux AppStream AUS (v. 8.2)",
                "cpe:/a:redhat:rhel_aus:8.2::appstream",
                None,
            ),
            ("OpenShift", "cpe:/a:redhat:openshift:4", None),
            ("SUSE Linux Enterprise Server 15 SP5", "cpe:/o:suse:sles:15:sp5", Some("sles:15.5")),
            ("SUSE Linux Enterprise Server 12", "", Some("sles:12")),
            ("SUSE Linux Enterprise Server 11 SP1-LTSS", "", Some("sles:11.1")),
            ("SUSE Linux Enterprise Server 11 SP4 LTSS", "", Some("sles:11.4")),
            ("SUSE Linux Enterprise Server 11 SP1-TERADATA", "", None),
            ("SUSE Linux Enterprise Server for SAP Applications 15 SP5", "", None),
            ("SUSE Linux Enterprise Module for Basesystem 15 SP5", "", Some("sles:15.5")),
            ("SUSE Linux Enterprise Micro 5.2", "", Some("sle-micro:5.2")),
            ("openSUSE Leap 15.4", "cpe:/o:opensuse:leap:15.4", Some("opensuse-leap:15.4")),
            ("openSUSE Leap Micro 5.2", "", None),
            ("openSUSE Tumbleweed", "", Some("opensuse-tumbleweed:rolling")),
            (
                "openEuler-22.03-LTS-SP3",
                "cpe:/a:openEuler:openEuler:22.03-LTS-SP3",
                Some("openeuler:22.03-lts-sp3"),
            ),
            ("SUSE CaaS Platform 4.0", "", None),
            ("", "", None),
        ] {
            let found = scope(name, Some(cpe)).map(|scope| scope.to_string());
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
