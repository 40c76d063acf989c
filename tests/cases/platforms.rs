//! One name for images of several platforms.

use std::collections::BTreeSet;
use std::path::Path;

use bulkhead_end_to_end::{Image, Layer, Tar, write_index};
use serde_json::Value;

use crate::bulkhead::{Scan, run, text};
use crate::samples::{folder, holds, npm_package};

/// Architectures, and the version of lodash in the image for each.
const IMAGES: [(&str, &str); 2] = [("amd64", "4.17.4"), ("arm64", "4.17.20")];

/// An index of images that differ in what is in them; gives its target.
fn index(folder: &Path) -> String {
    let images = IMAGES.map(|(architecture, version)| {
        let tar = npm_package(Tar::new(), "srv/node_modules/lodash", "lodash", version).finish();
        let mut image = Image::new(vec![Layer::from_bytes(architecture, tar)]);
        image.architecture = architecture;
        image
    });
    write_index(folder, &images).expect("an index");
    format!("oci-dir:{}", folder.display())
}

#[test]
fn the_asked_platform_is_scanned() {
    let folder = folder();
    let target = index(folder.path());
    for (architecture, version) in IMAGES {
        let scan = Scan::of(&target, &["--platform", &format!("linux/{architecture}")]);
        assert!(holds(&scan, "lodash", version), "{architecture}: {}", scan.errors);
        assert_eq!(scan.packages().len(), 1, "{architecture}: {:?}", scan.packages());
    }
    let missing = run(&["scan", &target, "--platform", "linux/s390x"]);
    assert_eq!(missing.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&missing.stderr);
    assert!(errors.contains("arm64") && errors.contains("amd64"), "names what there is: {errors}");
}

#[test]
fn all_platforms_have_a_report_each() {
    let (layout, results) = (folder(), folder());
    let target = index(layout.path());
    let file = |name: &str| results.path().join(name);
    let output = |format: &str, name: &str| format!("{format}={}", file(name).display());
    let together = output("json", "all.json");
    let [apart, bill] = [("json", "report-{platform}.json"), ("cyclonedx", "bom-{platform}.json")]
        .map(|(format, name)| output(format, name));
    let output =
        run(&["scan", &target, "--platform", "all", "-o", &together, "-o", &apart, "-o", &bill]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");

    let document = |name: &str| -> Value {
        serde_json::from_slice(&fs_err::read(file(name)).expect("it is written")).expect("JSON")
    };
    let all = document("all.json");
    let reports = all.as_array().expect("a report for each platform");
    assert_eq!(reports.len(), IMAGES.len());
    for (report, (architecture, version)) in reports.iter().zip(IMAGES) {
        let platform = format!("linux/{architecture}");
        assert_eq!(text(report, "/target/image/platform"), platform);
        assert_eq!(text(report, "/inventory/packages/0/version"), version, "{platform}");
        let purls: BTreeSet<String> = report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|finding| text(finding, "/subject/purl"))
            .collect();
        assert_eq!(purls, [format!("pkg:npm/lodash@{version}")].into(), "{platform}");

        let alone = document(&format!("report-linux-{architecture}.json"));
        assert_eq!(alone["inventory"], report["inventory"], "{platform}");
        let bill = document(&format!("bom-linux-{architecture}.json"));
        let versions: Vec<String> = bill["components"]
            .as_array()
            .expect("components")
            .iter()
            .filter(|component| text(component, "/name") == "lodash")
            .map(|component| text(component, "/version"))
            .collect();
        assert_eq!(versions, [version], "{platform}");
    }
}

#[test]
fn one_bill_of_materials_cannot_hold_several_platforms() {
    let folder = folder();
    let target = index(folder.path());
    let output = run(&["sbom", &target, "--platform", "all"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("{platform}"), "{errors}");
}
