//! Our tar reader beside Go's `archive/tar`, by which containerd unpacks layers.

mod generator;
mod reading;

use std::collections::BTreeMap;

use self::reading::{Found, Reading};
use crate::random::Random;

const ARCHIVES: u64 = 20_000;

/// Where Go gives up and ours goes on: what ours says of it, and why going on is safe.
const GO_GIVES_UP: &[(&str, &str)] = &[
    ("a single block of zeros", "the next header still begins at a block"),
    ("the header's", "a number that neither places nor names anything"),
    ("a PAX record is broken", "the records' length is in the header"),
    ("the PAX record", "a number that neither places nor names anything"),
    ("an extended header of more than 1 MiB", "its length is in its header"),
    ("a sparse map that is broken", "the entry's length in the archive is known"),
    ("a sparse map for what has no content", "nothing follows the header"),
    ("a sparse file in a format other than GNU's", "the entry's length in the archive is known"),
    ("a sparse file lacks data", "the entry's length in the archive is known"),
    (
        "a sparse file has data that its map leaves out",
        "the entry's length in the archive is known",
    ),
    ("the archive has no end mark", "the rest of a block of zeros says nothing"),
];

/// Where both go on and see different things.
const BOTH_GO_ON: &[(&str, &str)] =
    &[("is left out", "no file system takes a name so long; the limit is the budget's")];

#[test]
fn agrees_with_go() {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let archives: Vec<Vec<u8>> =
        (0..ARCHIVES).map(|seed| generator::archive(&mut Random::new(seed))).collect();
    let mut used = BTreeMap::new();
    let mut sound = 0;
    let mut differences = Vec::new();
    for (seed, theirs) in reading::go(&go, &archives).into_iter().enumerate() {
        let ours = reading::ours(&archives[seed]);
        sound += usize::from(theirs.error.is_empty() && !theirs.entries.is_empty());
        if let Err(difference) = compare(&ours, theirs, &mut used) {
            differences.push(format!("archive {seed}: {difference}; to us {ours:?}\n"));
        }
    }
    let count = differences.len();
    differences.truncate(5);
    assert_eq!(count, 0, "differences, the first of them:\n{}", differences.concat());
    assert!(sound > archives.len() / 4, "only {sound} archives were sound enough to compare");
    for (remark, _) in GO_GIVES_UP.iter().chain(BOTH_GO_ON) {
        assert!(used.contains_key(remark), "the exception {remark:?} explains nothing");
    }
}

fn compare(
    ours: &Reading,
    theirs: Reading,
    used: &mut BTreeMap<&'static str, usize>,
) -> Result<(), String> {
    let common = theirs.entries.len();
    for (index, expect) in theirs.entries.into_iter().enumerate() {
        let expect = expect.with_one_type_of_file();
        let Some(entry) = ours.entries.get(index) else {
            return Err(format!("entry {index} is missing: {expect:?}"));
        };
        if !same(entry, &expect) && !excused(ours, index, BOTH_GO_ON, used) {
            return Err(format!("entry {index} is to Go {expect:?}"));
        }
    }
    let went_on = ours.entries.len() > common || ours.error.is_empty();
    match theirs.error.as_str() {
        "" if !ours.error.is_empty() => Err("Go reads this archive to its end".to_owned()),
        "" if ours.entries.len() > common => Err("Go sees fewer entries".to_owned()),
        "" => Ok(()),
        // The remark belongs to the entry at which Go gave up, or to the last that it read.
        _ if !went_on
            || (common.saturating_sub(1)..=common)
                .any(|at| excused(ours, at, GO_GIVES_UP, used)) =>
        {
            Ok(())
        }
        error => Err(format!("Go gives up after {common} entries: {error}")),
    }
}

/// Where Go could not read the content, ours may have read other parts of it, but not silently.
fn same(ours: &Found, theirs: &Found) -> bool {
    if theirs.broken.is_empty() {
        return ours == theirs;
    }
    let content =
        Found { broken: theirs.broken.clone(), checksum: theirs.checksum, ..ours.clone() };
    content == *theirs
}

/// Whether ours remarked something there that explains the difference.
fn excused(
    ours: &Reading,
    index: usize,
    rules: &[(&'static str, &str)],
    used: &mut BTreeMap<&'static str, usize>,
) -> bool {
    let mut remarks = ours.oddities.iter().filter(|(at, _)| *at == index);
    let rule = remarks.find_map(|(_, odd)| {
        rules.iter().find(|(remark, _)| odd.message.contains(remark)).map(|(remark, _)| *remark)
    });
    rule.map(|remark| *used.entry(remark).or_default() += 1).is_some()
}
