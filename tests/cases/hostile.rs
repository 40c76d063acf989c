//! Images made to break scanners. Each has a sound layer with a known package at the bottom: whatever
//! lies above it, that package is reported and what was lost is said.

use std::path::Path;

use bulkhead_end_to_end::{Image, Kind, Layer, Tar, zip};

use crate::bulkhead::{Scan, run, text};
use crate::samples::{folder, holds, holds_lodash, layer_blob, layout, lodash, npm_package};

/// No input needs more than this of a worker: it has to be enough.
const LITTLE: &[&str] = &["--max-memory", "256"];

#[test]
fn a_truncated_layer() {
    let scan = damaged(Tar::new().file("data", noise(100_000)).finish(), |bytes| {
        bytes.truncate(bytes.len() / 2);
    });
    lost(&scan, &["cut off"], "write it again");
}

#[test]
fn a_corrupt_layer() {
    let scan = damaged(Tar::new().file("data", noise(100_000)).finish(), |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 64].fill(0xa5);
    });
    lost(&scan, &[], "write it again");
}

#[test]
fn a_layer_that_is_not_the_promised_one() {
    let folder = folder();
    let other = npm_package(Tar::new(), "srv/node_modules/minimist", "minimist", "0.0.8").finish();
    let (path, target) = layout(folder.path(), vec![lodash().finish(), other.clone()]);
    let swapped = tempfile::tempdir().expect("a folder");
    let tar = npm_package(Tar::new(), "srv/node_modules/minimist", "minimist", "1.2.8").finish();
    let (foreign, _) = layout(swapped.path(), vec![tar]);
    fs_err::copy(layer_blob(&foreign, 0), layer_blob(&path, 1)).expect("swapped");
    lost(&Scan::of(&target, &[]), &["digest"], "do not run it");
}

#[test]
fn a_gzip_bomb() {
    let zeros = vec![0; 400 << 20];
    lost(&above(Tar::new().file("zeros", zeros).finish()), &["times its size"], "do not run");
}

#[test]
fn a_name_without_end() {
    let name = vec![b'a'; 64 << 20];
    let size = name.len() as u64;
    let tar = Tar::new().entry(Kind::LongName, "././@LongLink", b"", size, &name);
    let tar = npm_package(tar.file("short", "x"), "srv/node_modules/minimist", "minimist", "0.0.8");
    said(&above(tar.finish()), &[("limit_reached", "")]);
}

#[test]
fn a_pax_header_without_end() {
    let mut record = b"99999999 path=".to_vec();
    record.resize(32 << 20, b'a');
    let size = record.len() as u64;
    let tar = Tar::new().entry(Kind::Pax, "PaxHeaders/x", b"", size, &record).file("short", "x");
    said(&above(tar.finish()), &[("limit_reached", "short")]);
}

#[test]
fn jars_a_hundred_deep() {
    let mut jar = zip(&[("innermost", b"x")]);
    for _ in 0..100 {
        jar = zip(&[("inner.jar", &jar)]);
    }
    let scan = above(Tar::new().file("opt/deep.jar", jar).finish());
    said(&scan, &[("limit_reached", "opt/deep.jar")]);
}

/// A file of holes: nothing is stored, and it claims a tebibyte. What comes after it is read.
#[test]
fn holes_without_end() {
    let record = |key: &str, value: &str| {
        let content = format!(" GNU.sparse.{key}={value}\n");
        // The length counts its own two digits (pax(1), extended header).
        format!("{}{content}", content.len() + 2)
    };
    let path = "srv/node_modules/holes/package.json";
    let records = [
        record("major", "1"),
        record("minor", "0"),
        record("realsize", &(1_u64 << 40).to_string()),
        record("name", path),
    ]
    .concat();
    let tar = Tar::new()
        .entry(Kind::Pax, "PaxHeaders/x", b"", records.len() as u64, &records)
        // The map of the data: no region at all, in a block of its own.
        .entry(Kind::File, "GNUSparseFile.0/x", b"", 512, [b"0\n".as_slice(), &[0; 510]].concat());
    let scan = above(npm_package(tar, "srv/node_modules/minimist", "minimist", "0.0.8").finish());
    said(&scan, &[("limit_reached", path)]);
    assert!(holds(&scan, "minimist", "0.0.8"), "what comes after the holes is reported");
}

/// The archive around the image breaks off in the upper layer.
#[test]
fn an_archive_that_is_cut_off() {
    let folder = folder();
    let file = folder.path().join("image.tar");
    let upper = Tar::new().file("data", noise(100_000)).finish();
    let layers = [lodash().finish(), upper].map(|tar| Layer::from_bytes("by hand", tar)).to_vec();
    Image::new(layers).write_docker_archive(&file).expect("an image");
    let bytes = fs_err::read(&file).expect("an archive");
    // `manifest.json` comes last, as in real ones: without it nothing is known of the image.
    fs_err::write(&file, &bytes[..bytes.len() / 2]).expect("cut off");
    let output = run(&["scan", &format!("docker-archive:{}", file.display())]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("breaks off") && errors.contains("write it again"), "{errors}");

    let (path, _) = layout(
        folder.path(),
        vec![lodash().finish(), Tar::new().file("data", noise(100_000)).finish()],
    );
    let blob = layer_blob(&path, 1);
    let inside = blob.strip_prefix(&path).expect("below the layout").to_owned();
    pack(&path, &inside, &file);
    let length = fs_err::metadata(&file).expect("an archive").len();
    let archive = fs_err::OpenOptions::new().write(true).open(&file).expect("an archive");
    archive.set_len(length - 60_000).expect("cut off");
    lost(
        &Scan::of(&format!("oci-archive:{}", file.display()), &[]),
        &["cut off"],
        "write it again",
    );
}

#[test]
fn paths_that_leave_the_image() {
    let outside = folder();
    let victim = outside.path().join("package.json");
    let up = format!("../../../../../../../..{}", victim.display());
    let tar = Tar::new()
        .file(&up, r#"{"name":"minimist","version":"0.0.8"}"#)
        .file(victim.to_str().expect("a plain path"), "{}")
        .link("srv/out", outside.path().to_str().expect("a plain path"))
        .file("srv/out/written", "x");
    // Inside the image both are the same name.
    let inside = victim.to_str().expect("a plain path").trim_start_matches('/');
    said(&above(tar.finish()), &[("ambiguous", inside)]);
    let written = fs_err::read_dir(outside.path()).expect("a folder").count();
    assert_eq!(written, 0, "something was written outside");
}

#[test]
fn links_in_a_circle() {
    let tar = Tar::new()
        .link("a", "b")
        .link("b", "a")
        .link("var/lib/dpkg", "../../var/lib/dpkg")
        .link("etc/os-release", "../etc/os-release")
        .entry(Kind::HardLink, "srv/self", "srv/self", 0, "")
        .file("a/inside", "x");
    said(&above(tar.finish()), &[("ambiguous", "srv/self"), ("ambiguous", "a/inside")]);
}

#[test]
fn devices_where_files_are_read() {
    let mut tar = Tar::new();
    for path in ["etc/os-release", "var/lib/dpkg/status", "lib/apk/db/installed"] {
        tar = tar.entry(Kind::CharacterDevice, path, b"", 0, "");
    }
    said(&above(tar.finish()), &[]);
}

#[test]
fn names_that_are_no_text() {
    let folder = b"srv/\xff\xfe/node_modules/minimist";
    let scan = above(npm_package(Tar::new(), folder, "minimist", "0.0.8").finish());
    said(&scan, &[]);
    assert!(holds(&scan, "minimist", "0.0.8"));
}

#[test]
fn a_size_that_lies() {
    let tar = npm_package(Tar::new(), "srv/node_modules/minimist", "minimist", "0.0.8").entry(
        Kind::File,
        "huge",
        b"",
        0o7_777_777_777,
        "little",
    );
    let scan = above(tar.unfinished());
    lost(&scan, &[], "write it again");
    assert!(holds(&scan, "minimist", "0.0.8"), "what came before the lie is reported");
}

#[test]
fn a_half_written_database() {
    let folder = folder();
    let (_, target) = layout(folder.path(), vec![lodash().finish()]);
    let whole = crate::bulkhead::database().map(|path| fs_err::read(path).expect("a database"));
    let mut halves = vec![Vec::new(), b"not a database".to_vec()];
    if let Some(whole) = whole {
        halves.push(whole[..whole.len() / 2].to_vec());
        halves.push(whole[..5000].to_vec());
    }
    for half in halves {
        let file = folder.path().join("half.db");
        fs_err::write(&file, &half).expect("written");
        let output = run(&["scan", &target, "--db", file.to_str().expect("a plain path")]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{} bytes: {errors}", half.len());
        assert!(errors.contains("half.db") && errors.contains("hint"), "{errors}");
    }
}

/// Scans an image with a layer above the sound one.
fn above(layer: Vec<u8>) -> Scan {
    let folder = folder();
    let (_, target) = layout(folder.path(), vec![lodash().finish(), layer]);
    Scan::of(&target, LITTLE)
}

/// Scans an image whose upper layer's blob was changed after it was written.
fn damaged(layer: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Scan {
    let folder = folder();
    let (path, target) = layout(folder.path(), vec![lodash().finish(), layer]);
    let blob = layer_blob(&path, 1);
    let mut bytes = fs_err::read(&blob).expect("a blob");
    change(&mut bytes);
    fs_err::write(&blob, bytes).expect("changed");
    Scan::of(&target, LITTLE)
}

/// The upper layer is named as not assessed, with one of the words in the cause and what to do; the
/// rest stands.
#[track_caller]
fn lost(scan: &Scan, words: &[&str], action: &str) {
    assert_eq!(scan.code, Some(3), "{}", scan.errors);
    assert!(holds_lodash(scan), "the sound layer is not reported");
    let layer = scan
        .list("/not_assessed")
        .find(|part| text(part, "/what") == "layer" && part["index"] == 1);
    let layer = layer.unwrap_or_else(|| panic!("not said: {:?}", scan.report["not_assessed"]));
    let cause = text(layer, "/cause");
    assert!(words.is_empty() || words.iter().any(|word| cause.contains(word)), "{cause}");
    let hint = text(layer, "/hint");
    assert!(hint.contains(action), "{cause}: {hint}");
}

/// The scan ends by itself with a report that has the sound layer, and these problems: of this
/// kind, with this path (empty where it is the layer as a whole), and no others.
#[track_caller]
fn said(scan: &Scan, problems: &[(&str, &str)]) {
    assert!(matches!(scan.code, Some(0 | 3)), "{:?}: {}", scan.code, scan.errors);
    assert!(holds_lodash(scan), "the sound layer is not reported");
    let mut found: Vec<(String, String)> = scan
        .list("/problems")
        .map(|problem| (text(problem, "/kind"), text(problem, "/location/path")))
        .collect();
    found.sort();
    found.dedup();
    let mut expect: Vec<(String, String)> =
        problems.iter().map(|(kind, path)| ((*kind).to_owned(), (*path).to_owned())).collect();
    expect.sort();
    assert_eq!(found, expect, "{:?} {:?}", scan.report["problems"], scan.report["not_assessed"]);
}

/// Writes a layout into a tar file, one of its blobs last.
fn pack(layout: &Path, last: &Path, file: &Path) {
    for (option, paths) in [("-cf", vec![Path::new(".")]), ("-rf", vec![last])] {
        let mut tar = std::process::Command::new("tar");
        tar.arg("-C").arg(layout).arg(option).arg(file);
        if option == "-cf" {
            tar.arg("--exclude").arg(last.file_name().expect("a blob"));
        }
        bulkhead_end_to_end::run(tar.args(paths)).expect("tar packs it");
    }
}

/// Bytes that do not compress.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(step).take(count).collect()
}
