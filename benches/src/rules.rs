//! Holding a recording against rules, beside only decoding it.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use bulkhead_events::{
    Event, EventScript, FileDescriptor, Process, RecordingReader, RecordingWriter,
};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{ASKABLE, Matching, RuleFile, RuleSet, Scanner, Selection, load};

/// What a server does most: it reads libraries and its own files, is connected to, starts programs.
/// None of it meets a rule of Falco's. `weight` says how often.
const MIX: &[(u32, &str)] = &[
    (
        30,
        "{evt.type: openat, evt.arg.flags: O_RDONLY|O_CLOEXEC, fd.name: /usr/lib/x86_64-linux-gnu/libc.so.6, proc.name: nginx, proc.pname: nginx}",
    ),
    (
        20,
        "{evt.type: openat, evt.arg.flags: O_RDONLY, fd.name: /var/www/html/index.html, proc.name: nginx, proc.pname: nginx, container.id: 3ad7b26ded6d, container.image.repository: nginx}",
    ),
    (
        10,
        "{evt.type: openat, evt.arg.flags: O_RDONLY, fd.name: /etc/ld.so.cache, proc.name: sh, proc.pname: cron}",
    ),
    (
        8,
        "{evt.type: openat, evt.arg.flags: O_RDONLY, evt.res: ENOENT, fd.name: /etc/app/local.conf, proc.name: java, proc.pname: sh, container.id: 5ad7b26ded6d}",
    ),
    (
        8,
        "{evt.type: openat, evt.arg.flags: O_WRONLY|O_APPEND, fd.name: /var/log/app/access.log, proc.name: java, proc.pname: sh, container.id: 5ad7b26ded6d}",
    ),
    (
        4,
        "{evt.type: openat, evt.arg.flags: O_RDWR|O_CREAT, fd.name: /tmp/work.1, proc.name: postgres, proc.pname: postgres, container.id: 7ad7b26ded6d}",
    ),
    (
        6,
        "{evt.type: connect, fd.type: ipv4, fd.l4proto: tcp, fd.cip: 10.0.0.2, fd.cport: 51712, fd.sip: 10.0.0.9, fd.sport: 5432, proc.name: java, proc.pname: sh, container.id: 5ad7b26ded6d}",
    ),
    (
        4,
        "{evt.type: accept4, fd.type: ipv4, fd.l4proto: tcp, fd.cip: 10.0.0.7, fd.cport: 40712, fd.sip: 10.0.0.2, fd.sport: 80, proc.name: nginx, proc.pname: nginx, container.id: 3ad7b26ded6d}",
    ),
    (
        4,
        "{evt.type: sendto, fd.type: ipv4, fd.l4proto: udp, fd.cip: 10.0.0.2, fd.cport: 5353, fd.sip: 10.0.0.10, fd.sport: 53, proc.name: java, proc.pname: sh, container.id: 5ad7b26ded6d}",
    ),
    (
        3,
        "{evt.type: execve, proc.name: cat, proc.args: [/proc/loadavg], proc.pname: agent, 'proc.aname[2]': systemd}",
    ),
    (
        3,
        "{evt.type: unlinkat, evt.arg.name: /tmp/work.1, proc.name: postgres, proc.pname: postgres, container.id: 7ad7b26ded6d}",
    ),
];

/// How many times as long as only decoding it may take.
const MOST: f64 = 3.0;

/// How many events the recording has, and how often it is read each way; the fastest counts.
const EVENTS: usize = 400_000;
const TURNS: usize = 5;

/// How much of what happens is new.
struct Pace {
    name: &'static str,
    /// After so many events of a sort, another process does them.
    process: usize,
    /// Of so many files, one was not seen before.
    file: usize,
}

/// A server that does the same all the time, and a node on which programs start, work for a moment and end.
const PACES: [Pace; 2] = [
    Pace { name: "a server at work", process: usize::MAX, file: usize::MAX },
    Pace { name: "programs that come and go", process: 41, file: 7 },
];

/// Events a second that are decoded, and those that are decoded and held against the rules of a folder.
pub(crate) fn speeds(folder: &Path) -> anyhow::Result<String> {
    let set = rules(folder)?;
    let mut lines = vec![format!("{} rules", set.rules().len())];
    for pace in &PACES {
        lines.push(speed(&set, pace)?);
    }
    Ok(lines.join("\n"))
}

/// All rules of the files of a folder.
fn rules(folder: &Path) -> anyhow::Result<RuleSet> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.display().to_string(), fs_err::read(path)?));
    }
    files.sort();
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let budget = Budget::new(Limits::DEFAULT);
    let selection = Selection::everything();
    load(&files, &selection, &budget).set.context("the files make no rule set")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn speed(set: &RuleSet, pace: &Pace) -> anyhow::Result<String> {
    let recording = recording(pace)?;
    let filter = set.prefilter(ASKABLE);
    let mut kept = 0_usize;
    each(&recording, |event| kept += usize::from(filter.keeps(event)))?;
    let (mut alone, mut together, mut met) = (f64::MAX, f64::MAX, 0_usize);
    for _ in 0..TURNS {
        let start = Instant::now();
        let read = each(&recording, |_| {})?;
        ensure!(read == EVENTS, "only {read} events were read");
        alone = alone.min(start.elapsed().as_secs_f64());
        let mut scanner = Scanner::new(set, Matching::All);
        let start = Instant::now();
        each(&recording, |event| met += scanner.scan(event).count())?;
        together = together.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of events is far below 2^52")]
    let count = EVENTS as f64;
    Ok(format!(
        "{}: {EVENTS} events in {} bytes, {met} alerts, {kept} kept by the filter\n\
         decoded {:.0} events/s, with rules {:.0} events/s: {:.2} times as long (goal: at most {MOST}): {}; rules alone \
         {:.0} ns an event",
        pace.name,
        recording.len(),
        count / alone,
        count / together,
        together / alone,
        if together / alone <= MOST { "met" } else { "missed" },
        (together - alone) / count * 1e9,
    ))
}

fn each(recording: &[u8], mut each: impl FnMut(&bulkhead_events::Event)) -> anyhow::Result<usize> {
    let mut reader = RecordingReader::open(recording, &Budget::new(Limits::DEFAULT))?;
    let mut count = 0;
    while let Some(event) = reader.next_event()? {
        each(event);
        count += 1;
    }
    Ok(count)
}

/// What happens on a node, in the order in which sorts of events come in life: not in runs.
struct Mix {
    /// Each sort of event so often as it comes in a hundred.
    turn: Vec<usize>,
    sorts: Vec<Event>,
}

impl Mix {
    fn new() -> anyhow::Result<Self> {
        let script: Vec<_> = MIX.iter().map(|(_, event)| format!("  - {event}")).collect();
        let script = format!("events:\n{}\n", script.join("\n"));
        let script = EventScript::read(script.as_bytes(), &Budget::new(Limits::DEFAULT))?;
        let weights = MIX.iter().enumerate();
        let turn = weights.flat_map(|(sort, (weight, _))| (0..*weight).map(move |_| sort));
        Ok(Self { turn: turn.collect(), sorts: script.events()? })
    }

    /// The event of a number. Sorts are changed for good by whoever has them come from another process.
    fn event(&mut self, number: usize) -> anyhow::Result<&mut Event> {
        let sort = self.turn.get(number.wrapping_mul(37) % self.turn.len()).context("a sort")?;
        self.sorts.get_mut(*sort).context("an event")
    }
}

fn recording(pace: &Pace) -> anyhow::Result<Vec<u8>> {
    let mut mix = Mix::new()?;
    let mut writer = RecordingWriter::new(Vec::new())?;
    for number in 0..EVENTS {
        let event = mix.event(number)?;
        event.sequence = number as u64;
        if number % pace.process == pace.process - 1 {
            let pid = u32::try_from(number)?;
            event.process = Process { pid, ..Process::clone(&event.process) }.into();
        }
        let before = event.file.clone();
        if let Some(file) = event.file.as_mut().filter(|_| number % pace.file == pace.file - 1) {
            let name = [&*file.name, number.to_string().as_bytes()].join(&b'.').into();
            *file = FileDescriptor { name, ..FileDescriptor::clone(file) }.into();
        }
        writer.write(event)?;
        event.file = before;
    }
    writer.flush()?;
    Ok(writer.into_inner())
}
