//! What a system call costs with the probes on, by the kernel's own statistics, against an empty program on the same
//! tracepoint: `cargo xtask bench sensor` runs it, as root.

#![expect(clippy::print_stdout, reason = "it is for a terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{Read as _, Write as _, stdin, stdout};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use aya::Ebpf;
use aya::programs::RawTracePoint;
use bulkhead_probes::filter::{Clause, Domain, Name, facts};
use bulkhead_probes::{Feature, Filter, Lane, Options, Probes, Ring};
use fs_err::File;

static EMPTY: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/empty.o"));

/// Calls of each turn; a ring holds their records. So many that the interrupt that wakes a reader, at the first, does not show.
const CALLS: u32 = 2000;
/// Turns of each way, one after the other, of which the median counts.
const TURNS: usize = 50;
/// Descriptors that a process has to have had at once so that the kernel keeps them elsewhere than at hand.
const MANY: usize = 80;

/// Times an empty program that a call may cost which nobody wants, and one that is kept.
const UNWANTED: f64 = 2.0;
const KEPT: f64 = 10.0;

/// Files beside each other, more than the programs remember, which are opened in turn.
const OTHERS: usize = 4000;

/// What a process can be told to do: ask for its parent's number, write nothing to `/dev/null`, open what is not there,
/// open one file over and over, open one after the other of many.
#[derive(Clone, Copy)]
enum Call {
    Parent,
    Write,
    Missing,
    Open,
    Others,
}

/// What is measured of a call: the program at its end, or the one at its entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Exit,
    Entry,
}

/// What is called, what it may cost, what is wanted meanwhile, the call, and by whom: one with few descriptors or one
/// that had many.
type Way = (&'static str, Option<f64>, Filter, Call, usize, Side);

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(opened) = std::env::args().nth(1) {
        return make_calls(opened.parse()?);
    }
    // Before the probes, whose descriptors are many.
    let mut callers = [Caller::start(0)?, Caller::start(MANY)?];
    let _counting = Probes::count_costs()?;
    let mut kernel = Ebpf::load(EMPTY)?;
    let program: &mut RawTracePoint =
        kernel.program_mut("empty").ok_or("no empty program")?.try_into()?;
    program.load()?;
    program.attach("sys_exit")?;
    let named = || only(1 << facts::FIRST_OF_NAMES);
    let opens = || Filter::of_calls(["openat"]);
    let (unwanted, kept) = (Some(UNWANTED), Some(KEPT));
    let parent = || Filter::of_calls(["getppid"]);
    let missing = only(facts::SUCCEEDED);
    let asked = "a call that is wanted of who asks for names";
    let many = "the same, of who had many descriptors";
    let ways = [
        ("a call that no rule wants", unwanted, Filter::default(), Call::Parent, 0, Side::Exit),
        (asked, unwanted, of_askers(), Call::Write, 0, Side::Exit),
        ("a call that is dropped by its result", unwanted, missing, Call::Missing, 0, Side::Exit),
        ("a file that is dropped by its name", unwanted, named(), Call::Open, 0, Side::Exit),
        (many, unwanted, named(), Call::Open, 1, Side::Exit),
        ("one beside others, likewise", unwanted, named(), Call::Others, 0, Side::Exit),
        ("a call that is kept", kept, parent(), Call::Parent, 0, Side::Exit),
        ("a file that is kept, with its path", kept, opens(), Call::Open, 0, Side::Exit),
        (many, kept, opens(), Call::Open, 1, Side::Exit),
    ];
    // Nothing at entry, so that what one program costs is what the call costs.
    tell(&kernel, &mut callers, &[Feature::EntryCopies], &ways)?;
    let ways = [
        (
            "with copies: a call that no rule wants",
            None,
            Filter::default(),
            Call::Parent,
            0,
            Side::Exit,
        ),
        ("its entry", None, Filter::default(), Call::Parent, 0, Side::Entry),
        ("a file that is dropped by its name", None, named(), Call::Open, 0, Side::Exit),
        ("a file that is kept, with its path", None, opens(), Call::Open, 0, Side::Exit),
        ("its entry", None, opens(), Call::Open, 0, Side::Entry),
    ];
    tell(&kernel, &mut callers, &[], &ways)
}

/// Measures calls with some features off, and tells what they cost.
fn tell(
    kernel: &Ebpf,
    callers: &mut [Caller],
    off: &[Feature],
    ways: &[Way],
) -> Result<(), Box<dyn Error>> {
    let others = [Feature::Execute, Feature::Fork, Feature::Exit, Feature::Rings, Feature::Moves];
    let off = off.iter().copied().chain(others);
    let options = Options { off: off.collect(), ..Options::default() };
    let (mut probes, _) = Probes::load(&options)?;
    let mut costs = vec![Vec::new(); ways.len()];
    for _ in 0..TURNS {
        for ((_, _, filter, call, caller, side), costs) in ways.iter().zip(&mut costs) {
            let program: &RawTracePoint =
                kernel.program("empty").ok_or("no empty program")?.try_into()?;
            let caller = callers.get_mut(*caller).ok_or("no caller")?;
            // What such calls cost while nobody wants any, as which those are counted that are made beside them.
            probes.want(&Filter::default())?;
            let (_, time, runs) = measure(&probes, program, caller, *call, *side)?;
            let unwanted = time / runs;
            probes.want(filter)?;
            let (empty, time, runs) = measure(&probes, program, caller, *call, *side)?;
            let beside = unwanted * (runs - f64::from(CALLS));
            costs.push((empty, (time - beside) / f64::from(CALLS)));
        }
    }
    for ((what, goal, ..), costs) in ways.iter().zip(&mut costs) {
        let (empty, ours) =
            (median(costs.iter().map(|cost| cost.0)), median(costs.iter().map(|cost| cost.1)));
        let ratio = ours / empty;
        let verdict = match goal {
            Some(goal) if ratio <= *goal => format!(" (goal: at most {goal}): met"),
            Some(goal) => format!(" (goal: at most {goal}): missed"),
            None => String::new(),
        };
        println!(
            "{what}: {ours:.0} ns, {ratio:.2} times an empty program's {empty:.0} ns{verdict}"
        );
    }
    Ok(())
}

/// A process that makes calls when it is told to.
struct Caller(Child);

impl Caller {
    /// Starts one that had so many files open at once.
    fn start(opened: usize) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(opened.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(Self(command.spawn()?))
    }

    fn call(&mut self, call: Call) -> Result<(), Box<dyn Error>> {
        self.0.stdin.as_mut().ok_or("no input")?.write_all(&[call as u8])?;
        self.0.stdout.as_mut().ok_or("no output")?.read_exact(&mut [0])?;
        Ok(())
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Makes the calls that standard input says, until it ends.
fn make_calls(opened: usize) -> Result<(), Box<dyn Error>> {
    drop((0..opened).map(|_| open()).collect::<Vec<_>>());
    let folder = tempfile::tempdir()?;
    let others: Vec<PathBuf> =
        (0..OTHERS).map(|number| folder.path().join(format!("file-{number}"))).collect();
    for path in &others {
        File::create(path)?;
    }
    let mut others = others.iter().cycle();
    let none = File::create("/dev/null")?;
    let mut which = [0];
    while stdin().read(&mut which)? == 1 {
        for _ in 0..CALLS {
            match which {
                [which] if which == Call::Parent as u8 => drop(rustix::process::getppid()),
                [which] if which == Call::Write as u8 => drop(rustix::io::write(&none, &[])),
                [which] if which == Call::Missing as u8 => {
                    drop(File::open("/usr/share/common-licenses/none"));
                }
                [which] if which == Call::Others as u8 => drop(others.next().map(File::open)),
                _ => drop(open()),
            }
        }
        stdout().write_all(&which)?;
        stdout().flush()?;
    }
    Ok(())
}

fn open() -> Option<File> {
    File::open("/usr/share/common-licenses/GPL-2").ok()
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

/// Nanoseconds of a run of the empty program, and of all runs of ours on one side and how many they were, while a call is
/// made over and over.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
fn measure(
    probes: &Probes,
    empty: &RawTracePoint,
    caller: &mut Caller,
    call: Call,
    side: Side,
) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let mut rings = Vec::new();
    for lane in Lane::ALL {
        rings.push(Ring::open(*lane, probes.ring(*lane)?)?);
    }
    let cost = || -> Result<_, Box<dyn Error>> {
        let info = empty.info()?;
        let all = probes.statistics();
        let name = if side == Side::Entry { "enter_call" } else { "exit_call" };
        let ours = all.iter().find(|one| one.program == name).ok_or("no program")?;
        Ok((info.run_time().as_nanos(), info.run_count(), ours.time.as_nanos(), ours.runs))
    };
    let before = cost()?;
    caller.call(call)?;
    let after = cost()?;
    for ring in &mut rings {
        while ring.take(|_| ()) {}
    }
    Ok((
        (after.0 - before.0) as f64 / (after.1 - before.1).max(1) as f64,
        (after.2 - before.2) as f64,
        (after.3 - before.3).max(1) as f64,
    ))
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
