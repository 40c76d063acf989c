//! Records of the kernel, as whoever holds the ring buffer could write them.

use bulkhead_probes::{
    ABI_VERSION, FileObject, Header, Record, Role, SocketObject, Tag, Value, write_record,
};

use crate::Target;

pub(super) const TARGETS: &[Target] =
    &[Target { name: "probe-record", run: record, seeds, data: &[] }];

/// Reads a record; succeeds where it has a part.
fn record(bytes: &[u8]) -> bool {
    let Ok(record) = Record::read(bytes) else { return false };
    let held: usize = record
        .parts()
        .map(|part| match part.value {
            Value::Text(bytes) | Value::Address(bytes) | Value::Payload(bytes) => bytes.len(),
            _ => 1,
        })
        .sum();
    assert!(held <= bytes.len());
    held > 0
}

fn seeds() -> Vec<Vec<u8>> {
    let mut start = vec![0; size_of::<Header>()];
    start[4..6].copy_from_slice(&ABI_VERSION.to_le_bytes());
    start[6] = 1;
    let Ok(header) = zerocopy::FromBytes::read_from_bytes(&start) else { return Vec::new() };
    let arguments = [7; 48];
    let file = [1; size_of::<FileObject>()];
    let socket = [2; size_of::<SocketObject>()];
    vec![
        write_record(&header, &[(Tag::Text, Role::Executable, 8, b"/bin/sh")]),
        write_record(
            &header,
            &[
                (Tag::Arguments, Role::None, 0, &arguments),
                (Tag::File, Role::Result, 0, &file),
                (Tag::Socket, Role::First, 0, &socket),
                (Tag::Payload, Role::Second, 2, b"\0\x01example"),
            ],
        ),
        write_record(&header, &[]),
    ]
}
