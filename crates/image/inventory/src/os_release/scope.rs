//! The release whose advisories speak about a system, in the form that publishers name it.

use bulkhead_model::{OperatingSystem, Scope};

/// Systems whose advisories are published per major version.
const BY_MAJOR: [&str; 10] = [
    "debian",
    "rhel",
    "centos",
    "rocky",
    "almalinux",
    "ol",
    "oracle",
    "rhcos",
    "virtuozzo",
    "eurolinux",
];

/// Debian's releases by codename. Testing and unstable both carry the codename of the next release,
/// so the codename alone says nothing of them: see [`debian_by_codename`].
const DEBIAN: [(&str, &str); 8] = [
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
    ("sid", "unstable"),
];

/// The scope of a system; none where its release is not certain. A derivative is itself, never what
/// it is like: its packages have versions of their own.
pub(super) fn of(system: &OperatingSystem, repositories: &[String]) -> Option<Scope> {
    let id = system.id.as_str();
    let version = system.version.as_str();
    let release = match id {
        "alpine" if is_edge(version, repositories) => "edge".to_owned(),
        "alpine" => major_and_minor(version)?,
        "debian" if version.is_empty() => debian_by_codename(system)?.to_owned(),
        _ if version.is_empty() => return None,
        _ if BY_MAJOR.contains(&id) => version.split('.').next()?.to_owned(),
        _ => version.to_owned(),
    };
    Some(Scope::distribution(id, &release))
}

/// Edge calls itself an alpha of the next release; a release whose main repository was changed to
/// edge's is edge from the next upgrade on, and keeps its old name until then.
fn is_edge(version: &str, repositories: &[String]) -> bool {
    let mains = || {
        let active = repositories.iter().filter(|line| !line.starts_with(['#', '@']));
        active.map(|line| line.trim_end_matches('/')).filter(|line| line.ends_with("/main"))
    };
    let edge = |line: &str| line.ends_with("/edge/main");
    version.contains("_alpha") || (mains().any(edge) && mains().all(edge))
}

/// `3.18` of `3.18.4`.
fn major_and_minor(version: &str) -> Option<String> {
    let mut parts = version.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let major = parts.next().filter(|part| number(part))?;
    let minor = parts.next()?.split('_').next().filter(|part| number(part))?;
    Some(format!("{major}.{minor}"))
}

/// Where `VERSION_ID` is missing, `PRETTY_NAME` says `trixie/sid`, which is testing or unstable:
/// not certain. A codename alone is.
fn debian_by_codename(system: &OperatingSystem) -> Option<&'static str> {
    let codename = system.codename.as_deref()?;
    if codename != "sid" && system.pretty_name.ends_with("/sid") {
        return None;
    }
    DEBIAN.iter().find(|(name, _)| *name == codename).map(|(_, release)| *release)
}
