//! Archives on disk: real ones, and ones that break off.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use bulkhead_image::{Choice, Image, ImageError, PlatformChoice, Source, open};
use bulkhead_limits::{Budget, Limits};

fn open_file(path: &Path) -> Result<Vec<Image>, ImageError> {
    let file = fs_err::File::open(path).unwrap().into_file();
    let source = Source::Archive { file, spool: tempfile::tempfile().unwrap() };
    let choice = Choice { tag: None, platform: PlatformChoice::Host };
    open(source, &choice, &Budget::new(Limits::DEFAULT))
}

/// A file with these bytes.
fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    File::create_new(&path).unwrap().write_all(bytes).unwrap();
    (folder, path)
}

#[test]
fn real_images_have_layers_with_history() {
    for path in bulkhead_testing::data_files("fixtures/images") {
        let images = open_file(&path).unwrap();
        assert_eq!(images.len(), 1, "{}", path.display());
        assert_eq!(images[0].platform.os, "linux");
        for layer in &images[0].layers {
            assert!(layer.place.as_ref().unwrap().size() > 0);
            assert!(layer.diff_id.is_some());
            assert!(layer.created_by.is_some());
        }
    }
}

#[test]
fn archives_that_break_off_say_so() {
    for path in bulkhead_testing::data_files("fixtures/images") {
        let bytes = fs_err::read(&path).unwrap();
        let (_folder, short) = file(&bytes[..bytes.len() / 2]);
        match open_file(&short) {
            Ok(images) => assert!(!images[0].problems.is_empty()),
            Err(error) => assert!(error.to_string().contains("breaks off"), "{error}"),
        }
    }
}

#[test]
fn other_files_are_no_images() {
    for bytes in [&b""[..], b"hello", &[0; 10_240]] {
        let (_folder, path) = file(bytes);
        let error = open_file(&path).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }
}
