//! `cargo xtask bench`: ratios of one run on this machine, never absolute promises.

pub(crate) mod cache;
pub(crate) mod database;
mod image;
pub(crate) mod kubernetes;
mod measure;
pub(crate) mod registry;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod sensor;

use std::path::PathBuf;
use std::process::Command;

use anyhow::ensure;
use bulkhead_end_to_end::target_folder;

use crate::machine;
use crate::process::{command, repository, show_and_run};

/// The shipped binary.
fn build() -> anyhow::Result<PathBuf> {
    let arguments =
        ["build", "--profile", "dist", "--package", "bulkhead-cli", "--bin", "bulkhead"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(target_folder()?.join("dist/bulkhead"))
}

/// What does from inside a process what a command is about, with our own code: in the profile of tests, and not a part of this
/// program, which is built before all else.
pub(crate) fn inside() -> anyhow::Result<Command> {
    machine::prepare_build()?;
    let arguments = ["build", "--profile", "ci", "--package", "bulkhead-benches"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(command(target_folder()?.join("ci/bulkhead-benches")))
}

/// The test data.
pub(crate) fn data() -> anyhow::Result<PathBuf> {
    let data = std::env::var_os("BULKHEAD_TEST_DATA")
        .map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    ensure!(
        data.join("feeds").try_exists()?,
        "no feeds in {}; hint: BULKHEAD_TEST_DATA names the folder that holds `feeds`",
        data.display()
    );
    Ok(data)
}

/// The mirror of the publishers' feeds in the test data.
pub(crate) fn feeds() -> anyhow::Result<PathBuf> {
    Ok(data()?.join("feeds"))
}
