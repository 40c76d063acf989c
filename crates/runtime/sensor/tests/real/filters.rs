//! What the kernel leaves out of a real mix of work, and that no alert is lost with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bulkhead_events::Event;
use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{Feature, Kind, SystemCalls, record_flags};
use bulkhead_rules::{Matching, RuleFile, RuleSet, Scanner, Selection};
use bulkhead_sensor::{Assembler, Bounds, Machine, filter};

use crate::container::Container;
use crate::live::live;

const RINGS: [u32; 4] = [32 << 20; 4];

/// Of a hundred records of calls that rules ask for, this many are left out at least.
const LEFT_OUT: usize = 50;

/// Falco's rules as they are shipped.
fn upstream() -> Option<RuleSet> {
    let paths = bulkhead_testing::data_files("fixtures/falco-rules");
    (!paths.is_empty()).then(|| rules(&paths))
}

/// The rules that Bulkhead ships.
fn shipped() -> RuleSet {
    let folder = bulkhead_testing::repository().join("content/rules");
    rules(&bulkhead_testing::files_below(&folder))
}

fn rules(paths: &[PathBuf]) -> RuleSet {
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.display().to_string(), fs_err::read(path).unwrap()))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let (selection, budget) = (Selection::default(), Budget::new(Limits::DEFAULT));
    bulkhead_rules::load(&files, &selection, &budget).set.unwrap()
}

/// What packages, builds and scripts do, on the host and in a container.
fn work(container: &Container, folder: &Path) {
    let source = folder.join("program.c");
    let text = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <signal.h>\n\
        #include <sys/socket.h>\nint main(void) { return puts(\"\") < 0; }\n";
    fs_err::write(&source, text).unwrap();
    let source = source.to_str().unwrap();
    let program = folder.join("program");
    let commands: [&[&str]; 6] = [
        &["cc", "-o", program.to_str().unwrap(), source],
        &["dpkg", "-l", "libc6"],
        &["apt-cache", "policy", "libc6"],
        &["find", "/usr/share/doc", "-maxdepth", "1", "-newer", source],
        &["perl", "-MFile::Temp", "-MJSON::PP", "-e", "print 1"],
        &["cat", "/etc/shadow", "/etc/hostname", "/nowhere"],
    ];
    for command in commands {
        let (program, arguments) = command.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // What is not installed is not part of the mix.
        let _ = command.status();
    }
    let script = "for file in /etc/passwd /etc/group /proc/self/status /proc/self/environ; do \
        cat $file >/tmp/copy; ls -l /proc/self/fd >/tmp/list; done; touch /etc/new /bin/new; id";
    container.exec(&["sh", "-c", script]);
}

#[test]
fn half_of_a_real_mix_is_left_out_and_no_alert() {
    let Some(set) = upstream() else { return };
    assert_alike(&set, "bulkhead-filter");
}

#[test]
fn half_of_it_is_left_out_under_the_shipped_rules_and_no_alert() {
    assert_alike(&shipped(), "bulkhead-filter-shipped");
}

fn assert_alike(set: &RuleSet, name: &str) {
    let calls = SystemCalls::embedded().unwrap();
    let filter = filter(&[set], &calls);
    let names: Vec<&str> = filter.calls.keys().map(String::as_str).collect();
    let Some(mut live) = live(&names, RINGS) else { return };
    let mut whole = Assembler::new(0, Bounds::DEFAULT, Machine::at(Path::new("/")));
    let mut part = Assembler::new(0, Bounds::DEFAULT, Machine::at(Path::new("/")));
    for feature in [Feature::Tasks, Feature::Descriptors] {
        let mut push = |record: &bulkhead_probes::Record<'_>| {
            drop(whole.push(record));
            drop(part.push(record));
        };
        live.probes.snapshot(feature, &mut push).unwrap();
    }
    whole.has_started();
    part.has_started();
    let folder = tempfile::tempdir().unwrap();
    let container = Container::start(name, &["sleep", "60"], |_| {});
    work(&container, folder.path());
    live.probes.want_named(&[]).unwrap();
    let (mut all, mut some) = (Scanner::new(set, Matching::All), Scanner::new(set, Matching::All));
    let (mut kept, mut dropped, mut alerts) = (0, 0, 0);
    let mut ours = BTreeSet::from([std::process::id()]);
    while live.stream.next(|record, _| {
        let name = |number: u32| {
            calls.numbered(number, record.has(record_flags::COMPAT)).map(|call| &call.name)
        };
        let called = u32::try_from(record.header.call.get()).ok().and_then(name);
        let keeps = record.kind != Kind::Call
            || called
                .and_then(|name| calls.named(name))
                .is_some_and(|call| filter.keeps(call, record));
        let event = whole.push(record);
        let met = event.as_ref().map(|event| lines(set, &mut all, event)).unwrap_or_default();
        alerts += met.len();
        if keeps {
            let event = part.push(record);
            let of_part = event.as_ref().map(|event| lines(set, &mut some, event));
            assert_eq!(of_part.unwrap_or_default(), met, "{event:#?}");
        } else {
            assert_eq!(met, Vec::<String>::new(), "{event:#?}");
        }
        // Others work on this machine, too, and not the same each time.
        let (process, parent) = (record.header.process.get(), record.header.parent.get());
        if ours.contains(&parent) {
            ours.insert(process);
        }
        if record.kind == Kind::Call && ours.contains(&process) {
            *(if keeps { &mut kept } else { &mut dropped }) += 1;
        }
    }) {}
    assert!(alerts > 0 && kept > 0, "{alerts} alerts, {kept} kept");
    assert!(dropped * 100 >= (dropped + kept) * LEFT_OUT, "{dropped} left out, {kept} kept");
}

/// What the rules say of an event, that is all but its number.
fn lines(set: &RuleSet, scanner: &mut Scanner<'_>, event: &Event) -> Vec<String> {
    let met = scanner.scan(event);
    met.map(|rule| format!("{}: {}", rule.name, rule.output.line(set, event))).collect()
}
