//! Projects of a source tree by their folders, and which of them share a lock file of Yarn.

use bulkhead_model::{EntryPath, Location};
use rustc_hash::FxHashMap;

use super::manifest::{Manifest, Request};
use super::yarn::Yarn;
use crate::locked::Lock;

/// Manifests that no installer put there.
pub(super) struct Projects<'m> {
    by_folder: FxHashMap<EntryPath, &'m Manifest>,
}

impl<'m> Projects<'m> {
    pub(super) fn of(manifests: &'m [(Location, Manifest)]) -> Self {
        let projects = manifests.iter().filter(|(_, manifest)| {
            !manifest.requests.is_empty() || !manifest.workspaces.is_empty()
        });
        let by_folder = projects
            .map(|(location, manifest)| (location.path.parent().unwrap_or_default(), manifest));
        Self { by_folder: by_folder.collect() }
    }

    /// The lock file with what the manifests of its projects ask for.
    pub(super) fn settle(&self, path: &EntryPath, mut yarn: Yarn) -> Lock {
        let own = path.parent().unwrap_or_default();
        for folder in self.workspaces(&own) {
            if !yarn.projects.contains(&folder) {
                yarn.projects.push(folder);
            }
        }
        yarn.settle(|folder| self.requests(&own.join(folder.as_bytes())));
        yarn.lock
    }

    fn requests(&self, folder: &EntryPath) -> Option<&'m [Request]> {
        self.by_folder.get(folder).map(|manifest| manifest.requests.as_slice())
    }

    /// The folders that the manifest in a folder counts to its project, relative to it, sorted.
    fn workspaces(&self, own: &EntryPath) -> Vec<String> {
        let Some(manifest) = self.by_folder.get(own) else { return Vec::new() };
        let fits = |folder: &[&[u8]]| {
            let fits = |pattern: &String| {
                let pattern = pattern.trim_start_matches("./");
                let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
                matches(&parts, folder)
            };
            manifest.workspaces.iter().any(fits)
        };
        let mut folders = Vec::new();
        for folder in self.by_folder.keys().filter(|folder| *folder != own) {
            if !folder.starts_with(own) {
                continue;
            }
            let parts: Vec<&[u8]> = folder.components().skip(own.components().count()).collect();
            if fits(&parts) {
                folders.push(String::from_utf8_lossy(&parts.join(&b'/')).into_owned());
            }
        }
        folders.sort_unstable();
        folders
    }
}

/// Whether folders fit a pattern: `*` is one folder, `**` any number of them at the end.
fn matches(pattern: &[&str], folders: &[&[u8]]) -> bool {
    match (pattern.split_first(), folders.split_first()) {
        (Some((&"**", _)), _) | (None, None) => true,
        (Some((part, pattern)), Some((folder, folders))) => {
            let fits = match part.split_once('*') {
                Some((before, after)) => {
                    folder.len() >= before.len().saturating_add(after.len())
                        && folder.starts_with(before.as_bytes())
                        && folder.ends_with(after.as_bytes())
                }
                None => part.as_bytes() == *folder,
            };
            fits && matches(pattern, folders)
        }
        _ => false,
    }
}
