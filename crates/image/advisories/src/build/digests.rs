//! Digests of what feeds are read from, so that two databases can be told to be of the same data.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Bytes that are read at once.
const BLOCK: usize = 128 << 10;

/// The digest of a file, in hexadecimal digits.
pub(super) fn of_file(path: &Path) -> io::Result<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = file.read(&mut block)?;
        match block.get(..count) {
            None | Some([]) => return Ok(hexadecimal(&hash.finalize())),
            Some(read) => hash.update(read),
        }
    }
}

/// The digest of a feed, `sha256:…`: that of its only file; else that of the lines which `sha256sum`
/// prints of its files in the mirror folder, in the order of their paths.
pub(super) fn of_feed<'f>(
    folder: &Path,
    files: impl Iterator<Item = (&'f Path, &'f str)>,
) -> String {
    let files: Vec<(&Path, &str)> = files.collect();
    if let [(_, digest)] = files.as_slice() {
        return format!("sha256:{digest}");
    }
    let mut hash = Sha256::new();
    for (path, digest) in files {
        let path = path.strip_prefix(folder).unwrap_or(path);
        hash.update(format!("{digest}  {}\n", path.display()));
    }
    format!("sha256:{}", hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
