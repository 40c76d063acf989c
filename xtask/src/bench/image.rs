//! The image that scanners are compared on: 1.2 GB, a Debian with compilers and a JDK, and some
//! 1,700 npm packages.

use std::path::{Path, PathBuf};

use bulkhead_end_to_end::{Image, Layer, cached, parts};

const DEBIAN: &[&str] = &["build-essential", "openjdk-17-jre-headless", "python3-django"];

const NPM: &[&str] = &[
    "@angular-devkit/build-angular@15.2.11",
    "@nestjs/cli@9.5.0",
    "express@4.18.2",
    "lodash@4.17.4",
    "jest@29.7.0",
    "react-scripts@5.0.1",
    "typescript@4.9.5",
    "webpack-dev-server@4.15.1",
];

/// The OCI layout of the image, kept below the target folder; or the one that is named instead, for a
/// quick look at another image.
pub(super) fn layout(other: Option<&str>) -> anyhow::Result<PathBuf> {
    if let Some(other) = other {
        return Ok(other.into());
    }
    let folder = cached("bench", &(DEBIAN, NPM), |folder| {
        println!("\nmaking the image: some minutes, the first time only");
        make(folder)
    })?;
    Ok(folder.join("image"))
}

fn make(folder: &Path) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(folder)?;
    let part = |name: &str| -> anyhow::Result<PathBuf> {
        let part = scratch.path().join(name);
        fs_err::create_dir(&part)?;
        Ok(part)
    };
    let (debian, npm) = (part("debian")?, part("npm")?);
    parts::debian(&debian, "bookworm", DEBIAN)?;
    parts::npm(&npm, NPM)?;
    // Libraries lie in a layer of their own, as if they had been added to a base.
    let libraries = scratch.path().join("libraries");
    fs_err::rename(debian.join("usr/lib"), &libraries)?;
    let layer = |history: &str, root: &Path, at: &str, name: &str| {
        Layer::from_folder(history, root, at, &scratch.path().join(name))
    };
    let layers = vec![
        layer("debootstrap bookworm", &debian, "", "debian.tar")?,
        layer("RUN apt-get install …", &libraries, "usr/lib", "libraries.tar")?,
        layer("RUN npm install …", &npm, "srv/app", "npm.tar")?,
    ];
    Image::new(layers).write_layout(&folder.join("image"))?;
    Ok(())
}
