//! What the sensor reads of runtimes and containers, and what it makes of the kernel's records.

use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{ABI_VERSION, Header, Kind, Record, Role, Tag, write_record};
use bulkhead_sensor::{
    Accounts, Assembler, Bounds, Membership, Meter, NameMessage, Nothing, Usage, cri_sandbox,
    crun_status, docker_container, docker_host, groups, membership, runc_state, spec,
    storage_containers,
};
use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "cgroup-path", run: path, seeds: paths, data: &[] },
    Target { name: "oci-spec", run: specification, seeds: specifications, data: &[] },
    Target { name: "runc-state", run: runc, seeds: states, data: &[] },
    Target { name: "container-records", run: records, seeds: record_seeds, data: &[] },
    Target { name: "accounts", run: accounts, seeds: account_seeds, data: &[] },
    Target { name: "container-usage", run: usage, seeds: usages, data: &[] },
    Target { name: "name-message", run: message, seeds: messages, data: &[] },
    Target { name: "assembler", run: assemble, seeds: assemblies, data: &[] },
];

fn budget() -> Budget {
    Budget::new(Limits { file_bytes: 1 << 20, ..Limits::DEFAULT })
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn path(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    matches!(membership(text), Membership::Container(identity) if !identity.id.is_empty())
}

fn paths() -> Vec<Vec<u8>> {
    let id = "a".repeat(64);
    let pod = "kubepods-pod5a1b6c3d_7e8f_4a0b_9c1d_2e3f4a5b6c7d.slice";
    texts(&[
        &format!("/kubepods.slice/{pod}/cri-containerd-{id}.scope"),
        &format!("/docker/{id}/system.slice:x:{id}"),
        "/lxc.payload.web/init.scope",
        "/machine.slice/machine-.scope",
        "/../..",
    ])
}

fn specification(bytes: &[u8]) -> bool {
    spec(bytes, &budget()).is_ok_and(|metadata| !metadata.mounts.is_empty())
}

fn specifications() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"process":{"args":["sh"],"capabilities":{"bounding":["CAP_SYS_ADMIN"]}},"root":{"path":"r"},
            "mounts":[{"destination":"/a","options":["rbind","rshared"],"source":"/"}],
            "annotations":{"io.kubernetes.cri-o.Labels":"{\"a\":\"b\"}"},"linux":{"cgroupsPath":"a:b:c"}}"#,
        r#"{"mounts":null,"linux":{"maskedPaths":null}}"#,
        "[",
    ])
}

fn runc(bytes: &[u8]) -> bool {
    runc_state(bytes, &budget()).is_ok_and(|metadata| !metadata.groups.is_empty())
}

fn states() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"id":"a","created":"2026","config":{"labels":["a=b","c"],"mounts":[{"source":"/",
            "destination":"/h","flags":4097,"propagation_flags":[262144]}]},"cgroup_paths":{"":"/a"}}"#,
        r#"{"config":{}}"#,
    ])
}

fn message(bytes: &[u8]) -> bool {
    let read = [true, false].map(|is_stream| NameMessage::read(bytes, is_stream));
    read.iter().flatten().any(|message| !message.answers.is_empty())
}

fn messages() -> Vec<Vec<u8>> {
    let header = |flags: u8, answers: u8| [0x12, 0x34, flags, 0x80, 0, 1, 0, answers, 0, 0, 0, 0];
    let question = b"\x03www\x07example\x03org\0\0\x01\0\x01";
    let name = b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03web\xc0\x10";
    let address = b"\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x07";
    let text = b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x06\x05a b c";
    let answer = [&header(0x81, 3)[..], question, name, address, text].concat();
    let framed = [&[0, u8::try_from(answer.len()).unwrap_or_default()][..], &answer].concat();
    vec![[&header(0x01, 0)[..], question].concat(), answer, framed]
}

fn records(bytes: &[u8]) -> bool {
    let budget = budget();
    let read = [
        crun_status(bytes, &budget).is_ok(),
        docker_container(bytes, &budget).is_ok_and(|metadata| metadata.image.is_some()),
        docker_host(bytes, &budget).is_ok_and(|metadata| metadata.privileged.is_some()),
        storage_containers(bytes, "a", &budget).is_ok_and(|found| found.is_some()),
        cri_sandbox(bytes, &budget).is_ok_and(|metadata| !metadata.pod.probes.is_empty()),
    ];
    read.contains(&true)
}

fn record_seeds() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"pid":1,"cgroup-path":"/a","rootfs":"/r"}"#,
        r#"{"Name":"/a","Config":{"Image":"a:5/b:c@sha256:d","Labels":{"nerdctl/name":"x"}}}"#,
        r#"{"Privileged":true}"#,
        r#"{"Metadata":{"IP":"10.0.0.1","Config":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":
            "{\"spec\":{\"containers\":[{\"name\":\"a\",\"livenessProbe\":{\"exec\":{\"command\":[\"b\"]}}}]}}"}}}}"#,
        r#"[{"id":"a","names":["n"],"metadata":"{\"image-name\":\"i\"}"}]"#,
        "{}",
    ])
}

fn accounts(bytes: &[u8]) -> bool {
    let accounts = Accounts::read(bytes, bytes);
    (0..4).any(|id| accounts.user(id).name.is_some() && accounts.group(id).name.is_some())
}

fn account_seeds() -> Vec<Vec<u8>> {
    texts(&["root:x:0:0:r:/root:/bin/sh\nroot:x:1:\n", "a:b\n:::::\n", "x:x:4294967296:\n"])
}

/// The same bytes as each of the files, and as what tells the groups of a process.
fn usage(bytes: &[u8]) -> bool {
    let meters = [
        Meter::LegacyMemory,
        Meter::LegacyMemoryLimit,
        Meter::LegacyProcessorKinds,
        Meter::LegacyThrottle,
        Meter::LegacyDeviceBytes,
        Meter::Processor,
        Meter::MemoryEvents,
        Meter::Devices,
    ];
    let mut usage = Usage::default();
    for meter in meters {
        usage.enter(meter, bytes);
    }
    usage != Usage::default() || !groups(bytes, "web").is_empty()
}

fn usages() -> Vec<Vec<u8>> {
    texts(&[
        "18446744073709551615\n",
        "user 1844674407370955161\nsystem 1\nusage_usec 18446744073709551615\n",
        "8:0 Read 18446744073709551615\n8:1 Read 1\nTotal 1\n",
        "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n",
        "3:memory:/a/web\n0::/../web\n1:cpu,cpuacct:/web/web\n",
        "max 1\noom_kill 2\n",
    ])
}

/// Records one after the other, each with its own length in front.
fn assemble(bytes: &[u8]) -> bool {
    let mut assembler = Assembler::new(0, Bounds { processes: 1, descriptors: 16 }, Nothing);
    let mut rest = bytes;
    let mut events = false;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some(record) = rest.get(..length).filter(|_| length >= 4) else { break };
        if let Ok(record) = Record::read(record) {
            events |= assembler.push(&record).is_some();
        }
        rest = rest.get(length..).unwrap_or(after);
    }
    events
}

fn assemblies() -> Vec<Vec<u8>> {
    let record = |kind: Kind, call: i32, parts: &[(Tag, Role, u8, &[u8])]| {
        let mut header = Header::new_zeroed();
        header.version = ABI_VERSION.into();
        header.kind = (kind as u16).into();
        header.call = call.into();
        header.process = 2.into();
        header.thread = 2.into();
        write_record(&header, parts)
    };
    let numbers = [3_u64, 0, 0, 0, 0, 0];
    let arguments: (Tag, Role, u8, &[u8]) = (Tag::Arguments, Role::None, 0, numbers.as_bytes());
    let address: (Tag, Role, u8, &[u8]) =
        (Tag::Address, Role::Second, 1, b"\x02\0\0\x35\x0a\0\0\x01");
    let path: (Tag, Role, u8, &[u8]) = (Tag::Text, Role::Second, 1, b"../a/./b");
    let line: (Tag, Role, u8, &[u8]) = (Tag::Text, Role::CommandLine, 0, b"sh\0-c\0");
    vec![
        [record(Kind::Task, -1, &[line]), record(Kind::Execute, 59, &[line])].concat(),
        record(Kind::Call, 42, &[arguments, address]),
        record(Kind::Call, 257, &[arguments, path]),
        [record(Kind::Fork, 56, &[arguments]), record(Kind::Exit, -1, &[])].concat(),
        record(Kind::Call, 436, &[arguments]),
        vec![255; 8],
    ]
}
