//! Loading probes, running the trigger, and what was reported of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bulkhead_probes::{
    FeatureState, Kind, Lane, Options, Part, Probes, ProbesError, Record, Ring, Role, Value,
};
use tempfile::TempDir;

/// The trigger, compiled once. None, and a recorded skip, where there is no compiler.
pub(crate) fn trigger() -> Option<&'static Path> {
    static BUILT: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("trigger");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/trigger.c");
        let status = Command::new("cc")
            .args(["-O1", "-pthread", "-o"])
            .arg(&program)
            .arg(source)
            .status()
            .expect("a compiler");
        assert!(status.success());
        (folder, program)
    });
    bulkhead_testing::tool("cc")?;
    Some(&BUILT.1)
}

/// Probes that report some calls. None, and a recorded skip, where the kernel takes none.
pub(crate) fn load(options: &Options, calls: &[&str]) -> Option<Probes> {
    match Probes::load(options) {
        Ok((mut probes, reports)) => {
            for report in &reports {
                assert!(
                    !matches!(report.state, FeatureState::Refused { .. }),
                    "{}: {:?}",
                    report.feature,
                    report.state
                );
            }
            probes.want_named(calls).expect("calls that there are");
            Some(probes)
        }
        Err(ProbesError::Unavailable { reason, .. }) => {
            bulkhead_testing::skip(&format!("the kernel takes no probes: {reason}"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Bytes of records, in the order of each lane.
#[derive(Default)]
pub(crate) struct Seen(Vec<Vec<u8>>);

impl Seen {
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.0.iter().map(|bytes| Record::read(bytes).expect("the probes write records"))
    }

    /// Records of a system call.
    pub(crate) fn calls<'a>(
        &'a self,
        probes: &'a Probes,
        name: &'a str,
    ) -> impl Iterator<Item = Record<'a>> {
        self.records().filter(move |record| called(probes, record) == Some(name))
    }

    /// The one record of a call of which something is true.
    pub(crate) fn one(
        &self,
        probes: &Probes,
        name: &str,
        which: impl Fn(&Record<'_>) -> bool,
    ) -> Record<'_> {
        let found: Vec<Record<'_>> = self
            .records()
            .filter(|record| called(probes, record) == Some(name) && which(record))
            .collect();
        assert_eq!(found.len(), 1, "{name} in {:#?}", self.summary(probes));
        found[0]
    }

    /// What there is, for failures.
    pub(crate) fn summary(&self, probes: &Probes) -> Vec<String> {
        let line = |record: Record<'_>| {
            let texts: Vec<_> = record
                .parts()
                .filter_map(|part| match part.value {
                    Value::Text(text) => Some((part.role, String::from_utf8_lossy(text))),
                    _ => None,
                })
                .collect();
            let call = called(probes, &record).unwrap_or_default();
            format!("{:?} {call} = {} {texts:?}", record.kind, record.header.result)
        };
        self.records().map(line).collect()
    }
}

fn called<'a>(probes: &'a Probes, record: &Record<'_>) -> Option<&'a str> {
    let number = u32::try_from(record.header.call.get()).ok()?;
    let compat = record.has(bulkhead_probes::record_flags::COMPAT);
    Some(&probes.calls().numbered(number, compat)?.name)
}

/// The rings of all lanes.
pub(crate) fn rings(probes: &Probes) -> Vec<Ring> {
    let open = |lane: &Lane| {
        Ring::open(*lane, probes.ring(*lane).expect("a ring's descriptor")).expect("a ring")
    };
    Lane::ALL.iter().map(open).collect()
}

/// Runs the trigger to its end, and returns its process and what was reported of it.
pub(crate) fn run(probes: &Probes, arguments: &[&str]) -> (u32, Seen) {
    let mut rings = rings(probes);
    let mut child = start(arguments);
    let process = child.id();
    let mut seen = Seen::default();
    let started = now();
    while !collect(&mut rings, process, &mut seen) {
        assert!(started.elapsed() < Duration::from_mins(1), "{:#?}", seen.summary(probes));
    }
    child.wait().expect("the trigger ends");
    // What the other lanes still hold.
    collect(&mut rings, process, &mut seen);
    (process, seen)
}

pub(crate) fn start(arguments: &[&str]) -> Child {
    Command::new(trigger().expect("the trigger"))
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .expect("the trigger starts")
}

/// Takes what there is of a process; true where its end was among it.
fn collect(rings: &mut [Ring], process: u32, seen: &mut Seen) -> bool {
    let mut ended = false;
    for ring in rings {
        let lane = ring.lane();
        while ring.take(|bytes| {
            let record = Record::read(bytes).expect("the probes write records");
            assert_eq!(record.lane, lane);
            if record.header.process.get() == process {
                ended |= record.kind == Kind::Exit;
                seen.0.push(bytes.to_vec());
            }
        }) {}
    }
    if !ended {
        std::thread::sleep(Duration::from_millis(1));
    }
    ended
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for another program must give up")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The one part of a role of which something can be had.
pub(crate) fn part<'a, T>(
    record: &Record<'a>,
    role: Role,
    take: impl Fn(Value<'a>) -> Option<T>,
) -> T {
    let of_role = |part: Part<'a>| if part.role == role { take(part.value) } else { None };
    record.parts().find_map(of_role).expect("the record has the part")
}
