//! Images in containerd's store: found by name, then read as an image layout is.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use bulkhead_image::{Containerd, NamedImage};
use bulkhead_limits::Budget;
use bulkhead_model::{Digest, NotAssessed, NotAssessedReason, Target};
use bulkhead_registry::Reference;

use super::stored::{Content, StoredImage};
use super::{ARCHIVE_HINT, image, open_folder};
use crate::{Progress, Request, ScanError, Survey};

/// Names that a message repeats.
const SHOWN: usize = 10;

const DISCARDED: &str = "containerd may drop layers once they are unpacked \
                         (discard_unpacked_layers): fetch them again with `ctr content fetch \
                         NAME`, or scan the image from its registry";

/// Surveys the image of that name.
pub(super) fn survey(
    request: &Request,
    progress: &dyn Progress,
    target: &Target,
    name: &str,
) -> Result<Vec<Survey>, ScanError> {
    let store = Containerd::new(request.sources.containerd.root.clone());
    let failed = |message, hint| ScanError::Image { path: target.name.clone(), message, hint };
    let images = store
        .images(&Budget::new(request.limits))
        .map_err(|error| failed(error.to_string(), error.hint().map(str::to_owned)))?;
    let namespace = request.sources.containerd.namespace.as_deref();
    let image = find(&images, name, namespace)
        .map_err(|missed| failed(missed.message(name), Some(missed.hint().to_owned())))?;
    let folder = store.content();
    let content = Content::Blobs {
        folder: open_folder(&folder, ARCHIVE_HINT)?,
        index: index(image).map_err(ScanError::Spool)?,
    };
    let stored = StoredImage::new(folder.clone(), content, None);
    let mut surveys = image::survey(request, progress, target, &stored)?;
    for part in surveys.iter_mut().flat_map(|survey| &mut survey.not_assessed) {
        explain(part, &folder);
    }
    Ok(surveys)
}

/// An index of the one image, an unnamed file.
fn index(image: &NamedImage) -> io::Result<File> {
    let NamedImage { name, target, .. } = image;
    let index = serde_json::json!({"manifests": [{
        "digest": target.as_str(),
        "annotations": {"org.opencontainers.image.ref.name": name},
    }]});
    let mut file = tempfile::tempfile()?;
    file.write_all(index.to_string().as_bytes())?;
    Ok(file)
}

/// Says why a layer is not in the store.
fn explain(part: &mut NotAssessed, folder: &Path) {
    if let NotAssessedReason::Layer { digest: Some(digest), .. } = &part.reason {
        let blob = folder.join("blobs").join(digest.algorithm()).join(digest.hex());
        if !blob.try_exists().unwrap_or(true) {
            part.hint = Some(DISCARDED.to_owned());
        }
    }
}

/// Why no image was found.
#[derive(Debug)]
enum Missed {
    /// There is none; names that there are.
    Unknown(Vec<String>),
    /// Namespaces have different ones of that name.
    Ambiguous(Vec<String>),
}

impl Missed {
    fn message(&self, name: &str) -> String {
        match self {
            Self::Unknown(known) if known.is_empty() => {
                format!("containerd has no image {name}, nor any other that is looked at")
            }
            Self::Unknown(known) => {
                format!("containerd has no image {name}; there are: {}", known.join(", "))
            }
            Self::Ambiguous(namespaces) => {
                let namespaces = namespaces.join(", ");
                format!("{name} is another image in each of these namespaces: {namespaces}")
            }
        }
    }

    const fn hint(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "name it as `ctr --namespace NAMESPACE images list` does",
            Self::Ambiguous(_) => "choose one with --containerd-namespace",
        }
    }
}

/// The image of that name: the name itself, its whole form (`docker.io/library/alpine:latest` for
/// `alpine`), or the digest behind it.
fn find<'a>(
    images: &'a [NamedImage],
    name: &str,
    namespace: Option<&str>,
) -> Result<&'a NamedImage, Missed> {
    let visible =
        || images.iter().filter(|image| namespace.is_none_or(|wanted| wanted == image.namespace));
    // A digest alone could be taken for a name with a tag.
    let digest: Option<Digest> = name.parse().ok();
    let reference: Option<Reference> = name.parse().ok().filter(|_| digest.is_none());
    let whole = reference.as_ref().map(ToString::to_string);
    let digest = digest.or_else(|| reference.as_ref()?.digest().cloned());
    let named = |name: &str| visible().filter(|image| image.name == name).collect::<Vec<_>>();
    let mut found = named(name);
    if found.is_empty() {
        found = whole.as_deref().map(named).unwrap_or_default();
    }
    if found.is_empty() {
        found = visible()
            .filter(|image| digest.as_ref() == Some(&image.target))
            .filter(|image| reference.as_ref().is_none_or(|wanted| is_of(image, wanted)))
            .collect();
    }
    let Some((first, others)) = found.split_first() else {
        let known = visible().map(|image| format!("{} ({})", image.name, image.namespace));
        return Err(Missed::Unknown(known.take(SHOWN).collect()));
    };
    if others.iter().any(|other| other.target != first.target) {
        let namespaces = found.iter().map(|image| image.namespace.clone());
        return Err(Missed::Ambiguous(namespaces.collect()));
    }
    Ok(first)
}

/// Whether an image is of the repository that a reference names.
fn is_of(image: &NamedImage, wanted: &Reference) -> bool {
    image.name.parse::<Reference>().is_ok_and(|own| {
        (own.registry(), own.repository()) == (wanted.registry(), wanted.repository())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, namespace: Option<&str>, expected: Result<&str, &str>) {
        let image = |namespace: &str, name: &str, content: &str| NamedImage {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            target: Digest::of(content.as_bytes()),
        };
        let images = [
            image("default", "docker.io/library/alpine:latest", "a"),
            image("default", "docker.io/library/same:1", "s"),
            image("default", "mine", "m"),
            image("k8s.io", "docker.io/library/alpine:latest", "b"),
            image("k8s.io", "docker.io/library/same:1", "s"),
        ];
        let found = find(&images, name, namespace);
        let found = found.map(|image| format!("{} {}", image.namespace, image.name));
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name}"),
            (Err(missed), Err(expected)) => {
                assert!(missed.message(name).contains(expected), "{}", missed.message(name));
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }

    #[test]
    fn images_are_found_by_names_and_digests() {
        let digest = Digest::of(b"a");
        check("mine", None, Ok("default mine"));
        check("same:1", None, Ok("default docker.io/library/same:1"));
        check("docker.io/library/same:1", Some("k8s.io"), Ok("k8s.io docker.io/library/same:1"));
        check("alpine", Some("k8s.io"), Ok("k8s.io docker.io/library/alpine:latest"));
        let whole = Ok("default docker.io/library/alpine:latest");
        check(digest.as_str(), None, whole);
        check(&format!("alpine@{digest}"), None, whole);
        check(&format!("alpine@{digest}"), Some("k8s.io"), Err("no image"));
        check(&format!("other@{digest}"), None, Err("no image"));
        check("alpine", None, Err("namespaces: default, k8s.io"));
        check("nothing", None, Err("docker.io/library/alpine:latest (default)"));
        check("nothing", Some("x"), Err("nor any other"));
    }
}
