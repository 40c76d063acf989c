//! Events of real containers, from the kernel's own records.

use std::path::Path;
use std::time::{Duration, Instant};

use bulkhead_events::Event;
use bulkhead_probes::{Feature, Lane, Options, Probes};
use bulkhead_sensor::{Assembler, Bounds, Machine, Stream};
use bulkhead_testing::skip;

use crate::container::{Container, can_run};

/// Probes and an assembler in one process.
pub(crate) struct Live {
    pub(crate) probes: Probes,
    pub(crate) stream: Stream,
    pub(crate) assembler: Assembler<Machine>,
}

/// Loads probes that report some calls; a recorded skip where this machine takes none.
pub(crate) fn live(calls: &[&str], rings: [u32; 4]) -> Option<Live> {
    if !can_run() {
        return None;
    }
    let options = Options { rings, exempt: vec![std::process::id()], ..Options::default() };
    let (mut probes, _) = match Probes::load(&options) {
        Ok(loaded) => loaded,
        // A kernel that lets nobody load programs is no fault of ours; anything else is.
        Err(error) if error.to_string().contains("ot permitted") => {
            skip(&format!("no probes here: {error}"));
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    probes.want_named(calls).unwrap();
    let rings = Lane::ALL.iter().map(|lane| (*lane, probes.ring(*lane).unwrap())).collect();
    let stream = Stream::open(rings).unwrap();
    let mut assembler = Assembler::new(0, Bounds::DEFAULT, Machine::at(Path::new("/")));
    for feature in [Feature::Tasks, Feature::Descriptors] {
        let mut push = |record: &bulkhead_probes::Record<'_>| drop(assembler.push(record));
        probes.snapshot(feature, &mut push).unwrap();
    }
    assembler.has_started();
    Some(Live { probes, stream, assembler })
}

impl Live {
    /// Events until one of them is the last that is waited for, or a minute is over.
    pub(crate) fn until(&mut self, mut last: impl FnMut(&Event) -> bool) -> Vec<Event> {
        let end = started() + Duration::from_mins(1);
        let mut events = Vec::new();
        while started() < end {
            let mut event = None;
            if !self.stream.next(|record, _| event = self.assembler.push(record)) {
                self.stream.wait(None, Duration::from_millis(100)).unwrap();
            }
            if let Some(event) = event {
                let is_last = last(&event);
                events.push(event);
                if is_last {
                    break;
                }
            }
        }
        events
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for what others do")]
fn started() -> Instant {
    Instant::now()
}

const RINGS: [u32; 4] = [16 << 20; 4];

fn is_of(event: &Event, name: &str) -> bool {
    let container = event.process.container.as_ref();
    container.is_some_and(|container| container.id == *name)
}

#[test]
fn a_container_of_runc_is_seen_from_its_first_program_on() {
    let calls = ["openat", "open", "connect", "socket", "dup2", "setuid", "chdir"];
    let Some(mut live) = live(&calls, RINGS) else { return };
    let script = "/bin/cat /etc/passwd; cd /tmp; /bin/touch new; /bin/ls /nowhere; exit 7";
    let container = Container::start("bulkhead-live", &["sh", "-c", script], |spec| {
        spec["process"]["user"] = serde_json::json!({"uid": 4711, "gid": 4711});
        spec["process"]["env"] = serde_json::json!(["PATH=/bin", "A=b"]);
    });
    let name = container.name.clone();
    let events = live.until(|event| {
        event.kind.name() == "procexit" && event.process.vpid == 1 && is_of(event, &name)
    });
    let mine: Vec<&Event> = events.iter().filter(|event| is_of(event, &name)).collect();
    for event in &mine {
        println!(
            "{} {:?} {:?} {:?}",
            event.kind.name(),
            event.process.command_line(),
            event.result,
            event.file.as_ref().map(|file| (&file.name, file.number))
        );
    }
    let executed: Vec<String> = mine
        .iter()
        .filter(|event| event.kind.name() == "execve")
        .map(|event| event.process.command_line().lossy().into_owned())
        .collect();
    let shell = format!("sh -c {script}");
    for expected in [shell.as_str(), "cat /etc/passwd", "touch new", "ls /nowhere"] {
        assert!(executed.iter().any(|line| line == expected), "{expected} in {executed:?}");
    }
    let first = mine.iter().find(|event| *event.process.command_line().lossy() == *shell).unwrap();
    let process = &first.process;
    assert_eq!((process.vpid, process.user.id), (1, 4711));
    assert_eq!(process.user.name, Some("inside".into()));
    assert_eq!(process.group.name, Some("within".into()));
    let described = process.container.as_ref().unwrap();
    assert_eq!(
        (described.privileged, described.runtime.clone()),
        (Some(false), Some("oci".into()))
    );
    assert!(process.environment.iter().any(|word| *word == "A=b"));
    assert!(process.ancestors().count() > 1, "{:?}", process.ancestors().collect::<Vec<_>>());
    let cat = mine.iter().find(|event| {
        *event.process.name == *b"cat"
            && event.kind.name().starts_with("open")
            && event
                .file
                .as_ref()
                .is_some_and(|file| file.name == "/etc/passwd" && file.number >= 0)
    });
    let cat = cat.unwrap_or_else(|| panic!("nobody opened /etc/passwd"));
    assert_eq!(cat.process.parent().unwrap().vpid, 1);
    let touch = mine
        .iter()
        .find(|event| *event.process.name == *b"touch" && event.kind.name() == "execve")
        .unwrap();
    assert_eq!(touch.process.directory, "/tmp");
    let file = mine
        .iter()
        .find_map(|event| event.file.as_ref().filter(|file| file.name_raw == Some("new".into())));
    assert_eq!(file.map(|file| file.name.lossy().into_owned()).as_deref(), Some("/tmp/new"));
    let end = mine.last().unwrap();
    assert_eq!(end.argument("ret").unwrap().1, &bulkhead_events::Argument::Number(7));
}

/// Rings of a page each lose most of a flood; what is lost is known to the record.
#[test]
fn what_a_tiny_ring_loses_is_counted_exactly() {
    let Some(mut live) = live(&["openat", "socket"], [4096; 4]) else { return };
    let container = Container::start("bulkhead-flood", &["sleep", "60"], |_| {});
    let script =
        "i=0; while [ $i -lt 300 ]; do cat /etc/passwd /etc/group >/tmp/x; i=$((i+1)); done";
    container.exec(&["sh", "-c", script]);
    // Nobody is watched any more, so that the counters stand still.
    live.probes.want_named(&[]).unwrap();
    let (mut read, mut missing) = ([0_u64; 4], [0_u64; 4]);
    while live.stream.next(|record, lost| {
        read[record.lane as usize] += 1;
        missing[record.lane as usize] += lost;
    }) {}
    let losses = live.probes.losses().unwrap();
    let lanes = [Lane::Network, Lane::File, Lane::Other];
    for (processor, counts) in &losses.by_cpu {
        for lane in lanes {
            live.stream.ledger().produced(*processor, lane, counts[lane as usize].produced);
        }
    }
    for lane in lanes {
        let (kernel, tally) = (losses.lane(lane), live.stream.ledger().lane(lane));
        assert_eq!(tally.delivered, read[lane as usize], "{lane:?}");
        assert_eq!(tally.produced, tally.delivered + kernel.lost, "{lane:?} {kernel:?}");
        assert_eq!((tally.produced, tally.lost()), (kernel.produced, kernel.lost), "{lane:?}");
        // Gaps are told while records come; those behind the last one only the kernel knows.
        assert!(missing[lane as usize] <= kernel.lost, "{lane:?}");
    }
    assert!(losses.lane(Lane::File).lost > 0, "{losses:?}");
    let by_group: u64 = losses
        .by_cgroup
        .iter()
        .filter(|((.., lane), _)| *lane == Lane::File)
        .map(|(_, lost)| lost)
        .sum();
    assert_eq!(by_group, losses.lane(Lane::File).lost);
}
