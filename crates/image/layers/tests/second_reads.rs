//! Files that detectors want under a name that no layer has them under.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must fail"
)]

use bulkhead_layers::{
    Detected, Detector, DetectorKey, Entry, EntryKind, Facts, File, FileFacts, Layer, Metadata,
    Want, merge,
};
use bulkhead_limits::Budget;
use bulkhead_model::EntryPath;

/// Wants files that are called `status` in a folder `dpkg`.
struct Status;

impl Detector for Status {
    fn key(&self) -> DetectorKey {
        DetectorKey { name: "status", version: 1 }
    }

    fn wants(&self, path: &EntryPath, _: &Metadata) -> Want {
        if path.as_bytes().ends_with(b"dpkg/status") { Want::Whole } else { Want::Skip }
    }

    fn places(&self) -> &'static [&'static str] {
        &["var/lib/dpkg/status"]
    }

    fn facts(&self, _: &File<'_>, _: &Budget) -> Detected {
        Detected::default()
    }
}

fn entry(path: &str, kind: EntryKind) -> Entry {
    Entry { path: path.into(), kind, mode: 0o644, size: 1 }
}

fn link(path: &str, target: &str) -> Entry {
    entry(path, EntryKind::Symlink(target.as_bytes().into()))
}

/// The paths of the reads, each with the entry that has the content.
#[track_caller]
fn check(entries: Vec<Entry>, expect: &[(&str, u32)]) {
    let wanted = (0u32..).zip(&entries).filter(|(_, entry)| {
        entry.kind == EntryKind::File
            && Status.wants(&entry.path, &Metadata::default()) != Want::Skip
    });
    let facts = wanted
        .map(|(entry, _)| FileFacts {
            entry,
            detector: "status".into(),
            facts: Facts::encode(&()).unwrap(),
        })
        .collect();
    let (mut view, _) = merge(vec![Layer { diff_id: None, entries, facts }]);
    let detectors: Vec<Box<dyn Detector>> = vec![Box::new(Status)];
    let reads = view.second_reads(&detectors);
    let found: Vec<_> = reads.iter().map(|read| (read.path.to_string(), read.entry)).collect();
    let expect: Vec<_> = expect.iter().map(|(path, entry)| ((*path).to_owned(), *entry)).collect();
    assert_eq!(found, expect);
    for read in &reads {
        view.add(read, Facts::encode(&()).unwrap());
    }
    assert_eq!(view.second_reads(&detectors), [], "what was read is not asked for again");
}

#[test]
fn a_file_under_its_own_name_needs_none() {
    check(vec![entry("var/lib/dpkg/status", EntryKind::File)], &[]);
}

#[test]
fn a_link_to_another_name() {
    let entries = vec![entry("data/db", EntryKind::File), link("var/lib/dpkg/status", "/data/db")];
    check(entries, &[("var/lib/dpkg/status", 0)]);
}

#[test]
fn a_link_to_a_file_that_is_wanted_itself() {
    let entries = vec![
        entry("usr/dpkg/status", EntryKind::File),
        link("var/lib/dpkg/status", "../../../usr/dpkg/status"),
    ];
    check(entries, &[]);
}

#[test]
fn a_folder_that_is_a_link() {
    let entries = vec![entry("state/status", EntryKind::File), link("var/lib/dpkg", "/state")];
    check(entries, &[("var/lib/dpkg/status", 0)]);
}

#[test]
fn a_hard_link_to_another_name() {
    let entries = vec![
        entry("data/db", EntryKind::File),
        entry("var/lib/dpkg/status", EntryKind::Hardlink("data/db".into())),
    ];
    check(entries, &[("var/lib/dpkg/status", 0)]);
}

#[test]
fn an_entry_that_was_written_through_a_linked_folder() {
    let entries = vec![
        entry("var/lib/dpkg", EntryKind::Directory),
        link("short", "var/lib/dpkg"),
        entry("short/status", EntryKind::File),
    ];
    check(entries, &[("var/lib/dpkg/status", 2)]);
}

/// Wants programs, whatever they are called.
struct Program;

impl Detector for Program {
    fn key(&self) -> DetectorKey {
        DetectorKey { name: "program", version: 1 }
    }

    fn wants(&self, path: &EntryPath, _: &Metadata) -> Want {
        if path.as_bytes().ends_with(b".txt") { Want::Skip } else { Want::Magic(&[b"\x7fELF"]) }
    }

    fn is_blind_to_names(&self) -> bool {
        true
    }

    fn facts(&self, _: &File<'_>, _: &Budget) -> Detected {
        Detected::default()
    }
}

#[test]
fn what_gave_nothing_under_one_name_is_not_read_for_another() {
    let hard = |path: &str, of: &str| entry(path, EntryKind::Hardlink(of.into()));
    let entries = vec![
        entry("bin/nothing", EntryKind::File),
        hard("bin/nothing-too", "bin/nothing"),
        entry("bin/known", EntryKind::File),
        hard("bin/known-too", "bin/known"),
        // This one was not wanted by its own name.
        entry("bin/data.txt", EntryKind::File),
        hard("bin/program", "bin/data.txt"),
    ];
    let facts = Facts::encode(&()).unwrap();
    let facts = vec![FileFacts { entry: 2, detector: "program".into(), facts }];
    let (view, _) = merge(vec![Layer { diff_id: None, entries, facts }]);
    let detectors: Vec<Box<dyn Detector>> = vec![Box::new(Program)];
    let reads = view.second_reads(&detectors);
    let found: Vec<_> = reads.iter().map(|read| (read.path.to_string(), read.entry)).collect();
    assert_eq!(found, [("bin/known-too".to_owned(), 2), ("bin/program".to_owned(), 4)]);
}
