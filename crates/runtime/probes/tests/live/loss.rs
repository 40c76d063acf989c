//! Losses are counted exactly, and stay in their lane.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use bulkhead_probes::{Kind, Lane, LaneCount, Options, Record, Ring};

use crate::watch::{load, rings, start, trigger};

/// One flood at a time: the probes of each test see those of all.
static FLOODS: Mutex<()> = Mutex::new(());

#[test]
fn produced_is_delivered_and_lost() {
    let Some(_) = trigger() else { return };
    let _alone = FLOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let options = Options { rings: [4 << 20, 4096, 4096, 4096], ..Options::default() };
    let Some(mut probes) = load(&options, &["getppid"]) else { return };
    let mut rings = rings(&probes);
    let mut child = start(&["flood", "5000"]);
    child.wait().expect("it ends");
    // Nothing new from here on.
    probes.want_named(&[]).expect("no plans");
    let mut delivered = [0_u64; Lane::ALL.len()];
    let mut numbers = BTreeSet::new();
    let mut ended = false;
    for (ring, delivered) in rings.iter_mut().zip(&mut delivered) {
        let other = ring.lane() == Lane::Other;
        while ring.take(|bytes| {
            *delivered += 1;
            let record = Record::read(bytes).expect("a record");
            ended |= record.kind == Kind::Exit && record.header.process.get() == child.id();
            if other {
                let cpu = record.header.cpu.get();
                assert!(numbers.insert((cpu, record.header.sequence.get())), "a number twice");
            }
        }) {}
    }
    let losses = probes.losses().expect("counts");
    let count = losses.lane(Lane::Other);
    assert_eq!(count.produced, delivered[Lane::Other as usize] + count.lost);
    assert!(count.produced >= 5000 && count.lost > 0, "{count:?}");
    for (cpu, sequence) in numbers {
        let lanes = losses.by_cpu[&cpu];
        assert!(sequence < lanes[Lane::Other as usize].produced);
    }
    let by_cgroup = losses.by_cgroup.iter().filter(|((.., lane), _)| *lane == Lane::Other);
    assert_eq!(by_cgroup.map(|(_, lost)| lost).sum::<u64>(), count.lost);
    // The flood drowned nothing else.
    assert_eq!(losses.lane(Lane::Process).lost, 0);
    assert!(ended, "{losses:?}");
    assert_eq!(losses.lane(Lane::Network), LaneCount::default());
}

/// Half of the time the reader is there, too: the sum holds all the same.
#[test]
fn it_holds_while_somebody_reads() {
    let Some(_) = trigger() else { return };
    let _alone = FLOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let options = Options { rings: [1 << 20, 4096, 4096, 8192], ..Options::default() };
    let Some(mut probes) = load(&options, &["getppid"]) else { return };
    let descriptor = probes.ring(Lane::Other).expect("a descriptor");
    let mut ring = Ring::open(Lane::Other, descriptor).expect("a ring");
    let mut child = start(&["flood", "200000"]);
    let mut delivered = 0_u64;
    while child.try_wait().expect("it runs").is_none() {
        while ring.take(|_| delivered += 1) {}
    }
    probes.want_named(&[]).expect("no plans");
    while ring.take(|_| delivered += 1) {}
    let count = probes.losses().expect("counts").lane(Lane::Other);
    assert!(count.produced >= 200_000);
    assert_eq!(count.produced, delivered + count.lost);
}

/// A cgroup, in the hierarchy that the probes look at first.
struct Group(PathBuf);

impl Group {
    /// None, and a recorded skip, where there is no place for one.
    fn make(name: &str) -> Option<Self> {
        let all = Path::new("/sys/fs/cgroup");
        let all = if all.join("pids").is_dir() { all.join("pids") } else { all.to_owned() };
        let folder = all.join(format!("bulkhead-{name}-{}", std::process::id()));
        match fs_err::create_dir(&folder) {
            Ok(()) => Some(Group(folder)),
            Err(error) => {
                bulkhead_testing::skip(&format!("no cgroup can be made: {error}"));
                None
            }
        }
    }

    /// As records name it.
    fn number(&self) -> u64 {
        fs_err::metadata(&self.0).expect("a cgroup").ino()
    }

    /// Calls `getppid` in it that often, and waits for the end.
    fn flood(&self, times: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo $$ > \"$1\"; exec \"$2\" flood \"$3\"", "sh"]);
        shell.arg(self.0.join("cgroup.procs")).arg(trigger().expect("the trigger")).arg(times);
        assert!(shell.status().expect("a shell").success());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir(&self.0);
    }
}

/// Nobody reads, one cgroup floods, and there is still room for another's records.
#[test]
fn a_flood_leaves_room_for_others() {
    let Some(_) = trigger() else { return };
    let _alone = FLOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let options = Options { rings: [1 << 20, 4096, 4096, 1 << 16], ..Options::default() };
    let Some(mut probes) = load(&options, &["getppid"]) else { return };
    let (Some(floods), Some(other)) = (Group::make("floods"), Group::make("other")) else { return };
    floods.flood("5000");
    other.flood("50");
    probes.want_named(&[]).expect("no plans");
    let losses = probes.losses().expect("counts");
    let lost = |group: &Group| -> u64 {
        let of_lane = losses.by_cgroup.iter().filter(|((.., lane), _)| *lane == Lane::Other);
        of_lane.filter(|((_, number, _), _)| *number == group.number()).map(|(_, lost)| *lost).sum()
    };
    // What was refused is counted, for the one that flooded.
    assert!(lost(&floods) > 4000, "{losses:?}");
    assert_eq!(lost(&other), 0, "{losses:?}");
    let ring = probes.ring(Lane::Other).expect("a ring");
    let mut ring = Ring::open(Lane::Other, ring).expect("a ring");
    let (mut delivered, mut of_other) = (0, 0);
    while ring.take(|bytes| {
        let record = Record::read(bytes).expect("a record");
        delivered += 1;
        of_other += u64::from(record.header.cgroup.get() == other.number());
    }) {}
    assert!(of_other >= 50, "{of_other}");
    let count = losses.lane(Lane::Other);
    assert_eq!(count.produced, delivered + count.lost);
}
