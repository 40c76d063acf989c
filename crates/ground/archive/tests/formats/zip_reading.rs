//! Zips: sound, odd and lying ones.

use std::io;

use bulkhead_archive::zip::{Archive, Entry, Method};
use bulkhead_archive::{Error, ReadAt};
use bulkhead_limits::{Budget, Exceeded, Limits};

use crate::zip_blocks::{Member, Zip};

const LIMIT: u64 = 1 << 20;

/// Content that does not lie in memory.
struct Spooled<'a>(&'a [u8]);

impl ReadAt for Spooled<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // Never all at once.
        let length = buffer.len().min(7000);
        self.0.read_at(offset, &mut buffer[..length])
    }
}

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

/// A name, and the content or why it cannot be had.
type Found = (Vec<u8>, Result<Vec<u8>, String>);

/// Names and contents, with the errors about entries, read from memory and from elsewhere.
fn read(bytes: &[u8]) -> Result<Vec<Found>, Error> {
    let all = |content: &dyn ReadAt| -> Result<Vec<_>, Error> {
        let budget = budget();
        let archive = Archive::open(content, &budget)?;
        let read = |entry: Result<Entry, Error>| match entry {
            Ok(entry) => {
                let content = archive.read(&entry, LIMIT).map_err(|error| error.to_string());
                (entry.name, content)
            }
            Err(error) => (Vec::new(), Err(error.to_string())),
        };
        Ok(archive.entries().map(read).collect())
    };
    let (memory, elsewhere) = (all(&bytes), all(&Spooled(bytes)));
    let comparable =
        |result: &Result<Vec<_>, Error>| result.as_ref().map_err(Error::to_string).cloned();
    assert_eq!(comparable(&memory), comparable(&elsewhere));
    memory
}

fn check(bytes: &[u8], expect: &[(&[u8], &[u8])]) {
    let found = read(bytes).unwrap();
    let expect: Vec<_> =
        expect.iter().map(|(name, content)| (name.to_vec(), Ok(content.to_vec()))).collect();
    assert_eq!(found, expect);
}

fn sample() -> Zip {
    let mut zip = Zip::new();
    zip.stored(b"META-INF/", b"");
    zip.stored(b"stored", b"as it is");
    zip.deflated(b"deflated", &[b'd'; 5000]);
    zip.stored(b"twice", b"first");
    zip.stored(b"twice", b"second");
    zip.deflated(b"not \xff utf-8/../x", b"");
    zip
}

const SAMPLE: &[(&[u8], &[u8])] = &[
    (b"META-INF/", b""),
    (b"stored", b"as it is"),
    (b"deflated", &[b'd'; 5000]),
    (b"twice", b"first"),
    (b"twice", b"second"),
    (b"not \xff utf-8/../x", b""),
];

#[test]
fn sound_archives() {
    check(&sample().finish(), SAMPLE);
    check(&sample().finish_with(b"a comment", 0), SAMPLE);
    check(&sample().finish_wide(0), SAMPLE);
    check(&Zip::new().finish(), &[]);
    let mut wide = Zip::new();
    wide.add(&Member { wide: true, ..Member::deflated(b"wide", b"content") });
    check(&wide.finish_wide(0), &[(b"wide", b"content")]);
    let mut streamed = Zip::new();
    streamed.add(&Member { flags: 8, ..Member::deflated(b"streamed", b"content") });
    streamed.stored(b"next", b"x");
    check(&streamed.finish(), &[(b"streamed", b"content"), (b"next", b"x")]);
}

#[test]
fn details_of_entries() {
    let bytes = sample().finish();
    let content = bytes.as_slice();
    let budget = budget();
    let archive = Archive::open(&content, &budget).unwrap();
    let entries: Vec<Entry> = archive.entries().map(Result::unwrap).collect();
    assert_eq!(archive.claimed_entries(), 6);
    let kinds: Vec<bool> = entries.iter().map(|entry| entry.is_directory).collect();
    assert_eq!(kinds, [true, false, false, false, false, false]);
    assert_eq!((entries[2].method, entries[2].size), (Method::Deflated, 5000));
    assert_eq!(entries[2].unix_mode, Some(0o100_644));
    assert_eq!(archive.contiguous(&entries[1]), Some(&b"as it is"[..]));
    assert_eq!(archive.contiguous(&entries[2]), None);
    assert!(archive.problems().is_empty());
}

#[test]
fn a_program_in_front() {
    for offsets_count_it in [false, true] {
        let mut zip = Zip::new();
        zip.bytes.extend(b"#!/bin/sh\nexec java -jar \"$0\"\n");
        zip.prefix = if offsets_count_it { 0 } else { zip.bytes.len() };
        zip.stored(b"inside", b"content");
        check(&zip.clone().finish(), &[(b"inside", b"content")]);
        check(&zip.finish_wide(0), &[(b"inside", b"content")]);
    }
}

#[test]
fn end_records_in_comments() {
    // One that leads nowhere is passed over.
    check(&sample().finish_with(b"PK\x05\x06 is how a zip ends, of 22 bytes", 0), SAMPLE);
    // One that leads to a directory of its own is what Java takes: the last that fits.
    let mut other = Zip::new();
    other.stored(b"other", b"the comment's");
    check(&sample().finish_with(&other.finish(), 0), &[(b"other", b"the comment's")]);
}

#[test]
fn data_behind_the_end() {
    let bytes = [&sample().finish()[..], b"\0\0signature"].concat();
    check(&bytes, SAMPLE);
    let content = bytes.as_slice();
    assert_eq!(Archive::open(&content, &budget()).unwrap().problems().len(), 1);
}

#[test]
fn nested_archives() {
    let mut outer = Zip::new();
    outer.stored(b"inner.jar", &sample().finish());
    let bytes = outer.finish();
    let content = bytes.as_slice();
    let budget = budget();
    let archive = Archive::open(&content, &budget).unwrap();
    // The inner end record is not mistaken for the outer one, nor the other way round.
    let inner = archive.entries().next().unwrap().unwrap();
    check(archive.contiguous(&inner).unwrap(), SAMPLE);
    check(&archive.read(&inner, LIMIT).unwrap(), SAMPLE);
}

#[test]
fn lies_about_content() {
    let check = |member: Member<'_>, strict: &str, content: Option<&[u8]>| {
        let mut zip = Zip::new();
        zip.add(&member);
        let bytes = zip.finish();
        let found = read(&bytes).unwrap().remove(0).1.unwrap_err();
        assert!(found.contains(strict), "{found}");
        let source = bytes.as_slice();
        let budget = budget();
        let archive = Archive::open(&source, &budget).unwrap();
        let entry = archive.entries().next().unwrap().unwrap();
        let anyway = archive.read_anyway(&entry, LIMIT).ok();
        assert_eq!(anyway.as_ref().map(|(content, _)| content.as_slice()), content);
        assert!(anyway.is_none_or(|(_, odd)| odd.is_some()));
    };
    let honest = Member::deflated(b"a", b"the content");
    let whole = Some(&b"the content"[..]);
    check(Member { size: 3, ..honest.clone() }, "size", whole);
    check(Member { size: 0, ..honest.clone() }, "size", whole);
    check(Member { size: 500, ..honest.clone() }, "size", whole);
    check(Member { size: 0xffff_fffe, ..honest.clone() }, "size", whole);
    check(Member { checksum: 1, ..honest.clone() }, "checksum", whole);
    check(Member { size: 3, ..Member::stored(b"a", b"the content") }, "size", whole);
    check(Member { checksum: 1, ..Member::stored(b"a", b"the content") }, "checksum", whole);
    check(Member { flags: 1, ..honest.clone() }, "encrypted", None);
    check(Member { method: 99, ..honest.clone() }, "method", None);
    check(Member { data: vec![0xff; 9], ..honest.clone() }, "damaged", None);
    check(Member { data: honest.data[..5].to_vec(), ..honest.clone() }, "cut off", None);
    let large = vec![0; usize::try_from(LIMIT).unwrap() + 1];
    check(Member::deflated(b"large", &large), "more than", None);
    check(Member { size: 5, ..Member::deflated(b"large", &large) }, "more than", None);
    check(Member::stored(b"large", &large), "more than", None);
}

#[test]
fn many_entries() {
    // Without 64-bit records, the count of entries wraps around.
    let mut zip = Zip::new();
    zip.stored(b"0", b"shared");
    for index in 1..70_000_u32 {
        zip.again(index.to_string().as_bytes());
    }
    for bytes in [zip.clone().finish(), zip.clone().finish_wide(0)] {
        let found = read(&bytes).unwrap();
        assert_eq!(found.len(), 70_000);
        assert!(found.iter().all(|(_, content)| content.as_deref() == Ok(b"shared")));
        assert_eq!(found[69_999].0, b"69999");
    }
}

#[test]
fn lies_about_the_number_of_entries() {
    for bytes in [sample().finish_with(b"", 1), sample().finish_wide(1_000_000)] {
        let found = read(&bytes).unwrap();
        assert_eq!(found.len(), SAMPLE.len() + 1);
        assert!(found[SAMPLE.len()].1.as_ref().unwrap_err().contains("number of entries"));
    }
}

#[test]
fn names_that_are_too_long_cost_their_entry_alone() {
    let mut zip = Zip::new();
    zip.stored(&[b'l'; 5000], b"");
    zip.stored(b"short", b"");
    let bytes = zip.finish();
    let content = bytes.as_slice();
    let budget = Budget::new(Limits { name_bytes: 4096, ..Limits::DEFAULT });
    let archive = Archive::open(&content, &budget).unwrap();
    let entries: Vec<_> = archive.entries().collect();
    assert!(matches!(entries[0], Err(Error::Limit(Exceeded::NameBytes { size: 5000, .. }))));
    assert_eq!(entries[1].as_ref().unwrap().name, b"short");
}

#[test]
fn what_is_cut_off_or_damaged_is_an_error() {
    let whole = sample().finish();
    for length in 0..whole.len() {
        let found = read(&whole[..length]);
        assert!(found.is_err(), "{length}");
    }
    for position in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 0x40;
        // Names, modes and times may be what they like.
        if let Ok(found) = read(&bytes) {
            assert!(found.len() <= SAMPLE.len() + 1);
        }
    }
}
