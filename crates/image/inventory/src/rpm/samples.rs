//! Headers and databases for tests, made by hand.

use super::header::tag;

/// A value of a header.
pub(super) enum Value<'a> {
    Text(&'a str),
    Texts(&'a [&'a str]),
    Numbers(&'a [u32]),
    Characters(&'a [u8]),
}

use Value::{Numbers, Text, Texts};

/// A header as a package brings it: the index, the data, and first the region that holds both.
pub(super) fn header(values: &[(u32, Value<'_>)]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let region = values.len() + 1;
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, value) in values {
        let (kind, count, bytes): (usize, usize, Vec<u8>) = match value {
            Text(text) => (6, 1, [text.as_bytes(), b"\0"].concat()),
            Texts(texts) => (
                8,
                texts.len(),
                texts.iter().flat_map(|t| [t.as_bytes(), b"\0"].concat()).collect(),
            ),
            Numbers(numbers) => {
                data.resize(data.len().next_multiple_of(4), 0);
                (4, numbers.len(), numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
            }
            Value::Characters(bytes) => (1, bytes.len(), bytes.to_vec()),
        };
        index.extend([tag.to_be_bytes(), number(kind), number(data.len()), number(count)].concat());
        data.extend(bytes);
    }
    let immutable = [number(63), number(7), number(data.len()), number(16)].concat();
    let back = (region * 16).wrapping_neg().to_be_bytes();
    data.extend([number(63), number(7), back[4..].try_into().unwrap(), number(16)].concat());
    [[number(region), number(data.len())].concat(), immutable, index, data].concat()
}

/// The header of a package without much.
pub(super) fn package(name: &str, version: &str) -> Vec<u8> {
    header(&[
        (tag::NAME, Text(name)),
        (tag::VERSION, Text(version)),
        (tag::RELEASE, Text("1")),
        (tag::PROVIDE_NAME, Texts(&[name])),
    ])
}

/// `Packages.db` with one page of slots.
pub(super) fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let words = |words: &[usize]| -> Vec<u8> {
        words.iter().flat_map(|word| u32::try_from(*word).unwrap().to_le_bytes()).collect()
    };
    let mut slots = [b"RpmP".to_vec(), words(&[0, 1, 1, headers.len() + 1, 0, 0, 0])].concat();
    let mut blobs = Vec::new();
    for (number, header) in (1..).zip(headers) {
        let start = 256 + blobs.len() / 16;
        let head = [b"BlbS".to_vec(), words(&[number, 1, header.len()])].concat();
        let mut blob = [head, header.clone()].concat();
        blob.resize((blob.len() + 12).next_multiple_of(16) - 12, 0);
        let checksum = super::ndb::adler_32(&blob);
        blob.extend([checksum.to_le_bytes().to_vec(), words(&[header.len()])].concat());
        blob.extend(b"BlbE");
        slots.extend([b"Slot".to_vec(), words(&[number, start, blob.len() / 16])].concat());
        blobs.extend(blob);
    }
    slots.resize_with(4096, Default::default);
    let free = 32 + headers.len() * 16;
    for slot in slots[free..].chunks_mut(16) {
        slot[..4].copy_from_slice(b"Slot");
    }
    [slots, blobs].concat()
}
