//! What the kernel drops changes no alert: neither is it missed itself, nor by what comes later.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{SystemCalls, record_flags};
use bulkhead_rules::{Matching, RuleFile, RuleSet, Scanner, Selection};

use super::*;
use crate::filter;

/// Falco's rules, all of them, and the words in them.
fn upstream() -> Option<(RuleSet, Vec<String>)> {
    let paths = bulkhead_testing::data_files("fixtures/falco-rules");
    (!paths.is_empty()).then(|| rules(&paths))
}

/// The rules that Bulkhead ships, and the words in them.
fn shipped() -> (RuleSet, Vec<String>) {
    let folder = bulkhead_testing::repository().join("content/rules");
    rules(&bulkhead_testing::files_below(&folder))
}

fn rules(paths: &[PathBuf]) -> (RuleSet, Vec<String>) {
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.display().to_string(), fs_err::read(path).unwrap()))
        .collect();
    let mut words: Vec<String> = files
        .iter()
        .flat_map(|(_, bytes)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let words = text.split(|c: char| c.is_whitespace() || "(),=[]\"'".contains(c));
            words.filter(|word| word.contains(['/', '.'])).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    words.sort();
    words.dedup();
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let selection = Selection::everything();
    let set = bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT)).set.unwrap();
    (set, words)
}

/// Numbers one after the other, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Constants of Knuth's MMIX; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    fn path(&mut self, words: &[String]) -> String {
        let word = self.pick(words);
        let front = *self.pick(&["", "", "/etc", "/home/me", "/root", "/dev", "/tmp", "/usr/bin"]);
        let behind =
            *self.pick(&["", "", "/x", "x", "/.ssh/id_rsa", "/.bashrc", "/authorized_keys"]);
        let slash = if word.starts_with('/') { "" } else { "/" };
        format!("{front}{slash}{word}{behind}")
    }
}

/// A call of a process, host or container, as the kernel tells it.
fn call(dice: &mut Dice, words: &[String]) -> Made {
    let is_contained = dice.roll(2) == 0;
    let mut record = made(Told::Call, if is_contained { 21 } else { 20 }, 10);
    if is_contained {
        record = record.contained();
    } else {
        record.header.flags = record_flags::AT_ROOT.into();
    }
    let descriptor = i32::try_from(3 + dice.roll(5)).unwrap();
    let number = u64::try_from(descriptor).unwrap();
    let flags = *dice.pick(&[0, 1, 2, 0o101, 0o1101, 0o2_000_000, 0o20_200_001]);
    let mode = *dice.pick(&[0o644, 0o755]);
    match dice.roll(8) {
        kind @ 0..=3 => {
            let failed = dice.roll(4) == 0;
            let path = dice.path(words);
            let given = if dice.roll(3) == 0 { format!("/srv/../..{path}") } else { path.clone() };
            let result = if failed { -2 } else { i64::from(descriptor) };
            let (name, role, arguments): (_, _, &[u64]) = match kind {
                0 => ("open", Role::First, &[1, flags, mode]),
                1 => ("creat", Role::First, &[1, mode]),
                _ => ("openat", Role::Second, &[u64::MAX - 99, 1, flags, mode]),
            };
            record = record.call(name, result, arguments).text(role, 0, &given);
            if !failed {
                // None that a socket has.
                let inode = u64::try_from(100 + dice.roll(50)).unwrap();
                record = record.file(Role::Result, descriptor, inode, &path);
            }
        }
        4 => {
            let result = *dice.pick(&[0, -115, -111]);
            record = record.call("connect", result, &[number, 1, 16]).socket(
                dice,
                Role::First,
                descriptor,
            );
        }
        5 => {
            let name = *dice.pick(&["sendto", "recvfrom", "sendmsg", "recvmsg"]);
            let result = *dice.pick(&[100, -11]);
            record = record.call(name, result, &[number, 1, 100, 0, 1, 16]);
            record = record.socket(dice, Role::First, descriptor);
        }
        6 => {
            let result = i64::from(descriptor);
            record = record.call("accept4", result, &[9, 0, 0, 0]).socket(
                dice,
                Role::Result,
                descriptor,
            );
        }
        _ => {
            let to = *dice.pick(&[0, 1, 2, 9]);
            record = record.call("dup2", i64::from(to), &[number, u64::try_from(to).unwrap()]);
            record = record.socket(dice, Role::Result, to);
        }
    }
    record
}

impl Made {
    /// One of some sockets, which are what they are for as long as they live.
    fn socket(self, dice: &mut Dice, role: Role, descriptor: i32) -> Self {
        let which = dice.roll(24);
        let mut socket = SocketObject::new_zeroed();
        socket.family = [1_u16, 2, 2, 10][which % 4].into();
        let is_tcp = which.is_multiple_of(3);
        socket.kind = if is_tcp { 1 } else { 2 }.into();
        socket.protocol = if is_tcp { 6 } else { 17 }.into();
        socket.descriptor = descriptor.into();
        socket.inode = u64::try_from(which).unwrap().into();
        if socket.family.get() == 2 {
            socket.local[..4].copy_from_slice(&[10, 0, 0, 1]);
            socket.local_port = 40_000.into();
            let remotes = [[127, 0, 0, 1], [8, 8, 8, 8], [169, 254, 169, 254], [10, 1, 1, 1]];
            socket.remote[..4].copy_from_slice(&remotes[which / 6]);
            socket.remote_port = [0_u16, 22, 53, 443, 3333, 2375][which % 6].into();
        }
        self.part(Tag::Socket, role, 0, socket.as_bytes())
    }
}

#[test]
fn what_the_kernel_drops_changes_no_alert() {
    let Some(upstream) = upstream() else { return };
    assert_alike(upstream, 15, |line| line);
}

#[test]
fn what_the_kernel_drops_changes_no_alert_of_the_shipped_rules() {
    // Which end of a connection spoke first, who asks for none of what it says is not told.
    assert_alike(shipped(), 8, without_direction);
}

/// A line in which the ends of a connection stand in their order.
fn without_direction(line: String) -> String {
    let Some((before, connection)) = line.split_once("connection=") else { return line };
    let (connection, behind) = connection.split_once(' ').unwrap_or((connection, ""));
    let mut ends: Vec<&str> = connection.split("->").collect();
    ends.sort_unstable();
    format!("{before}{} {behind}", ends.join(" "))
}

/// Holds rules against some thousand calls that are made of their words, with a filter and without: they say the same,
/// and more than so many of them are met.
fn assert_alike((set, words): (RuleSet, Vec<String>), most: usize, said: fn(String) -> String) {
    let calls = SystemCalls::embedded().unwrap();
    let filter = filter(&[&set], &calls);
    let (mut whole, mut part) = (assembler(), assembler());
    let mut all = Scanner::new(&set, Matching::All);
    let mut some = Scanner::new(&set, Matching::All);
    for (process, name) in [(20, "prog"), (21, "java")] {
        let mut start = execution(process, 10, &format!("{name}\0--server\0"));
        if process == 21 {
            start = start.contained();
            start = start.text(Role::CgroupLegacy, 0, &format!("/docker/{ID}"));
        }
        for assembler in [&mut whole, &mut part] {
            start.push(assembler);
        }
    }
    let (mut dropped, mut met) = (0, BTreeMap::<String, u32>::new());
    let mut dice = Dice(1);
    for turn in 0..6_000 {
        let record = call(&mut dice, &words);
        let bytes = record.bytes();
        let record = Record::read(&bytes).unwrap();
        let number = u32::try_from(record.header.call.get()).unwrap();
        let event = whole.push(&record).unwrap();
        let alerts = lines(&set, &mut all, &event, said);
        for (rule, _) in &alerts {
            *met.entry(rule.clone()).or_default() += 1;
        }
        if filter.keeps(calls.numbered(number, false).unwrap(), &record) {
            let event = part.push(&record).unwrap();
            assert_eq!(lines(&set, &mut some, &event, said), alerts, "{turn}: {event:#?}");
        } else {
            dropped += 1;
            assert_eq!(alerts, [], "{turn}: {event:#?}");
        }
    }
    println!("{dropped} of 6000 dropped; {met:#?}");
    // Else nothing was shown.
    assert!(dropped > 1_500 && met.len() > most, "{dropped} dropped, {met:#?}");
}

/// Rules that an event meets, and what they say of it.
fn lines(
    set: &RuleSet,
    scanner: &mut Scanner<'_>,
    event: &Event,
    said: fn(String) -> String,
) -> Vec<(String, String)> {
    let met = scanner.scan(event);
    met.map(|rule| (rule.name.to_string(), said(rule.output.line(set, event)))).collect()
}

/// Opening files is most of what programs ask of the kernel: what no rule that Bulkhead ships is about is not told.
#[test]
fn under_the_shipped_rules_ordinary_opens_are_dropped() {
    let (set, _) = shipped();
    let calls = SystemCalls::embedded().unwrap();
    let filter = filter(&[&set], &calls);
    let (reads, writes, makes) = (0, 1, 0o1101);
    let opens = [
        ("/usr/share/common-licenses/GPL-2", reads, false),
        ("/lib/x86_64-linux-gnu/libc.so.6", reads, false),
        ("/etc/ld.so.cache", reads, false),
        ("/etc/hostname", reads, false),
        // Folders, which whoever looks for a file opens by the thousand.
        ("/usr/share/doc/", reads, false),
        ("/srv/", reads, false),
        ("/srv/app/data.db", writes, false),
        ("/srv/app/log.txt", makes, false),
        ("/etc/shadow", reads, true),
        ("/home/me/.ssh/id_ed25519", reads, true),
        ("/run/secrets/kubernetes.io/serviceaccount/token", reads, true),
        ("/etc/cron.d/x", makes, true),
        ("/home/me/.bashrc", writes, true),
        ("/host/etc/passwd", writes, true),
        // Too long to be looked into.
        (&*format!("/srv/{}.ssh/authorized_keys", "folder/".repeat(40)), writes, true),
    ];
    for (path, flags, is_wanted) in opens {
        let record = made(Told::Call, 21, 10).contained();
        let record = record.call("openat", 5, &[u64::MAX - 99, 1, flags, 0o644]);
        let given = if path.len() > 250 { "authorized_keys" } else { path };
        let record = record.text(Role::Second, 0, given).file(Role::Result, 5, 77, path);
        let bytes = record.bytes();
        let record = Record::read(&bytes).unwrap();
        let call = calls.named("openat").unwrap();
        assert_eq!(filter.keeps(call, &record), is_wanted, "{path} {flags:o}: {filter:#?}");
    }
}

/// While one set takes the place of another, the kernel keeps what each of them asks for.
#[test]
fn of_two_sets_the_kernel_keeps_what_either_wants() {
    let Some((upstream, words)) = upstream() else { return };
    let (shipped, _) = shipped();
    let calls = SystemCalls::embedded().unwrap();
    let both = filter(&[&upstream, &shipped], &calls);
    let each = [&upstream, &shipped].map(|set| filter(&[set], &calls));
    for name in each.iter().flat_map(|one| one.calls.keys()) {
        assert!(both.calls.contains_key(name), "{name}");
    }
    let mut dice = Dice(2);
    let (mut kept, mut one_alone) = (0, 0);
    for turn in 0..6_000 {
        let bytes = call(&mut dice, &words).bytes();
        let record = Record::read(&bytes).unwrap();
        let number = u32::try_from(record.header.call.get()).unwrap();
        let called = calls.numbered(number, false).unwrap();
        let keeps = |filter: &bulkhead_probes::Filter| filter.keeps(called, &record);
        let [first, second] = [keeps(&each[0]), keeps(&each[1])];
        assert!(keeps(&both) || !(first || second), "{turn}: {record:?}");
        kept += u32::from(keeps(&both));
        one_alone += u32::from(first != second);
    }
    // Else nothing was shown.
    assert!(kept < 6_000 && one_alone > 100, "{kept} kept, {one_alone} by one alone");
}
