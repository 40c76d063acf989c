//! Archives on disk: real ones, and ones that break off.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use bulkhead_image::{Choice, Image, ImageError, PlatformChoice, Source, open};
use bulkhead_limits::{Budget, Limits};
use serde_json::Value;

fn open_file(path: &Path, platform: PlatformChoice) -> Result<Vec<Image>, ImageError> {
    let file = fs_err::File::open(path).unwrap().into_file();
    let source = Source::Archive { file, spool: tempfile::tempfile().unwrap() };
    let choice = Choice { tag: None, platform };
    open(source, &choice, &Budget::new(Limits::DEFAULT))
}

/// A file with these bytes.
fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    File::create_new(&path).unwrap().write_all(bytes).unwrap();
    (folder, path)
}

/// What an archive says of itself, by the system's tar and a reading of its JSON of our own: the
/// configurations of its images, and whether it is of the kind that `docker save` wrote.
fn configurations(archive: &Path) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(archive).arg("-C").arg(folder.path());
    assert!(tar.status().unwrap().success(), "{}", archive.display());
    let document = |name: &str| -> Option<Value> {
        serde_json::from_slice(&fs_err::read(folder.path().join(name)).ok()?).unwrap()
    };
    let Some(manifest) = document("manifest.json") else { return Vec::new() };
    let images = manifest.as_array().unwrap().iter();
    images.map(|image| document(image["Config"].as_str().unwrap()).unwrap()).collect()
}

/// Layers as `docker save` lists them, each with the line of the history that is its own.
#[test]
fn real_images_have_the_layers_and_history_of_their_configuration() {
    let mut checked = 0;
    for path in bulkhead_testing::data_files("fixtures/images") {
        let configurations = configurations(&path);
        let [configuration] = configurations.as_slice() else { continue };
        checked += 1;
        let [image] = open_file(&path, PlatformChoice::Host).unwrap().try_into().unwrap();
        assert_eq!(image.platform.os, configuration["os"], "{}", path.display());
        assert_eq!(image.platform.architecture, configuration["architecture"]);
        let diff_ids: Vec<Value> = image
            .layers
            .iter()
            .map(|layer| layer.diff_id.clone().unwrap().as_str().into())
            .collect();
        assert_eq!(Value::from(diff_ids), configuration["rootfs"]["diff_ids"]);
        let history = configuration["history"].as_array().into_iter().flatten();
        let lines: Vec<&Value> = history.filter(|line| line["empty_layer"] != true).collect();
        for (number, layer) in image.layers.iter().enumerate() {
            assert!(layer.place.as_ref().unwrap().size() > 0);
            let line = lines.get(number).filter(|_| lines.len() == image.layers.len());
            let line = line.and_then(|line| line["created_by"].as_str());
            assert_eq!(layer.created_by.as_deref(), line, "{} {number}", path.display());
        }
    }
    if checked == 0 {
        bulkhead_testing::skip(
            "no file of fixtures/images holds a single image with manifest.json",
        );
    }
}

#[test]
fn archives_that_break_off_say_so() {
    for path in bulkhead_testing::data_files("fixtures/images") {
        let bytes = fs_err::read(&path).unwrap();
        let (_folder, short) = file(&bytes[..bytes.len() / 2]);
        match open_file(&short, PlatformChoice::All) {
            Ok(images) => {
                let told = images.iter().all(|image| {
                    let lost = image.layers.iter().any(|layer| layer.place.is_err());
                    lost || !image.problems.is_empty()
                });
                assert!(told, "{}", path.display());
            }
            // An archive with several images has to be asked for one; all else names the break.
            Err(ImageError::Ambiguous { .. }) => {}
            Err(error) => assert!(error.hint().is_some(), "{}: {error}", path.display()),
        }
    }
}

#[test]
fn other_files_are_no_images() {
    for bytes in [&b""[..], b"hello", &[0; 10_240]] {
        let (_folder, path) = file(bytes);
        let error = open_file(&path, PlatformChoice::Host).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }
}
