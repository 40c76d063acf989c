//! What a system call costs with the probes on, by the kernel's own statistics: one that nobody wants, one
//! that is kept, and an empty program on the same tracepoint.
//!
//!     cargo run --release --example costs       (as root)

#![expect(clippy::print_stdout, reason = "it is for a terminal")]

use std::collections::BTreeSet;
use std::error::Error;

use aya::Ebpf;
use aya::programs::RawTracePoint;
use bulkhead_probes::{Feature, Lane, Options, Probes, Ring};

static EMPTY: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/empty.o"));

const ROUNDS: u32 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let _counting = Probes::count_costs()?;
    let mut kernel = Ebpf::load(EMPTY)?;
    let program: &mut RawTracePoint =
        kernel.program_mut("empty").ok_or("no empty program")?.try_into()?;
    program.load()?;
    program.attach("sys_exit")?;
    calls();
    let info = program.info()?;
    let empty = per_run(info.run_time().as_nanos(), info.run_count());
    drop(kernel);

    let off = Feature::ALL.iter().copied().filter(|feature| *feature != Feature::Calls);
    let options = Options { off: off.collect::<BTreeSet<_>>(), ..Options::default() };
    let (mut probes, _) = Probes::load(&options)?;
    let unwanted = measure(&probes)?;
    probes.want_named(&["getppid"])?;
    let kept = measure(&probes)?;
    println!("empty program    {empty:7.1} ns");
    println!("unwanted call    {unwanted:7.1} ns   {:.2} times", unwanted / empty);
    println!("kept, arguments  {kept:7.1} ns   {:.2} times", kept / empty);
    Ok(())
}

/// Nanoseconds of the program on the exit of calls, while a call is made over and over and its ring is read.
fn measure(probes: &Probes) -> Result<f64, Box<dyn Error>> {
    let mut ring = Ring::open(Lane::Other, probes.ring(Lane::Other)?)?;
    let cost = || {
        let all = probes.statistics();
        let of_exit = all.iter().find(|one| one.program == "exit_call");
        of_exit.map_or((0, 0), |one| (one.time.as_nanos(), one.runs))
    };
    let before = cost();
    for _ in 0..ROUNDS / 10_000 {
        for _ in 0..10_000 {
            std::hint::black_box(rustix::process::getppid());
        }
        while ring.take(|_| ()) {}
    }
    let after = cost();
    Ok(per_run(after.0 - before.0, after.1 - before.1))
}

fn calls() {
    for _ in 0..ROUNDS {
        std::hint::black_box(rustix::process::getppid());
    }
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
fn per_run(nanoseconds: u128, runs: u64) -> f64 {
    nanoseconds as f64 / runs.max(1) as f64
}
