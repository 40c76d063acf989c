//! The entries of `index.json`, and which of them is meant by a name.

use std::collections::BTreeMap;

use crate::ImageError;
use crate::documents::Descriptor;
use crate::tags::{list, named};

/// The annotations that hold names: those of the first are full ones, which containerd and with it
/// docker, nerdctl and buildx write; those of the second mostly are tags (image-spec, annotations).
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// An entry of the index, with all its names.
pub(super) struct Root {
    pub(super) descriptor: Descriptor,
    pub(super) tags: Vec<String>,
}

/// One entry for each digest: an image with two tags is listed twice.
pub(super) fn merged(descriptors: Vec<Descriptor>) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for descriptor in descriptors {
        let tags = tags(&descriptor);
        let position = *known.entry(descriptor.digest.clone()).or_insert(roots.len());
        match roots.get_mut(position) {
            Some(root) => unite(&mut root.tags, tags),
            None => roots.push(Root { descriptor, tags }),
        }
    }
    roots
}

/// Adds what is not there yet.
pub(super) fn unite(all: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// The roots with this name or digest.
pub(super) fn choose_tag(roots: Vec<Root>, tag: Option<&str>) -> Result<Vec<Root>, ImageError> {
    let Some(tag) = tag else { return Ok(roots) };
    let available = list(roots.iter().flat_map(|root| root.tags.clone()));
    let names = |root: &Root| {
        let mut names = root.tags.clone();
        names.push(root.descriptor.digest.clone());
        names
    };
    let chosen = named(roots, tag, names);
    if chosen.is_empty() {
        return Err(ImageError::NoSuchTag { tag: tag.to_owned(), available });
    }
    Ok(chosen)
}

fn tags(descriptor: &Descriptor) -> Vec<String> {
    let Some(annotations) = &descriptor.annotations else { return Vec::new() };
    let mut tags: Vec<String> =
        NAMES.iter().filter_map(|name| annotations.get(*name).cloned()).collect();
    tags.dedup();
    tags
}
