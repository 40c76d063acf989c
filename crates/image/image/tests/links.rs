//! Links in a source: those that lead to a layer, and those that lead nowhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use bulkhead_image::{Choice, Image, ImageError, PlatformChoice, Source, open};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Digest;

const CHOICE: Choice = Choice { tag: None, platform: PlatformChoice::Host };

fn open_folder(path: &Path) -> Result<Vec<Image>, ImageError> {
    let folder = fs_err::File::open(path).unwrap().into_file();
    open(Source::Folder(folder), &CHOICE, &Budget::new(Limits::DEFAULT))
}

/// Adds a blob; gives its digest and a descriptor.
fn blob(layout: &Path, media_type: &str, content: &str) -> (Digest, String) {
    let digest = Digest::of(content.as_bytes());
    let blobs = layout.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).unwrap();
    fs_err::write(blobs.join(digest.hex()), content).unwrap();
    let size = content.len();
    let descriptor = format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#);
    (digest, descriptor)
}

/// An image with two layers; gives the digests of its manifest and of its first layer.
fn layout(path: &Path) -> (Digest, Digest) {
    let layer = "application/vnd.oci.image.layer.v1.tar";
    let (first, one) = blob(path, layer, "first");
    let (second, two) = blob(path, layer, "second");
    let configuration = format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":["{first}","{second}"]}}}}"#
    );
    let (_, config) = blob(path, "application/vnd.oci.image.config.v1+json", &configuration);
    let manifest = format!(r#"{{"config":{config},"layers":[{one},{two}]}}"#);
    let (digest, manifest) = blob(path, "application/vnd.oci.image.manifest.v1+json", &manifest);
    fs_err::write(path.join("index.json"), format!(r#"{{"manifests":[{manifest}]}}"#)).unwrap();
    (digest, first)
}

/// Puts a link in the place of a blob.
fn replace(layout: &Path, digest: &Digest, target: &Path) {
    let blob = layout.join("blobs/sha256").join(digest.hex());
    fs_err::remove_file(&blob).unwrap();
    symlink(target, &blob).unwrap();
}

#[test]
fn a_layer_that_is_a_loop_of_links_is_not_there_and_the_rest_is() {
    let folder = tempfile::tempdir().unwrap();
    let (_, first) = layout(folder.path());
    replace(folder.path(), &first, Path::new(first.hex()));
    let [image] = open_folder(folder.path()).unwrap().try_into().unwrap();
    let cause = image.layers[0].place.as_ref().unwrap_err();
    assert!(cause.contains(first.hex()) && cause.contains("cannot be read"), "{cause}");
    assert!(image.layers[1].place.is_ok());
}

#[test]
fn a_document_that_is_a_loop_of_links_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, _) = layout(folder.path());
    replace(folder.path(), &manifest, Path::new(manifest.hex()));
    let error = open_folder(folder.path()).unwrap_err();
    assert!(error.to_string().contains(manifest.hex()), "{error}");
    assert!(error.hint().is_some());
}

/// Bazel's rules write layouts of links into its own store.
#[test]
fn blobs_may_lie_elsewhere() {
    let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, first) = layout(folder.path());
    let file = store.path().join("first");
    fs_err::write(&file, "first").unwrap();
    replace(folder.path(), &first, &file);
    let [image] = open_folder(folder.path()).unwrap().try_into().unwrap();
    assert_eq!(image.layers[0].place.as_ref().unwrap().size(), 5);
}

/// The documents of an unpacked `docker save` choose names; those of a layout never do.
#[test]
fn names_in_documents_stay_below_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs_err::create_dir(&inside).unwrap();
    let secret = folder.path().join("secret.json");
    fs_err::write(&secret, r#"{"os":"linux","architecture":"amd64"}"#).unwrap();
    for name in ["../secret.json", secret.to_str().unwrap()] {
        let manifest = format!(r#"[{{"Config":"{name}","Layers":null}}]"#);
        fs_err::write(inside.join("manifest.json"), manifest).unwrap();
        assert!(matches!(open_folder(&inside), Err(ImageError::Missing { .. })), "{name}");
    }
}

/// `docker save` writes a link for a layer that it has written already.
#[test]
fn a_linked_layer_of_an_archive_is_the_one_that_it_links_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs_err::create_dir(path("one")).unwrap();
    fs_err::create_dir(path("two")).unwrap();
    fs_err::write(path("one/layer.tar"), "the layer").unwrap();
    symlink("../one/layer.tar", path("two/layer.tar")).unwrap();
    let diff_id = Digest::of(b"the layer");
    let configuration = format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":["{diff_id}","{diff_id}"]}}}}"#
    );
    fs_err::write(path("config.json"), configuration).unwrap();
    let manifest = r#"[{"Config":"config.json","Layers":["one/layer.tar","two/layer.tar"]}]"#;
    fs_err::write(path("manifest.json"), manifest).unwrap();
    let archive = path("image.tar");
    let mut tar = Command::new("tar");
    tar.arg("-cf").arg(&archive).arg("-C").arg(folder.path());
    tar.args(["one", "two", "config.json", "manifest.json"]);
    assert!(tar.status().unwrap().success());

    let file = fs_err::File::open(&archive).unwrap().into_file();
    let source = Source::Archive { file, spool: tempfile::tempfile().unwrap() };
    let [image] = open(source, &CHOICE, &Budget::new(Limits::DEFAULT)).unwrap().try_into().unwrap();
    let [one, two] = image.layers.try_into().unwrap();
    assert_eq!(one.place.unwrap(), two.place.unwrap());
}
