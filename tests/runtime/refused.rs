//! A kernel that takes most of the probes: the rest works, and the end says that something did not.

use std::process::Command;

use bulkhead_end_to_end::bulkhead;
use bulkhead_testing::skip;

/// What the kernel tells of its types, and how it names the tracepoint of processes that are made.
const TYPES: &str = "/sys/kernel/btf/vmlinux";
const FORK: &[u8] = b"\0btf_trace_sched_process_fork\0";

/// Runs what follows with other types, which nobody else sees.
const WITH_TYPES: &str = "mount --bind \"$1\" /sys/kernel/btf/vmlinux && shift && exec \"$@\"";

#[test]
fn a_probe_that_the_kernel_refuses_is_told_and_costs_the_exit_code() {
    if !rustix::process::geteuid().is_root() {
        return skip("probes need root");
    }
    let Ok(mut types) = fs_err::read(TYPES) else { return skip("the kernel tells no types") };
    let place = types.windows(FORK.len()).position(|bytes| bytes == FORK).expect("a tracepoint");
    types[place + 1] = b'B';
    let folder = tempfile::tempdir().expect("a folder");
    let (changed, rules) = (folder.path().join("types"), folder.path().join("rules.yaml"));
    fs_err::write(&changed, types).expect("a file");
    let rule = "- {rule: Ends, desc: of processes, condition: evt.type=procexit, output: x, priority: DEBUG}";
    fs_err::write(&rules, rule).expect("a file of rules");
    let mut sensor = Command::new("unshare");
    sensor.args(["--mount", "sh", "-c", WITH_TYPES, "sh"]).arg(changed);
    sensor.arg(bulkhead().expect("bulkhead builds"));
    sensor.args(["sensor", "run", "--duration", "1", "-r"]).arg(rules);
    let output = sensor.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("ot permitted") {
        return skip(&said);
    }
    assert!(said.contains("fork does not work here"), "{said}");
    assert!(said.contains("children are known only once they do something"), "{said}");
    assert!(said.contains("watches"), "{said}");
    assert_eq!(output.status.code(), Some(3), "{said}");
}

/// Where processes have other numbers, those of others would be taken for the sensor's own, and not watched.
#[test]
fn a_sensor_with_numbers_of_its_own_says_so_and_ends() {
    if !rustix::process::geteuid().is_root() {
        return skip("namespaces need root");
    }
    let mut sensor = Command::new("unshare");
    sensor.args(["--pid", "--fork", "--mount-proc"]).arg(bulkhead().expect("bulkhead builds"));
    let output = sensor.args(["sensor", "run", "--duration", "1"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("processes have other numbers than on the machine"), "{said}");
    assert!(said.contains("hostPID: true"), "{said}");
    assert!(!said.contains("watches"), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
}
