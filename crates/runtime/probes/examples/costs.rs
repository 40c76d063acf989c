//! What a system call costs with the probes on, by the kernel's own statistics, against an empty program on the same
//! tracepoint: `cargo xtask bench sensor` runs it, as root.

#![expect(clippy::print_stdout, reason = "it is for a terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use aya::Ebpf;
use aya::programs::RawTracePoint;
use bulkhead_probes::filter::{Clause, Domain, Name, facts};
use bulkhead_probes::{Feature, Filter, Lane, Options, Probes, Ring};
use fs_err::File;

static EMPTY: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/empty.o"));

/// Calls of each turn; a ring holds their records, and a process the files that they open.
const CALLS: usize = 500;
/// Turns of each way, one after the other, of which the median counts.
const TURNS: usize = 50;

/// Times an empty program that a call may cost which nobody wants, and one that is kept.
const UNWANTED: f64 = 2.0;
const KEPT: f64 = 10.0;

/// What is called, what it may cost, what is wanted meanwhile, and the call.
type Way = (&'static str, f64, Filter, fn() -> Option<File>);

fn main() -> Result<(), Box<dyn Error>> {
    let _counting = Probes::count_costs()?;
    let mut kernel = Ebpf::load(EMPTY)?;
    let program: &mut RawTracePoint =
        kernel.program_mut("empty").ok_or("no empty program")?.try_into()?;
    program.load()?;
    program.attach("sys_exit")?;
    // Nothing at entry, so that what one program costs is what the call costs.
    let off = [
        Feature::Execute,
        Feature::Fork,
        Feature::Exit,
        Feature::EntryCopies,
        Feature::Rings,
        Feature::Moves,
    ];
    let options = Options { off: BTreeSet::from(off), ..Options::default() };
    let (mut probes, _) = Probes::load(&options)?;
    let ways: [Way; 6] = [
        ("a call that no rule wants", UNWANTED, Filter::default(), parent),
        ("a call that is wanted of who asks for names", UNWANTED, of_askers(), write),
        ("a call that is dropped by its result", UNWANTED, only(facts::SUCCEEDED), missing),
        ("a file that is dropped by its name", KEPT, only(1 << facts::FIRST_OF_NAMES), open),
        ("a call that is kept", KEPT, Filter::of_calls(["getppid"]), parent),
        ("a file that is kept, with its path", KEPT, Filter::of_calls(["openat"]), open),
    ];
    let mut costs = vec![Vec::new(); ways.len()];
    for _ in 0..TURNS {
        for ((.., filter, call), costs) in ways.iter().zip(&mut costs) {
            probes.want(filter)?;
            let program: &RawTracePoint =
                kernel.program("empty").ok_or("no empty program")?.try_into()?;
            costs.push(measure(&probes, program, *call)?);
        }
    }
    for ((what, goal, ..), costs) in ways.iter().zip(&mut costs) {
        let (empty, ours) =
            (median(costs.iter().map(|cost| cost.0)), median(costs.iter().map(|cost| cost.1)));
        let ratio = ours / empty;
        let met = if ratio <= *goal { "met" } else { "missed" };
        println!(
            "{what}: {ours:.0} ns, {ratio:.2} times an empty program's {empty:.0} ns (goal: at most {goal}): {met}"
        );
    }
    Ok(())
}

/// A filter that keeps files of which something is so, and one name.
fn only(fact: u64) -> Filter {
    let names = vec![Name {
        domain: Domain::Path,
        text: b"/etc/shadow".to_vec(),
        whole: true,
        facts: 1 << facts::FIRST_OF_NAMES,
    }];
    let clause = Clause { must: fact, must_not: 0 };
    let calls = BTreeMap::from([("openat".to_owned(), Some(vec![clause]))]);
    Filter { calls, names, ..Filter::default() }
}

/// A filter that keeps writes of who was connected to a name server.
fn of_askers() -> Filter {
    let of_askers = BTreeSet::from(["write".to_owned()]);
    Filter { of_askers, ..Filter::of_calls(["write"]) }
}

/// Nanoseconds of a run of the empty program and of ours, while a call is made over and over.
fn measure(
    probes: &Probes,
    empty: &RawTracePoint,
    call: fn() -> Option<File>,
) -> Result<(f64, f64), Box<dyn Error>> {
    let mut rings = Vec::new();
    for lane in Lane::ALL {
        rings.push(Ring::open(*lane, probes.ring(*lane)?)?);
    }
    let cost = || -> Result<_, Box<dyn Error>> {
        let info = empty.info()?;
        let all = probes.statistics();
        let of_exit = all.iter().find(|one| one.program == "exit_call").ok_or("no program")?;
        Ok((info.run_time().as_nanos(), info.run_count(), of_exit.time.as_nanos(), of_exit.runs))
    };
    // What is opened is closed behind, so that it is all that is measured.
    let mut opened = Vec::with_capacity(CALLS);
    let before = cost()?;
    for _ in 0..CALLS {
        opened.push(call());
    }
    let after = cost()?;
    drop(opened);
    for ring in &mut rings {
        while ring.take(|_| ()) {}
    }
    Ok((
        per_run(after.0 - before.0, after.1 - before.1),
        per_run(after.2 - before.2, after.3 - before.3),
    ))
}

fn parent() -> Option<File> {
    std::hint::black_box(rustix::process::getppid());
    None
}

fn write() -> Option<File> {
    let _ = std::hint::black_box(rustix::io::write(rustix::stdio::stdout(), &[]));
    None
}

fn open() -> Option<File> {
    File::open("/usr/share/common-licenses/GPL-2").ok()
}

fn missing() -> Option<File> {
    File::open("/usr/share/common-licenses/none").ok()
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
fn per_run(nanoseconds: u128, runs: u64) -> f64 {
    nanoseconds as f64 / runs.max(1) as f64
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
