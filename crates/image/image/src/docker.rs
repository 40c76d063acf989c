//! The output of `docker save` of versions before 25, and of tools that write the same.

use crate::documents::{Configuration, DockerImage};
use crate::store::{Document, Store, document};
use crate::tags::{list, named};
use crate::{Choice, Image, ImageError, LayerSource, Place, Platform, PlatformChoice};

/// The document that names every image of the archive.
pub(crate) const MANIFEST: &str = "manifest.json";

pub(crate) fn open(store: &dyn Store, choice: &Choice) -> Result<Vec<Image>, ImageError> {
    let manifest: Document<Vec<DockerImage>> = document(store, MANIFEST)?;
    let chosen = choose(manifest.value, choice.tag.as_deref())?;
    let image = image(store, &chosen)?;
    match &choice.platform {
        PlatformChoice::Named(wanted) if !wanted.accepts(&image.platform) => {
            let available = image.platform.to_string();
            Err(ImageError::NoSuchPlatform { wanted: wanted.to_string(), available })
        }
        _ => Ok(vec![image]),
    }
}

/// The image with this tag, or the only one.
fn choose(images: Vec<DockerImage>, tag: Option<&str>) -> Result<DockerImage, ImageError> {
    if images.is_empty() {
        return Err(ImageError::Empty);
    }
    let available = |images: &[DockerImage]| list(images.iter().flat_map(names));
    let chosen = match tag {
        None => images,
        Some(tag) => {
            let all = available(&images);
            let chosen = named(images, tag, names);
            if chosen.is_empty() {
                return Err(ImageError::NoSuchTag { tag: tag.to_owned(), available: all });
            }
            chosen
        }
    };
    let available = available(&chosen);
    match <[DockerImage; 1]>::try_from(chosen) {
        Ok([only]) => Ok(only),
        Err(_) => Err(ImageError::Ambiguous { available }),
    }
}

/// What an image can be chosen by: its tags, or the digest of the configuration, which is also part
/// of its file's name.
fn names(image: &DockerImage) -> Vec<String> {
    let tags = tags(image);
    if !tags.is_empty() {
        return tags;
    }
    let file = image.config.rsplit('/').next().unwrap_or_default();
    vec![file.strip_suffix(".json").unwrap_or(file).to_owned()]
}

fn tags(image: &DockerImage) -> Vec<String> {
    image.repo_tags.clone().unwrap_or_default()
}

fn image(store: &dyn Store, chosen: &DockerImage) -> Result<Image, ImageError> {
    let configuration: Document<Configuration> = document(store, &chosen.config)?;
    let known = configuration.value.layers();
    let mut doubts = Vec::new();
    let named = chosen.layers.as_deref().unwrap_or_default();
    if known.len() != named.len() {
        doubts.push(format!(
            "{MANIFEST} names {} layers, the configuration {}",
            named.len(),
            known.len()
        ));
    }
    let mut layers = Vec::new();
    for (number, name) in named.iter().enumerate() {
        let (diff_id, created_by) = known.get(number).cloned().unwrap_or_default();
        // The other layers can be read where this one cannot.
        let place = store.place(name).map_err(|error| error.to_string());
        let place = place
            .and_then(|place| place.ok_or_else(|| format!("{name:?} is missing in this copy")));
        layers.push(LayerSource {
            size: place.as_ref().map_or(0, Place::size),
            place,
            digest: None,
            diff_id: diff_id.and_then(|text| text.parse().ok()),
            created_by,
        });
    }
    let Configuration { os, os_version, architecture, variant, .. } = configuration.value;
    let (os_version, variant) = (os_version.unwrap_or_default(), variant.unwrap_or_default());
    Ok(Image {
        tags: tags(chosen),
        platform: Platform { os, os_version, architecture, variant },
        manifest: None,
        configuration: Some(configuration.digest),
        layers,
        doubts,
        problems: store.problems().to_vec(),
    })
}

#[cfg(test)]
mod tests;
