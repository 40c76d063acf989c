//! Ways around rules by system call and path, and calls that are rare, each live in a container; and beside it
//! what is nearly the same.

use std::path::Path;

use crate::cases::{Case, alerts_of, case, lines};
use crate::container::{Container, can_run, privileged};
use crate::sensor::Sensor;

const CASES: &[Case] = &[
    case(
        "io_uring opens",
        &["@evasion", "rings", "/srv/ring"],
        &["@trigger", "read", "/srv/ring/target"],
    ),
    case(
        "Connection made through io_uring",
        &["@evasion", "rings", "/srv/ring"],
        &["@evasion", "network"],
    ),
    case(
        "Files changed through io_uring",
        &["@evasion", "rings", "/srv/ring"],
        &["rm", "-f", "/srv/ring/removed-by-ring"],
    ),
    case(
        "Ring of io_uring made in a container",
        &["sh", "-c", "cp /triggers/evasion /srv/rings; exec /srv/rings rings /srv/ring"],
        &["@evasion", "rings", "/srv/ring"],
    ),
    case("32 bits open", &["@evasion", "compat"], &["@trigger", "read", "/etc/hostname"]),
    case("32 bits connect", &["@evasion", "compat"], &["@evasion", "network"]),
    case("Program run from memory", &["@evasion", "memory-program"], &["env", "ONLY=this", "true"]),
    case("Loader runs a program", &["/lib64/ld-linux-x86-64.so.2", "/bin/true"], &["/bin/true"]),
    case(
        "Symbolic link is followed",
        &["@trigger", "read", "/srv/symbolic"],
        &["@trigger", "read", "/etc/shadow"],
    ),
    case(
        "Password file linked under another name",
        &["@trigger", "link", "/etc/shadow", "/srv/hard"],
        &["@trigger", "link", "/etc/passwd", "/srv/other"],
    ),
    case(
        "Standard stream put on a network connection",
        &["@trigger", "redirect", "output"],
        &["@trigger", "redirect", "file"],
    ),
    case(
        "Shell on a network connection",
        &["@trigger", "hand-over", "connection"],
        &["@trigger", "hand-over", "nothing"],
    ),
    case(
        "Argument swapped during a call",
        &["@evasion", "swapped", "/srv/swap"],
        &["@trigger", "read", "/srv/swap/secret"],
    ),
    case(
        "Argument swapped during a call",
        &["@evasion", "swapped-clone"],
        &["@evasion", "unswapped-clone"],
    ),
    case(
        "Flags of a process swapped",
        &["@evasion", "swapped-clone"],
        &["@evasion", "swapped", "/srv/swap-elsewhere"],
    ),
    case(
        "Argument swapped during a call",
        &["@evasion", "swapped-address"],
        &["@evasion", "network"],
    ),
    case(
        "Address of a connection swapped",
        &["@evasion", "swapped-address"],
        &["@evasion", "swapped-clone"],
    ),
    case(
        "File is made by being opened",
        &["sh", "-c", "true >> /srv/made-$$"],
        &["sh", "-c", "true >> /srv/swap/secret"],
    ),
    case(
        "Upper layer is executed",
        &["@trigger", "drop", "/bin/true", "/srv/new"],
        &["@trigger", "run", "/bin/true"],
    ),
    case(
        "File of the upper layer is read",
        &["@trigger", "read", "/etc/added"],
        &["@trigger", "read", "/etc/debian_version"],
    ),
    case(
        "IPv6 is spoken",
        &["@trigger", "connect", "[::1]:6443"],
        &["@trigger", "connect", "127.0.0.1:6443"],
    ),
    case(
        "Process of a container enters other namespaces",
        &["nsenter", "--uts=/proc/1/ns/uts", "true"],
        &["true"],
    ),
    case("Namespace is left", &["unshare", "--uts", "true"], &["unshare", "--ipc", "true"]),
    case(
        "File system is mounted",
        &["mount", "-t", "tmpfs", "none", "/mnt"],
        &["mount", "-t", "tmpfs", "none", "/media"],
    ),
    case(
        "Memory of another is written",
        &["@trigger", "write-memory", "other"],
        &["@trigger", "write-memory", "own"],
    ),
    case(
        "Memory of another process written",
        &["@trigger", "write-memory", "other"],
        &["@trigger", "write-memory", "own"],
    ),
    case(
        "Memory of another process written",
        &["@trigger", "write-memory", "other"],
        &["@trigger", "write-memory", "nowhere"],
    ),
    case(
        "Another is traced",
        &["@trigger", "ptrace", "attach"],
        &["@trigger", "ptrace", "interrupt"],
    ),
    case(
        "Process of inner numbers is traced",
        &["unshare", "--pid", "--fork", "/triggers/trigger", "ptrace", "attach"],
        &["@trigger", "ptrace", "attach"],
    ),
    case(
        "File system is opened",
        &["perl", "-e", "my $n='tmpfs'; syscall(430,$n,0)>=0 or die $!"],
        &["perl", "-e", "my $n='proc'; syscall(430,$n,0)>=0 or die $!"],
    ),
    case(
        "File system is configured",
        &[
            "perl",
            "-e",
            "my ($n,$k,$v)=('tmpfs','size','1m'); my $f=syscall(430,$n,0); syscall(431,$f,1,$k,$v,0)==0 or die $!",
        ],
        &[
            "perl",
            "-e",
            "my ($n,$k,$v)=('tmpfs','size','2m'); my $f=syscall(430,$n,0); syscall(431,$f,1,$k,$v,0)==0 or die $!",
        ],
    ),
    case(
        "Device is made",
        &["mknod", "-m", "600", "/srv/device", "p"],
        &["mknod", "-m", "600", "/srv/other-device", "p"],
    ),
    case("Time of a file is set", &["touch", "/srv/times"], &["touch", "/srv/other-times"]),
    case(
        "User namespace made in a container",
        &[
            "perl",
            "-e",
            "my $a=pack('Q11',0x10000000,0,0,0,17,(0)x6); syscall(435,$a,88)>=0 or die $!",
        ],
        &[
            "perl",
            "-e",
            "my $a=pack('Q11',0x08000000,0,0,0,17,(0)x6); syscall(435,$a,88)>=0 or die $!",
        ],
    ),
    case(
        "Opened for writing by another way",
        &[
            "perl",
            "-e",
            "my ($n,$h)=('/srv/how',pack('Q3',0101,0600,0)); syscall(437,-100,$n,$h,24)>=0 or die $!",
        ],
        &[
            "perl",
            "-e",
            "my ($n,$h)=('/srv/how',pack('Q3',0100,0600,0)); syscall(437,-100,$n,$h,24)>=0 or die $!",
        ],
    ),
    case(
        "Unix socket is connected",
        &["perl", "-e", SPEAKS, "/srv/speaks"],
        &["perl", "-e", SPEAKS, "/srv/mute"],
    ),
    case(
        "Unix socket is spoken over",
        &["perl", "-e", SPEAKS, "\\0speaks"],
        &["perl", "-e", SPEAKS, "\\0mute"],
    ),
    case(
        "Link is made",
        &["ln", "-s", "/etc/hostname", "/srv/made"],
        &["ln", "-s", "/srv/made", "/srv/not-made"],
    ),
    case(
        "Process of inner numbers gets a signal",
        &["sh", "-c", SIGNALS_WITHIN, "sh", "login"],
        &["sh", "-c", SIGNALS_WITHIN, "sh", "nginy"],
    ),
    case(
        "Keyring is asked for",
        &["perl", "-e", "syscall(250,0,-2,0,0,0)"],
        &["perl", "-e", "syscall(250,6,-2,0,0,0)"],
    ),
    case(
        "Process is counted",
        &["perl", "-e", "my $a=chr(0)x128; syscall(298,$a,$$+0,-1,-1,0)"],
        &["perl", "-e", "my $a=chr(0)x128; syscall(298,$a,1,-1,-1,0)"],
    ),
    case("Page faults are handled", &["@evasion", "faults"], &["@evasion", "nothing"]),
    case("Kernel is given a program", &["@evasion", "privileges"], &["@evasion", "nothing"]),
    case("Kernel module loaded by a container", &["@trigger", "module"], &["@evasion", "nothing"]),
    case(
        "Memory made writable and executable",
        &["@evasion", "protect", "executable"],
        &["@evasion", "protect", "writable"],
    ),
    case(
        "Name is asked for",
        &["@trigger", "ask", "needle.example"],
        &["@trigger", "ask", "other.example"],
    ),
    case(
        "Question came from somebody",
        &["@trigger", "ask", "needle.example"],
        &["@evasion", "network"],
    ),
    case(
        "Name is answered",
        &["@trigger", "ask", "needle.example"],
        &["@trigger", "ask", "other.example"],
    ),
];

/// What has to lie in the container before.
const PREPARE: &str = "mkdir -p /srv/ring /srv/swap /srv/swap-elsewhere && touch /srv/ring/target /srv/swap/secret /etc/added && \
    ln -s /etc/shadow /srv/symbolic";

/// Listens at a Unix socket of that name, connects to it, and says something.
const SPEAKS: &str = "use Socket; my ($there, $here); my $name = eval qq(\"$ARGV[0]\"); my $at = pack_sockaddr_un($name); \
    socket($there, AF_UNIX, SOCK_STREAM, 0) and bind($there, $at) and listen($there, 1) or die $!; \
    socket($here, AF_UNIX, SOCK_STREAM, 0) and connect($here, $at) and syswrite($here, 'needle') or die $!";

/// Sends a signal to a process that has a namespace of numbers to itself, by its number out here.
const SIGNALS_WITHIN: &str = "unshare --pid --fork /triggers/$1 later 60000 < /dev/null & \
    outer=$!; while set -- $1 $(cat /proc/$outer/task/$outer/children); ! grep -qx $1 /proc/$2/comm; do sleep 0.01; done; \
    kill -KILL $2; wait";

/// What rings remove, and swaps leave behind.
const RENEW: &str = "touch /srv/ring/removed-by-ring; rm -f /srv/ring/written-by-ring";

#[test]
fn what_evades_others_is_seen() {
    if !can_run() {
        return;
    }
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/evasions.yaml");
    // The rules that are shipped come first, and tell what they are about; others stand for what no shipped rule is.
    let shipped = Path::new("shipped");
    let Some(sensor) = Sensor::watch(&[shipped, &rules], &["--all-rules"]) else { return };
    let container = Container::start("evasions", &["sleep", "600"], privileged);
    container.exec(&["sh", "-c", PREPARE]);
    let mut all = Vec::new();
    for (rule, meets, words) in lines(CASES, |_, _| true) {
        if words.iter().any(|word| word.contains("rings")) {
            all.push(("", false, &["sh", "-c", RENEW][..]));
        }
        all.push((rule, meets, words));
    }
    let mut wrong = Vec::new();
    for ((rule, meets, _), alerts) in all.iter().zip(alerts_of(&sensor, &container, &all)) {
        let met: Vec<_> = alerts.iter().map(|alert| &alert["rule"]).collect();
        if met.iter().any(|met| *met == rule) != *meets {
            wrong.push(format!("{rule}: expected {meets}: {met:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}\n{}", sensor.said(), container.log());
}
