//! A worker with a detector that dies of certain files, as a parser with a fault would: by memory,
//! by stack, by panic, by never ending. The tests of workers start it.

use std::process::ExitCode;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::EntryPath;

fn main() -> ExitCode {
    let mut detectors = bulkhead_scan::detectors();
    detectors.push(Box::new(Sabotage));
    bulkhead_scan::worker(&detectors)
}

struct Sabotage;

impl Detector for Sabotage {
    fn key(&self) -> DetectorKey {
        DetectorKey { name: "sabotage", version: 1 }
    }

    fn wants(&self, path: &EntryPath, _: &Metadata) -> Want {
        if path.as_bytes().starts_with(b"sabotage/") { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, _: &Budget) -> Detected {
        match file.path.file_name() {
            b"memory" => memory(),
            b"stack" => drop(stack(0)),
            b"panic" => panic!("a fault of the parser"),
            b"silence" => loop {
                std::thread::park();
            },
            _ => {}
        }
        Detected::default()
    }
}

fn memory() {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1u8; 16 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "it is meant to overflow")]
fn stack(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    stack(depth + 1) + frame.iter().sum::<u64>()
}
