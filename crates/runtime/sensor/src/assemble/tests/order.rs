//! Records that are lost, late or doubled.

use proptest::prelude::*;

use super::*;

/// What a node does, before anything of it is lost: `(what, which process)`.
fn story() -> impl Strategy<Value = Vec<(u8, u32)>> {
    prop::collection::vec((0..6_u8, 2..12_u32), 1..60)
}

/// A record of a process by its number and how often that was given: the start tells them apart.
fn told(what: u8, process: u32, generation: u32) -> Made {
    let parent = process / 2;
    let mut made = match what {
        0 => made(Told::Fork, process, parent),
        1 => execution(process, parent, &format!("of-{process}-{generation}\0")),
        2 => end(process, parent, 0),
        3 => {
            made(Told::Call, process, parent).call("open", 3, &[0]).text(Role::First, 0, "x").file(
                Role::Result,
                3,
                (process * 100 + generation).into(),
                &format!("/{process}-{generation}"),
            )
        }
        4 => made(Told::Call, process, parent).call("read", 1, &[3]),
        _ => made(Told::Call, process, parent).call("close", 0, &[3]),
    };
    made.header.started = u64::from(process * 1000 + generation).into();
    made.header.parent_started = 0.into();
    made
}

proptest! {
    #[test]
    fn no_two_processes_are_mixed(
        story in story(),
        kept in prop::collection::vec(any::<bool>(), 60),
        swaps in prop::collection::vec((0..60_usize, 0..60_usize), 0..8),
    ) {
        let mut generations = [0_u32; 12];
        let mut records = Vec::new();
        for (what, process) in story {
            let generation = &mut generations[process as usize];
            *generation += u32::from(what == 0);
            records.push((process, *generation, told(what, process, *generation)));
        }
        for (from, to) in swaps {
            let count = records.len();
            records.swap(from % count, to % count);
        }
        let mut assembler = assembler();
        for ((process, generation, made), _) in records.iter().zip(kept).filter(|(_, kept)| *kept) {
            let Some(event) = made.push(&mut assembler) else { continue };
            let started = BOOT + u64::from(process * 1000 + generation);
            prop_assert_eq!((event.process.pid, event.process.started), (*process, started));
            let own = format!("of-{process}-{generation}");
            // A child has its parent's arguments until it executes something; never those of another
            // process that had its number.
            if let Some(word) = event.process.arguments.first() {
                let word = word.lossy();
                let of_parent = word.split('-').nth(1) != Some(process.to_string().as_str());
                prop_assert!(word == own || of_parent, "{} is not {}", word, own);
            }
            if let Some(file) = &event.file {
                let name = file.name.lossy();
                let of_other_generation = name.starts_with(&format!("/{process}-"))
                    && name != format!("/{process}-{generation}");
                prop_assert!(!of_other_generation, "{name} in {process}-{generation}");
            }
        }
    }

    #[test]
    fn arbitrary_bytes_behind_a_header_do_no_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        kind in 1..9_u16,
        call in -2..600_i32,
    ) {
        let mut made = made(Told::Call, 2, 1);
        made.header.kind = kind.into();
        made.header.call = call.into();
        let mut record = made.bytes();
        record.extend(bytes);
        let size = u32::try_from(record.len()).unwrap();
        record[..4].copy_from_slice(&size.to_le_bytes());
        if let Ok(record) = Record::read(&record) {
            assembler().push(&record);
        }
    }
}

#[test]
fn memory_is_flat_while_processes_come_and_go() {
    let mut assembler = assembler();
    let bounds = 2 * 1024;
    for step in 0..20_000_u32 {
        let process = 2 + step % 5000;
        told(0, process, step).push(&mut assembler);
        told(3, process, step).push(&mut assembler);
        if step % 2 == 0 {
            told(2, process, step).push(&mut assembler);
        }
        let held = assembler.held();
        assert!(held.processes <= bounds && held.descriptors <= 1000, "{held:?}");
    }
    assert!(assembler.held().forgotten > 0);
}
