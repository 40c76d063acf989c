//! Databases of bbolt.

use bulkhead_bolt::{BoltError, Bucket, Value};
use bulkhead_limits::{Budget, Limits};

use crate::Target;

pub(super) const TARGETS: &[Target] =
    &[Target { name: "bolt", run: read_database, seeds: databases, data: &[] }];

const LIMITS: Limits = Limits { entries: 10_000, file_bytes: 1 << 20, ..Limits::DEFAULT };

const PAGE: usize = 1024;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;

/// Reads every bucket; succeeds where there is a value.
fn read_database(bytes: &[u8]) -> bool {
    let _ = bulkhead_bolt::transaction(bytes);
    let root = bulkhead_bolt::open(bytes, &Budget::new(LIMITS));
    root.and_then(|root| values(&root, 8)).is_ok_and(|count| count > 0)
}

fn values(bucket: &Bucket<'_>, levels: u32) -> Result<usize, BoltError> {
    let mut count = 0;
    for entry in bucket.entries()? {
        count += match entry.value {
            Value::Bytes(_) => 1,
            Value::Bucket(_) if levels == 0 => 0,
            Value::Bucket(bucket) => values(&bucket, levels - 1)?,
        };
    }
    Ok(count)
}

/// Databases of a branch over two leaves, with a bucket of a page of its own and one within a value.
fn databases() -> Vec<Vec<u8>> {
    let inline = [&[0; 16][..], &elements(0, LEAF, &[(0, b"key", b"value")])].concat();
    let other = [&6_u64.to_le_bytes()[..], &[0; 8]].concat();
    let whole = [
        meta(0, 7),
        meta(1, 8),
        page(2, 0x10, &[]),
        branch(3, &[4, 5]),
        page(4, LEAF, &[(1, b"inline", &inline), (0, b"x", b"y")]),
        page(5, LEAF, &[(1, b"other", &other)]),
        page(6, LEAF, &[(0, b"images", b"")]),
    ]
    .concat();
    let endless = [meta(0, 1), meta(1, 2), page(2, 0x10, &[]), branch(3, &[3, 3])].concat();
    vec![whole[..PAGE * 5].to_vec(), whole, endless, Vec::new()]
}

fn meta(number: u64, transaction: u64) -> Vec<u8> {
    let mut meta = Vec::new();
    for word in [0xED0C_DAED_u32, 2, number_of(PAGE), 0] {
        meta.extend(word.to_le_bytes());
    }
    for word in [3, 0, 2, 7, transaction] {
        meta.extend(word.to_le_bytes());
    }
    let checksum = meta.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut page = [header(number, 4, 0), meta, checksum.to_le_bytes().to_vec()].concat();
    page.resize(PAGE, 0);
    page
}

fn header(number: u64, flags: u16, count: u16) -> Vec<u8> {
    [&number.to_le_bytes()[..], &flags.to_le_bytes(), &count.to_le_bytes(), &[0; 4]].concat()
}

fn page(number: u64, flags: u16, content: &[(u32, &[u8], &[u8])]) -> Vec<u8> {
    let mut page = elements(number, flags, content);
    page.resize(PAGE, 0);
    page
}

/// A header, an element for each key, then keys and values.
fn elements(number: u64, flags: u16, content: &[(u32, &[u8], &[u8])]) -> Vec<u8> {
    let mut page = header(number, flags, count_of(content.len()));
    let mut position = 16 * content.len();
    for (kind, key, value) in content {
        for word in [*kind, number_of(position), number_of(key.len()), number_of(value.len())] {
            page.extend(word.to_le_bytes());
        }
        position = position + key.len() + value.len() - 16;
    }
    for (_, key, value) in content {
        page.extend([*key, *value].concat());
    }
    page
}

fn branch(number: u64, children: &[u64]) -> Vec<u8> {
    let mut page = header(number, BRANCH, count_of(children.len()));
    for child in children {
        page.extend([0; 8]);
        page.extend(child.to_le_bytes());
    }
    page.resize(PAGE, 0);
    page
}

fn number_of(size: usize) -> u32 {
    u32::try_from(size).unwrap_or_default()
}

fn count_of(elements: usize) -> u16 {
    u16::try_from(elements).unwrap_or_default()
}
