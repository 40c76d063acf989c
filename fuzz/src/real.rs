//! Real inputs: files of the test data, and members of its packed ones.

#![expect(clippy::expect_used, reason = "a test that cannot read its input must fail")]

use std::io::Read as _;
use std::path::Path;

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};

use crate::Target;

/// Where real inputs of a target lie, whatever else lies there.
#[derive(Debug, Clone, Copy)]
pub struct Real {
    /// A folder or file of the test data, as `bulkhead_testing::data` takes it.
    pub below: &'static str,
    /// How the names end: of files, and of members of packed files (`.tar.gz`). Where there are none,
    /// every file is taken as it is.
    pub named: &'static [&'static str],
}

impl Real {
    /// Every file.
    pub const fn files(below: &'static str) -> Self {
        Self { below, named: &[] }
    }

    fn takes(&self, name: &str) -> bool {
        self.named.iter().any(|end| name.ends_with(end))
    }
}

/// Inputs past this size are left out: a feed of 200 MB takes all day.
const BYTES: u64 = 32 << 20;

/// How many members of one packed file are taken.
const MEMBERS: usize = 256;

/// The real inputs of a target, each with its origin. Where the test data is absent there are none,
/// and the running test has a recorded skip.
///
/// # Panics
/// Where the test data cannot be read.
pub fn inputs(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut inputs = Vec::new();
    for real in target.data {
        let Some(path) = bulkhead_testing::data(real.below) else { continue };
        let files = if path.is_dir() { bulkhead_testing::files_below(&path) } else { vec![path] };
        for file in files {
            collect(real, &file, &mut inputs);
        }
    }
    inputs
}

fn collect(real: &Real, file: &Path, inputs: &mut Vec<(String, Vec<u8>)>) {
    let name = file.display().to_string();
    let size = fs_err::metadata(file).expect("test data can be read").len();
    if real.named.is_empty() || real.takes(&name) {
        if size <= BYTES {
            inputs.push((name, fs_err::read(file).expect("test data can be read")));
        }
    } else if name.ends_with(".tar.gz") {
        let packed = fs_err::File::open(file).expect("test data can be read");
        for (member, bytes) in members(packed, real) {
            inputs.push((format!("{name}!{member}"), bytes));
        }
    }
}

/// The members of a packed file that are wanted, as far as it can be read.
fn members(packed: fs_err::File, real: &Real) -> Vec<(String, Vec<u8>)> {
    let mut members = Vec::new();
    let budget = Budget::new(Limits::DEFAULT);
    let Ok(stream) = decode(std::io::BufReader::new(packed), &budget) else { return members };
    let mut reader = tar::Reader::new(std::io::BufReader::new(stream), &budget);
    while members.len() < MEMBERS
        && let Ok(Some(entry)) = reader.next_entry()
    {
        let name = String::from_utf8_lossy(&entry.path).into_owned();
        if real.takes(&name) {
            let mut bytes = Vec::new();
            if reader.content().take(BYTES).read_to_end(&mut bytes).is_ok() {
                members.push((name, bytes));
            }
        }
    }
    members
}
