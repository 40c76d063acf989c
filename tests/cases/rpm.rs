//! Images with a database of rpm in each of its forms: what is listed is what Syft lists.

use std::path::Path;
use std::process::Command;

use bulkhead_end_to_end::{Image, Layer, Tar, packages_of_document, run as run_program};

use crate::bulkhead::run;

const OS_RELEASE: &str = "ID=\"rocky\"\nVERSION_ID=\"9.2\"\n";

#[test]
fn lists_are_those_of_syft() {
    if bulkhead_testing::tool("syft").is_none() {
        return;
    }
    let mut checked = 0;
    for database in bulkhead_testing::data_files("fixtures/rpmdb") {
        let name = database.file_name().and_then(|name| name.to_str()).expect("a plain name");
        if !["rpmdb.sqlite", "Packages.db", "Packages"].contains(&name) {
            continue;
        }
        checked += 1;
        let folder = tempfile::tempdir().expect("a folder");
        let image = folder.path().join("image");
        image_with(&database, name).write_layout(&image).expect("an image");
        let image = format!("oci-dir:{}", image.display());
        let [ours, theirs] = ["ours", "theirs"].map(|name| folder.path().join(name));
        let output = run(&["sbom", &image, "-o", &format!("cyclonedx={}", ours.display())]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        run_program(
            Command::new("syft")
                .args(["scan", "--quiet", &image, "-o"])
                .arg(format!("cyclonedx-json={}", theirs.display()))
                .env("SYFT_CHECK_FOR_APP_UPDATE", "false"),
        )
        .expect("syft reads the image");
        let ours = packages_of_document(&ours).expect("our document");
        let theirs = packages_of_document(&theirs).expect("Syft's document");
        assert!(ours.iter().any(|purl| purl.starts_with("pkg:rpm/rocky/")), "{ours:?}");
        assert_eq!(ours, theirs, "{}", database.display());
    }
    if checked == 0 {
        bulkhead_testing::skip("no file of fixtures/rpmdb is a database of rpm by its name");
    }
}

fn image_with(database: &Path, name: &str) -> Image {
    let tar = Tar::new()
        .file("etc/os-release", OS_RELEASE)
        .file(format!("var/lib/rpm/{name}"), fs_err::read(database).expect("it can be read"));
    Image::new(vec![Layer::from_bytes("by hand", tar.finish())])
}
