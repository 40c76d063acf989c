//! What the programs in the kernel hand over under a filter is what its model keeps, call by call.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use bulkhead_probes::filter::{Clause, Domain, Name, NamePart, facts};
use bulkhead_probes::{Filter, Kind, Options, Probes, Record, Role, part_flags};

use crate::watch::{load, now, rings, trigger};

/// Calls that are judged by their numbers, objects and names, and some that are always reported.
const CALLS: [&str; 9] =
    ["openat", "open", "creat", "openat2", "connect", "socket", "sendto", "dup2", "unlink"];

/// Facts that come from elsewhere than names.
const FIXED: [u64; 14] = [
    facts::SUCCEEDED,
    facts::IN_PROGRESS,
    facts::HOST,
    facts::READS,
    facts::WRITES,
    facts::EXECUTABLE,
    facts::FILE,
    facts::DIRECTORY,
    facts::IPV4,
    facts::UNIX,
    facts::OTHER,
    facts::TCP,
    facts::SWAPPED,
    facts::STANDARD,
];

/// Names that a filter may ask for at once.
const ASKED: usize = 24;
const ROUNDS: u64 = 16;

#[test]
fn the_kernel_decides_as_the_model() {
    let Some(_) = trigger() else { return };
    let Some(all) = load(&Options::default(), &CALLS) else { return };
    let Some(mut some) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let mut paths: Vec<Vec<u8>> =
        vec![b"/etc/passwd".to_vec(), format!("{place}/target").into_bytes()];
    let (mut kept, mut dropped) = (0, 0);
    for round in 0..ROUNDS {
        let mut dice = Dice(round);
        let filter = arbitrary(&mut dice, &paths);
        some.want(&filter).expect("a filter");
        // On a busy machine either may lose records: such a round shows nothing.
        let lost = || lost(&all) + lost(&some);
        let (whole, part) = (0..20)
            .find_map(|_| {
                let before = lost();
                let seen = watch(&all, &some, &place);
                (lost() == before).then_some(seen)
            })
            .expect("a round without loss");
        for (process, records) in &whole {
            let expected: Vec<_> = records
                .iter()
                .filter(|bytes| keeps(&all, &filter, bytes))
                .map(|bytes| told(bytes))
                .collect();
            let got: Vec<_> =
                part.get(process).into_iter().flatten().map(|bytes| told(bytes)).collect();
            assert_eq!(got, expected, "round {round}: {filter:#?}");
            kept += expected.len();
            dropped += records.len() - expected.len();
        }
        paths = whole.values().flatten().flat_map(|bytes| names(bytes)).collect();
        paths.sort();
        paths.dedup();
    }
    // Else nothing was shown.
    println!("{kept} kept, {dropped} dropped");
    assert!(kept > 500 && dropped > 100, "{kept} kept, {dropped} dropped");
}

/// A folder of its own, and its path with links followed.
pub(crate) fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().canonicalize().expect("a path");
    let place = place.to_str().expect("a path of letters").to_owned();
    (folder, place)
}

/// Records that were lost so far.
fn lost(probes: &Probes) -> u64 {
    let losses = probes.losses().expect("losses");
    losses.by_cpu.values().flatten().map(|lane| lane.lost).sum()
}

/// What is asked for is found by its edge before it is looked up, whether it is longer than that or not.
#[test]
fn names_of_any_length_are_found() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let mut asked = Vec::new();
    for length in 1..=10 {
        let last = &"abcdefghij"[..length];
        let path = format!("{place}/{last}");
        fs_err::write(&path, "").expect("a file");
        asked.push((Domain::Last, last.to_owned(), true, path.clone()));
        asked.push((Domain::Path, path[..length].to_owned(), false, path.clone()));
        asked.push((Domain::Path, path.clone(), true, path.clone()));
        asked.push((Domain::Folder, format!("{place}/"), true, path));
    }
    // Of what is longer than the programs look up, the start.
    let deep = format!("{place}/{}/{}", "d".repeat(200), "e".repeat(100));
    let (short, long) = (format!("{deep}/.short"), format!("{deep}/{}", "f".repeat(255)));
    fs_err::create_dir_all(&deep).expect("folders");
    for path in [&short, &long] {
        fs_err::write(path, "").expect("a file");
        asked.push((Domain::Path, format!("{place}/d"), false, path.clone()));
        asked.push((Domain::Folder, format!("{place}/d"), false, path.clone()));
    }
    asked.push((Domain::Last, ".short".to_owned(), true, short));
    asked.push((Domain::Last, "ff".to_owned(), false, long));
    for (folder, path) in [("/", "/"), ("/etc/", "/etc"), ("/etc/", "/etc/hostname")] {
        asked.push((Domain::Path, path.to_owned(), true, path.to_owned()));
        asked.push((Domain::Folder, folder.to_owned(), true, path.to_owned()));
    }
    for (domain, text, whole, path) in asked {
        let mut other = text.clone().into_bytes();
        *other.last_mut().expect("a text") ^= 1;
        for (text, expected) in [(text.into_bytes(), true), (other, false)] {
            let name = Name { domain, text, whole, facts: 1 << facts::FIRST_OF_NAMES };
            let filter = asks_for(name);
            probes.want(&filter).expect("a filter");
            assert_eq!(is_told_of(&probes, &path), expected, "{path}: {filter:?}");
        }
    }
}

/// A path that was judged is known again, until a folder above it gets another name, something is mounted there, or
/// other names are asked for.
#[test]
fn what_a_name_said_is_forgotten_when_it_changes() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let (quiet, loud) = (format!("{place}/quiet"), format!("{place}/loud"));
    let in_quiet = format!("{quiet}/inner/file");
    let in_loud = format!("{loud}/inner/file");
    fs_err::create_dir_all(format!("{quiet}/inner")).expect("folders");
    fs_err::write(&in_quiet, "").expect("a file");
    probes.want(&asks_for_path(&in_loud)).expect("a filter");
    for _ in 0..3 {
        assert!(!is_told_of(&probes, &in_quiet), "not asked for");
        fs_err::rename(&quiet, &loud).expect("another name");
        assert!(is_told_of(&probes, &in_loud), "a folder got the name that is asked for");
        fs_err::rename(&loud, &quiet).expect("the first name");
    }
    fs_err::create_dir_all(format!("{loud}/inner")).expect("folders");
    let silent = format!("{place}/silent");
    fs_err::create_dir(&silent).expect("a folder");
    let mounted = format!(
        "mount --bind {quiet} {silent} && cat {silent}/inner/file && mount --bind {quiet} {loud} && exec cat {in_loud}"
    );
    assert!(is_told(&probes, &["unshare", "-m", "sh", "-c", &mounted], &in_loud), "mounted there");
    assert!(!is_told_of(&probes, &in_quiet), "as before");
    fs_err::rename(&in_quiet, &in_loud).expect("another folder");
    assert!(is_told_of(&probes, &in_loud), "the file itself was moved");
    fs_err::rename(&in_loud, &in_quiet).expect("back");
    assert!(!is_told_of(&probes, &in_quiet), "as before");
    probes.want(&asks_for_path(&in_quiet)).expect("a filter");
    assert!(is_told_of(&probes, &in_quiet), "other names are asked for");
}

/// What is mounted over a file has its names, and is another object.
#[test]
fn what_a_file_is_is_not_taken_from_what_was_mounted_over_it() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let (file, pipe) = (format!("{place}/file"), format!("{place}/pipe"));
    fs_err::write(&file, "").expect("a file");
    let mut filter = asks_for_path(&file);
    // Whatever it is, another name may be asked for, so that the pipe's is looked at.
    let (one, other) = (1 << facts::FIRST_OF_NAMES, 2 << facts::FIRST_OF_NAMES);
    let text = b"/nowhere".to_vec();
    filter.names.push(Name { domain: Domain::Path, text, whole: true, facts: other });
    let clauses = [facts::FILE | one, other].map(|must| Clause { must, must_not: 0 });
    filter.calls.insert("openat".to_owned(), Some(clauses.to_vec()));
    probes.want(&filter).expect("a filter");
    let open_pipe = format!("dd if={file} iflag=nonblock of=/dev/null count=0");
    let cover = format!("mkfifo {pipe} && mount --bind {pipe} {file} && {open_pipe}");
    let uncover = format!("{open_pipe} && umount {file} && exec cat {file}");
    let commands = format!("{cover} && {uncover}");
    assert!(is_told(&probes, &["unshare", "-m", "sh", "-c", &commands], &file));
}

/// A path that was given is known again by all of its bytes, until other names are asked for.
#[test]
fn what_a_given_path_said_is_not_taken_for_what_another_says() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    // All of them begin and end alike, and one is the beginning of another. The folder's name may by chance have a pair of bytes that
    // passes for one of these, not four.
    let [asked, other, longer] =
        ["Q9~V", "P8~W", "Q9~V-is-here"].map(|it| format!("{place}/no-{it}-is-here"));
    probes.want(&asks_for_path(&asked)).expect("a filter");
    for _ in 0..2 {
        assert!(is_told_of(&probes, &asked), "asked for");
        assert!(!is_told_of(&probes, &longer) && !is_told_of(&probes, &other), "not asked for");
    }
    probes.want(&asks_for_path(&other)).expect("a filter");
    assert!(!is_told_of(&probes, &asked) && is_told_of(&probes, &other), "another is asked for");
    let mut filter = asks_for_path(&other);
    let facts = 1 << facts::FIRST_OF_NAMES;
    filter.names.clear();
    filter.parts.push(NamePart { given: true, text: b"Q9~V-is".to_vec(), facts });
    probes.want(&filter).expect("a filter");
    for _ in 0..2 {
        assert!(!is_told_of(&probes, &other), "it has no such part");
        assert!(is_told_of(&probes, &asked) && is_told_of(&probes, &longer), "they have it");
    }
    fs_err::write(&other, "").expect("a file");
    fs_err::write(&asked, "").expect("a file");
    assert!(!is_told_of(&probes, &other) && is_told_of(&probes, &asked), "now they are there");

    // What is not there would have the name; what a link leads to has one of its own.
    let (part, mut filter) = (filter.parts.remove(0), asks_for_path(&longer));
    filter.parts.push(NamePart { facts: facts << 1, ..part });
    let clause = Clause { must: facts << 1, must_not: facts };
    filter.calls.insert("openat".to_owned(), Some(vec![clause]));
    probes.want(&filter).expect("a filter");
    assert!(!is_told_of(&probes, &longer), "it would have a name that is not asked for");
    std::os::unix::fs::symlink(&other, &longer).expect("a link");
    assert!(is_told(&probes, &["cat", &longer], &other), "it has another");
}

/// A filter that asks for one path.
pub(crate) fn asks_for_path(path: &str) -> Filter {
    let text = path.as_bytes().to_vec();
    asks_for(Name { domain: Domain::Path, text, whole: true, facts: 1 << facts::FIRST_OF_NAMES })
}

/// A filter that asks for one name.
pub(crate) fn asks_for(name: Name) -> Filter {
    let mut filter = Filter::default();
    let clause = Clause { must: name.facts, must_not: 0 };
    filter.calls.insert("openat".to_owned(), Some(vec![clause]));
    filter.names.push(name);
    filter
}

/// Whether it is told that a program opened that, twice.
fn is_told_of(probes: &Probes, path: &str) -> bool {
    is_told(probes, &["cat", path, path], path)
}

/// Whether it is told that a program opened a path.
pub(crate) fn is_told(probes: &Probes, program: &[&str], path: &str) -> bool {
    paths_told(probes, program).iter().any(|told| told == path.as_bytes())
}

/// The paths that a program is told to have opened, on the one processor that all of these run on, so that each knows what
/// the one before saw.
pub(crate) fn paths_told(probes: &Probes, program: &[&str]) -> Vec<Vec<u8>> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).args(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a program that there is");
    let process = child.id();
    child.wait().expect("its end");
    let seen = collect(probes, &[process]);
    let paths = seen.values().flatten().filter_map(|bytes| {
        let record = Record::read(bytes).expect("a record");
        let (role, flags) = match record.header.result.get() {
            0.. => (Role::Result, part_flags::RESOLVED),
            // It has the name alone that it was given.
            _ => (Role::Second, 0),
        };
        record.text(role, flags, 0).map(<[u8]>::to_vec)
    });
    paths.collect()
}

/// Records of calls by process, as the programs wrote them, in their order.
pub(crate) type Seen = BTreeMap<u32, Vec<Vec<u8>>>;

/// Programs that open and connect, each one process, and what both saw of them.
fn watch(all: &Probes, some: &Probes, place: &str) -> (Seen, Seen) {
    let trigger = trigger().expect("the trigger").to_str().expect("a path of letters");
    let given = format!("{place}/../{}/target", place.rsplit('/').next().unwrap_or_default());
    let commands: [&[&str]; 6] = [
        &[trigger, "files", place],
        &[trigger, "network"],
        &[
            "cat",
            "/etc/passwd",
            "/nowhere/at/all",
            "../no/such",
            given.as_str(),
            "/dev/null",
            "/etc//hosts",
        ],
        &["ls", "-l", "/etc", place, "/proc/self/"],
        &["touch", "/dev/shm/bulkhead-filter", "/tmp/./bulkhead-filter"],
        &["cp", "/etc/hostname", place],
    ];
    let mut processes = Vec::new();
    for command in commands {
        let (program, arguments) = command.split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a program that there is");
        processes.push(child.id());
        child.wait().expect("its end");
    }
    (collect(all, &processes), collect(some, &processes))
}

pub(crate) fn collect(probes: &Probes, processes: &[u32]) -> Seen {
    let mut seen = Seen::new();
    let mut ended = 0;
    let mut rings = rings(probes);
    let started = now();
    while ended < processes.len() {
        assert!(started.elapsed() < Duration::from_mins(1), "{ended} of {processes:?} ended");
        ended += take(&mut rings, processes, &mut seen);
    }
    // What the other lanes still hold.
    take(&mut rings, processes, &mut seen);
    for records in seen.values_mut() {
        records.sort_by_key(|bytes| Record::read(bytes).expect("a record").header.time.get());
    }
    seen
}

fn take(rings: &mut [bulkhead_probes::Ring], processes: &[u32], seen: &mut Seen) -> usize {
    let mut ended = 0;
    for ring in rings {
        while ring.take(|bytes| {
            let record = Record::read(bytes).expect("the probes write records");
            let process = record.header.process.get();
            if processes.contains(&process) {
                ended += usize::from(record.kind == Kind::Exit);
                if record.kind == Kind::Call {
                    seen.entry(process).or_default().push(bytes.to_vec());
                }
            }
        }) {}
    }
    ended
}

fn keeps(probes: &Probes, filter: &Filter, bytes: &[u8]) -> bool {
    let record = Record::read(bytes).expect("a record");
    let number = u32::try_from(record.header.call.get()).expect("a call");
    let compat = record.has(bulkhead_probes::record_flags::COMPAT);
    let call = probes.calls().numbered(number, compat).expect("a call that there is");
    filter.keeps(call, &record)
}

/// What tells calls of a process from each other.
fn told(bytes: &[u8]) -> String {
    let record = Record::read(bytes).expect("a record");
    let path = record.text(Role::Result, part_flags::RESOLVED, 0).map(String::from_utf8_lossy);
    let header = record.header;
    format!("{} {} {:?} {path:?}", header.call.get(), header.result.get(), record.arguments())
}

fn names(bytes: &[u8]) -> Vec<Vec<u8>> {
    let record = Record::read(bytes).expect("a record");
    let texts = record.parts().filter_map(|part| match part.value {
        bulkhead_probes::Value::Text(text) => Some(text.to_vec()),
        _ => None,
    });
    texts.filter(|text| text.len() < 200).collect()
}

/// Numbers one after the other, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Constants of Knuth's MMIX; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// A filter that asks for names which programs used before.
fn arbitrary(dice: &mut Dice, paths: &[Vec<u8>]) -> Filter {
    let mut filter = Filter::default();
    for number in 0..ASKED {
        let fact = 1 << (facts::FIRST_OF_NAMES as usize + number);
        let path = &paths[dice.roll(paths.len())];
        let cut = dice.roll(path.len() + 1);
        let slash = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let name =
            |domain, text: &[u8], whole| Name { domain, text: text.to_vec(), whole, facts: fact };
        match dice.roll(6) {
            0 => filter.names.push(name(Domain::Path, path, true)),
            1 => filter.names.push(name(Domain::Path, &path[..cut], false)),
            2 => filter.names.push(name(Domain::Folder, &path[..slash], true)),
            3 => filter.names.push(name(Domain::Last, &path[slash..], true)),
            kind => {
                let part = &path[cut..path.len().min(cut + 2 + dice.roll(6))];
                let text = part.to_vec();
                if filter.parts.len() < 16 {
                    filter.parts.push(NamePart { given: kind == 4, text, facts: fact });
                }
            }
        }
    }
    for call in CALLS {
        let is_judged = dice.roll(6) > 0;
        let clauses = (0..=dice.roll(6)).map(|_| {
            let mut clause = Clause::default();
            for _ in 0..=dice.roll(2) {
                let fact = FIXED[dice.roll(FIXED.len())];
                if dice.roll(2) == 0 { clause.must |= fact } else { clause.must_not |= fact }
            }
            let name = 1 << (facts::FIRST_OF_NAMES as usize + dice.roll(ASKED));
            match dice.roll(4) {
                0 => clause.must_not |= name,
                1 => {}
                _ => clause.must |= name,
            }
            clause
        });
        let clauses = is_judged.then(|| clauses.collect());
        filter.calls.insert(call.to_owned(), clauses);
    }
    filter
}
