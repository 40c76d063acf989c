//! Processes: their start, state and end; what was there before; that nothing stays behind.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use bulkhead_probes::{
    Feature, FeatureState, Hooks, Kind, Options, Probes, Role, Value, part_flags,
};

use crate::calls::folder;
use crate::watch::{load, part, run, start, trigger};

#[test]
fn a_life_is_told_from_fork_to_exit() {
    let Some(program) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &[]) else { return };
    let (process, seen) = run(&probes, &["exit", "7"]);
    let kinds: Vec<Kind> = seen.records().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Fork, Kind::Execute, Kind::Exit]);
    let records: Vec<_> = seen.records().collect();
    for record in &records {
        assert_eq!(record.header.process.get(), process);
        assert_eq!(record.header.parent.get(), std::process::id());
        assert_eq!(record.header.started, records[0].header.started);
        assert_ne!(record.header.cgroup.get(), 0);
        let namespace = fs_err::metadata("/proc/self/ns/mnt").expect("a namespace").ino();
        assert_eq!(u64::from(record.header.mount_namespace.get()), namespace);
    }
    let execute = records[1];
    assert_eq!(execute.name(), b"trigger");
    let given = program.to_str().expect("letters").as_bytes();
    assert_eq!(execute.text(Role::Given, 0, part_flags::ENTRY), Some(given));
    let real = program.canonicalize().expect("a path");
    let real = real.to_str().expect("letters").as_bytes();
    assert_eq!(execute.text(Role::Executable, part_flags::RESOLVED, 0), Some(real));
    let inode = part(&execute, Role::Executable, |value| match value {
        Value::File(file) => Some(file.inode.get()),
        _ => None,
    });
    assert_eq!(inode, fs_err::metadata(program).expect("the program").ino());
    let line = [given, b"exit", b"7", b""].join(&0);
    assert_eq!(execute.text(Role::CommandLine, 0, 0), Some(&line[..]));
    let here = std::env::current_dir().expect("a folder");
    let here = here.canonicalize().expect("a folder");
    let here = here.to_str().expect("letters").as_bytes();
    assert_eq!(execute.text(Role::WorkingDirectory, 0, 0), Some(here));
    assert_eq!(execute.text(Role::Root, 0, 0), Some(&b"/"[..]));
    let input = execute.text(Role::StandardInput, part_flags::RESOLVED, 0);
    assert_eq!(input, Some(&b"/dev/null"[..]));
    let state = part(&execute, Role::None, |value| match value {
        Value::Process(state) => Some((state.session.get(), state.threads.get())),
        _ => None,
    });
    let session = rustix::process::getsid(None).expect("a session").as_raw_nonzero().get();
    assert_eq!(state, (u32::try_from(session).expect("a number"), 1));
    cgroups_are_those_of_proc(&execute);
    let used = part(&records[2], Role::None, |value| match value {
        Value::Resources(used) => Some(*used),
        _ => None,
    });
    assert_eq!(used.status.get(), 7 << 8);
    assert!(used.peak_memory.get() > 4096);
}

/// Each path of the record is one that /proc tells, and that of v2 is the one of v2.
fn cgroups_are_those_of_proc(record: &bulkhead_probes::Record<'_>) {
    let text = fs_err::read_to_string("/proc/self/cgroup").expect("cgroups");
    let path_of = |line: &str| line.splitn(3, ':').nth(2).expect("a path").to_owned();
    let unified = text.lines().find(|line| line.starts_with("0::")).map(path_of);
    let said = record.text(Role::CgroupUnified, 0, 0).expect("a path");
    if let Some(unified) = unified {
        // The root has no name.
        assert_eq!(String::from_utf8_lossy(said), unified.trim_end_matches('/'));
    }
    let hierarchy = record.header.hierarchy.get();
    if hierarchy != 0 {
        let start = format!("{hierarchy}:");
        let legacy = text.lines().find(|line| line.starts_with(&start)).map(path_of);
        let said = record.text(Role::CgroupLegacy, 0, 0).expect("a path");
        assert_eq!(Some(String::from_utf8_lossy(said).into_owned()), legacy);
    }
}

/// Perf's tracepoints are for kernels that may preempt programs on raw ones. Such a kernel is not at hand, but the
/// programs are. Functions are for kernels that do not; where one takes no programs on them, they are tracepoints again.
#[test]
fn whatever_programs_hang_on_the_same_is_told() {
    let Some(_) = trigger() else { return };
    let told = |hooks| {
        let options = Options { hooks: Some(hooks), ..Options::default() };
        let calls = "openat open rename connect dup2 unshare mount setsid getuid inotify_init clone clone3 fork mprotect";
        let calls: Vec<&str> = calls.split(' ').collect();
        let probes = load(&options, &calls)?;
        let (found, why) = probes.hooks();
        assert!(found == hooks || why.is_some(), "{found:?}, and nothing says why");
        let programs = probes.statistics();
        let names: BTreeSet<_> = programs.iter().map(|one| one.program.as_str()).collect();
        assert_eq!(names.len(), programs.len(), "two programs have one name: {programs:#?}");
        let mut all = Vec::new();
        for what in ["files", "network", "privileges", "plain", "refused", "compat"] {
            let folder = folder();
            let name = folder.path().to_str().expect("letters").to_owned();
            let (_, seen) = run(&probes, &[what, &name]);
            let line = |line: String| comparable(&line.replace(&name, "FOLDER"));
            all.extend(seen.summary(&probes).into_iter().map(line));
        }
        let losses = probes.losses().expect("losses");
        assert!(losses.by_cpu.values().flatten().all(|lane| lane.lost == 0));
        // Rings are read one after the other.
        all.sort();
        Some(all)
    };
    let Some(raw) = told(Hooks::Tracepoints) else { return };
    assert!(raw.len() > 40, "{raw:#?}");
    assert_eq!(raw.iter().filter(|line| line.contains(REFUSED)).count(), 4, "{raw:#?}");
    for hooks in [Hooks::PerfTracepoints, Hooks::Functions] {
        let Some(others) = told(hooks) else { return };
        let lacks = |of: &[String], others: &[String]| -> Vec<String> {
            of.iter().filter(|line| !others.contains(line)).cloned().collect()
        };
        let differ = (lacks(&raw, &others), lacks(&others, &raw));
        assert_eq!(differ, (Vec::new(), Vec::new()), "{hooks:?}");
        assert_eq!(others.len(), raw.len(), "{hooks:?}");
    }
}

/// Functions of all calls are more than there are descriptors for.
#[test]
fn who_wants_every_call_is_told_by_tracepoints() {
    let Some(_) = trigger() else { return };
    let options = Options { hooks: Some(Hooks::Functions), ..Options::default() };
    let Some(mut probes) = load(&options, &[]) else { return };
    let took_functions = probes.hooks().0 == Hooks::Functions;
    let names: Vec<String> = probes.calls().iter().map(|call| call.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    probes.want_named(&names).expect("all calls");
    let (hooks, why) = probes.hooks();
    assert_ne!(hooks, Hooks::Functions);
    assert!(!took_functions || why.is_some_and(|why| why.contains("more than 512")), "{why:?}");
    let (_, seen) = run(&probes, &["plain"]);
    let told = seen.summary(&probes);
    assert!(told.len() > 40, "{told:#?}");
}

/// What must be the same in each run: numbers of children are not, and of calls that seccomp refuses functions tell no more
/// than what they were given.
fn comparable(line: &str) -> String {
    let is_child = |word: &str| word.parse::<u32>().is_ok_and(|number| number > 99);
    let words = line.split(' ').map(|word| if is_child(word) { "CHILD" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    if line.contains(REFUSED) { line.replace(", (WorkingDirectory, \"FOLDER\")", "") } else { line }
}

/// What seccomp answers in the trigger: `EADDRNOTAVAIL`.
const REFUSED: &str = " = -99 ";

#[test]
fn a_signal_is_told_from_a_code() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &[]) else { return };
    let (_, seen) = run(&probes, &["exit", "0"]);
    let status = |seen: &crate::watch::Seen| {
        let last = seen.records().find(|record| record.kind == Kind::Exit).expect("an end");
        part(&last, Role::None, |value| match value {
            Value::Resources(used) => Some(used.status.get()),
            _ => None,
        })
    };
    assert_eq!(status(&seen), 0);
    let mut rings = crate::watch::rings(&probes);
    let mut child = start(&["flood", "1000000000"]);
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    let mut ended = None;
    while rings[0].take(|bytes| {
        let record = bulkhead_probes::Record::read(bytes).expect("a record");
        if record.kind == Kind::Exit && record.header.process.get() == child.id() {
            ended = Some(part(&record, Role::None, |value| match value {
                Value::Resources(used) => Some(used.status.get()),
                _ => None,
            }));
        }
    }) {}
    assert_eq!(ended, Some(9));
}

#[test]
fn what_was_there_before_is_told() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path").join("held open");
    let held = fs_err::File::create(&path).expect("a file");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = socket.local_addr().expect("an address").port();
    let own = std::process::id();

    let (mut processes, mut executable) = (BTreeSet::new(), None);
    let read = probes.snapshot(Feature::Tasks, |record| {
        assert_eq!(record.kind, Kind::Task);
        processes.insert(record.header.process.get());
        if record.header.process.get() == own {
            executable = record.text(Role::Executable, part_flags::RESOLVED, 0).map(<[u8]>::to_vec);
        }
    });
    read.expect("a snapshot of processes");
    // The first process may be hidden, even from root.
    assert!(
        processes.contains(&own)
            && processes.contains(
                &rustix::process::getppid()
                    .map_or(own, |parent| parent.as_raw_nonzero().get().unsigned_abs())
            )
    );
    let expected = std::env::current_exe().expect("a program");
    assert_eq!(executable.as_deref(), Some(expected.to_str().expect("letters").as_bytes()));

    let (mut file, mut listening) = (false, false);
    let read = probes.snapshot(Feature::Descriptors, |record| {
        if record.header.process.get() != own {
            return;
        }
        let text = record.text(Role::Result, part_flags::RESOLVED, 0);
        file |= text == Some(path.to_str().expect("letters").as_bytes());
        listening |= record.parts().any(|part| match part.value {
            Value::Socket(socket) => socket.state == 10 && socket.local_port.get() == port,
            _ => false,
        });
    });
    read.expect("a snapshot of descriptors");
    assert!(file && listening, "the file: {file}, the socket: {listening}");
    drop(held);
}

#[test]
fn what_is_off_is_off() {
    let Some(_) = trigger() else { return };
    let off = BTreeSet::from([Feature::Execute, Feature::Rings]);
    let options = Options { off: off.clone(), ..Options::default() };
    let Some(probes) = load(&options, &[]) else { return };
    let (_, seen) = run(&probes, &["exit", "0"]);
    assert!(seen.records().all(|record| record.kind != Kind::Execute));
    drop(probes);
    let (_, reports) = Probes::load(&options).expect("probes load again");
    for report in reports {
        assert_eq!(report.state == FeatureState::Off, off.contains(&report.feature));
    }
}

/// Set for the child of the next test, which is this program once more.
const HOLDS: &str = "BULKHEAD_TEST_HOLDS_PROBES";

/// What the child does: holds probes until it is killed.
#[expect(clippy::print_stdout, reason = "its parent reads it")]
fn hold_probes() {
    let probes = load(&Options::default(), &["openat"]).expect("probes");
    let ids: Vec<String> = probes.statistics().iter().map(|one| one.id.to_string()).collect();
    println!("\nheld {}", ids.join(" "));
    std::thread::sleep(std::time::Duration::from_mins(1));
}

#[test]
fn nothing_stays_behind_a_killed_process() {
    use std::io::{BufRead as _, BufReader};
    if std::env::var_os(HOLDS).is_some() {
        return hold_probes();
    }
    if load(&Options::default(), &[]).is_none() {
        return;
    }
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "processes::nothing_stays_behind_a_killed_process", "--nocapture"])
        .env(HOLDS, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let held = lines.find_map(|line| line.expect("text").strip_prefix("held ").map(str::to_owned));
    let held = held.expect("the child has probes");
    let held: Vec<u32> = held.split(' ').map(|id| id.parse().expect("a number")).collect();
    let left = || {
        let all = aya::programs::loaded_programs().filter_map(Result::ok);
        all.filter(|program| held.contains(&program.id())).count()
    };
    assert_eq!(left(), held.len());
    assert!(!held.is_empty());
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    // The kernel frees programs a moment after.
    for _ in 0..400 {
        if left() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("programs are still there");
}
