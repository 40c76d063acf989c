//! Losses are counted exactly, and stay in their lane.

use std::collections::BTreeSet;

use bulkhead_probes::{Kind, Lane, LaneCount, Options, Record, Ring};

use crate::watch::{load, rings, start, trigger};

#[test]
fn produced_is_delivered_and_lost() {
    let Some(_) = trigger() else { return };
    let options = Options { rings: [1 << 20, 4096, 4096, 4096], ..Options::default() };
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
        let lanes = losses.by_cpu[cpu as usize];
        assert!(sequence < lanes[Lane::Other as usize].produced);
    }
    let by_cgroup = losses.by_cgroup.iter().filter(|((.., lane), _)| *lane == Lane::Other);
    assert_eq!(by_cgroup.map(|(_, lost)| lost).sum::<u64>(), count.lost);
    // The flood drowned nothing else.
    assert!(ended);
    assert_eq!(losses.lane(Lane::Process).lost, 0);
    assert_eq!(losses.lane(Lane::Network), LaneCount::default());
}

/// Half of the time the reader is there, too: the sum holds all the same.
#[test]
fn it_holds_while_somebody_reads() {
    let Some(_) = trigger() else { return };
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
