//! OCI image layouts (OCI image specification, "image layout").

mod choice;
mod roots;

use bulkhead_limits::Budget;
use bulkhead_model::Digest;
use rustc_hash::FxHashMap;

use self::choice::choose_platform;
use self::roots::{Root, choose_tag, merged, unite};
use crate::documents::{Configuration, Descriptor, DescriptorPlatform, IndexOrManifest};
use crate::store::{Document, Store, document};
use crate::{Choice, Image, ImageError, LayerSource, Missing, Place, Platform, PlatformChoice};

/// The document that names every image of the layout.
pub(crate) const INDEX: &str = "index.json";

/// The annotation by which tools mark attestations that are stored like images.
const DOCKER_REFERENCE: &str = "vnd.docker.reference.type";

/// Configurations that make a manifest a container image; others are charts, signatures and so on.
const IMAGE_CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// What old tools, and those that know no better, call a configuration: only its content tells.
const ANY_CONFIGURATION: [&str; 2] = ["", "application/octet-stream"];

/// A manifest of a container image, found below the index.
struct Candidate {
    tags: Vec<String>,
    manifest: Document<IndexOrManifest>,
    configuration: Document<Configuration>,
    platform: Platform,
    doubts: Vec<String>,
}

pub(crate) fn open(
    store: &dyn Store,
    choice: &Choice,
    budget: &Budget,
) -> Result<Vec<Image>, ImageError> {
    let index: Document<IndexOrManifest> = document(store, INDEX)?;
    let roots = merged(index.value.manifests.unwrap_or_default());
    let roots = choose_tag(roots, choice.tag.as_deref())?;
    let mut search = Search {
        store,
        choice,
        candidates: Vec::new(),
        positions: FxHashMap::default(),
        missing: Vec::new(),
    };
    for Root { descriptor, tags } in &roots {
        search.collect(descriptor, tags, budget)?;
    }
    let Search { candidates, mut missing, .. } = search;
    if !missing.is_empty() {
        missing.sort();
        missing.dedup();
        return Err(ImageError::Incomplete { missing });
    }
    let chosen = choose_platform(candidates, &choice.platform)?;
    chosen.into_iter().map(|candidate| image(store, candidate)).collect()
}

/// The way from the index to manifests of images.
struct Search<'a> {
    store: &'a dyn Store,
    choice: &'a Choice,
    candidates: Vec<Candidate>,
    /// Where a manifest stands among them.
    positions: FxHashMap<Digest, usize>,
    /// Documents on the way that have to be fetched.
    missing: Vec<Missing>,
}

impl Search<'_> {
    /// Follows a descriptor to the image manifests below it; indexes lie in indexes.
    fn collect(
        &mut self,
        descriptor: &Descriptor,
        tags: &[String],
        budget: &Budget,
    ) -> Result<(), ImageError> {
        budget.charge_entry()?;
        let budget = budget.descend()?;
        if is_attestation(descriptor) {
            return Ok(());
        }
        let mut doubts = Vec::new();
        let Some(manifest) = self.read::<IndexOrManifest>(descriptor, true, &mut doubts)? else {
            return Ok(());
        };
        if let Some(children) = &manifest.value.manifests {
            for child in self.sought(children) {
                // A layout may hold just some of the platforms that its index names.
                match self.collect(child, tags, &budget) {
                    Err(ImageError::Missing { .. }) => {}
                    other => other?,
                }
            }
            return Ok(());
        }
        let Some(config) = &manifest.value.config else { return Ok(()) };
        let media_type = config.media_type.as_deref().unwrap_or_default();
        let is_sure = IMAGE_CONFIGURATIONS.contains(&media_type);
        if !is_sure && !ANY_CONFIGURATION.contains(&media_type) {
            return Ok(());
        }
        let configuration = match self.read::<Configuration>(config, false, &mut doubts) {
            Ok(Some(document)) if is_sure || document.value.is_image() => document,
            Ok(_) => return Ok(()),
            Err(ImageError::Document { .. } | ImageError::TooLarge { .. }) if !is_sure => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let platform = platform(descriptor.platform.as_ref(), &configuration.value);
        let tags = tags.to_vec();
        self.add(Candidate { tags, manifest, configuration, platform, doubts });
        Ok(())
    }

    /// Adds a candidate; one that was found before, by another name, gets this name, too.
    fn add(&mut self, candidate: Candidate) {
        let digest = candidate.manifest.digest.clone();
        let position = *self.positions.entry(digest).or_insert(self.candidates.len());
        match self.candidates.get_mut(position) {
            Some(known) => {
                unite(&mut known.tags, candidate.tags);
                unite(&mut known.doubts, candidate.doubts);
            }
            None => self.candidates.push(candidate),
        }
    }

    /// Reads a document; none where it has to be fetched first, which is noted.
    fn read<T: serde::de::DeserializeOwned>(
        &mut self,
        descriptor: &Descriptor,
        is_manifest: bool,
        doubts: &mut Vec<String>,
    ) -> Result<Option<Document<T>>, ImageError> {
        match read(self.store, descriptor, doubts) {
            Err(ImageError::Missing { .. }) if self.store.is_part() => {
                let digest = digest(&descriptor.digest)?;
                self.missing.push(Missing { digest, is_manifest });
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    /// The children of an index that have to be looked at: those of a part are not all fetched to
    /// find out that they are for another platform than the index says already.
    fn sought<'d>(&self, children: &'d [Descriptor]) -> Vec<&'d Descriptor> {
        let all: Vec<&Descriptor> =
            children.iter().filter(|child| !is_attestation(child)).collect();
        let host = Platform::host();
        let wanted = match &self.choice.platform {
            PlatformChoice::Named(platform) => platform,
            PlatformChoice::Host => &host,
            PlatformChoice::All => return all,
        };
        let distance = |child: &Descriptor| {
            let named = child.platform.as_ref()?;
            Some(wanted.distance(&platform(Some(named), &Configuration::default())))
        };
        let nearest = all.iter().filter_map(|child| distance(child).flatten()).min();
        if !self.store.is_part() || nearest.is_none() {
            return all;
        }
        let fits = |child: &&Descriptor| distance(child).is_none_or(|distance| distance == nearest);
        all.into_iter().filter(fits).collect()
    }
}

fn is_attestation(descriptor: &Descriptor) -> bool {
    descriptor.annotations.as_ref().is_some_and(|all| all.contains_key(DOCKER_REFERENCE))
}

/// Reads the document that a descriptor points to and holds its digest against it.
fn read<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    descriptor: &Descriptor,
    doubts: &mut Vec<String>,
) -> Result<Document<T>, ImageError> {
    let name = blob_name(&descriptor.digest)?;
    let document: Document<T> = document(store, &name)?;
    let promised = descriptor.digest.as_str();
    if promised.starts_with("sha256:") && document.digest.as_str() != promised {
        doubts.push(format!("{promised} has in truth the digest {}", document.digest));
    }
    Ok(document)
}

/// The name of a blob, made only from what is certainly a digest: it goes into a path.
fn blob_name(text: &str) -> Result<String, ImageError> {
    let digest = digest(text)?;
    Ok(format!("blobs/{}/{}", digest.algorithm(), digest.hex()))
}

fn digest(text: &str) -> Result<Digest, ImageError> {
    text.parse()
        .map_err(|error| ImageError::Document { name: INDEX.to_owned(), cause: format!("{error}") })
}

/// The index knows the variant better; the configuration is what the runtime goes by.
fn platform(named: Option<&DescriptorPlatform>, configuration: &Configuration) -> Platform {
    let variant = named.and_then(|platform| platform.variant.clone());
    let os_version = named.and_then(|platform| platform.os_version.clone());
    let or = |own: &str, other: Option<&String>| match own {
        "" => other.cloned().unwrap_or_default(),
        own => own.to_owned(),
    };
    Platform {
        os: or(&configuration.os, named.map(|platform| &platform.os)),
        os_version: os_version.or_else(|| configuration.os_version.clone()).unwrap_or_default(),
        architecture: or(&configuration.architecture, named.map(|platform| &platform.architecture)),
        variant: variant.or_else(|| configuration.variant.clone()).unwrap_or_default(),
    }
}

fn image(store: &dyn Store, candidate: Candidate) -> Result<Image, ImageError> {
    let Candidate { tags, manifest, configuration, platform, mut doubts } = candidate;
    let known = configuration.value.layers();
    let descriptors = manifest.value.layers.unwrap_or_default();
    if known.len() != descriptors.len() {
        doubts.push(format!(
            "the manifest names {} layers, the configuration {}",
            descriptors.len(),
            known.len()
        ));
    }
    let mut layers = Vec::new();
    for (number, descriptor) in descriptors.iter().enumerate() {
        let (diff_id, created_by) = known.get(number).cloned().unwrap_or_default();
        layers.push(layer(store, descriptor, diff_id.as_deref(), created_by)?);
    }
    Ok(Image {
        tags,
        platform,
        manifest: Some(manifest.digest),
        configuration: Some(configuration.digest),
        layers,
        doubts,
        problems: store.problems().to_vec(),
    })
}

fn layer(
    store: &dyn Store,
    descriptor: &Descriptor,
    diff_id: Option<&str>,
    created_by: Option<String>,
) -> Result<LayerSource, ImageError> {
    let name = blob_name(&descriptor.digest)?;
    let media_type = descriptor.media_type.as_deref().unwrap_or_default();
    let place = match store.place(&name) {
        _ if media_type.contains("encrypted") => Err("it is encrypted".to_owned()),
        Ok(Some(place)) => Ok(place),
        Ok(None) if media_type.contains("foreign") || media_type.contains("nondistributable") => {
            Err("it may not be distributed and is not part of this copy".to_owned())
        }
        Ok(None) if store.is_part() => Ok(Place::Elsewhere { size: descriptor.size }),
        Ok(None) => Err(format!("{name} is missing in this copy")),
        // The other layers can be read all the same.
        Err(error) => Err(error.to_string()),
    };
    Ok(LayerSource {
        size: place.as_ref().map_or(descriptor.size, Place::size),
        place,
        digest: descriptor.digest.parse().ok(),
        diff_id: diff_id.and_then(|text| text.parse().ok()),
        created_by,
    })
}

#[cfg(test)]
mod tests;
