//! Versions of modules, and of main modules that were built from a work tree.

use super::modules::{BuildInfo, DEVELOPMENT, Module};

/// The version of the code that is in the binary; empty where it came from a folder.
pub(super) fn of(module: &Module) -> &str {
    let module = module.replacement.as_deref().unwrap_or(module);
    if module.version == DEVELOPMENT { "" } else { &module.version }
}

/// The version of a main module. Go before 1.24 writes `(devel)`: then the version that was passed
/// to the linker, else a pseudo-version of the revision, else none.
pub(super) fn of_main(main: &Module, build: &BuildInfo) -> String {
    let version = of(main);
    if !version.is_empty() {
        return version.to_owned();
    }
    let setting = |name: &str| {
        build.settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    let linked = setting("-ldflags").and_then(|flags| of_linker_flags(flags, &main.path));
    let pseudo = || pseudo_version(setting("vcs.time")?, setting("vcs.revision")?);
    linked.or_else(pseudo).unwrap_or_default()
}

/// Whether a version tells a revision and no release before it (Go modules reference,
/// "Pseudo-versions"): what it is newer and older than, nobody can tell from it.
pub(super) fn is_untagged(version: &str) -> bool {
    version.starts_with("v0.0.0-")
}

/// `go1.21.5` of `go1.21.5 X:boringcrypto`, or of `devel go1.22-1a2b3c4d Mon …`.
pub(super) fn of_tool_chain(text: &str) -> Option<&str> {
    let is_number = |word: &&str| {
        let number = word.strip_prefix("go");
        number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    };
    text.split_whitespace().find(is_number)
}

/// `-X main.version=1.2.3`, or of a package of the main module: the custom of release tools.
fn of_linker_flags(flags: &str, module: &str) -> Option<String> {
    flags.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches("-X=").trim_matches(['\'', '"']);
        let (variable, value) = word.split_once('=')?;
        let (package, name) = variable.rsplit_once('.')?;
        let own = package == "main"
            || package
                .strip_prefix(module)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let says_version = matches!(
            name.to_ascii_lowercase().as_str(),
            "version" | "buildversion" | "gitversion" | "releaseversion" | "tag" | "gittag"
        );
        let number = value.strip_prefix('v').unwrap_or(value);
        (own && says_version && is_release(number)).then(|| format!("v{number}"))
    })
}

/// Three numbers, and what may follow them.
fn is_release(version: &str) -> bool {
    let mut parts = version.splitn(3, '.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(number)
        && parts.next().is_some_and(number)
        && parts.next().is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `v0.0.0-20210102150405-abcdefabcdef` (Go modules reference, "Pseudo-versions").
fn pseudo_version(time: &str, revision: &str) -> Option<String> {
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    let (stamp, revision) = (digits.get(..14)?, revision.get(..12)?);
    time.ends_with('Z').then(|| format!("v0.0.0-{stamp}-{revision}"))
}
