//! One name for images of several platforms.

use bulkhead_end_to_end::{Image, Layer, Tar, write_index};

use crate::bulkhead::{Scan, run};
use crate::samples::{folder, holds, npm_package};

#[test]
fn the_asked_platform_is_scanned() {
    let folder = folder();
    let image = |architecture, version| {
        let tar = npm_package(Tar::new(), "srv/node_modules/lodash", "lodash", version).finish();
        let mut image = Image::new(vec![Layer::from_bytes(architecture, tar)]);
        image.architecture = architecture;
        image
    };
    let images = [image("amd64", "4.17.4"), image("arm64", "4.17.20")];
    write_index(folder.path(), &images).expect("an index");
    let target = format!("oci-dir:{}", folder.path().display());

    for (architecture, version) in [("amd64", "4.17.4"), ("arm64", "4.17.20")] {
        let scan = Scan::of(&target, &["--platform", &format!("linux/{architecture}")]);
        assert!(holds(&scan, "lodash", version), "{architecture}: {}", scan.errors);
        assert_eq!(scan.packages().len(), 1, "{architecture}: {:?}", scan.packages());
    }
    let missing = run(&["scan", &target, "--platform", "linux/s390x"]);
    assert_eq!(missing.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&missing.stderr);
    assert!(errors.contains("arm64") && errors.contains("amd64"), "names what there is: {errors}");
}
