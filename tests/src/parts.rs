//! Real content for layers: a Debian, packages of the language registries. Each is fetched by the
//! client that its users use, into an empty folder.

mod projects;

use std::path::Path;

use anyhow::Context as _;

use crate::run_in;

pub use projects::{Made, auditable, composer, gems};

/// Bootstraps a minimal Debian of the given release, without the archives it was made from. Needs
/// root.
///
/// # Errors
/// Those of debootstrap.
pub fn debian(folder: &Path, release: &str, packages: &[&str]) -> anyhow::Result<()> {
    let include = format!("--include={}", packages.join(","));
    let target = folder.to_str().context("a folder with a plain name")?;
    let mut arguments = vec!["--variant=minbase"];
    if !packages.is_empty() {
        arguments.push(&include);
    }
    arguments.extend([release, target]);
    run_in(folder, "debootstrap", &arguments)?;
    for entry in fs_err::read_dir(folder.join("var/cache/apt/archives"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            fs_err::remove_file(path)?;
        }
    }
    Ok(())
}

/// Unpacks one Debian package of the machine's own release, without what it depends on, as an image
/// without dpkg has it: `status.d` with its paragraph and its list of files.
///
/// # Errors
/// Those of apt and dpkg.
pub fn debian_package(folder: &Path, package: &str) -> anyhow::Result<()> {
    let fetched = tempfile::tempdir()?;
    if run_in(fetched.path(), "apt-get", &["download", package]).is_err() {
        run_in(fetched.path(), "apt-get", &["update"])?;
        run_in(fetched.path(), "apt-get", &["download", package])?;
    }
    let archive = fs_err::read_dir(fetched.path())?.next().context("apt fetched nothing")??;
    let archive = archive.path();
    let archive = archive.to_str().context("a plain path")?;
    let target = folder.to_str().context("a folder with a plain name")?;
    run_in(folder, "dpkg-deb", &["-x", archive, target])?;
    let status = folder.join("var/lib/dpkg/status.d");
    fs_err::create_dir_all(&status)?;
    fs_err::write(status.join(package), run_in(folder, "dpkg-deb", &["-f", archive])?)?;
    let control = tempfile::tempdir()?;
    let control_path = control.path().to_str().context("a plain path")?;
    run_in(folder, "dpkg-deb", &["-e", archive, control_path])?;
    let sums = format!("{package}.md5sums");
    fs_err::copy(control.path().join("md5sums"), status.join(sums))?;
    fs_err::create_dir_all(folder.join("etc"))?;
    fs_err::copy("/etc/os-release", folder.join("etc/os-release"))?;
    Ok(())
}

/// Installs npm packages (`lodash@4.17.4`) into `node_modules`, with a lock file and without
/// running their scripts.
///
/// # Errors
/// Those of npm.
pub fn npm(folder: &Path, packages: &[&str]) -> anyhow::Result<()> {
    fs_err::write(
        folder.join("package.json"),
        r#"{"name":"app","version":"1.0.0","private":true}"#,
    )?;
    let mut arguments = vec![
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--legacy-peer-deps",
        "--loglevel=error",
    ];
    arguments.extend_from_slice(packages);
    run_in(folder, "npm", &arguments).map(drop)
}

/// Installs Python packages (`Django==3.0`) with all they require into the folder itself, from
/// built distributions alone.
///
/// # Errors
/// Those of pip.
pub fn python(folder: &Path, packages: &[&str]) -> anyhow::Result<()> {
    let target = folder.to_str().context("a folder with a plain name")?;
    let mut arguments = vec![
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--only-binary=:all:",
        "--disable-pip-version-check",
        "--root-user-action=ignore",
        "--target",
        target,
    ];
    arguments.extend_from_slice(packages);
    run_in(folder, "python3", &arguments).map(drop)
}

/// Fetches jars by their coordinates (`org.apache.logging.log4j:log4j-core:2.14.1`).
///
/// # Errors
/// Those of Maven.
pub fn jars(folder: &Path, coordinates: &[&str]) -> anyhow::Result<()> {
    for coordinate in coordinates {
        let artifact = format!("-Dartifact={coordinate}");
        let arguments = ["-q", "-B", "dependency:copy", &artifact, "-DoutputDirectory=."];
        run_in(folder, "mvn", &arguments)?;
    }
    Ok(())
}

/// Builds a Go program from its module (`golang.org/x/tools/cmd/stringer@v0.1.0`).
///
/// # Errors
/// Those of Go.
pub fn go(folder: &Path, package: &str) -> anyhow::Result<()> {
    let bin = folder.to_str().context("a folder with a plain name")?;
    crate::run(
        std::process::Command::new("go")
            .args(["install", package])
            .env("GOBIN", bin)
            .env("CGO_ENABLED", "0")
            .current_dir(folder),
    )
    .map(drop)
}
