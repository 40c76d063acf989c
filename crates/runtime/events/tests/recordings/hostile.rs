//! Recordings that are cut off, damaged or made to do harm.

use std::sync::LazyLock;

use bulkhead_events::{RecordingError, RecordingReader};
use bulkhead_limits::{Budget, Limits};
use proptest::prelude::*;

use crate::{record, replay, samples};

/// Wherever a recording ends, all events before are read, and the end is told where it is within a frame.
#[test]
fn a_recording_that_is_cut_off_gives_what_is_whole() {
    let events = samples();
    let whole = record(&events);
    let ends: Vec<usize> = (1..=events.len()).map(|count| record(&events[..count]).len()).collect();
    let mut between = 0;
    for length in 10..whole.len() {
        let (read, problem) = replay(&whole[..length]);
        let count = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(read, events[..count], "cut at {length}");
        match problem {
            Some(RecordingError::Truncated { offset }) => assert_eq!(offset, length as u64),
            Some(other) => panic!("cut at {length}: {other}"),
            None => between += 1,
        }
    }
    assert!(between >= events.len(), "cuts between frames are no problem");
}

#[test]
fn what_is_no_recording_is_told() {
    let good = record(&samples());
    let mut newer = good.clone();
    newer[8] = 5;
    let cases: [(&[u8], &str); 5] = [
        (b"", "this is no recording of events: it begins otherwise"),
        (b"events", "this is no recording of events: it begins otherwise"),
        (
            b"- rule: a rule\n  condition: evt.type = open\n",
            "this is no recording of events: it begins otherwise",
        ),
        (&good[..9], "this is no recording of events: it begins otherwise"),
        (
            &newer,
            "a recording of version 5, of which 4 is known here; use the Bulkhead that wrote it",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(replay(bytes).1.expect("a problem").to_string(), expected);
    }
}

#[test]
fn damage_is_told_with_its_place() {
    let head = record(&[]);
    let cases: [(&[u8], &str); 7] = [
        (&[0], "the recording is damaged at byte 10: a frame of no possible length"),
        (&[0xff; 12], "the recording is damaged at byte 10: a frame of no possible length"),
        (&[1, 99], "the recording is damaged at byte 12: a frame of no known sort"),
        (&[2, 6, 1], "the recording is damaged at byte 13: what is referred to is not defined"),
        (&[1, 4], "the recording is damaged at byte 12: a frame is too short"),
        (&[2, 0, 0], "the recording is damaged at byte 12: a frame is too long"),
        (
            &[12, 6, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            "the recording is damaged at byte 22: a number of more than 64 bits",
        ),
    ];
    for (frames, expected) in cases {
        let bytes = [&head[..], frames].concat();
        assert_eq!(replay(&bytes).1.expect("a problem").to_string(), expected, "{frames:?}");
    }
}

/// Definitions that are never forgotten cost no more than the limit.
#[test]
fn definitions_are_limited() {
    let frame = [&[0xff, 0x7f, 1][..], &[b'x'; 16_382]].concat();
    let bytes = [record(&[]), frame.repeat(100)].concat();
    let limits = Limits { file_bytes: 1 << 20, ..Limits::DEFAULT };
    let mut reader = RecordingReader::open(&bytes[..], &Budget::new(limits)).unwrap();
    let problem = reader.next_event().expect_err("too much is defined").to_string();
    assert!(problem.starts_with("the recording defines too much before byte "), "{problem}");
    assert!(reader.next_event().is_ok_and(|event| event.is_none()), "it ends there");
}

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| record(&samples()));
static ONE: LazyLock<Vec<u8>> = LazyLock::new(|| record(&samples()[..1]));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever the bytes: no panic, and an end.
    #[test]
    fn damaged_recordings_do_no_harm(place in 10_usize..2_000, with in prop::collection::vec(any::<u8>(), 1..8)) {
        let mut bytes = WHOLE.clone();
        let place = place.min(bytes.len());
        let end = (place + with.len()).min(bytes.len());
        bytes.splice(place..end, with);
        let _ = replay(&bytes);
    }

    #[test]
    fn any_frames_do_no_harm(frames in prop::collection::vec((0_u8..8, prop::collection::vec(any::<u8>(), 0..40)), 0..20)) {
        let mut bytes = ONE.clone();
        for (sort, content) in frames {
            bytes.push(u8::try_from(content.len() + 1).unwrap());
            bytes.push(sort);
            bytes.extend(content);
        }
        let (read, _) = replay(&bytes);
        prop_assert!(!read.is_empty());
    }
}
