//! Layouts in memory.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Digest;
use serde_json::{Value, json};

use crate::store::Store;
use crate::{Choice, Image, ImageError, Place, PlatformChoice};

/// Files by name.
#[derive(Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    /// Adds a blob and gives a descriptor of it.
    fn blob(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = Digest::of(&bytes);
        let size = bytes.len();
        self.0.insert(format!("blobs/sha256/{}", digest.hex()), bytes);
        json!({"mediaType": media_type, "digest": digest.as_str(), "size": size})
    }

    /// Adds an image of one layer and gives a descriptor of its manifest.
    fn image(&mut self, architecture: &str) -> Value {
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", architecture.into());
        let configuration = json!({
            "os": "linux",
            "architecture": architecture,
            "rootfs": {"diff_ids": [layer["digest"]]},
            "history": [{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": true}],
        });
        let media_type = "application/vnd.oci.image.config.v1+json";
        let config = self.blob(media_type, configuration.to_string().into());
        let manifest = json!({"config": config, "layers": [layer]});
        self.blob("application/vnd.oci.image.manifest.v1+json", manifest.to_string().into())
    }

    fn index(&mut self, manifests: &[Value]) -> Value {
        let index = json!({"manifests": manifests});
        self.blob("application/vnd.oci.image.index.v1+json", index.to_string().into())
    }

    fn roots(&mut self, manifests: &[Value]) {
        let index = json!({"manifests": manifests}).to_string();
        self.0.insert(super::INDEX.to_owned(), index.into());
    }

    fn open(&self, tag: Option<&str>, platform: &str) -> Result<Vec<Image>, ImageError> {
        let platform = match platform {
            "" => PlatformChoice::Host,
            named => named.parse().unwrap(),
        };
        let choice = Choice { tag: tag.map(str::to_owned), platform };
        super::open(self, &choice, &Budget::new(Limits::DEFAULT))
    }
}

impl Store for Memory {
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError> {
        let size = self.0.get(name).map(|bytes| bytes.len() as u64);
        Ok(size.map(|size| Place::File { name: name.to_owned(), size }))
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError> {
        let Place::File { name, .. } = place else { panic!("{place:?}") };
        Ok(self.0[name].clone())
    }
}

fn tagged(mut descriptor: Value, tag: &str) -> Value {
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
    descriptor
}

fn architectures(images: &[Image]) -> Vec<&str> {
    images.iter().map(|image| image.platform.architecture.as_str()).collect()
}

#[test]
fn a_single_image_needs_no_tag_and_no_platform() {
    let mut memory = Memory::default();
    let image = memory.image("s390x");
    memory.roots(&[image]);
    let images = memory.open(None, "").unwrap();
    assert_eq!(architectures(&images), ["s390x"]);
    let layer = &images[0].layers[0];
    assert_eq!(layer.created_by.as_deref(), Some("ADD"));
    assert_eq!(layer.digest, layer.diff_id);
    assert_eq!(images[0].doubts, Vec::<String>::new());
}

#[test]
fn tags_choose_by_name_and_by_what_follows_the_colon() {
    let mut memory = Memory::default();
    let (old, new) = (memory.image("amd64"), memory.image("arm64"));
    memory.roots(&[tagged(old, "example/app:1"), tagged(new, "2")]);
    for (tag, architecture) in [("1", "amd64"), ("example/app:1", "amd64"), ("2", "arm64")] {
        assert_eq!(architectures(&memory.open(Some(tag), "").unwrap()), [architecture], "{tag}");
    }
    let error = memory.open(Some("3"), "").unwrap_err();
    assert!(error.to_string().contains("2, example/app:1"), "{error}");
}

#[test]
fn several_images_and_no_tag_are_ambiguous() {
    let mut memory = Memory::default();
    let image = memory.image("amd64");
    let mut other = image.clone();
    other["x"] = json!(1);
    memory.roots(&[tagged(image, "a"), tagged(other, "b")]);
    assert!(matches!(memory.open(None, ""), Err(ImageError::Ambiguous { .. })));
}

#[test]
fn indexes_in_indexes_hold_platforms() {
    let mut memory = Memory::default();
    let manifests = [memory.image("amd64"), memory.image("arm64"), memory.image("s390x")];
    let inner = memory.index(&manifests);
    let outer = memory.index(&[inner]);
    memory.roots(&[outer]);
    assert_eq!(architectures(&memory.open(None, "linux/arm64/v8").unwrap()), ["arm64"]);
    assert_eq!(memory.open(None, "all").unwrap().len(), 3);
    let error = memory.open(None, "linux/riscv64").unwrap_err();
    assert!(error.to_string().contains("linux/s390x"), "{error}");
}

#[test]
fn an_index_that_contains_itself_ends() {
    let mut memory = Memory::default();
    let digest = format!("sha256:{}", "0".repeat(64));
    let own = json!({"digest": digest, "size": 1});
    let index = json!({"manifests": [own]}).to_string();
    memory.0.insert(format!("blobs/sha256/{}", "0".repeat(64)), index.clone().into());
    memory.0.insert(super::INDEX.to_owned(), index.into());
    assert!(matches!(memory.open(None, ""), Err(ImageError::Limit(_))));
}

#[test]
fn platforms_that_are_not_in_the_copy_are_passed_over() {
    let mut memory = Memory::default();
    let here = memory.image("amd64");
    let absent = json!({"digest": format!("sha256:{}", "1".repeat(64)), "size": 1});
    let index = memory.index(&[absent, here]);
    memory.roots(&[index]);
    assert_eq!(architectures(&memory.open(None, "").unwrap()), ["amd64"]);
}

#[test]
fn attestations_and_other_artifacts_are_no_images() {
    let mut memory = Memory::default();
    let image = memory.image("amd64");
    let mut attestation = memory.image("unknown");
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let config = memory.blob("application/vnd.cncf.helm.config.v1+json", b"{}".to_vec());
    let chart = json!({"config": config, "layers": []}).to_string();
    let chart = memory.blob("application/vnd.oci.image.manifest.v1+json", chart.into());
    memory.roots(&[attestation, chart.clone(), image]);
    assert_eq!(architectures(&memory.open(None, "").unwrap()), ["amd64"]);
    memory.roots(&[chart]);
    assert!(matches!(memory.open(None, ""), Err(ImageError::Empty)));
}

#[test]
fn a_layer_that_is_missing_is_said_and_the_rest_stays() {
    let mut memory = Memory::default();
    let image = memory.image("amd64");
    memory.roots(&[image]);
    let layer = Digest::of(b"amd64");
    memory.0.remove(&format!("blobs/sha256/{}", layer.hex()));
    let images = memory.open(None, "").unwrap();
    assert!(images[0].layers[0].place.as_ref().unwrap_err().contains("missing"));
}

#[test]
fn documents_with_another_digest_are_doubted() {
    let mut memory = Memory::default();
    let image = memory.image("amd64");
    let name = image["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/");
    memory.roots(&[image]);
    memory.0.get_mut(&name).unwrap().push(b'\n');
    let images = memory.open(None, "").unwrap();
    assert!(images[0].doubts[0].contains("has in truth"), "{:?}", images[0].doubts);
}

#[test]
fn names_in_documents_never_become_paths() {
    let mut memory = Memory::default();
    memory.roots(&[json!({"digest": "sha256:../../../etc/passwd", "size": 1})]);
    assert!(matches!(memory.open(None, ""), Err(ImageError::Document { .. })));
}
