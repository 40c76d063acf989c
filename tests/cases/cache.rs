//! Results of earlier scans: used, shared, and never trusted further than the bytes they are of.

use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use bulkhead_end_to_end::{Image, Layer, Tar};
use serde_json::Value;

use crate::bulkhead::{Scan, run};
use crate::samples::{folder, holds, npm_package};

/// Longer than the tick of the clock that file systems stamp with: files younger than that are not
/// trusted to stay as they are.
const SETTLED: Duration = Duration::from_millis(60);

fn image() -> Image {
    let layer = |name: &str| {
        let path = format!("app/node_modules/{name}");
        let tar = npm_package(Tar::new(), path, name, "1.0.0").file("lib/odd", "content");
        Layer::from_bytes(name, tar.link("usr/lib", "../lib").finish())
    };
    Image::new(vec![layer("one"), layer("two"), layer("three")])
}

/// A target in a file or folder, with a cache beside it.
struct World {
    _folder: tempfile::TempDir,
    target: String,
    path: PathBuf,
    cache: PathBuf,
}

impl World {
    fn new(scheme: &str) -> Self {
        let folder = folder();
        let path = folder.path().join("image");
        match scheme {
            "oci-dir" => {
                fs_err::create_dir(&path).expect("a folder");
                image().write_layout(&path).expect("an image");
            }
            "docker-archive" => image().write_docker_archive(&path).expect("an image"),
            "gzip" => {
                let plain = folder.path().join("plain");
                image().write_docker_archive(&plain).expect("an image");
                let bytes = fs_err::read(plain).expect("an image");
                let file = fs_err::File::create(&path).expect("a file");
                let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
                std::io::Write::write_all(&mut gzip, &bytes).expect("it is packed");
                gzip.finish().expect("it is packed");
            }
            _ => unreachable!("no such form"),
        }
        thread::sleep(SETTLED);
        let name = if scheme == "gzip" { "docker-archive" } else { scheme };
        let target = format!("{name}:{}", path.display());
        Self { cache: folder.path().join("cache"), _folder: folder, target, path }
    }

    fn scan(&self) -> Scan {
        self.scan_with(&[])
    }

    fn scan_with(&self, arguments: &[&str]) -> Scan {
        let cache = self.cache.to_str().expect("a plain path");
        Scan::of(&self.target, &[&["--cache-dir", cache], arguments].concat())
    }

    fn kept(&self) -> Vec<PathBuf> {
        bulkhead_testing::files_below(&self.cache)
    }
}

/// All that a report says but when it was made.
fn said(scan: &Scan) -> Value {
    let mut report = scan.report.clone();
    report.as_object_mut().expect("a report").remove("created");
    report
}

#[test]
fn a_known_image_is_reported_as_an_unknown_one() {
    for scheme in ["oci-dir", "docker-archive", "gzip"] {
        let world = World::new(scheme);
        let cold = world.scan();
        assert!(holds(&cold, "two", "1.0.0"), "{}", cold.errors);
        let kept = world.kept();
        assert!(!kept.is_empty(), "{scheme}: nothing was kept");
        let warm = world.scan();
        assert_eq!(said(&cold), said(&warm), "{scheme}");
        assert_eq!(cold.code, warm.code);
        assert_eq!(kept, world.kept(), "{scheme}: the second scan worked something out");
    }
}

#[test]
fn nothing_is_kept_where_nothing_is_wanted() {
    let world = World::new("oci-dir");
    let scan = world.scan_with(&["--no-cache"]);
    assert!(holds(&scan, "one", "1.0.0"));
    assert!(!world.cache.try_exists().expect("a folder"));
}

/// The layer is altered in place, and its file made to look as old as before.
#[test]
fn an_altered_layer_is_read_again() {
    let world = World::new("oci-dir");
    let before = world.scan();
    assert_eq!(before.code, Some(0), "{}", before.errors);
    let blobs = bulkhead_testing::files_below(&world.path.join("blobs"));
    let is_layer = |path: &&PathBuf| fs_err::read(path).expect("a blob").starts_with(b"\x1f\x8b");
    let layer = blobs.iter().find(is_layer).expect("a layer");
    let file = fs_err::OpenOptions::new().write(true).open(layer).expect("a layer");
    let modified = file.metadata().and_then(|it| it.modified()).expect("a time");
    file.file().write_all_at(b"\xff\xff\xff\xff", 40).expect("altered");
    file.file().set_modified(modified).expect("a time");
    let after = world.scan();
    assert_eq!(after.code, Some(3), "{}", after.errors);
    assert!(after.list("/not_assessed").any(|it| it["what"] == "layer"), "{:?}", after.report);
}

#[test]
fn a_damaged_cache_costs_time_and_nothing_else() {
    let world = World::new("docker-archive");
    let cold = world.scan();
    for (number, file) in world.kept().into_iter().enumerate() {
        let mut bytes = fs_err::read(&file).expect("a result");
        let at = bytes.len() * (number % 7) / 7;
        bytes[at] ^= 0x20;
        bytes.truncate(if number % 2 == 0 { bytes.len() } else { at + 1 });
        fs_err::write(&file, bytes).expect("a result");
    }
    assert_eq!(said(&cold), said(&world.scan()));
    assert_eq!(said(&cold), said(&world.scan()));
}

#[test]
fn the_cache_stays_within_its_size() {
    let world = World::new("oci-dir");
    let scan = world.scan_with(&["--cache-size", "0"]);
    assert!(holds(&scan, "three", "1.0.0"), "{}", scan.errors);
    assert!(world.kept().is_empty());
}

#[test]
fn a_cache_that_cannot_be_used_is_told_and_done_without() {
    let world = World::new("oci-dir");
    fs_err::write(&world.cache, "a file").expect("a file");
    let scan = world.scan();
    assert!(holds(&scan, "one", "1.0.0"));
    assert_eq!(scan.code, Some(0));
    assert!(scan.errors.contains("--cache-dir"), "{}", scan.errors);
}

/// Twenty scans at once of an image that none of them knows yet, then of one that all know.
#[test]
fn many_processes_share_one_cache() {
    let world = World::new("oci-dir");
    let alone = said(&world.scan_with(&["--no-cache"]));
    for round in ["cold", "warm"] {
        thread::scope(|scope| {
            let scans: Vec<_> = (0..20).map(|_| scope.spawn(|| world.scan())).collect();
            for scan in scans {
                let scan = scan.join().expect("a scan");
                assert_eq!(scan.code, Some(0), "{round}: {}", scan.errors);
                assert_eq!(said(&scan), alone, "{round}");
            }
        });
    }
    let names = world.kept();
    let unfinished = |path: &PathBuf| path.to_string_lossy().contains("unfinished");
    assert!(!names.iter().any(unfinished), "{names:?}");
}

#[test]
fn a_bill_of_materials_uses_the_same_results() {
    let world = World::new("docker-archive");
    world.scan();
    let kept = world.kept();
    let cache = world.cache.to_str().expect("a plain path");
    let output = run(&["sbom", &world.target, "--cache-dir", cache]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("pkg:npm/one@1.0.0"));
    assert_eq!(kept, world.kept());
}
