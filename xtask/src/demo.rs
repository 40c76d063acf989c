//! `cargo xtask demo`: a real vulnerable image, made here and scanned.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bulkhead_end_to_end::{Image, Layer, cached, parts, show, show_commands, target_folder};

use crate::machine;
use crate::process::{build_bulkhead, command, repository};

const DEBIAN: &str = "bookworm";

const PYTHON: &[&str] =
    &["Django==3.0", "Flask==0.12.2", "Jinja2==2.10", "requests==2.19.1", "urllib3==1.23"];

const NPM: &[&str] = &[
    "axios@0.18.0",
    "ejs@2.7.4",
    "express@4.15.2",
    "handlebars@4.0.11",
    "lodash@4.17.4",
    "minimist@0.0.8",
    "node-forge@0.9.0",
    "serialize-javascript@1.7.0",
];

const JARS: &[&str] = &[
    "com.fasterxml.jackson.core:jackson-databind:2.9.8",
    "commons-collections:commons-collections:3.2.1",
    "org.apache.commons:commons-text:1.9",
    "org.apache.logging.log4j:log4j-api:2.14.1",
    "org.apache.logging.log4j:log4j-core:2.14.1",
    "org.springframework:spring-beans:5.3.17",
    "org.yaml:snakeyaml:1.26",
];

/// Builds Bulkhead, makes the image where it is not there yet, scans it and explains the result.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    machine::prepare_images()?;
    let bulkhead = build_bulkhead()?;
    show_commands();
    let image = image()?;

    let mut scan = command(short(&bulkhead));
    scan.arg("scan").arg(format!("oci-dir:{}", short(&image).display()));
    show(&scan);
    let status = scan.status().context("cannot start bulkhead")?;
    let code = status.code().context("bulkhead was killed")?;
    anyhow::ensure!(code == 0 || code == 3, "the scan failed: {status}");
    explain(code);
    Ok(())
}

fn explain(code: i32) {
    println!();
    if code == 3 {
        println!(
            "The exit code is 3: the result is incomplete. The advisories that are built into the binary cover\n\
             widely exploited vulnerabilities of language packages. They say nothing of Debian, so Debian's\n\
             packages are listed and \"not assessed\": no finding there does not mean no vulnerability."
        );
    }
    println!(
        "The full database is built from the publishers' feeds, fetched by us or mirrored into a folder\n\
         (content/feeds.yaml names each feed, its address, and its place in that folder):\n\
         \n    bulkhead db update\n    bulkhead scan TARGET\n\
         \n    bulkhead db build --feeds FOLDER -o bulkhead.db\n    \
         bulkhead scan --db bulkhead.db TARGET\n\n\
         To see why a finding is there: bulkhead explain CVE-2021-44228 (after: scan -o json=report.json)."
    );
}

/// A path as one would type it at the root of the repository, where commands run.
fn short(path: &Path) -> &Path {
    path.strip_prefix(repository()).unwrap_or(path)
}

/// The OCI layout of the image, kept below the target folder.
fn image() -> anyhow::Result<PathBuf> {
    println!("\nThe image: Debian {DEBIAN}, {}", [PYTHON, NPM, JARS].concat().join(", "));
    let debian = cached("debian", &DEBIAN, |root| {
        println!("bootstrapping Debian: about a minute, the first time only");
        parts::debian(root, DEBIAN, &[])
    })?;
    let kept = cached("demo", &(DEBIAN, PYTHON, NPM, JARS), |folder| make_image(folder, &debian))?;
    let link = target_folder()?.join("demo-image");
    if fs_err::symlink_metadata(&link).is_ok() {
        fs_err::remove_file(&link)?;
    }
    fs_err::os::unix::fs::symlink(kept.join("image"), &link)?;
    Ok(link)
}

fn make_image(folder: &Path, debian: &Path) -> anyhow::Result<()> {
    println!("fetching packages: about a minute, the first time only");
    let scratch = tempfile::tempdir_in(folder)?;
    let part = |name: &str| -> anyhow::Result<PathBuf> {
        let part = scratch.path().join(name);
        fs_err::create_dir_all(&part)?;
        Ok(part)
    };
    let (python, npm, jars) = (part("python")?, part("npm")?, part("jars")?);
    parts::python(&python, PYTHON)?;
    parts::npm(&npm, NPM)?;
    parts::jars(&jars, JARS)?;

    let pack = |history: &str, root: &Path, at: &str, name: &str| {
        Layer::from_folder(history, root, at, &scratch.path().join(name))
    };
    let site = "usr/local/lib/python3.11/dist-packages";
    let layers = vec![
        pack(&format!("debootstrap --variant=minbase {DEBIAN}"), debian, "", "debian.tar")?,
        pack(&format!("RUN pip install {}", PYTHON.join(" ")), &python, site, "python.tar")?,
        pack(&format!("RUN npm install {}", NPM.join(" ")), &npm, "srv/shop", "npm.tar")?,
        pack("COPY lib/*.jar /opt/orders/lib/", &jars, "opt/orders/lib", "jars.tar")?,
    ];
    Image::new(layers).write_layout(&folder.join("image"))?;
    Ok(())
}
