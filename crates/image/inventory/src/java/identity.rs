//! Which artifact an archive is, when its parts say different things.
//!
//! Maven's own words count most, but an archive into which others were merged holds theirs too. Its
//! manifest knows the version but seldom the name; its file name is what somebody called it.

use super::file_name::FileName;
use super::manifest::Manifest;
use super::{Artifact, Evidence, groups};

/// What was found in an archive.
#[derive(Debug, Default)]
pub(super) struct Clues {
    pub(super) manifest: Option<Manifest>,
    /// Of every `pom.properties`.
    pub(super) artifacts: Vec<Artifact>,
}

/// The artifact that the archive is, and those that were merged into it.
pub(super) fn identify(clues: Clues, file_name: &[u8]) -> (Option<Artifact>, Vec<Artifact>) {
    let file_name = String::from_utf8_lossy(file_name);
    let file_name = FileName::parse(&file_name);
    let manifest = clues.manifest.unwrap_or_default();
    let mut artifacts = clues.artifacts;
    artifacts.sort_unstable();
    artifacts.dedup();
    let own = own_position(&artifacts, &manifest, &file_name);
    let mut main = match own {
        Some(own) => Some(artifacts.remove(own)),
        None => without_maven(&manifest, &file_name, artifacts.is_empty()),
    };
    if let Some(main) = &mut main {
        main.licences.extend(manifest.get("Bundle-License").map(str::to_owned));
    }
    (main, artifacts)
}

/// Which of the artifacts is the archive itself.
fn own_position(
    artifacts: &[Artifact],
    manifest: &Manifest,
    file_name: &FileName<'_>,
) -> Option<usize> {
    let find = |fits: &dyn Fn(&Artifact) -> bool| artifacts.iter().position(fits);
    let named_whole = |artifact: &Artifact| {
        let whole = format!("{}-{}", artifact.name, artifact.version);
        let rest = file_name.stem.strip_prefix(whole.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', '_']))
    };
    let named = |artifact: &Artifact| {
        alike(&artifact.name, file_name.name) || alike(&artifact.name, file_name.stem)
    };
    let titled = |artifact: &Artifact| title(manifest) == Some(artifact.name.as_str());
    // A file that somebody renamed, unless its manifest or name speak of something else.
    let alone = |artifact: &Artifact| {
        let versions = ["Implementation-Version", "Bundle-Version", "Plugin-Version"];
        let mut said = versions.iter().filter_map(|name| manifest.get(name));
        let agreeing = |version: &str| {
            let rest = version.strip_prefix(artifact.version.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        artifacts.len() == 1
            && (said.any(agreeing) || without_maven(manifest, file_name, false).is_none())
    };
    find(&named_whole).or_else(|| find(&named)).or_else(|| find(&titled)).or_else(|| find(&alone))
}

/// Distributions write other separators than the artifacts have that they package.
fn alike(left: &str, right: &str) -> bool {
    let plain = |text: &str| text.replace(['_', '.'], "-");
    left == right || plain(left) == plain(right)
}

/// The identity of an archive that Maven did not sign. Where it is the only one (`needed`), less is
/// enough: a manifest and any name. Agents that imitate another library in order to instrument it
/// are nothing.
fn without_maven(manifest: &Manifest, file_name: &FileName<'_>, needed: bool) -> Option<Artifact> {
    if manifest.get("Weave-Classes").is_some() {
        return None;
    }
    let in_manifest = release(manifest.get("Implementation-Version"));
    // Merging archives keeps the manifest of any of them, so its version counts for the name it has.
    let in_manifest_by_name = in_manifest.filter(|_| title(manifest) == Some(file_name.name));
    let vague = || {
        let names = ["Bundle-Version", "Plugin-Version", "Specification-Version"];
        names.into_iter().find_map(|name| release(manifest.get(name)))
    };
    let version = in_manifest_by_name.or(file_name.version).or(in_manifest).or_else(vague);
    let (name, evidence) = match (file_name.version, title(manifest)) {
        (None, Some(title)) => (title, Evidence::Manifest),
        _ if *manifest == Manifest::default() => (file_name.name, Evidence::FileName),
        _ => (file_name.name, Evidence::Manifest),
    };
    if name.is_empty() || (version.is_none() && (!needed || *manifest == Manifest::default())) {
        return None;
    }
    Some(Artifact {
        group: group(manifest, name, version.unwrap_or_default()).unwrap_or_default().to_owned(),
        name: name.to_owned(),
        version: version.unwrap_or_default().to_owned(),
        licences: Vec::new(),
        evidence,
    })
}

/// A title that is the name of an artifact and not prose.
fn title(manifest: &Manifest) -> Option<&str> {
    let is_id = |text: &&str| {
        text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
    };
    let names = ["Implementation-Title", "Short-Name", "Extension-Name"];
    names.into_iter().filter_map(|name| manifest.get(name)).find(is_id)
}

/// A version, not prose.
fn release(text: Option<&str>) -> Option<&str> {
    text.filter(|text| {
        text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(char::is_whitespace)
    })
}

/// The group: widely known, or named, or the bundle's name without that of the artifact.
fn group<'a>(manifest: &'a Manifest, name: &str, version: &str) -> Option<&'a str> {
    let is_group = |text: &&str| {
        text.contains('.')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let bundle = || {
        let bundle = manifest.get("Bundle-SymbolicName")?.split(';').next()?.trim();
        Some(bundle.strip_suffix(name).and_then(|rest| rest.strip_suffix('.')).unwrap_or(bundle))
    };
    groups::of(name, version)
        .or_else(|| manifest.get("Group-Id").filter(is_group))
        .or_else(|| manifest.get("Implementation-Vendor-Id").filter(is_group))
        .or_else(|| bundle().filter(is_group))
}
