//! Content that is expensive to make, kept between runs.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context as _;

/// One at a time: two tests that want the same Debian must not both fetch it.
static MAKING: Mutex<()> = Mutex::new(());

/// A folder below the target folder, made by `make` where there is none yet of this name and
/// recipe: what `make` depends on.
///
/// `make` fills an empty folder that takes its final name only once it is complete, so that an
/// interrupted run leaves nothing that looks whole. It must not call this function itself.
///
/// # Errors
/// Those of `make`, and of writing below the target folder.
pub fn cached(
    name: &str,
    recipe: &impl Hash,
    make: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let _one = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut hasher = DefaultHasher::new();
    recipe.hash(&mut hasher);
    let kept = target_folder()?.join("parts").join(format!("{name}-{:016x}", hasher.finish()));
    if kept.try_exists()? {
        return Ok(kept);
    }
    let parent = kept.parent().context("a kept folder has a parent")?;
    fs_err::create_dir_all(parent)?;
    let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(parent)?;
    make(unfinished.path()).with_context(|| format!("cannot make {name}"))?;
    let finished = unfinished.keep();
    if let Err(error) = fs_err::rename(&finished, &kept) {
        // Another process was quicker; its content is as good.
        fs_err::remove_dir_all(&finished)?;
        if !kept.try_exists()? {
            return Err(error.into());
        }
    }
    Ok(kept)
}

/// The target folder of the build that runs.
///
/// # Errors
/// Where the running program does not lie in one.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let profile = program
        .ancestors()
        .skip(1)
        .find(|folder| folder.file_name().is_none_or(|name| name != "deps"))
        .context("the running program does not lie in a target folder")?;
    Ok(profile.parent().context("a profile lies in a target folder")?.to_owned())
}
