//! What `docker save` writes, in memory.

use serde_json::{Value, json};

use crate::memory::Memory;
use crate::{Choice, Image, ImageError, PlatformChoice};

/// An archive with these images: name of the configuration, tags, names of layers.
fn archive(images: &[(&str, Value, Value)]) -> Memory {
    let mut memory = Memory::default();
    let mut manifest = Vec::new();
    for (config, tags, layers) in images {
        manifest.push(json!({"Config": config, "RepoTags": tags, "Layers": layers}));
        let names = layers.as_array().into_iter().flatten().filter_map(Value::as_str);
        let diff_ids: Vec<_> =
            names.clone().map(|_| format!("sha256:{}", "a".repeat(64))).collect();
        let configuration =
            json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": diff_ids}});
        memory.0.insert((*config).to_owned(), configuration.to_string().into());
        for name in names.filter(|name| !name.contains("missing")) {
            memory.0.insert(name.to_owned(), b"layer".to_vec());
        }
    }
    memory.0.insert(super::MANIFEST.to_owned(), json!(manifest).to_string().into());
    memory
}

fn open(memory: &Memory, tag: Option<&str>) -> Result<Image, ImageError> {
    let choice = Choice { tag: tag.map(str::to_owned), platform: PlatformChoice::Host };
    super::open(memory, &choice).map(|mut images| images.remove(0))
}

#[test]
fn images_are_chosen_by_tag() {
    let memory = archive(&[
        ("one.json", json!(["example/app:1.0", "app:1"]), json!(["one/layer.tar"])),
        ("two.json", json!(["example/app:2.0"]), json!(["two/layer.tar", "three/layer.tar"])),
        ("nameless.json", Value::Null, json!([])),
    ]);
    for (tag, layers) in [
        ("example/app:1.0", 1),
        ("app:1.0", 1),
        ("1.0", 1),
        ("app:1", 1),
        ("2.0", 2),
        ("nameless", 0),
    ] {
        assert_eq!(open(&memory, Some(tag)).unwrap().layers.len(), layers, "{tag}");
    }
    let error = open(&memory, Some("3.0")).unwrap_err();
    assert!(error.to_string().contains("app:1, example/app:1.0, example/app:2.0"), "{error}");
    let error = open(&memory, None).unwrap_err();
    assert!(matches!(error, ImageError::Ambiguous { .. }), "{error}");
    assert!(error.to_string().contains("nameless"), "{error}");
}

#[test]
fn a_short_name_of_several_images_is_ambiguous() {
    let layers = || json!(["layer.tar"]);
    let memory = archive(&[
        ("one.json", json!(["a/app:1"]), layers()),
        ("two.json", json!(["b/app:1"]), layers()),
    ]);
    assert!(matches!(open(&memory, Some("app:1")), Err(ImageError::Ambiguous { .. })));
    assert_eq!(open(&memory, Some("b/app:1")).unwrap().tags, ["b/app:1"]);
}

#[test]
fn a_layer_that_is_missing_is_said_and_the_rest_stays() {
    let layers = json!(["one/layer.tar", "missing/layer.tar"]);
    let image = open(&archive(&[("one.json", json!(["app:1"]), layers)]), None).unwrap();
    assert!(image.layers[0].place.is_ok());
    let cause = image.layers[1].place.as_ref().unwrap_err();
    assert!(cause.contains("missing/layer.tar") && cause.contains("missing in"), "{cause}");
    assert_eq!(image.doubts, Vec::<String>::new());
}

/// `FROM scratch` and nothing but a command.
#[test]
fn an_image_may_have_no_layers() {
    let image = open(&archive(&[("one.json", json!(["app:1"]), Value::Null)]), None).unwrap();
    assert_eq!((image.layers.len(), image.doubts.len()), (0, 0));
}
