//! The archives of samples.

use std::collections::BTreeMap;
use std::io::Read as _;

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};

/// The files of an archive below any of the folders; none where it is not there.
pub(super) fn files(archive: &str, folders: &[&str]) -> Option<BTreeMap<String, Vec<u8>>> {
    let path = bulkhead_testing::data(&format!("fixtures/feed-samples/{archive}.tar.gz"))?;
    let budget = Budget::new(Limits { ratio: 100_000, ..Limits::DEFAULT });
    let input = std::io::BufReader::new(fs_err::File::open(path).unwrap());
    let decoded = decode(input, &budget).unwrap().buffered();
    let mut reader = tar::Reader::new(decoded, &budget);
    let mut files = BTreeMap::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        let path = String::from_utf8(entry.path.clone()).unwrap();
        let path = path.trim_start_matches("./").to_owned();
        if entry.kind == tar::Kind::File && folders.iter().any(|folder| path.starts_with(folder)) {
            let mut content = Vec::new();
            reader.content().read_to_end(&mut content).unwrap();
            files.insert(path, content);
        }
    }
    if files.is_empty() {
        bulkhead_testing::skip(&format!("no sample below {folders:?} of {archive}"));
        return None;
    }
    Some(files)
}
