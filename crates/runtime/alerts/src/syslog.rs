//! A record as a message of syslog (RFC 5424).

use std::str::FromStr;

use bulkhead_model::{Digest, Evidence, printable};
use bulkhead_rules::Priority;
use serde::{Deserialize, Serialize};

use crate::alert::AlertId;
use crate::moment::rfc3339;
use crate::record::Record;

/// Bytes of a message at most. Receivers should take 2048 (RFC 5424, section 6.1), and those in use take this
/// unless somebody tells them otherwise.
pub const LONGEST_MESSAGE: usize = 8192;

/// Bytes of one value of the structured data at most.
const VALUE_BYTES: usize = 512;

/// Identifies our structured data. 32473 is the number of enterprises in examples (RFC 5612): we have none.
const STRUCTURE: &str = "bulkhead@32473";

/// The order mark that begins a text in UTF-8 (RFC 5424, section 6.4).
const ORDER_MARK: &str = "\u{feff}";

/// Where messages come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The name of the node.
    pub hostname: String,
    /// The number of the sensor's process.
    pub process: u32,
    /// The part of the system that they are about.
    pub facility: Facility,
}

/// A part of the system, as RFC 5424, section 6.2.1 numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facility(u8);

/// Their names in the order of their numbers.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

impl Facility {
    /// Matters of security that are not for everybody's eyes.
    pub const AUTHPRIV: Self = Self(10);

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The names of all of them.
    pub const fn names() -> &'static [&'static str] {
        &FACILITIES
    }
}

impl Default for Facility {
    fn default() -> Self {
        Self::AUTHPRIV
    }
}

impl FromStr for Facility {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = (0..).zip(FACILITIES).find(|(_, known)| *known == name);
        let number = known.map(|(number, _)| Self(number));
        number.ok_or_else(|| format!("{name} is no facility: {}", FACILITIES.join(", ")))
    }
}

/// A record as one message, without a frame around it. Whatever is told of, no byte of it is a line break or
/// another control character, and it has [`LONGEST_MESSAGE`] bytes at most.
pub fn message(record: &Record, node: &Node) -> Vec<u8> {
    let facility = node.facility.number();
    let value = facility.saturating_mul(8).saturating_add(number(record.priority()));
    let mut message = format!(
        "<{value}>1 {} {} bulkhead {} {} ",
        rfc3339(record.time(), 6),
        hostname(&node.hostname),
        node.process,
        kind(record),
    );
    message.push_str(&structure(record));
    let says = record.says();
    let text = printable(says.trim_end());
    message.push(' ');
    if !text.is_ascii() {
        message.push_str(ORDER_MARK);
    }
    let room = LONGEST_MESSAGE.saturating_sub(message.len());
    message.push_str(&cut(&text, room));
    message.into_bytes()
}

/// The kind of message (MSGID).
const fn kind(record: &Record) -> &'static str {
    match record {
        Record::Alert(_) => "alert",
        Record::Sum(_) => "suppressed",
        Record::Loss(_) => "loss",
        Record::Rules(_) => "rules",
        Record::Notice(_) => "notice",
    }
}

/// Falco's priorities are syslog's severities, in the same order (section 6.2.1).
fn number(priority: Priority) -> u8 {
    let found = (0..).zip(Priority::ALL).find(|(_, known)| *known == priority);
    found.map_or(5, |(number, _)| number)
}

/// A name in printable ASCII of 255 bytes at most, or the sign for none (section 6.2.4).
fn hostname(name: &str) -> &str {
    let is_name =
        (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_name { name } else { "-" }
}

/// What programs read: an element with a parameter for each thing that is known.
fn structure(record: &Record) -> String {
    let mut element = Element(format!("[{STRUCTURE}"));
    element.add("rule", record.rule());
    element.add("priority", record.priority().name());
    element.add("severity", record.severity().name());
    match record {
        Record::Alert(alert) => {
            element.add("id", alert.id.as_str());
            element.add("event", alert.kind);
            for tactic in &alert.attack.tactics {
                element.add("tactic", tactic.name());
            }
            for technique in &alert.attack.techniques {
                element.add("technique", &technique.to_string());
            }
            for evidence in &alert.evidence {
                element.evidence(evidence);
            }
        }
        Record::Sum(sum) => {
            element.add_known("id", sum.id.as_ref().map(AlertId::as_str));
            element.add("count", &sum.count.to_string());
            element.add("first", &rfc3339(sum.first, 6));
            element.add("last", &rfc3339(sum.last, 6));
        }
        Record::Loss(loss) => {
            element.add("lane", &loss.lane);
            element.add("lost", &loss.lost.to_string());
            element.add("until", &rfc3339(loss.until, 6));
        }
        Record::Rules(rules) => {
            element.add_known("loaded", rules.loaded.map(|count| count.to_string()).as_deref());
            element.add("problems", &rules.count.to_string());
        }
        Record::Notice(notice) => {
            for (name, value) in &notice.fields {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                element.add(name, &text);
            }
        }
    }
    element.0.push(']');
    element.0
}

/// An element of structured data that is being written.
struct Element(String);

impl Element {
    /// Adds a parameter; not where there is no room left, so that the text has some.
    fn add(&mut self, name: &str, value: &str) {
        let value = printable(value);
        let value = cut(&value, VALUE_BYTES);
        let is_name = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        let needed = name.len().saturating_add(value.len().saturating_mul(2)).saturating_add(8);
        if !is_name || self.0.len().saturating_add(needed) > LONGEST_MESSAGE / 2 {
            return;
        }
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        for character in value.chars() {
            // Section 6.3.3: these three, and no other.
            if matches!(character, '"' | '\\' | ']') {
                self.0.push('\\');
            }
            self.0.push(character);
        }
        self.0.push('"');
    }

    fn add_known(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn evidence(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::Process(process) => {
                self.add("pid", &process.pid.to_string());
                self.add("process", &process.name);
                self.add("executable", &process.executable);
                self.add("user", process.user.as_deref().unwrap_or(&process.user_id.to_string()));
            }
            Evidence::Container(container) => {
                self.add("container", &container.id);
                self.add_known("container_name", container.name.as_deref());
                self.add_known("image", container.image.as_deref());
                self.add_known("tag", container.tag.as_deref());
                self.add_known("digest", container.digest.as_ref().map(Digest::as_str));
                let pod = container.pod.as_ref();
                self.add_known("pod", pod.map(|pod| pod.name.as_str()));
                self.add_known("namespace", pod.map(|pod| pod.namespace.as_str()));
            }
            Evidence::File { path, .. } => self.add("file", path),
            Evidence::Connection { server: Some(server), .. } => self.add("server", server),
            _ => {}
        }
    }
}

/// The text, or as much of it as there is room for with a sign that it was cut.
fn cut(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let mut end = room.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}
