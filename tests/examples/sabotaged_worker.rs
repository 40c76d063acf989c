//! A worker with a detector that dies of certain files, as a parser with a fault would: by memory,
//! by stack, by panic, by never ending. The tests of workers start it.

use std::process::ExitCode;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::EntryPath;

fn main() -> ExitCode {
    let sabotaged = |detector| Box::new(Sabotaged(detector)) as Box<dyn Detector>;
    let mut detectors: Vec<_> = bulkhead_scan::detectors().into_iter().map(sabotaged).collect();
    detectors.push(Box::new(Sabotage));
    bulkhead_scan::worker(&detectors)
}

/// A real detector that dies of files with a certain content, whatever they are called: the one who
/// asks for second reads knows this detector, too.
struct Sabotaged(Box<dyn Detector>);

impl Detector for Sabotaged {
    fn key(&self) -> DetectorKey {
        self.0.key()
    }

    fn wants(&self, path: &EntryPath, metadata: &Metadata) -> Want {
        self.0.wants(path, metadata)
    }

    fn places(&self) -> &'static [&'static str] {
        self.0.places()
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        if let Some(means) = file.content.as_slice().and_then(|it| it.strip_prefix(b"sabotage: ")) {
            die(means);
        }
        self.0.facts(file, budget)
    }
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
        die(file.path.file_name());
        Detected::default()
    }
}

fn die(means: &[u8]) {
    match means {
        b"memory" => memory(),
        b"stack" => drop(stack(0)),
        b"panic" => panic!("a fault of the parser"),
        b"silence" => loop {
            std::thread::park();
        },
        _ => {}
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
