//! Containers made to mislead whoever watches, or to break what is told: each is seen as any other, and every output
//! stays what it is.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bulkhead_end_to_end::{bulkhead, run};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::container::{Container, GATE, PROGRAMS, can_run, privileged};
use crate::sensor::{Sensor, fence};

/// All that containers execute or open with a mark on it.
const RULES: &str = "- rule: Marked
  desc: what a container does
  condition: >
    container.id != host and evt.type in (execve, openat) and not proc.name startswith 'runc:' and
    (proc.args contains needle or fd.name contains needle or proc.name contains needle)
  output: >-
    %evt.type %container.id %container.name %container.image.repository %k8s.pod.name %user.name %user.uid %group.name
    %proc.name %proc.cmdline %proc.exepath %proc.cwd %proc.env[MARK] %fd.name %proc.is_exe_lower_layer
  priority: NOTICE
";

/// Names that would end a line, a value or a message, and make a terminal do something.
const NAME: &str = "na\nme\r\u{1b}[31m\"}\\ ]<34>1 - forged \u{202e}";

/// The same from within: as names of a process, of a file, of a folder, as arguments and in the environment.
const SPEAKS: &str = r#"
    my $name = "ne\nedle\r\x1b[31m\"}\\ ]<34>1 - forged \xff\xe2\x80\xae";
    mkdir("/tmp/$name"); chdir("/tmp/$name") or die $!; $ENV{MARK} = $name;
    $0 = $name; open(my $file, "<", "/srv/needle$name");
    exec { "/bin/true" } ($name, "needle", $name, "", "\\u001b") or die $!;"#;

/// As many bytes of arguments as the kernel takes.
const LONG: &str = r#"exec { "/bin/true" } ("true", "needle", ("x" x 120000) x 16) or die $!"#;

/// Is root in a user namespace of its own, after a moment as nobody, and so is what it runs.
const NESTED: &str =
    "unshare -Um sh -c 'cat /srv/needle-nobody' ; unshare -Urm sh -c 'cat /srv/needle-nested'";

/// Moves itself to groups within its container's own, deeper than anybody has a reason to, one of them called as
/// another container is.
const SINKS: &str = r#"my ($other, $how) = @ARGV; my ($in, $at);
    for my $root (glob "/sys/fs/cgroup/{pids,memory,cpu,devices,unified,}") {
        next unless -w "$root/cgroup.procs"; my $made = "$root/$other"; mkdir $made;
        for (1 .. ($how eq "er" ? 40 : 1)) { $made .= "/x"; mkdir $made }
        open($in, ">", "$made/cgroup.procs") and syswrite($in, $$) }
    open($at, "<", "/proc/self/cgroup"); my $wanted = $how eq "er" ? "$other(/x){40}" : "$other/x";
    grep { m($wanted) } <$at> or die "it did not move";
    system "cat", "/srv/needle-deep$how""#;

fn in_user_namespace(specification: &mut Value) {
    let linux = &mut specification["linux"];
    linux["namespaces"].as_array_mut().expect("namespaces").push(json!({"type": "user"}));
    linux["uidMappings"] = json!([{"containerID": 0, "hostID": 100_000, "size": 65536}]);
    linux["gidMappings"] = json!([{"containerID": 0, "hostID": 200_000, "size": 65536}]);
}

fn with_names(specification: &mut Value) {
    let names = ["container-name", "image-name", "sandbox-name", "sandbox-namespace"];
    let names = names.map(|name| (format!("io.kubernetes.cri.{name}"), json!(NAME)));
    specification["annotations"] = names.into_iter().collect();
}

/// What was told of a container, by the fields of the rule.
fn told<'a>(alerts: &'a [Value], container: &Container) -> Vec<&'a Value> {
    let fields = alerts.iter().map(|alert| &alert["output_fields"]);
    fields.filter(|fields| fields["container.id"] == *container.id()).collect()
}

/// Who did something to a file, or with an argument: the user's name and number, and the group's.
fn who<'a>(told: &[&'a Value], what: &str) -> BTreeSet<(&'a str, i64, &'a str)> {
    let about = told.iter().filter(|fields| {
        fields["fd.name"] == *what
            || fields["proc.cmdline"].as_str().is_some_and(|line| line.ends_with(what))
    });
    let text = |fields: &'a Value, name: &str| fields[name].as_str().unwrap_or_default();
    let number = |fields: &Value| fields["user.uid"].as_i64().unwrap_or(-1);
    about
        .map(|fields| (text(fields, "user.name"), number(fields), text(fields, "group.name")))
        .collect()
}

#[test]
fn users_are_those_of_the_container_whatever_their_numbers() {
    if !can_run() {
        return;
    }
    let rules = NamedTempFile::new().expect("a file");
    fs_err::write(rules.path(), RULES).expect("a file of rules");
    let waits = ["sleep", "600"];
    let before = Container::start("before-mapped", &waits, in_user_namespace);
    let Some(sensor) = Sensor::watch(&[rules.path()], &[]) else { return };
    let after = Container::start("after-mapped", &waits, |specification| {
        in_user_namespace(specification);
        specification["root"]["readonly"] = json!(true);
    });
    for container in [&before, &after] {
        container.exec(&["sh", "-c", "cat /srv/needle-root; true"]);
        let shell = ["exec", "--user", "33:33", &container.name, "sh", "-c"];
        let status =
            container.runc(&[&shell[..], &["cat /srv/needle-web; true"]].concat()).status();
        assert!(status.expect("runc starts").success(), "{}", container.log());
        container.exec(&["sh", "-c", &format!("{NESTED}; true")]);
        container.exec(&["sh", "-c", "cat /srv/needle-later; true"]);
    }
    let alerts = sensor.until(fence("mapped"));
    for container in [&before, &after] {
        let told = told(&alerts, container);
        let root = ("root", 100_000, "root");
        let web = ("www-data", 100_033, "www-data");
        assert_eq!(who(&told, "/srv/needle-root"), [root].into(), "{told:#?}");
        assert_eq!(who(&told, "/srv/needle-web"), [web].into(), "{told:#?}");
        // Nobody becomes somebody else by a namespace of its own.
        assert_eq!(who(&told, "/srv/needle-later"), [root].into(), "{told:#?}");
        assert!(
            who(&told, "/srv/needle-nobody").is_subset(&[root, ("<NA>", 100_000, "<NA>")].into())
        );
        assert!(
            told.iter()
                .filter(|fields| fields["evt.type"] == "execve")
                .all(|fields| { fields["proc.is_exe_lower_layer"] == true })
        );
    }
}

#[test]
fn no_name_breaks_an_output() {
    if !can_run() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let rules = at("rules.yaml");
    fs_err::write(&rules, RULES).expect("a file of rules");
    let server = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    server.set_read_timeout(Some(Duration::from_mins(1))).expect("a deadline");
    let outputs = [
        format!("text={}", at("text").display()),
        format!("json={}", at("json").display()),
        format!("syslog=udp://{}", server.local_addr().expect("an address")),
    ];
    let metrics = format!("unix:{}", at("metrics").display());
    let more = outputs.iter().flat_map(|output| ["-o", output]).chain(["--metrics", &metrics]);
    let Some(sensor) = Sensor::watch(&[&rules], &more.collect::<Vec<_>>()) else { return };
    let container = Container::start("names", &["sleep", "600"], with_names);
    container.exec(&["perl", "-e", SPEAKS]);
    container.exec(&["perl", "-e", LONG]);
    // The status is written anew once a second.
    let mut pages = (0..600).map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        metrics_of(&at("metrics"))
    });
    let page = pages.find(|page| page.contains("forged")).expect("metrics of the container");
    let mut status = Command::new(bulkhead().expect("bulkhead builds"));
    status.args(["sensor", "status", "-o", "table", "--measure", "0", "--socket"]);
    let table = run(status.arg(sensor.socket())).expect("it tells");
    let alerts = sensor.until(fence("names"));
    let told = told(&alerts, &container);
    // Whoever reads JSON gets the names back as they were, but for what is no UTF-8.
    let from_within = "ne\nedle\r\u{1b}[31m\"}\\ ]<34>1 - forged \u{fffd}\u{202e}";
    let last = |name: &str| {
        told.iter()
            .rev()
            .find(|fields| fields["proc.env[MARK]"] == from_within)
            .expect("it is told")[name]
            .clone()
    };
    assert_eq!(last("container.name"), NAME);
    assert_eq!(last("k8s.pod.name"), NAME);
    assert_eq!(last("proc.cwd"), format!("/tmp/{from_within}"));
    assert_eq!(last("proc.cmdline"), format!("true needle {from_within}  \\u001b"));
    assert!(told.iter().any(|fields| fields["fd.name"] == format!("/srv/needle{from_within}")));
    let long = told
        .iter()
        .find_map(|fields| fields["proc.cmdline"].as_str().filter(|line| line.contains("xxxx")));
    assert!(long.is_some_and(|long| long.starts_with("true needle xxx")), "{long:?}");
    // One alert is a line or a message in each, with nothing in it that a terminal or a reader acts upon.
    let mut messages = Vec::new();
    let mut room = vec![0; 1 << 16];
    while messages.len() <= alerts.len() {
        let length = server.recv(&mut room).expect("a message");
        messages.push(room[..length].to_vec());
    }
    let [text, json] = ["text", "json"].map(|name| fs_err::read(at(name)).expect("an output"));
    for (what, lines) in [
        ("text", text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()),
        ("json", json.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()),
        ("syslog", messages),
        ("metrics", page.lines().map(|line| line.as_bytes().to_vec()).collect()),
        ("table", table.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()),
    ] as [(&str, Vec<Vec<u8>>); 5]
    {
        for line in &lines {
            let line = std::str::from_utf8(line).unwrap_or_else(|_| panic!("{what}: {line:?}"));
            // Syslog has one mark of its own before a text that is not ASCII (RFC 5424, section 6.4).
            let line = if what == "syslog" {
                line.replacen("] \u{feff}", "] ", 1)
            } else {
                line.to_owned()
            };
            assert!(!line.chars().any(bulkhead_model::is_unsafe), "{what}: {line:?}");
            assert!(
                what != "json" || line.is_empty() || serde_json::from_str::<Value>(&line).is_ok(),
                "{line}"
            );
            assert!(!line.starts_with("<34>"), "{what}: {line}");
        }
        let of_alerts = lines.iter().filter(|line| !line.is_empty()).count();
        assert!(
            !["text", "json"].contains(&what) || of_alerts > alerts.len(),
            "{what}: {of_alerts}"
        );
    }
    // What only looks like an escaped byte does not look like one.
    let text = String::from_utf8_lossy(&text);
    assert!(text.lines().any(|line| line.contains(r"\\u001b") && line.contains(r"\u001b[31m")));
    let info = page
        .lines()
        .find(|line| line.starts_with("bulkhead_container_info{") && line.contains("forged"));
    assert!(info.is_some_and(|info| info.ends_with("} 1")), "{info:?}");
}

fn metrics_of(socket: &Path) -> String {
    let mut page = String::new();
    if let Ok(mut stream) = UnixStream::connect(socket) {
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("a question");
        stream.read_to_string(&mut page).expect("text");
    }
    page.split_once("\r\n\r\n").map(|(_, page)| page.to_owned()).unwrap_or_default()
}

#[test]
fn who_goes_deep_or_is_gone_stays_a_container() {
    if !can_run() {
        return;
    }
    let rules = NamedTempFile::new().expect("a file");
    fs_err::write(rules.path(), RULES).expect("a file of rules");
    let Some(sensor) = Sensor::watch(&[rules.path()], &[]) else { return };
    let waits = ["sleep", "600"];
    let victim = Container::start("victim", &waits, |_| {});
    let deep = Container::start("deep", &waits, |specification| {
        privileged(specification);
        let mounts = specification["mounts"].as_array_mut().expect("mounts");
        mounts.retain(|mount| mount["type"] != "cgroup");
        mounts.push(json!({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw"]}));
    });
    deep.exec(&["perl", "-e", SINKS, &victim.name, ""]);
    deep.exec(&["perl", "-e", SINKS, &victim.name, "er"]);
    // Deleted as soon as it has ended: before it has, it might be killed before it did anything.
    let brief: Vec<Container> = (0..4)
        .map(|number| {
            let container = Container::start(
                &format!("brief{number}"),
                &["/bin/cat", "/srv/needle-brief"],
                |_| {},
            );
            container.wait_for_end();
            run(container.runc(&["delete", "--force"]).arg(&container.name))
                .expect("it is deleted");
            container
        })
        .collect();
    // Neither /proc nor a root that has a place any more.
    let attends = [&*format!("{PROGRAMS}/trigger"), "attend", GATE];
    let bare = Container::start("bare", &attends, privileged);
    let lines = "umount\t--lazy\t/proc\n/bin/cat\t/srv/needle-bare";
    fs_err::write(bare.inside("/triggers/script"), lines).expect("a script");
    let gate = fs_err::OpenOptions::new().write(true).open(bare.inside(GATE));
    run(Command::new("umount").arg("--lazy").arg(bare.inside("/"))).expect("its root goes");
    gate.expect("a gate").write_all(b"/triggers/script\n").expect("somebody attends");
    let mut alerts = sensor.until("1");
    alerts.extend(sensor.until(fence("gone")));
    let met = |container: &Container, what: &str| {
        let told = told(&alerts, container);
        assert!(!who(&told, what).is_empty(), "{what}: {alerts:#?}");
        assert!(who(&told, what).iter().all(|(user, ..)| *user == "root"), "{told:#?}");
    };
    met(&deep, "/srv/needle-deep");
    met(&deep, "/srv/needle-deeper");
    met(&bare, "/srv/needle-bare");
    for container in &brief {
        met(container, "/srv/needle-brief");
    }
    assert!(told(&alerts, &victim).is_empty(), "{alerts:#?}");
}
