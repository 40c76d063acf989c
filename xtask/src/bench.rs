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

use anyhow::ensure;
use bulkhead_end_to_end::target_folder;

use crate::process::{command, repository, show_and_run};

/// The shipped binary.
fn build() -> anyhow::Result<PathBuf> {
    let arguments =
        ["build", "--profile", "dist", "--package", "bulkhead-cli", "--bin", "bulkhead"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(target_folder()?.join("dist/bulkhead"))
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
