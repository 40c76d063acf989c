//! Fields of what programs write to the system's log.

use super::Need;
use super::event::{WRITE, direction};
use super::row::{FieldRow, rows};
use crate::{Argument, Event};

const LOG: &[Need] = &[Need::Arguments, Need::Buffer, Need::Descriptors];
const NAMED: &[Need] = &[Need::Descriptors];

pub(super) const ROWS: &[FieldRow] = rows! {
    "evt.is_syslog" Boolean NAMED: "Whether it writes to the system's log, `/dev/log`.",
        |event, _| is_log(event).into(), from("evt.type and fd.name");
    "syslog.facility" Number LOG: "Who logs, by its number.",
        |event, _| message(event).map(|message| message.priority >> 3).into(), from("evt.arg.data and fd.name");
    "syslog.facility.str" Text LOG: "Who logs: `auth`, `cron`, `daemon` and others.",
        |event, _| message(event).and_then(|message| name(&FACILITIES, message.priority >> 3)).into(),
        from("evt.arg.data and fd.name");
    "syslog.severity" Number LOG: "How grave it is, 0 to 7.",
        |event, _| message(event).map(|message| message.priority & 7).into(), from("evt.arg.data and fd.name");
    "syslog.severity.str" Text LOG: "How grave it is: `emerg` to `debug`.",
        |event, _| message(event).and_then(|message| name(&SEVERITIES, message.priority & 7)).into(),
        from("evt.arg.data and fd.name");
    "syslog.message" Text LOG: "What is logged, behind the number of its priority.",
        |event, _| message(event).map(|message| message.text).into(), from("evt.arg.data and fd.name");
};

/// libs, `sinsp_syslog.cpp`.
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "clock", "authpriv",
    "ftp", "ntp", "logaudit", "logalert", "cron", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

struct Message<'e> {
    priority: u32,
    text: &'e [u8],
}

/// The socket has this at the end of its name, which is that of both ends where it is connected.
fn is_log(event: &Event) -> bool {
    let file = event.file.as_deref().filter(|_| direction(event) == Some(WRITE));
    file.is_some_and(|file| file.name.ends_with(b"/dev/log"))
}

/// What stands behind `<34>`. (RFC 3164, section 4.1)
fn message(event: &Event) -> Option<Message<'_>> {
    let Some((_, Argument::Text(data))) = event.argument("data").filter(|_| is_log(event)) else {
        return None;
    };
    let inside = data.strip_prefix(b"<")?;
    let end = inside.iter().position(|byte| *byte == b'>')?;
    let digits = std::str::from_utf8(inside.get(..end)?).ok()?;
    let digits =
        Some(digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let text = inside.get(end.saturating_add(1)..)?;
    Some(Message { priority: digits.parse().ok()?, text })
}

fn name(names: &[&'static str], number: u32) -> Option<&'static str> {
    names.get(usize::try_from(number).ok()?).copied()
}
