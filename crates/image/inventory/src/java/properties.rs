//! `pom.properties`, which Maven puts into what it builds (java.util.Properties, plain part).

use super::{Artifact, Evidence};
use crate::reading::text;

/// The artifact; none where its name or version is missing, or a placeholder was left standing.
pub(super) fn parse(bytes: &[u8]) -> Option<Artifact> {
    let mut artifact = Artifact { evidence: Evidence::PomProperties, ..Artifact::default() };
    for line in text(bytes).lines() {
        let line = line.trim();
        if line.starts_with(['#', '!']) {
            continue;
        }
        let Some((key, value)) = line.split_once(['=', ':']) else { continue };
        let value = value.trim();
        match key.trim() {
            "groupId" => value.clone_into(&mut artifact.group),
            "artifactId" => value.clone_into(&mut artifact.name),
            "version" => value.clone_into(&mut artifact.version),
            _ => {}
        }
    }
    let usable = |value: &str| !value.is_empty() && !value.contains("${");
    (usable(&artifact.name) && usable(&artifact.version)).then_some(artifact)
}
