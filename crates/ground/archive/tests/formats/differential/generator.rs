//! Tar archives with every feature of the formats, sound, odd and broken.

use crate::random::Random;
use crate::tar_blocks::{END, GNU, HeaderBlock, USTAR, V7, octal, padded, record, set_checksum};

/// An archive of a few entries, damaged once in a while.
pub(crate) fn archive(random: &mut Random) -> Vec<u8> {
    let mut archive = Vec::new();
    for _ in 0..=random.below(4) {
        for _ in 0..random.below(8).saturating_sub(5) {
            archive.extend(extension(random));
        }
        archive.extend(if random.once_in(4) { sparse(random) } else { plain(random) });
        if random.once_in(30) {
            archive.extend([0; 512]);
        }
    }
    match random.below(12) {
        0 => {}
        1 => archive.extend([0; 512]),
        2 => archive.extend([0; 300]),
        3 => archive.extend([&END[..], b"something behind the end"].concat()),
        _ => archive.extend(END),
    }
    damage(random, &mut archive);
    archive
}

/// Flips bits, repairs the checksum or not, cuts off.
fn damage(random: &mut Random, archive: &mut Vec<u8>) {
    if random.once_in(3) && archive.len() >= 512 {
        let start = random.below(archive.len() / 512) * 512;
        for _ in 0..=random.below(2) {
            // Fields of numbers, type and magic lie close together.
            let place = if random.once_in(2) { 100 + random.below(165) } else { random.below(512) };
            archive[start + place] ^= 1 << random.below(8);
        }
        if !random.once_in(4) {
            set_checksum(&mut archive[start..start + 512]);
        }
    }
    if random.once_in(8) {
        archive.truncate(random.below(archive.len() + 1));
    }
}

fn plain(random: &mut Random) -> Vec<u8> {
    let content = content(random);
    let flags: &[u8] = b"00000000\x00\x00112345677SVMDNAXgZ \xff";
    let type_flag = flags[random.below(flags.len())];
    let mut header = header(random, type_flag, content.len());
    if random.once_in(12) {
        header.size = number(random, 12);
    }
    let has_no_content = (b'1'..=b'6').contains(&header.type_flag);
    let body = if has_no_content && !random.once_in(10) { Vec::new() } else { padded(&content) };
    [&header.block()[..], &body].concat()
}

fn header(random: &mut Random, type_flag: u8, size: usize) -> HeaderBlock {
    let mut header = HeaderBlock::new(&name(random), type_flag, size as u64);
    header.link = if random.once_in(2) { name(random) } else { Vec::new() };
    for field in [&mut header.mode, &mut header.uid, &mut header.gid] {
        if random.once_in(6) {
            *field = number(random, 8);
        }
    }
    if random.once_in(6) {
        header.modified = number(random, 12);
    }
    header.magic = random.choose(&[USTAR, USTAR, GNU, GNU, V7, b"ustar\0 \0", b"ustar 00"]);
    if random.once_in(4) {
        header.tail = tail(random);
    }
    header
}

/// A prefix, the times of GNU, or what Schily's tar has.
fn tail(random: &mut Random) -> Vec<u8> {
    let mut tail = vec![0; 167];
    let times = [number(random, 12), number(random, 12)];
    match random.below(4) {
        0 => tail[..8].copy_from_slice(b"pre\0fix!"),
        1 => tail[..155].copy_from_slice(&[b'p'; 155]),
        2 => {
            tail[..12].copy_from_slice(&times[0]);
            tail[12..24].copy_from_slice(&times[1]);
        }
        _ => {
            tail[..9].copy_from_slice(b"star/name");
            if random.once_in(2) {
                tail[131..143].copy_from_slice(&times[0]);
            }
            tail[163..].copy_from_slice(b"tar\0");
        }
    }
    tail
}

fn name(random: &mut Random) -> Vec<u8> {
    match random.below(12) {
        0 => Vec::new(),
        1 => vec![b'n'; 100],
        2 => b"folder/".to_vec(),
        3 => b"/absolute/../../up".to_vec(),
        4 => b"not \xff\xfe utf-8".to_vec(),
        5 => b"cut\0off".to_vec(),
        6 => "früh/日本".as_bytes().to_vec(),
        7 => b"./.wh..wh..opq".to_vec(),
        _ => format!("usr/lib/file-{}", random.below(1000)).into_bytes(),
    }
}

fn content(random: &mut Random) -> Vec<u8> {
    let length = match random.below(6) {
        0 => 0,
        1 => 512,
        2 => 513,
        _ => random.below(2000),
    };
    (0..length).map(|_| random.byte()).collect()
}

/// A numeric field, sound or not.
fn number(random: &mut Random, width: usize) -> Vec<u8> {
    let value = random.below(4000);
    let digits = width - 2;
    let text = match random.below(30) {
        0..5 => format!("{value:>digits$o} \0"),
        5..10 => format!("{value:0width$o}"),
        10..15 => format!("{value:o}\0\0 "),
        15..20 => format!(" {value:o}"),
        20 => format!("{value:o}x"),
        21..25 => "\0".repeat(width),
        25 => format!("-{value}"),
        _ => return base_256(random, width),
    };
    let mut field = text.into_bytes();
    field.resize(width, 0);
    field
}

fn base_256(random: &mut Random, width: usize) -> Vec<u8> {
    let fill = if random.once_in(2) { 0 } else { 0xff };
    let mut field = vec![fill; width];
    field[0] |= 0x80;
    let places = if random.once_in(3) { width - 1 } else { 2 };
    for byte in &mut field[width - places..] {
        *byte = random.byte();
    }
    field
}

/// A header that says something of what follows.
fn extension(random: &mut Random) -> Vec<u8> {
    let (type_flag, content) = match random.below(8) {
        0 => (b'g', records(random)),
        1 => (b'L', long_name(random)),
        2 => (b'K', long_name(random)),
        _ => (b'x', records(random)),
    };
    let mut header = header(random, type_flag, content.len());
    header.mode = octal(0o644, 8);
    [&header.block()[..], &padded(&content)].concat()
}

fn long_name(random: &mut Random) -> Vec<u8> {
    let length = match random.below(30) {
        0 => (1 << 20) + 1,
        1 => 1 << 16,
        2 => (1 << 16) + 1,
        3 => 0,
        _ => 101 + random.below(300),
    };
    let mut name = vec![b'l'; length];
    match random.below(5) {
        0 => {}
        1 => name.extend(b"\0after"),
        2 => name.extend(b"/\0"),
        _ => name.push(0),
    }
    name
}

const BROKEN_RECORDS: &[&[u8]] =
    &[b"9 path=a", b"9 path=ab\n", b"4 a\n", b"path=a\n", b"99 a=b\n", b"\0"];

fn records(random: &mut Random) -> Vec<u8> {
    let mut records = Vec::new();
    for _ in 0..random.below(5) {
        let value = name(random);
        records.extend(match random.below(40) {
            0..6 => record(b"path", &value),
            6..12 => record(b"linkpath", &value),
            12 => record(b"size", decimal(random)),
            13..16 => record(b"uid", decimal(random)),
            16..19 => record(b"gid", decimal(random)),
            19..24 => record(b"mtime", random.choose(&[b"1.5", b"-1.5", b"-0.25", b"7", b""])),
            24..27 => record(b"SCHILY.xattr.security.capability", b"\x01\0\0\x02"),
            27..30 => record(b"hdrcharset", b"BINARY"),
            30 => record(random.choose(&[b"", b"a\0b", b"GNU.sparse.name", b"path"]), &value),
            31 => random.choose(BROKEN_RECORDS).to_vec(),
            32 => record(b"uname", b"with\0nul"),
            33 => record(random.choose(&[b"atime", b"ctime", b"mtime"]), b"1x"),
            _ => record(b"ctime", b"12.25"),
        });
    }
    records
}

fn decimal(random: &mut Random) -> &'static [u8] {
    let sound: &[&[u8]] = &[b"0", b"5", b"+12", b"007", b"", b"700"];
    let odd: &[&[u8]] =
        &[b"-3", b" 5", b"5x", b"1_0", b"99999999999999999999", b"9000000000000000000"];
    if random.once_in(12) { random.choose(odd) } else { random.choose(sound) }
}

/// A sparse file in one of the four forms.
fn sparse(random: &mut Random) -> Vec<u8> {
    let mut position = 0;
    let mut stored = 0;
    let mut map = Vec::new();
    let most = if random.once_in(4) { 60 } else { 6 };
    for _ in 0..random.below(most) {
        position += random.below(5) * 300;
        let length = random.below(4) * 400;
        map.push((position, length));
        position += length;
        stored += length;
    }
    let mut size = position + random.below(3) * 1000;
    match random.below(12) {
        0 => size = position / 2,
        1 => map.reverse(),
        2 => stored += 100,
        3 => stored /= 2,
        4 => size = usize::MAX >> 1,
        _ => {}
    }
    let content: Vec<u8> = (0..stored).map(|_| random.byte()).collect();
    match random.below(4) {
        0 => old_gnu(random, &map, size, &content),
        1 => {
            let pairs = map.iter().flat_map(|(offset, length)| {
                [
                    record(b"GNU.sparse.offset", &text(*offset)),
                    record(b"GNU.sparse.numbytes", &text(*length)),
                ]
            });
            let extra: Vec<u8> = pairs.flatten().collect();
            in_records(random, &map, size, &extra, &content)
        }
        2 => {
            let numbers: Vec<String> = map
                .iter()
                .flat_map(|(offset, length)| [offset.to_string(), length.to_string()])
                .collect();
            let extra = record(b"GNU.sparse.map", numbers.join(",").as_bytes());
            in_records(random, &map, size, &extra, &content)
        }
        _ => in_data(random, &map, size, &content),
    }
}

fn text(number: usize) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn old_gnu(random: &mut Random, map: &[(usize, usize)], size: usize, content: &[u8]) -> Vec<u8> {
    let mut header = HeaderBlock::new(&name(random), b'S', content.len() as u64);
    header.magic = if random.once_in(10) { USTAR } else { GNU };
    let regions = |map: &[(usize, usize)]| -> Vec<u8> {
        map.iter()
            .flat_map(|(offset, length)| [octal(*offset as u64, 12), octal(*length as u64, 12)])
            .flatten()
            .collect()
    };
    let (first, rest) = map.split_at(map.len().min(4));
    header.tail = vec![0; 41];
    header.tail.extend(regions(first));
    header.tail.resize(41 + 96, 0);
    header.tail.push(u8::from(!rest.is_empty()));
    header.tail.extend(octal(size as u64, 12));
    let mut bytes = header.block().to_vec();
    let mut left = rest.chunks(21).peekable();
    while let Some(part) = left.next() {
        let mut block = regions(part);
        block.resize(512, 0);
        block[504] = u8::from(left.peek().is_some());
        bytes.extend(block);
    }
    [bytes, padded(content)].concat()
}

fn in_records(
    random: &mut Random,
    map: &[(usize, usize)],
    size: usize,
    extra: &[u8],
    content: &[u8],
) -> Vec<u8> {
    let count = map.len() + usize::from(random.once_in(12));
    let records = [
        record(random.choose(&[&b"GNU.sparse.size"[..], b"GNU.sparse.realsize"]), &text(size)),
        record(b"GNU.sparse.numblocks", &text(count)),
        if random.once_in(2) { record(b"GNU.sparse.name", b"a/sparse/file") } else { Vec::new() },
        if random.once_in(2) { version(random, b"0") } else { Vec::new() },
        extra.to_vec(),
    ];
    with_records(random, &records.concat(), content)
}

fn version(random: &mut Random, major: &[u8]) -> Vec<u8> {
    let minor = random.choose(&[&b"0"[..], b"0", b"0", b"1", b"2"]);
    [record(b"GNU.sparse.major", major), record(b"GNU.sparse.minor", minor)].concat()
}

fn in_data(random: &mut Random, map: &[(usize, usize)], size: usize, content: &[u8]) -> Vec<u8> {
    let numbers = map.iter().flat_map(|(offset, length)| [*offset, *length]);
    let mut lines: String =
        std::iter::once(map.len()).chain(numbers).map(|number| number.to_string() + "\n").collect();
    if random.once_in(10) {
        lines = lines.replacen('\n', "x\n", 1);
    }
    let records = [
        version(random, b"1"),
        record(b"GNU.sparse.realsize", &text(size)),
        record(b"GNU.sparse.name", b"a/sparse/file"),
    ];
    with_records(random, &records.concat(), &[padded(lines.as_bytes()), content.to_vec()].concat())
}

/// A file behind a header of records.
fn with_records(random: &mut Random, records: &[u8], content: &[u8]) -> Vec<u8> {
    let type_flag = if random.once_in(20) { b'5' } else { b'0' };
    let extension = header(random, b'x', records.len());
    let file = header(random, type_flag, content.len());
    [&extension.block()[..], &padded(records), &file.block(), &padded(content)].concat()
}
