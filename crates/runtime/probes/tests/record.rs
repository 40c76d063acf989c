//! Records of bytes: what the programs write is read, and everything else is refused.

use bulkhead_probes::{
    ABI_VERSION, Header, Kind, Lane, Origin, ProcessState, Record, RecordError, Role, Tag, Value,
    part_flags, record_flags, write_record,
};
use zerocopy::{FromZeros as _, IntoBytes as _};

fn header() -> Header {
    let mut header = Header::new_zeroed();
    header.version = ABI_VERSION.into();
    header.kind = (Kind::Call as u16).into();
    header.lane = Lane::File as u8;
    header.origin = Origin::Ring as u8;
    header.flags = record_flags::MEMORY_CHANGED.into();
    header.name = *b"cat\0left from be";
    header
}

fn sample() -> Vec<u8> {
    let mut process = ProcessState::new_zeroed();
    process.session = 7.into();
    let arguments: Vec<u8> = (1..=6_u64).flat_map(u64::to_le_bytes).collect();
    write_record(
        &header(),
        &[
            (Tag::Arguments, Role::None, 0, &arguments),
            (Tag::Text, Role::Second, part_flags::ENTRY, b"/etc/hostname"),
            (Tag::Text, Role::Second, 0, b"/etc/shadow"),
            (Tag::Process, Role::None, 0, process.as_bytes()),
            (Tag::Payload, Role::Second, part_flags::TRUNCATED, b""),
        ],
    )
}

#[test]
fn what_was_written_is_read() {
    let bytes = sample();
    let record = Record::read(&bytes).expect("a record");
    assert_eq!((record.kind, record.lane, record.origin), (Kind::Call, Lane::File, Origin::Ring));
    assert_eq!(record.name(), b"cat");
    assert!(record.has(record_flags::MEMORY_CHANGED) && !record.has(record_flags::COMPAT));
    assert_eq!(record.arguments(), Some([1, 2, 3, 4, 5, 6]));
    let entry = record.text(Role::Second, part_flags::ENTRY, 0);
    assert_eq!(entry, Some(&b"/etc/hostname"[..]));
    let exit = record.text(Role::Second, 0, part_flags::ENTRY);
    assert_eq!(exit, Some(&b"/etc/shadow"[..]));
    assert_eq!(record.text(Role::First, 0, 0), None);
    let about = record.parts().find_map(|part| match part.value {
        Value::Process(process) => Some(process.session.get()),
        _ => None,
    });
    assert_eq!(about, Some(7));
    assert_eq!(record.parts().count(), 5);
}

#[test]
fn what_is_cut_anywhere_is_refused() {
    let bytes = sample();
    for end in 0..bytes.len() {
        let mut cut = bytes[..end].to_vec();
        assert!(Record::read(&cut).is_err(), "cut at {end}");
        // Nor does it help to lie about the size; at the border of a part it is a shorter record.
        if end >= size_of::<Header>() {
            cut[..4].copy_from_slice(&u32::try_from(end).expect("small").to_le_bytes());
            if let Ok(record) = Record::read(&cut) {
                assert!(end.is_multiple_of(8) && record.parts().count() < 5, "cut at {end}");
            }
        }
    }
}

#[test]
fn lies_are_refused() {
    let check = |place: usize, byte: u8, expected: RecordError| {
        let mut bytes = sample();
        bytes[place] = byte;
        assert_eq!(Record::read(&bytes).expect_err("a lie"), expected);
    };
    let came = sample().len();
    check(4, 9, RecordError::Version(9));
    check(0, 1, RecordError::Size { said: u32::try_from(came & !255 | 1).expect("small"), came });
    check(6, 99, RecordError::Unknown { what: "kind", number: 99 });
    check(28, 4, RecordError::Unknown { what: "lane", number: 4 });
    check(29, 77, RecordError::Unknown { what: "origin", number: 77 });
    // The first part says that it is longer, then that it is shorter than six numbers; the length after the next lie reaches past the end.
    check(128 + 4, 56, RecordError::Part(1));
    check(128 + 4, 40, RecordError::Part(1));
    check(128 + 7, 255, RecordError::Part(1));
}

#[test]
fn unknown_parts_are_passed_over() {
    for (place, byte) in [(128, 200), (128 + 2, 200)] {
        let mut bytes = sample();
        bytes[place] = byte;
        let record = Record::read(&bytes).expect("a record of a newer program");
        assert_eq!((record.parts().count(), record.arguments()), (4, None));
    }
}
