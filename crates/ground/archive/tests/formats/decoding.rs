//! Compressed streams: whole, in several members, cut off, damaged.

use std::io::{BufReader, Read as _, Write as _};

use bulkhead_archive::{Compression, Decoder, Error, decode, gunzip_whole};
use bulkhead_limits::{Budget, Limits};

pub(crate) const ALL: [Compression; 4] =
    [Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Xz];

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

pub(crate) fn compress(how: Compression, content: &[u8]) -> Vec<u8> {
    match how {
        Compression::None => content.to_vec(),
        Compression::Gzip => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => zstd::bulk::compress(content, 1).unwrap(),
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
    }
}

/// What comes out, and how it ends.
fn decoded(stream: &[u8], input: usize, output: usize) -> (Vec<u8>, Result<Vec<String>, Error>) {
    let reader = BufReader::with_capacity(input, stream);
    let mut decoder: Decoder<_> = decode(reader, &budget()).unwrap();
    let (mut content, mut part) = (Vec::new(), vec![0; output]);
    loop {
        match decoder.read(&mut part) {
            Ok(0) => break,
            Ok(count) => content.extend_from_slice(&part[..count]),
            Err(error) => {
                let error = Error::from(error);
                let again = Error::from(decoder.read(&mut part).unwrap_err());
                assert_eq!(error.to_string(), again.to_string(), "an error holds");
                return (content, Err(error));
            }
        }
    }
    let problems = decoder.take_problems().into_iter().map(|odd| odd.message.into_owned());
    (content, Ok(problems.collect()))
}

fn sample() -> Vec<u8> {
    (0..30_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect()
}

#[test]
fn any_buffers_give_the_same() {
    for how in ALL.into_iter().chain([Compression::None]) {
        let stream = compress(how, &sample());
        assert_eq!(Compression::detect(&stream), how);
        for (input, output) in [(1, 7), (2, 100_000), (3, 1), (1 << 20, 1 << 20)] {
            let (content, end) = decoded(&stream, input, output);
            assert_eq!(end.unwrap(), [""; 0], "{how:?}");
            assert_eq!(content, sample(), "{how:?} by {input} and {output}");
        }
    }
}

#[test]
fn members_are_one_content() {
    for how in ALL {
        let parts: [&[u8]; 4] = [b"one ", b"", b"two ", &sample()];
        let stream: Vec<u8> = parts.iter().flat_map(|part| compress(how, part)).collect();
        for input in [1, 5, 1 << 20] {
            let (content, end) = decoded(&stream, input, 1000);
            assert_eq!(end.unwrap(), [""; 0], "{how:?}");
            assert_eq!(content, parts.concat(), "{how:?}");
        }
    }
}

#[test]
fn what_follows_the_stream_is_remarked() {
    for how in ALL {
        for tail in [&[0; 700][..], b"x", b"\x1f\x8b", b"garbage of some length"] {
            let stream = [compress(how, b"content"), tail.to_vec()].concat();
            let (content, end) = decoded(&stream, 64, 1000);
            assert_eq!(content, b"content", "{how:?}");
            assert_eq!(end.unwrap(), ["data after the end of the compressed stream"], "{how:?}");
        }
    }
}

#[test]
fn what_is_cut_off_is_delivered_up_to_there() {
    for how in ALL {
        let stream = compress(how, b"some content that is short");
        for length in 4..stream.len() {
            let (content, end) = decoded(&stream[..length], 1000, 1000);
            assert!(matches!(end, Err(Error::Truncated { .. })), "{how:?} {length} {end:?}");
            assert!(b"some content that is short".starts_with(&content));
        }
    }
    let stream = compress(Compression::Gzip, &sample());
    let (content, end) = decoded(&stream[..stream.len() - 8], 1000, 1000);
    assert_eq!(content, sample());
    assert!(matches!(end, Err(Error::Truncated { .. })));
}

#[test]
fn damage_is_noticed() {
    for how in ALL {
        // This encoder of zstd writes no checksum, so that only broken structure shows there.
        let certain = how != Compression::Zstd;
        let sound = compress(how, &sample());
        for position in (4..sound.len()).step_by(97) {
            let mut stream = sound.clone();
            stream[position] ^= 0x10;
            let (content, end) = decoded(&stream, 1000, 1000);
            assert!(!certain || end.is_err() || content == sample(), "{how:?} {position}");
        }
    }
    let mut stream = compress(Compression::Gzip, b"content");
    let trailer = stream.len() - 8;
    stream[trailer] ^= 1;
    let (content, end) = decoded(&stream, 1000, 1000);
    assert_eq!(content, b"content");
    assert!(matches!(end, Err(Error::Mismatch { what: "checksum", .. })));
}

#[test]
fn every_field_of_a_gzip_header() {
    let plain = compress(Compression::Gzip, b"content");
    for flags in 0..32_u8 {
        let mut stream = plain[..10].to_vec();
        stream[3] = flags;
        if flags & 4 != 0 {
            stream.extend(b"\x05\0extra");
        }
        if flags & 8 != 0 {
            stream.extend(b"name\0");
        }
        if flags & 16 != 0 {
            stream.extend(b"comment\0");
        }
        if flags & 2 != 0 {
            stream.extend(b"\xab\xcd");
        }
        stream.extend(&plain[10..]);
        for input in [1, 1000] {
            let (content, end) = decoded(&[&stream[..], &stream].concat(), input, 1000);
            assert_eq!(
                (content.as_slice(), end.is_ok()),
                (&b"contentcontent"[..], true),
                "{flags}"
            );
        }
    }
    // An extra field without bytes.
    let stream = [&plain[..3], &[4], &plain[4..10], &[0, 0], &plain[10..]].concat();
    assert_eq!(decoded(&stream, 1000, 1000).0, b"content");
}

#[test]
fn zstd_frames_to_skip_and_windows() {
    let skipped = [&0x184d_2a53_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"any"].concat();
    let frame = compress(Compression::Zstd, b"content");
    let stream = [&skipped[..], &frame, &skipped, &skipped, &frame].concat();
    let (content, end) = decoded(&stream, 5, 1000);
    assert_eq!(content, b"contentcontent");
    assert_eq!(end.unwrap(), [""; 0]);
    // A frame header (RFC 8878, 3.1.1.1) with a window of 2^(10+n) bytes, and an empty last block.
    let windowed =
        |exponent: u8| [&b"\x28\xb5\x2f\xfd\0"[..], &[exponent << 3], b"\x01\0\0"].concat();
    assert!(decoded(&windowed(17), 1000, 1000).1.is_ok());
    let end = decoded(&windowed(18), 1000, 1000).1;
    assert!(matches!(end, Err(Error::Unsupported { .. })), "{end:?}");
}

#[test]
fn whole_members_at_once() {
    let check = |member: &[u8], limit, expect: Option<&[u8]>| {
        let mut output = b"rest of before".to_vec();
        let whole = gunzip_whole(member, limit, &budget(), &mut output).unwrap();
        assert_eq!(whole.then_some(output.as_slice()), expect);
        assert!(whole || output.is_empty());
    };
    let member = compress(Compression::Gzip, &sample());
    check(&member, 1 << 20, Some(&sample()));
    check(&member, 1000, None);
    check(&member[..member.len() - 1], 1 << 20, None);
    check(&[&member[..], &member].concat(), 1 << 20, None);
    check(&[&member[..], b"tail"].concat(), 1 << 20, None);
    check(b"", 1 << 20, None);
    check(&compress(Compression::Gzip, b""), 1 << 20, None);
    // Bytes that begin a member by chance, and members that are alike.
    let chance = b"\x1f\x8b\x08 by chance".repeat(3);
    let mut stored = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    stored.write_all(&chance).unwrap();
    check(&stored.finish().unwrap(), 1 << 20, Some(&chance));
    let other = compress(Compression::Gzip, &sample().iter().map(|byte| !byte).collect::<Vec<_>>());
    check(&[&member[..], &other].concat(), 1 << 20, None);
    // A claim that deflate cannot reach is not believed, and costs no memory.
    let mut lie = compress(Compression::Gzip, b"small");
    let size = lie.len() - 4;
    lie[size..].copy_from_slice(&0x7000_0000_u32.to_le_bytes());
    check(&lie, usize::MAX, None);
}

#[test]
fn cancelling_stops_the_stream() {
    let budget = budget();
    let stream = compress(Compression::Gzip, &sample());
    let mut decoder = decode(stream.as_slice(), &budget).unwrap();
    let mut part = [0; 100];
    assert_eq!(decoder.read(&mut part).unwrap(), 100);
    budget.cancel();
    assert!(matches!(Error::from(decoder.read(&mut part).unwrap_err()), Error::Limit(_)));
}
