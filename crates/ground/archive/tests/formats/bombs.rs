//! Small input that asks for much: stopped by the budget, in bounded memory.

use std::io::{self, BufRead, Read};

use bulkhead_archive::tar::{Kind, Reader};
use bulkhead_archive::{Compression, Error, decode, zip};
use bulkhead_limits::{Budget, Exceeded, Limits};
use bulkhead_model::ProblemKind;

use crate::decoding::{ALL, compress};
use crate::tar_blocks::{END, GNU, HeaderBlock, USTAR, member, octal, padded, record};
use crate::zip_blocks::Zip;

/// Compresses a part that stands in a stream many times, each time as a member of its own.
fn repeated(how: Compression, part: &[u8], times: usize) -> Vec<u8> {
    compress(how, part).repeat(times)
}

#[test]
fn streams_that_expand_too_far() {
    let zeros = vec![0; 16 << 20];
    for how in ALL {
        let stream = repeated(how, &zeros, 20);
        let budget = Budget::new(Limits { ratio: 100, ..Limits::DEFAULT });
        let mut decoder = decode(stream.as_slice(), &budget).unwrap();
        let error = Error::from(io::copy(&mut decoder, &mut io::sink()).unwrap_err());
        assert!(matches!(error, Error::Limit(Exceeded::Ratio { limit: 100 })), "{how:?} {error}");

        let limits = Limits { bytes: 1 << 20, ..Limits::DEFAULT };
        let mut decoder = decode(stream.as_slice(), &Budget::new(limits)).unwrap();
        let error = Error::from(io::copy(&mut decoder, &mut io::sink()).unwrap_err());
        assert!(matches!(error, Error::Limit(Exceeded::Bytes { .. })), "{how:?} {error}");
    }
}

/// A header that asks for a dictionary of 1.5 GiB (.xz file format, 5.3.1) gets none.
#[test]
fn an_xz_dictionary_that_is_too_large() {
    let mut stream = compress(Compression::Xz, b"content");
    let block = 12..24;
    let filter = stream[block.clone()].windows(2).position(|pair| pair == [0x21, 1]).unwrap();
    stream[12 + filter + 2] = 37;
    let sum = crc32(&stream[12..20]);
    stream[20..24].copy_from_slice(&sum.to_le_bytes());
    let mut decoder = decode(stream.as_slice(), &Budget::new(Limits::DEFAULT)).unwrap();
    let error = Error::from(io::copy(&mut decoder, &mut io::sink()).unwrap_err());
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn a_tar_in_a_stream_that_expands_too_far() {
    let tar = [&member(b"zeros", b'0', &vec![0; 32 << 20])[..], &END].concat();
    let stream = compress(Compression::Gzip, &tar);
    let budget = Budget::new(Limits { bytes: 1 << 20, ..Limits::DEFAULT });
    let mut reader = Reader::new(decode(stream.as_slice(), &budget).unwrap().buffered(), &budget);
    assert_eq!(reader.next_entry().unwrap().unwrap().path, b"zeros");
    let error = reader.next_entry().unwrap_err();
    assert!(matches!(error, Error::Limit(Exceeded::Bytes { .. })), "{error}");
}

/// A stream that never ends and counts how much of it was taken.
struct Endless<'a> {
    start: &'a [u8],
    taken: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl BufRead for Endless<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(if self.start.is_empty() { &[b'z'; 4096] } else { self.start })
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
        self.start = self.start.get(count..).unwrap_or_default();
    }
}

#[test]
fn a_declared_size_costs_nothing() {
    let mut header = HeaderBlock::new(b"huge", b'0', 0);
    header.size = b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec();
    let block = header.block();
    let mut reader =
        Reader::new(Endless { start: &block, taken: 0 }, &Budget::new(Limits::DEFAULT));
    let entry = reader.next_entry().unwrap().unwrap();
    assert_eq!(entry.size, u64::try_from(i64::MAX).unwrap());
    assert!(reader.contiguous().is_none());
    let mut part = [0; 10_000];
    reader.content().read_exact(&mut part).unwrap();
    assert_eq!(reader.into_inner().taken, 512 + part.len());
}

#[test]
fn extended_headers_that_are_too_large_are_skipped() {
    for type_flag in *b"xgLK" {
        // 2 GB are claimed, and a little is there.
        let claim = HeaderBlock::new(b"claim", type_flag, 2 << 30).block();
        let start = [&claim[..], b"little"].concat();
        let mut reader = Reader::new(start.as_slice(), &Budget::new(Limits::DEFAULT));
        assert!(matches!(reader.next_entry(), Err(Error::Truncated { .. })));
        assert_eq!(reader.take_problems()[0].kind, ProblemKind::LimitReached);

        let large = vec![b'l'; (1 << 20) + 1];
        let tar =
            [&member(b"large", type_flag, &large)[..], &member(b"file", b'0', b"x"), &END].concat();
        let mut reader = Reader::new(tar.as_slice(), &Budget::new(Limits::DEFAULT));
        let entry = reader.next_entry().unwrap().unwrap();
        assert_eq!(entry.path, b"file");
        assert_eq!(reader.take_problems()[0].kind, ProblemKind::LimitReached);
    }
}

#[test]
fn long_names_are_not_kept() {
    let name = vec![b'l'; 1 << 20];
    let entry = [member(b"long", b'L', &name), member(b"file", b'0', b"")].concat();
    let stream = repeated(Compression::Gzip, &entry, 500);
    let limits = Limits { name_bytes: 4096, problems: 3, ratio: 1 << 20, ..Limits::DEFAULT };
    let budget = Budget::new(limits);
    let mut reader = Reader::new(decode(stream.as_slice(), &budget).unwrap().buffered(), &budget);
    let mut count = 0;
    while let Some(entry) = reader.next_entry().unwrap() {
        assert_eq!(entry.path, b"file");
        count += 1;
    }
    assert_eq!(count, 500);
    let problems = reader.take_problems();
    assert_eq!(problems.len(), 4, "three, and one line for the others");
    assert!(problems[3].message.starts_with("498 more"), "{}", problems[3].message);
}

#[test]
fn holes_are_charged() {
    let size = (1_u64 << 60).to_string();
    let records = [
        record(b"GNU.sparse.major", b"0"),
        record(b"GNU.sparse.minor", b"1"),
        record(b"GNU.sparse.numblocks", b"0"),
        record(b"GNU.sparse.size", size.as_bytes()),
    ];
    let tar =
        [&member(b"x", b'x', &records.concat())[..], &member(b"hole", b'0', b""), &END].concat();
    let check = |limits: Limits, expect: fn(&Exceeded) -> bool| {
        let mut reader = Reader::new(tar.as_slice(), &Budget::new(limits));
        assert_eq!(reader.next_entry().unwrap().unwrap().size, 1 << 60);
        let error = Error::from(io::copy(&mut reader.content(), &mut io::sink()).unwrap_err());
        assert!(matches!(&error, Error::Limit(exceeded) if expect(exceeded)), "{error}");
        assert!(reader.next_entry().unwrap().is_none(), "the walk goes on");
    };
    check(Limits { bytes: 1 << 20, ..Limits::DEFAULT }, |exceeded| {
        matches!(exceeded, Exceeded::Bytes { .. })
    });
    check(Limits::DEFAULT, |exceeded| matches!(exceeded, Exceeded::Ratio { .. }));
}

#[test]
fn sparse_maps_end() {
    // Extension blocks one after the other, for more than the 1 MiB that a map may take.
    let mut header = HeaderBlock::new(b"map", b'S', 0);
    header.magic = GNU;
    header.tail = [vec![0; 137], vec![1], octal(0, 12)].concat();
    let mut block = vec![0; 512];
    block[504] = 1;
    let tar = [header.block().to_vec(), block.repeat(3000)].concat();
    let mut reader = Reader::new(tar.as_slice(), &Budget::new(Limits::DEFAULT));
    assert!(matches!(reader.next_entry(), Err(Error::Malformed { .. })));
    // A map in the data that claims more regions than there are atoms.
    let records = [record(b"GNU.sparse.major", b"1"), record(b"GNU.sparse.minor", b"0")].concat();
    let map = padded(b"4000000000000000000\n1\n1\n");
    let tar = [&member(b"x", b'x', &records)[..], &member(b"file", b'0', &map), &END].concat();
    let mut reader = Reader::new(tar.as_slice(), &Budget::new(Limits::DEFAULT));
    let entry = reader.next_entry().unwrap().unwrap();
    assert!(entry.sparse && entry.kind == Kind::File);
    assert!(reader.content().read(&mut [0; 9]).is_err());
    assert!(reader.next_entry().unwrap().is_none());
}

#[test]
fn entries_are_counted() {
    let mut header = HeaderBlock::new(b"again", b'5', 0);
    header.magic = USTAR;
    let tar = header.block().repeat(100);
    let mut reader =
        Reader::new(tar.as_slice(), &Budget::new(Limits { entries: 50, ..Limits::DEFAULT }));
    let found = std::iter::from_fn(|| reader.next_entry().transpose());
    let (sound, failed): (Vec<_>, Vec<_>) = found.partition(Result::is_ok);
    assert_eq!((sound.len(), failed.len()), (50, 1));

    let mut bytes = Zip::new();
    for _ in 0..100 {
        bytes.stored(b"again", b"");
    }
    let bytes = bytes.finish();
    let content = bytes.as_slice();
    let budget = Budget::new(Limits { entries: 50, ..Limits::DEFAULT });
    let archive = zip::Archive::open(&content, &budget).unwrap();
    assert_eq!(archive.entries().flatten().count(), 50);
    assert!(matches!(archive.entries().last(), Some(Err(Error::Limit(Exceeded::Entries { .. })))));
}

#[test]
fn a_zip_whose_entries_share_their_data() {
    let mut bytes = Zip::new();
    let zeros = vec![0; 4 << 20];
    bytes.deflated(b"first", &zeros);
    for index in 0..100_u32 {
        bytes.again(format!("copy {index}").as_bytes());
    }
    let bytes = bytes.finish();
    let content = bytes.as_slice();
    let budget = Budget::new(Limits { ratio: 20_000, ..Limits::DEFAULT });
    let archive = zip::Archive::open(&content, &budget).unwrap();
    let error = archive.entries().find_map(|entry| archive.read(&entry.unwrap(), 8 << 20).err());
    assert!(matches!(error, Some(Error::Limit(Exceeded::Ratio { .. }))), "{error:?}");
}
