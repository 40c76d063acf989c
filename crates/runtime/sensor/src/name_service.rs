//! Messages of the name service, in the bytes that programs send and receive (RFC 1035, 4).

use std::sync::Arc;

use bulkhead_events::{Argument, Event, FileDescriptor, Kind, Protocol, SocketAddress};
use bulkhead_probes::{Record, Value};
use hickory_proto::op::{Header, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinDecodable as _, BinDecoder};

use crate::files::address;

/// The port that it is asked at.
const PORT: u16 = 53;

/// Questions of a message at most: nobody asks more than one, and what claims to is something else.
const QUESTIONS: u16 = 4;

/// Answers that are told at most. Each of them may be a name of 255 bytes that stands only once in the message.
const ANSWERS: usize = 16;

/// A question, or an answer to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameMessage {
    /// The name that is asked for, without the dot at its end; in small letters, since capitals mean the same
    /// (RFC 4343) and are what questions are disguised with.
    pub name: String,
    /// What is asked about it: `A`, `TXT`, `TYPE65280` (RFC 3597).
    pub about: String,
    /// What became of it, where this is the answer: 0 for success, 3 for a name that does not exist.
    pub code: Option<u16>,
    /// The addresses, names and texts of the answer.
    pub answers: Vec<String>,
}

impl NameMessage {
    /// A message by its bytes, of which the end may be missing; none for what is no question about a name, or an
    /// answer to one. `is_stream`: the length may stand before it (RFC 1035, 4.2.2).
    pub fn read(bytes: &[u8], is_stream: bool) -> Option<Self> {
        if is_stream && let Some((length, rest)) = bytes.split_first_chunk() {
            // As long as what is here, or longer where the end is missing.
            let length = usize::from(u16::from_be_bytes(*length));
            if length >= rest.len()
                && let Some(message) = Self::of_datagram(rest)
            {
                return Some(message);
            }
        }
        Self::of_datagram(bytes)
    }

    fn of_datagram(bytes: &[u8]) -> Option<Self> {
        let mut decoder = BinDecoder::new(bytes);
        let header = Header::read(&mut decoder).ok()?;
        let is_answer = header.metadata.message_type == MessageType::Response;
        let questions = header.counts.queries;
        let is_plain =
            header.metadata.op_code == OpCode::Query && (1..=QUESTIONS).contains(&questions);
        if !is_plain || (!is_answer && header.counts.answers != 0) {
            return None;
        }
        let first = Query::read(&mut decoder).ok()?;
        for _ in 1..questions {
            Query::read(&mut decoder).ok()?;
        }
        let mut answers = Vec::new();
        for _ in 0..header.counts.answers {
            // The end may be missing.
            let Ok(record) = hickory_proto::rr::Record::read(&mut decoder) else { break };
            answers.extend(told(&record.data));
            if answers.len() >= ANSWERS {
                break;
            }
        }
        Some(Self {
            name: plain(first.name()),
            about: about(first.query_type()),
            code: is_answer.then(|| u16::from(header.metadata.response_code)),
            answers,
        })
    }
}

/// The events of messages that a call moved.
pub(crate) fn events(of: &Event, record: &Record<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    let file = of.file.as_deref();
    let Some((file, connection)) = file.and_then(|file| Some((file, file.connection.as_ref()?)))
    else {
        return events;
    };
    let (mut own, mut is_first) = (None, true);
    for part in record.parts() {
        match part.value {
            // Of several messages each stands behind its own address.
            Value::Address(bytes) => own = address(bytes).map(|address| (part.role, address)),
            Value::Payload(bytes) => {
                // Of the first one the call's file knows it already.
                let is_first = std::mem::replace(&mut is_first, false);
                let own = own.take().filter(|(role, _)| *role == part.role);
                let elsewhere = match own {
                    Some((_, SocketAddress::Internet(address)))
                        if !is_first && !connection.connected =>
                    {
                        let mut connection = connection.clone();
                        connection.remote = Some(address.into());
                        let name = connection.name();
                        Some(FileDescriptor { connection: Some(connection), name, ..file.clone() })
                    }
                    _ => None,
                };
                events.extend(event(of, elsewhere, bytes));
            }
            _ => {}
        }
    }
    events
}

/// The event of one message, by its bytes and what they were sent over where that is not the call's file.
fn event(of: &Event, elsewhere: Option<FileDescriptor>, payload: &[u8]) -> Option<Event> {
    let file = elsewhere.map(Arc::new).or_else(|| of.file.clone())?;
    let connection = file.connection.as_ref()?;
    let ends = [&connection.local, &connection.remote];
    if !ends.into_iter().flatten().any(|end| end.port == PORT) {
        return None;
    }
    let message = NameMessage::read(payload, connection.protocol == Protocol::Tcp)?;
    let mut event =
        Event { kind: Kind::DNS, result: None, mismatch: None, file: Some(file), ..of.clone() };
    event.arguments = vec![
        Argument::Text(message.name.into()),
        Argument::Text(message.about.into()),
        Argument::Number(message.code.is_some().into()),
        message.code.map_or(Argument::Absent, |code| Argument::Number(code.into())),
        Argument::Text(message.answers.join(",").into()),
        // What it was sent over is the file's name.
        Argument::Absent,
    ];
    Some(event)
}

fn plain(name: &Name) -> String {
    let name = name.to_lowercase().to_ascii();
    match name.strip_suffix('.') {
        Some(whole) if !whole.is_empty() => whole.to_owned(),
        _ => name,
    }
}

fn about(kind: RecordType) -> String {
    match kind {
        RecordType::Unknown(number) => format!("TYPE{number}"),
        known => known.to_string(),
    }
}

/// What an answer says, where that is an address, a name or a text.
fn told(data: &RData) -> Option<String> {
    match data {
        RData::A(address) => Some(address.0.to_string()),
        RData::AAAA(address) => Some(address.0.to_string()),
        RData::CNAME(name) => Some(plain(&name.0)),
        RData::NS(name) => Some(plain(&name.0)),
        RData::PTR(name) => Some(plain(&name.0)),
        RData::MX(exchange) => Some(plain(&exchange.exchange)),
        RData::SRV(service) => Some(plain(&service.target)),
        RData::TXT(text) => {
            let parts = text.txt_data.iter().map(|part| String::from_utf8_lossy(part));
            Some(parts.collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A question for an address of `www.Example.org`, and the same with two answers: another name, and its address.
    const QUESTION: &[u8] =
        b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07Example\x03org\0\0\x01\0\x01";
    const ANSWER: &[u8] =
        b"\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0\x03www\x07Example\x03org\0\0\x01\0\x01\
        \xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03web\xc0\x10\
        \xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x07";

    fn message(code: Option<u16>, answers: &[&str]) -> NameMessage {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        NameMessage { name: "www.example.org".into(), about: "A".into(), code, answers }
    }

    #[test]
    fn questions_and_answers_are_read() {
        assert_eq!(NameMessage::read(QUESTION, false), Some(message(None, &[])));
        let whole = Some(message(Some(0), &["web.example.org", "192.0.2.7"]));
        assert_eq!(NameMessage::read(ANSWER, false), whole);
        // What is missing at the end costs what stood there alone.
        for (missing, answers) in [(1, &["web.example.org"][..]), (17, &[])] {
            let read = NameMessage::read(&ANSWER[..ANSWER.len() - missing], false);
            assert_eq!(read, Some(message(Some(0), answers)), "{missing}");
        }
        let mut refused = ANSWER.to_vec();
        refused[3] = 0x83;
        refused[7] = 0;
        assert_eq!(NameMessage::read(&refused, false), Some(message(Some(3), &[])));
    }

    #[test]
    fn a_length_may_stand_before_it() {
        let length = u8::try_from(QUESTION.len()).unwrap();
        let framed = [&[0, length], QUESTION].concat();
        assert_eq!(NameMessage::read(&framed, true), Some(message(None, &[])));
        assert_eq!(NameMessage::read(&framed, false), None);
        // Some hand the length over by a call of its own.
        assert_eq!(NameMessage::read(QUESTION, true), Some(message(None, &[])));
    }

    #[test]
    fn what_is_no_question_about_a_name_is_none() {
        let changed = |place: usize, byte: u8| {
            let mut bytes = QUESTION.to_vec();
            bytes[place] = byte;
            bytes
        };
        let cases = [
            Vec::new(),
            b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".to_vec(),
            // Another operation, no question, answers in a question, a name that leads to itself.
            changed(2, 0x29),
            changed(5, 0),
            changed(7, 1),
            [&QUESTION[..12], b"\xc0\x0c\0\x01\0\x01"].concat(),
        ];
        for bytes in cases {
            assert_eq!(NameMessage::read(&bytes, false), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn kinds_without_a_name_are_told_by_their_number() {
        let mut bytes = QUESTION.to_vec();
        let place = bytes.len() - 4;
        bytes[place] = 0xff;
        assert_eq!(NameMessage::read(&bytes, false).unwrap().about, "TYPE65281");
    }
}
