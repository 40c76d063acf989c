//! Recordings of events, events that people write down, names of fields.

use bulkhead_events::{Event, EventScript, Field, RecordingReader, RecordingWriter, fields};
use bulkhead_limits::{Budget, Limits};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "recording", run: replay, seeds: recordings, data: &[] },
    Target { name: "event-script", run: read_script, seeds: scripts, data: &[] },
    Target { name: "field", run: parse_field, seeds: names, data: &[] },
];

const LIMITS: Limits = Limits { file_bytes: 1 << 20, bytes: 16 << 20, ..Limits::DEFAULT };

/// Asks each event for what can be asked without brackets; succeeds where there is an event.
fn replay(bytes: &[u8]) -> bool {
    let Ok(mut reader) = RecordingReader::open(bytes, &Budget::new(LIMITS)) else { return false };
    let asked: Vec<Field> = fields().filter_map(|row| Field::parse(row.name).ok()).collect();
    let mut count = 0_usize;
    while let Ok(Some(event)) = reader.next_event() {
        count += 1;
        // A long recording says the same again and again.
        if count < 100 {
            for field in &asked {
                drop(field.extract(event).to_string());
            }
        }
    }
    count > 0
}

fn read_script(bytes: &[u8]) -> bool {
    written(bytes).is_some_and(|events| !events.is_empty())
}

fn written(bytes: &[u8]) -> Option<Vec<Event>> {
    EventScript::read(bytes, &Budget::new(LIMITS)).ok()?.events().ok()
}

fn parse_field(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if let Some((field, length)) = Field::prefix(text) {
        assert!(length <= text.len() && Field::parse(&field.to_string()).is_ok());
    }
    Field::parse(text).is_ok()
}

fn recordings() -> Vec<Vec<u8>> {
    let empty = record(&[]);
    let whole = record(&written(SCRIPT.as_bytes()).unwrap_or_default());
    let short = whole.get(..whole.len() / 2).unwrap_or_default().to_vec();
    vec![whole, short, [&empty[..], &[1, 0, 3, 1, b'x', 1, 2, 6, 1]].concat(), empty, Vec::new()]
}

fn record(events: &[Event]) -> Vec<u8> {
    let Ok(mut writer) = RecordingWriter::new(Vec::new()) else { return Vec::new() };
    for event in events {
        let _ = writer.write(event);
    }
    writer.into_inner()
}

const SCRIPT: &str = "
defaults:
  container.id: 3ad7b26ded6d
  container.mounts: [/proc:/host/proc:bind:true:rslave, /etc:/etc]
  k8s.ns.name: default
  proc.aname[2]: sshd
  user.loginuid: 1000
events:
  - {evt.type: openat, fd.name: /etc/shadow, evt.arg.flags: O_RDONLY, proc.cmdline: cat -n x}
  - {evt.type: connect, fd.sip: 10.0.0.1, fd.sport: 443, fd.sip.name: a.example, evt.arg.addr: '10.0.0.1:443'}
  - {evt.type: recvfrom, evt.arg.data: 'hex:cafe', fd.num: 3, proc.stdin.type: ipv6}
  - {evt.type: rename, evt.res: ENOENT, evt.swapped.seen: /a}
";

fn scripts() -> Vec<Vec<u8>> {
    let texts = [
        SCRIPT,
        "events: []",
        "events: [{evt.type: open, fd.num: x}]",
        "defaults: {a: b}\nevents: 1",
        "[",
        "",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

fn names() -> Vec<Vec<u8>> {
    let texts = [
        "proc.aname[2]",
        "evt.arg.flags",
        "container.mount.dest[/var/run/*[a-z]]",
        "proc.env[\"HOME\"]",
        "fd.nmae",
        "proc.name[",
        "evt.arg[999]",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
