//! The forms in which records leave the sensor.

use bulkhead_alerts::{Document, Node, Record, message};
use bulkhead_sensor::Delivery;
use serde::{Deserialize, Serialize};

/// How records leave, as the parts tell each other.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Telling {
    /// The form of each output, by its place.
    pub(super) forms: Vec<Form>,
    /// This node.
    pub(super) node: Node,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Form {
    /// A line for people.
    Text,
    /// A line of JSON.
    Json,
    /// A message of syslog.
    Syslog,
}

impl Telling {
    /// A record for every output.
    pub(super) fn deliveries(&self, record: &Record) -> impl Iterator<Item = Delivery> {
        let outputs = (0..).zip(&self.forms);
        outputs.map(|(output, form)| Delivery { output, bytes: self.bytes(record, *form) })
    }

    fn bytes(&self, record: &Record, form: Form) -> Vec<u8> {
        let mut line = match form {
            Form::Text => bulkhead_alerts::text(record),
            Form::Json => {
                let document = Document::new(record, Some(self.node.hostname.as_str()));
                bulkhead_alerts::json(&document)
            }
            Form::Syslog => return message(record, &self.node),
        };
        line.push('\n');
        line.into_bytes()
    }
}
