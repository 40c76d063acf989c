//! The release whose advisories speak about a system, in the form that publishers name it.

use bulkhead_model::{OperatingSystem, Scope};

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

/// The scope of a system; none where its release is not certain.
pub(super) fn of(system: &OperatingSystem, repositories: &[String]) -> Option<Scope> {
    match system.id.as_str() {
        "alpine" if follows_edge(repositories) => Some(Scope::distribution("alpine", "edge")),
        "debian" if system.version.is_empty() => {
            Some(Scope::distribution("debian", debian_by_codename(system)?))
        }
        "openeuler" => Some(Scope::distribution("openeuler", &openeuler_release(system)?)),
        id => Scope::of_system(id, &system.version),
    }
}

/// openEuler's service packs are releases of their own, which only `openEuler 22.03 (LTS-SP1)` of
/// `PRETTY_NAME` tells: the advisories' `22.03-LTS-SP1`.
fn openeuler_release(system: &OperatingSystem) -> Option<String> {
    let known = system.version.starts_with(|first: char| first.is_ascii_digit());
    let edition = system.pretty_name.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let release = match edition {
        Some((edition, _)) => format!("{}-{}", system.version, edition.trim()),
        None => system.version.clone(),
    };
    known.then_some(release)
}

/// A release whose main repository was changed to edge's is edge from the next upgrade on, and
/// keeps its old name until then.
fn follows_edge(repositories: &[String]) -> bool {
    let mains = || {
        let active = repositories.iter().filter(|line| !line.starts_with(['#', '@']));
        active.map(|line| line.trim_end_matches('/')).filter(|line| line.ends_with("/main"))
    };
    let edge = |line: &str| line.ends_with("/edge/main");
    mains().any(edge) && mains().all(edge)
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
