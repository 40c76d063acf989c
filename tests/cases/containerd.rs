//! Images in containerd's store, while Debian's own containerd runs and when it does not.

use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_end_to_end::{Containerd, Image, Layer, run as run_program, write_index};
use serde_json::Value;
use tempfile::TempDir;

use crate::bulkhead::{Scan, text};
use crate::samples::{folder, holds, npm_package};

const NAME: &str = "docker.io/library/app";

/// An image of one platform with a package for it and one of all, and the same as an archive.
fn image(architecture: &'static str, version: &str) -> Image {
    let layer = |history, name: &str, version: &str| {
        let at = format!("srv/app/node_modules/{name}");
        let tar = npm_package(bulkhead_end_to_end::Tar::new(), at, name, version);
        Layer::from_bytes(history, tar.finish())
    };
    let mut image = Image::new(vec![
        layer("COPY base", "lodash", "4.17.4"),
        layer("COPY application", architecture, version),
    ]);
    image.architecture = architecture;
    image
}

/// An index over two platforms as an archive, with the digest of the index.
struct Archive {
    folder: TempDir,
    digest: String,
}

impl Archive {
    fn of(version: &str) -> Self {
        let folder = folder();
        let layout = folder.path().join("layout");
        fs_err::create_dir(&layout).expect("a folder");
        write_index(&layout, &[image("amd64", version), image("arm64", version)])
            .expect("an index");
        let index: Value =
            serde_json::from_slice(&fs_err::read(layout.join("index.json")).expect("an index"))
                .expect("JSON");
        let mut tar = Command::new("tar");
        tar.arg("-cf").arg(folder.path().join("image.tar")).arg("-C").arg(&layout).arg(".");
        run_program(&mut tar).expect("tar packs it");
        Self { digest: text(&index, "/manifests/0/digest"), folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("image.tar")
    }
}

fn has_tools() -> bool {
    ["containerd", "ctr"].map(bulkhead_testing::tool).iter().all(Option::is_some)
}

fn scan(root: &Path, name: &str, arguments: &[&str]) -> Scan {
    let root = root.to_str().expect("a plain path");
    let arguments = [&["--containerd-root", root], arguments].concat();
    Scan::of(&format!("containerd:{name}"), &arguments)
}

/// What a report says that must not depend on where the image was.
fn essence(scan: &Scan) -> Vec<Value> {
    assert_eq!(scan.code, Some(0), "{}", scan.errors);
    let parts = ["/findings", "/inventory", "/not_assessed", "/problems"];
    let of_image = ["/target/image/layers", "/target/image/manifest", "/target/image/platform"];
    let parts = parts.iter().chain(&of_image);
    parts.map(|part| scan.report.pointer(part).cloned().unwrap_or_default()).collect()
}

#[test]
fn an_image_is_that_of_its_archive_while_the_daemon_runs_and_after() {
    if !has_tools() {
        return;
    }
    let archive = Archive::of("1.0.0");
    let mut daemon = Containerd::start().expect("a containerd");
    daemon.import("default", &archive.path(), NAME).expect("it is imported");
    let root = daemon.root();
    let target = format!("oci-archive:{}", archive.path().display());
    for platform in ["linux/amd64", "linux/arm64"] {
        let expected = Scan::of(&target, &["--platform", platform]);
        assert!(expected.list("/findings").next().is_some(), "{}", expected.errors);
        let by_digest = [archive.digest.clone(), format!("app@{}", archive.digest)];
        for name in [NAME, "app:latest", &by_digest[0], &by_digest[1]] {
            let found = scan(&root, name, &["--platform", platform]);
            assert_eq!(essence(&found), essence(&expected), "{name} {platform}");
        }
    }
    daemon.stop();
    let expected = Scan::of(&target, &["--platform", "linux/amd64"]);
    let found = scan(&root, NAME, &["--platform", "linux/amd64"]);
    assert_eq!(essence(&found), essence(&expected));
}

#[test]
fn namespaces_are_kept_apart() {
    if !has_tools() {
        return;
    }
    let (one, other) = (Archive::of("1.0.0"), Archive::of("2.0.0"));
    let daemon = Containerd::start().expect("a containerd");
    daemon.import("default", &one.path(), NAME).expect("it is imported");
    daemon.import("k8s.io", &other.path(), NAME).expect("it is imported");
    let amd64 = ["--platform", "linux/amd64"];
    for (namespace, version) in [("default", "1.0.0"), ("k8s.io", "2.0.0")] {
        let arguments = [&amd64[..], &["--containerd-namespace", namespace]].concat();
        let found = scan(&daemon.root(), NAME, &arguments);
        assert!(holds(&found, "amd64", version), "{namespace}: {}", found.errors);
    }
    let ambiguous = scan(&daemon.root(), NAME, &amd64);
    assert_eq!(ambiguous.code, Some(1));
    assert!(ambiguous.errors.contains("--containerd-namespace"), "{}", ambiguous.errors);
    let unknown = scan(&daemon.root(), "nothing:1", &amd64);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.errors.contains("docker.io/library/app:latest (default)"),
        "{}",
        unknown.errors
    );
}

/// As after `ctr images pull --platform`, and where layers are discarded once they are unpacked.
#[test]
fn what_is_not_in_the_store_is_said() {
    if !has_tools() {
        return;
    }
    let archive = Archive::of("1.0.0");
    let mut daemon = Containerd::start().expect("a containerd");
    daemon.import("default", &archive.path(), NAME).expect("it is imported");
    daemon.stop();
    let root = daemon.root();
    let report = |platform| scan(&root, NAME, &["--platform", platform]);
    let blob = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").expect("a digest");
        root.join("io.containerd.content.v1.content/blobs/sha256").join(hex)
    };
    let arm64 = report("linux/arm64").report;
    let amd64 = report("linux/amd64").report;
    fs_err::remove_file(blob(&text(&arm64, "/target/image/manifest"))).expect("it was there");
    let all = scan(&root, NAME, &["--platform", "all"]);
    assert_eq!(all.code, Some(0), "{}", all.errors);
    assert!(holds(&all, "amd64", "1.0.0"));

    fs_err::remove_file(blob(&text(&amd64, "/target/image/layers/1/digest"))).expect("it was");
    let rest = report("linux/amd64");
    assert_eq!(rest.code, Some(3), "{}", rest.errors);
    assert!(holds(&rest, "lodash", "4.17.4"));
    let [lost] = &rest.list("/not_assessed").collect::<Vec<_>>()[..] else {
        panic!("{}", rest.report)
    };
    assert_eq!(text(lost, "/what"), "layer");
    assert!(text(lost, "/hint").contains("discard_unpacked_layers"), "{lost}");
}

#[test]
fn a_store_that_is_none_is_refused() {
    let folder = folder();
    let nowhere = scan(folder.path(), "app", &[]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.errors.contains("--containerd-root"), "{}", nowhere.errors);
    let database = folder.path().join("io.containerd.metadata.v1.bolt");
    fs_err::create_dir(&database).expect("a folder");
    fs_err::write(database.join("meta.db"), [0xff; 9000]).expect("a file");
    let broken = scan(folder.path(), "app", &[]);
    assert_eq!(broken.code, Some(1));
    assert!(broken.errors.contains("no bbolt database"), "{}", broken.errors);
}
