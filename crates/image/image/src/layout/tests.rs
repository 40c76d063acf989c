//! Layouts in memory.

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Digest;
use serde_json::{Value, json};

use crate::memory::Memory;
use crate::{Choice, Image, ImageError, PlatformChoice};

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
        self.image_with(architecture, "application/vnd.oci.image.config.v1+json")
    }

    /// The same with a configuration of this media type.
    fn image_with(&mut self, architecture: &str, media_type: &str) -> Value {
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", architecture.into());
        let configuration = json!({
            "os": if architecture == "unknown" { "unknown" } else { "linux" },
            "architecture": architecture,
            "rootfs": {"diff_ids": [layer["digest"]]},
            "history": [{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": true}],
        });
        let config = self.blob(media_type, configuration.to_string().into());
        let manifest = json!({"config": config, "layers": [layer]});
        self.blob("application/vnd.oci.image.manifest.v1+json", manifest.to_string().into())
    }

    /// An image of which only the index says for what variant or version of the system it is.
    fn image_for(&mut self, os: &str, architecture: &str, particular: (&str, &str)) -> Value {
        let (name, value) = particular;
        // The layers differ, and so do the manifests.
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", value.into());
        let configuration = json!({"os": os, "architecture": architecture, "rootfs": {"diff_ids": [layer["digest"]]}});
        let media_type = "application/vnd.oci.image.config.v1+json";
        let config = self.blob(media_type, configuration.to_string().into());
        let manifest = json!({"config": config, "layers": [layer]}).to_string();
        let mut descriptor =
            self.blob("application/vnd.oci.image.manifest.v1+json", manifest.into());
        descriptor["platform"] = json!({"os": os, "architecture": architecture, name: value});
        descriptor
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
    let (one, other) = (memory.image("amd64"), memory.image_with("amd64", ""));
    memory.roots(&[tagged(one, "a"), tagged(other, "b")]);
    let error = memory.open(None, "").unwrap_err();
    assert!(
        matches!(&error, ImageError::Ambiguous { available } if available == "a, b"),
        "{error}"
    );
}

/// `docker save app:1 app:2`, where both are the same image.
#[test]
fn one_image_with_two_tags_is_one_image() {
    let mut memory = Memory::default();
    let image = memory.image("amd64");
    memory.roots(&[tagged(image.clone(), "1"), tagged(image, "2")]);
    for tag in [None, Some("1"), Some("2")] {
        let [image] = memory.open(tag, "").unwrap().try_into().unwrap();
        assert_eq!(image.tags, ["1", "2"]);
    }
}

/// The same where each tag has an index of its own around one manifest.
#[test]
fn one_manifest_in_two_indexes_is_one_image() {
    let mut memory = Memory::default();
    let (image, other) = (memory.image("amd64"), memory.image("arm64"));
    let (both, alone) = (memory.index(&[image.clone(), other]), memory.index(&[image]));
    memory.roots(&[tagged(both, "a"), tagged(alone, "b")]);
    let [image] = memory.open(None, "linux/amd64").unwrap().try_into().unwrap();
    assert_eq!(image.tags, ["a", "b"]);
    assert_eq!(memory.open(None, "all").unwrap().len(), 2);
}

/// `docker save nginx redis` since version 25, nerdctl and buildx: the tag alone says nothing.
#[test]
fn full_names_tell_images_with_the_same_tag_apart() {
    let mut memory = Memory::default();
    let images = [("nginx", memory.image("amd64")), ("redis", memory.image_with("amd64", ""))];
    let roots = images.map(|(name, image)| {
        let mut root = tagged(image, "latest");
        let name = format!("docker.io/library/{name}:latest");
        root["annotations"]["io.containerd.image.name"] = name.into();
        root
    });
    memory.roots(&roots);
    for tag in [None, Some("latest")] {
        let error = memory.open(tag, "").unwrap_err();
        let names = "docker.io/library/nginx:latest, docker.io/library/redis:latest";
        assert!(error.to_string().ends_with(names), "{error}");
    }
    for (tag, position) in [("nginx:latest", 0), ("docker.io/library/redis:latest", 1)] {
        let [image] = memory.open(Some(tag), "").unwrap().try_into().unwrap();
        assert_eq!(image.manifest.unwrap().as_str(), roots[position]["digest"], "{tag}");
    }
    let digest = roots[1]["digest"].as_str();
    let [image] = memory.open(digest, "").unwrap().try_into().unwrap();
    assert_eq!(image.manifest.unwrap().as_str(), digest.unwrap());
}

#[test]
fn of_several_variants_the_nearest_is_taken() {
    let mut memory = Memory::default();
    let variants = ["v5", "v7", "v6"].map(|it| memory.image_for("linux", "arm", ("variant", it)));
    let index = memory.index(&variants);
    memory.roots(&[index]);
    let check = |wanted: &str, expect: &str| {
        let [image] = memory.open(None, wanted).unwrap().try_into().unwrap();
        assert_eq!(image.platform.to_string(), expect);
    };
    check("linux/arm", "linux/arm/v7");
    check("linux/arm/v6", "linux/arm/v6");
    check("linux/arm/v8", "linux/arm/v7");
    assert_eq!(memory.open(None, "all").unwrap().len(), 3);
}

#[test]
fn versions_of_windows_have_to_be_chosen() {
    let mut memory = Memory::default();
    let images = ["10.0.17763.1", "10.0.20348.1"]
        .map(|it| memory.image_for("windows", "amd64", ("os.version", it)));
    let index = memory.index(&images);
    memory.roots(&[tagged(index, "latest")]);
    let error = memory.open(None, "windows/amd64").unwrap_err();
    assert!(error.to_string().contains("windows(10.0.17763.1)/amd64"), "{error}");
    assert!(error.hint().unwrap().contains("--platform"));
    let [image] = memory.open(None, "windows(10.0.20348)/amd64").unwrap().try_into().unwrap();
    assert_eq!(image.platform.os_version, "10.0.20348.1");
}

/// Tags of different images are no variants of one.
#[test]
fn a_nearer_variant_of_another_image_is_not_taken() {
    let mut memory = Memory::default();
    let images = ["v7", "v6"].map(|it| memory.image_for("linux", "arm", ("variant", it)));
    let [one, other] = images;
    memory.roots(&[tagged(one, "a"), tagged(other, "b")]);
    assert!(matches!(memory.open(None, "linux/arm"), Err(ImageError::Ambiguous { .. })));
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

/// As registries leave them that drop annotations.
#[test]
fn attestations_without_annotations_are_no_images() {
    let mut memory = Memory::default();
    let (image, attestation) = (memory.image("amd64"), memory.image("unknown"));
    let index = memory.index(&[image, attestation.clone()]);
    memory.roots(&[index]);
    assert_eq!(architectures(&memory.open(None, "all").unwrap()), ["amd64"]);
    assert_eq!(architectures(&memory.open(None, "").unwrap()), ["amd64"]);
    memory.roots(&[attestation]);
    assert_eq!(architectures(&memory.open(None, "").unwrap()), ["unknown"], "all that there is");
}

#[test]
fn configurations_may_be_called_anything() {
    for media_type in ["", "application/octet-stream"] {
        let mut memory = Memory::default();
        let image = memory.image_with("amd64", media_type);
        let config = memory.blob(media_type, b"\0asm".to_vec());
        let module = json!({"config": config, "layers": []}).to_string();
        let module = memory.blob("application/vnd.oci.image.manifest.v1+json", module.into());
        let config = memory.blob(media_type, b"{}".to_vec());
        let artifact = json!({"config": config, "layers": []}).to_string();
        let artifact = memory.blob("application/vnd.oci.image.manifest.v1+json", artifact.into());
        memory.roots(&[module, artifact, image]);
        assert_eq!(architectures(&memory.open(None, "all").unwrap()), ["amd64"], "{media_type}");
    }
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
