//! Writes the seeds of every target to `FOLDER/TARGET/NUMBER`, for a fuzzer that starts from files.

use std::path::PathBuf;

use anyhow::Context as _;
use bulkhead_fuzz::targets;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).context("usage: bulkhead-fuzz FOLDER")?;
    for target in targets() {
        let folder = PathBuf::from(&folder).join(target.name);
        fs_err::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs_err::write(folder.join(number.to_string()), seed)?;
        }
    }
    Ok(())
}
