use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn check(files: &[(Meter, &str)], expected: &Usage) {
    let mut usage = Usage::default();
    for (meter, text) in files {
        usage.enter(*meter, text.as_bytes());
    }
    assert_eq!(usage, *expected, "{files:?}");
}

/// Texts as kernels wrote them: 6.1 with the first version, 6.8 with the second.
#[test]
fn both_versions_tell_the_same() {
    check(
        &[
            (Meter::LegacyProcessor, "1530000000\n"),
            (Meter::LegacyProcessorKinds, "user 120\nsystem 33\n"),
            (Meter::LegacyThrottle, "nr_periods 10\nnr_throttled 4\nthrottled_time 250000000\n"),
            (Meter::LegacyMemory, "5242880\n"),
            (Meter::LegacyMemoryPeak, "8388608\n"),
            (Meter::LegacyMemoryLimit, "67108864\n"),
            (Meter::LegacyMemoryRefused, "3\n"),
            (Meter::LegacyOutOfMemory, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
            (
                Meter::LegacyDeviceBytes,
                "254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 0\n254:0 Total 12288\n\
                 8:16 Read 1\n8:16 Write 0\nTotal 12289\n",
            ),
            (Meter::LegacyDeviceOperations, "254:0 Read 1\n254:0 Write 2\nTotal 3\n"),
            (Meter::Tasks, "7\n"),
            (Meter::TaskLimit, "64\n"),
            (Meter::TasksRefused, "max 5\n"),
        ],
        &Usage {
            cpu_nanoseconds: Some(1_530_000_000),
            cpu_user_nanoseconds: Some(1_200_000_000),
            cpu_system_nanoseconds: Some(330_000_000),
            cpu_periods: Some(10),
            cpu_throttled_periods: Some(4),
            cpu_throttled_nanoseconds: Some(250_000_000),
            memory_bytes: Some(5 << 20),
            memory_peak_bytes: Some(8 << 20),
            memory_limit_bytes: Some(64 << 20),
            memory_limit_hits: Some(3),
            oom_kills: Some(2),
            read_bytes: Some(4097),
            written_bytes: Some(8192),
            reads: Some(1),
            writes: Some(2),
            tasks: Some(7),
            task_limit: Some(64),
            tasks_refused: Some(5),
        },
    );
    check(
        &[
            (
                Meter::Processor,
                "usage_usec 1530000\nuser_usec 1200000\nsystem_usec 330000\ncore_sched.force_idle_usec 0\n\
                 nr_periods 10\nnr_throttled 4\nthrottled_usec 250000\nnr_bursts 0\nburst_usec 0\n",
            ),
            (Meter::Memory, "5242880\n"),
            (Meter::MemoryPeak, "8388608\n"),
            (Meter::MemoryLimit, "max\n"),
            (Meter::MemoryEvents, "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0\n"),
            (
                Meter::Devices,
                "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=0 rios=1 wios=0\n",
            ),
            (Meter::TaskLimit, "max\n"),
            (Meter::TasksRefused, "max 0\nmax.imposed 1\n"),
        ],
        &Usage {
            cpu_nanoseconds: Some(1_530_000_000),
            cpu_user_nanoseconds: Some(1_200_000_000),
            cpu_system_nanoseconds: Some(330_000_000),
            cpu_periods: Some(10),
            cpu_throttled_periods: Some(4),
            cpu_throttled_nanoseconds: Some(250_000_000),
            memory_bytes: Some(5 << 20),
            memory_peak_bytes: Some(8 << 20),
            memory_limit_hits: Some(3),
            oom_kills: Some(2),
            read_bytes: Some(4097),
            written_bytes: Some(8192),
            reads: Some(2),
            writes: Some(2),
            tasks_refused: Some(0),
            ..Usage::default()
        },
    );
}

#[test]
fn what_is_not_there_is_not_zero() {
    check(
        &[
            (Meter::LegacyMemoryLimit, "9223372036854771712\n"),
            (Meter::LegacyOutOfMemory, "oom_kill_disable 0\nunder_oom 0\n"), // before Linux 4.13
            (Meter::Processor, "usage_usec 1\nuser_usec 1\nsystem_usec 0\n"),
            (Meter::LegacyDeviceOperations, "Total 0\n"),
            (Meter::Devices, "8:0 \n"),
            (Meter::LegacyMemory, "-1\n"),
            (Meter::Memory, "18446744073709551616\n"),
            (Meter::LegacyProcessorKinds, "user 18446744073709551615\nsystem\n"),
        ],
        &Usage { cpu_nanoseconds: Some(1000), cpu_system_nanoseconds: None, ..Usage::default() },
    );
    check(
        &[(Meter::Devices, "")],
        &Usage {
            read_bytes: Some(0),
            written_bytes: Some(0),
            reads: Some(0),
            writes: Some(0),
            ..Usage::default()
        },
    );
}

#[test]
fn groups_are_the_containers_own() {
    let id = "a".repeat(64);
    let check = |text: &str, id: &str, expected: &[(Controller, &str)]| {
        let expected: Vec<(Controller, String)> =
            expected.iter().map(|(controller, path)| (*controller, (*path).to_owned())).collect();
        assert_eq!(groups(text.as_bytes(), id), expected, "{text}");
    };
    let docker = format!("/docker/{id}");
    check(
        &format!(
            "5:cpu,cpuacct:{docker}/init.scope\n4:memory:/\n1:name=systemd:{docker}\n0::{docker}\n"
        ),
        &id,
        &[
            (Controller::Processor, &docker),
            (Controller::Accounting, &docker),
            (Controller::Unified, &docker),
        ],
    );
    // runc puts a container below its own group of each hierarchy, which may be another in each.
    check(
        "3:memory:/session/x/web\n2:pids:/web\n1:blkio:/other\n0::/\n",
        "web",
        &[(Controller::Memory, "/session/x/web"), (Controller::Tasks, "/web")],
    );
    check("2:pids:/web/below/deep\n", "web", &[(Controller::Tasks, "/web")]);
    check(
        "0::/system.slice/runc-web.scope\n",
        "web",
        &[(Controller::Unified, "/system.slice/runc-web.scope")],
    );
    let inner = format!("/docker/{}/docker/{id}", "b".repeat(64));
    check(&format!("0::{inner}\n"), &id, &[(Controller::Unified, &inner)]);
    for nothing in ["", "::", "0::", "0::/", "x", "2:pids\n", "0::/web2\n", "0::/\u{0}web\n"] {
        check(nothing, "web", &[]);
    }
}

#[test]
fn accounts_are_opened_below_their_hierarchy_only() {
    let root = tempfile::tempdir().unwrap();
    let hierarchies = root.path().join("sys/fs/cgroup");
    let write = |path: &str, text: &str| {
        let path = hierarchies.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    write("pids/web/pids.current", "3\n");
    write("unified/web/memory.current", "4096\n");
    write("outside/pids.current", "9\n");
    std::os::unix::fs::symlink("../../outside", hierarchies.join("pids/web/link")).unwrap();
    std::os::unix::fs::symlink("../../outside/pids.current", hierarchies.join("pids/web/pids.max"))
        .unwrap();
    let meters = Meters::below(root.path());
    let check = |controller, path: &str, expected: &Usage| {
        let opened = meters.open(&[(controller, path.to_owned())]);
        assert_eq!(Usage::read(opened), *expected, "{path}");
    };
    check(Controller::Tasks, "/web", &Usage { tasks: Some(3), ..Usage::default() });
    check(Controller::Unified, "/web", &Usage { memory_bytes: Some(4096), ..Usage::default() });
    for outside in ["/../outside", "/web/../../outside", "/web/link", "/nowhere", "\0"] {
        check(Controller::Tasks, outside, &Usage::default());
    }
}

#[test]
fn a_few_are_looked_at_in_turn() {
    let mut watch = UsageWatch::default();
    let ids: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    let running = || ids.iter().map(|id| (id.as_str(), 1));
    let mut seen = Vec::new();
    for second in 0..3 {
        let looks = watch.due(running(), Duration::from_secs(second));
        assert!(looks.len() <= 16);
        seen.extend(looks.into_iter().map(|look| look.id));
    }
    assert_eq!(seen, ids);
    assert_eq!(watch.due(running(), Duration::from_secs(4)), []);
    assert_eq!(watch.due(running(), Duration::from_secs(6))[0].id, "00");
    watch.enter("39", &Usage { tasks: Some(1), ..Usage::default() });
    watch.enter("39", &Usage::default());
    assert_eq!(watch.of("39").tasks, Some(1));
    watch.due([], Duration::from_secs(7));
    assert_eq!(watch.of("39"), Usage::default());
}

proptest! {
    /// Whatever the files hold, nothing breaks, and one that is no number tells none.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), id in ".{0,9}") {
        let mut usage = Usage::default();
        for (_, _, meter) in FILES {
            usage.enter(*meter, &bytes);
        }
        let number = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
        prop_assert_eq!(usage.memory_bytes, number);
        for (_, path) in groups(&bytes, &id) {
            prop_assert!(path.contains(&id));
        }
    }
}
