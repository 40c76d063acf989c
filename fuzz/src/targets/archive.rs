//! Decoders of archives: tar, zip, gzip, zstd, bzip2, xz.

use std::io::{self, Read as _};

use bulkhead_archive::{Error, decode, gunzip_whole, tar, zip};
use bulkhead_limits::{Budget, Limits};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target { name: "tar", run: walk_tar, seeds: tar_seeds, data: TARS },
    Target {
        name: "decode",
        run: decode_stream,
        seeds: stream_seeds,
        data: &[Real::files("fixtures/images")],
    },
    Target { name: "zip", run: list_zip, seeds: zip_seeds, data: &[] },
];

/// Nothing among the test data is a tar that is not packed; what image archives hold are such.
const TARS: &[Real] = &[Real { below: "fixtures", named: &["/layer.tar"] }];

/// What an input may cost: enough for any seed, and soon over for a bomb.
const LIMITS: Limits =
    Limits { bytes: 16 << 20, entries: 10_000, file_bytes: 1 << 20, ..Limits::DEFAULT };

/// Walks a tar and reads all content; succeeds where it ends without an error and has an entry.
fn walk_tar(bytes: &[u8]) -> bool {
    let budget = Budget::new(LIMITS);
    // Small buffers, so that headers and names lie across their borders.
    let mut reader = tar::Reader::new(io::BufReader::with_capacity(700, bytes), &budget);
    let mut entries = 0;
    loop {
        match reader.next_entry() {
            Ok(Some(_)) => entries += 1,
            Ok(None) => return entries > 0,
            Err(_) => return false,
        }
        let whole = reader.contiguous().map(<[u8]>::to_vec);
        let mut content = Vec::new();
        let read = reader.content().take(LIMITS.file_bytes).read_to_end(&mut content);
        assert!(whole.is_none_or(|whole| read.is_ok() && whole.starts_with(&content)));
        reader.take_problems();
    }
}

/// Decodes a compressed stream; a member that the fast decoder takes must be the same to both.
fn decode_stream(bytes: &[u8]) -> bool {
    let stream = || -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        decode(bytes, &Budget::new(LIMITS))?.read_to_end(&mut content)?;
        Ok(content)
    };
    let stream = stream();
    let mut whole = Vec::new();
    if gunzip_whole(bytes, 1 << 20, &Budget::new(LIMITS), &mut whole) == Ok(true) {
        assert_eq!(stream.as_ref().ok(), Some(&whole), "two decoders differ");
    }
    stream.is_ok_and(|content| content != bytes)
}

/// Lists a zip and reads all entries; succeeds where one can be read.
fn list_zip(bytes: &[u8]) -> bool {
    let budget = Budget::new(LIMITS);
    let Ok(archive) = zip::Archive::open(&bytes, &budget) else { return false };
    let mut found = false;
    for entry in archive.entries().flatten() {
        let strict = archive.read(&entry, LIMITS.file_bytes);
        let anyway = archive.read_anyway(&entry, LIMITS.file_bytes);
        if let (Ok(strict), Ok((content, odd))) = (strict, anyway) {
            assert!(odd.is_none() && strict == content, "two ways to read differ");
            assert!(archive.contiguous(&entry).is_none_or(|slice| slice == content));
            found = true;
        }
    }
    found
}

fn tar_seeds() -> Vec<Vec<u8>> {
    let end = vec![0; 1024];
    let plain = member("file", b'0', b"content");
    let records = member("x", b'x', b"19 path=long/name/x\n30 mtime=1700000000.123456789\n");
    let name = member("././@LongLink", b'L', &[b'l'; 300]);
    let map = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n27 GNU.sparse.realsize=99\n";
    let holes = [
        member("x", b'x', map),
        member("holes", b'0', &[&b"1\n5\n7\n"[..], &[0; 506], b"content"].concat()),
    ]
    .concat();
    let link = member("link", b'2', b"");
    vec![
        [plain.clone(), link, end.clone()].concat(),
        [records, plain.clone(), name, plain.clone(), end.clone()].concat(),
        [holes, plain.clone(), end].concat(),
        plain[..400].to_vec(),
        b"no tar at all".to_vec(),
    ]
}

/// A tar header with its content, in whole blocks.
fn member(name: &str, type_flag: u8, content: &[u8]) -> Vec<u8> {
    let mut header = format!(
        "{name:\0<100}0000644\x000000000\x000000000\0{:011o}\0{:011o}\0        ",
        content.len(),
        1
    )
    .into_bytes();
    header.push(type_flag);
    header.resize(257, 0);
    header.extend(b"ustar\x0000");
    header.resize(512, 0);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend(content);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

/// "content" as gzip twice, zstd, bzip2 and xz made them; a frame to skip; and a cut one.
fn stream_seeds() -> Vec<Vec<u8>> {
    let gzip =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\xce\xcf\x2b\x49\xcd\x2b\x01\0\xa9\x30\xc5\xfe\x07\0\0\0";
    let zstd = b"\x28\xb5\x2f\xfd\x20\x07\x39\0\0content";
    let skip = b"\x50\x2a\x4d\x18\x03\0\0\0any";
    let bzip2 =
        b"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x23\x0d\xca\xfd\x00\x00\x00\x01\x80\x0a\x01\
        \x84\x00\x20\x00\x21\x83\x41\x9a\x01\x53\x0b\x8b\xb9\x22\x9c\x28\x48\x11\x86\xe5\x7e\x80";
    let xz = b"\xfd\x37\x7a\x58\x5a\0\0\x01\x69\x22\xde\x36\x02\0\x21\x01\x0c\0\0\0\x8f\x98\x41\x9c\x01\0\x06\
        content\0\0\xa9\x30\xc5\xfe\0\x01\x1b\x07\x12\xeb\xd4\x17\x90\x42\x99\x0d\x01\0\0\0\0\x01\x59\x5a";
    vec![
        gzip.repeat(2),
        [&skip[..], zstd, zstd].concat(),
        bzip2.to_vec(),
        xz.repeat(2),
        gzip[..20].to_vec(),
        b"plain".to_vec(),
    ]
}

/// A zip of one stored entry, and the same damaged in its end record.
fn zip_seeds() -> Vec<Vec<u8>> {
    let fields = b"\0\0\0\0\0\0\0\0\xa9\x30\xc5\xfe\x07\0\0\0\x07\0\0\0\x01\0\0\0";
    let local = [&b"PK\x03\x04\x14\0"[..], fields, b"acontent"].concat();
    let record = [&b"PK\x01\x02\x14\x03\x14\0"[..], fields, &[0; 14], b"a"].concat();
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &u32::try_from(record.len()).unwrap_or_default().to_le_bytes(),
        &u32::try_from(local.len()).unwrap_or_default().to_le_bytes(),
        b"\0\0",
    ]
    .concat();
    let sound = [&b"#!/bin/sh\n"[..], &local, &record, &end].concat();
    let mut damaged = sound.clone();
    damaged.truncate(sound.len() - 5);
    vec![sound, [&local[..], &record, &end].concat(), damaged]
}
