//! The output of `docker save` of versions before 25, and of tools that write the same.

use crate::documents::{Configuration, DockerImage};
use crate::layout::list;
use crate::store::{Document, Store, document};
use crate::{Choice, Image, ImageError, LayerSource, Place, Platform, PlatformChoice};

/// The document that names every image of the archive.
pub(crate) const MANIFEST: &str = "manifest.json";

pub(crate) fn open(store: &dyn Store, choice: &Choice) -> Result<Vec<Image>, ImageError> {
    let manifest: Document<Vec<DockerImage>> = document(store, MANIFEST)?;
    let chosen = choose(&manifest.value, choice.tag.as_deref())?;
    let image = image(store, chosen)?;
    match &choice.platform {
        PlatformChoice::Named(wanted) if !wanted.accepts(&image.platform) => {
            let available = image.platform.to_string();
            Err(ImageError::NoSuchPlatform { wanted: wanted.to_string(), available })
        }
        _ => Ok(vec![image]),
    }
}

/// The image with this tag, or the only one.
fn choose<'a>(images: &'a [DockerImage], tag: Option<&str>) -> Result<&'a DockerImage, ImageError> {
    let available = || list(images.iter().flat_map(tags));
    match (images, tag) {
        ([], _) => Err(ImageError::Empty),
        (_, Some(tag)) => images
            .iter()
            .find(|image| {
                let last =
                    |name: &String| name.rsplit_once(':').is_some_and(|(_, last)| last == tag);
                tags(image).iter().any(|name| name == tag || last(name))
            })
            .ok_or_else(|| ImageError::NoSuchTag { tag: tag.to_owned(), available: available() }),
        ([only], None) => Ok(only),
        (_, None) => Err(ImageError::Ambiguous { available: available() }),
    }
}

fn tags(image: &DockerImage) -> Vec<String> {
    image.repo_tags.clone().unwrap_or_default()
}

fn image(store: &dyn Store, chosen: &DockerImage) -> Result<Image, ImageError> {
    let configuration: Document<Configuration> = document(store, &chosen.config)?;
    let known = configuration.value.layers();
    let mut doubts = Vec::new();
    if known.len() != chosen.layers.len() {
        doubts.push(format!(
            "{MANIFEST} names {} layers, the configuration {}",
            chosen.layers.len(),
            known.len()
        ));
    }
    let mut layers = Vec::new();
    for (number, name) in chosen.layers.iter().enumerate() {
        let (diff_id, created_by) = known.get(number).cloned().unwrap_or_default();
        let place = store.place(name)?.ok_or_else(|| format!("{name:?} is missing in this copy"));
        layers.push(LayerSource {
            size: place.as_ref().map_or(0, Place::size),
            place,
            digest: None,
            diff_id: diff_id.and_then(|text| text.parse().ok()),
            created_by,
        });
    }
    let Configuration { os, architecture, variant, .. } = configuration.value;
    Ok(Image {
        tags: tags(chosen),
        platform: Platform { os, architecture, variant: variant.unwrap_or_default() },
        manifest: None,
        configuration: Some(configuration.digest),
        layers,
        doubts,
        problems: store.problems().to_vec(),
    })
}
