//! Writes the seeds of every target, and real inputs where the test data is there, to
//! `FOLDER/TARGET/NUMBER`, for a fuzzer that starts from files.

use std::path::PathBuf;

use anyhow::Context as _;
use bulkhead_fuzz::{inputs, targets};

/// A fuzzer makes little of larger ones.
const BYTES: usize = 256 << 10;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).context("usage: bulkhead-fuzz FOLDER")?;
    for target in targets() {
        let folder = PathBuf::from(&folder).join(target.name);
        fs_err::create_dir_all(&folder)?;
        let real = inputs(&target).into_iter().map(|(_, bytes)| bytes);
        let real = real.filter(|bytes| bytes.len() <= BYTES);
        for (number, seed) in (target.seeds)().into_iter().chain(real).enumerate() {
            fs_err::write(folder.join(number.to_string()), seed)?;
        }
    }
    Ok(())
}
