//! What the sensor tells of itself among the alerts, in their forms.

use bulkhead_report::printable;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::engine::Form;

/// How notices leave, as the parts tell each other.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Telling {
    /// The form of each output, by its place.
    pub(super) forms: Vec<Form>,
    /// The name of this node.
    pub(super) hostname: String,
}

/// Something about the sensor that whoever reads alerts has to know.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    /// What takes the place of a rule's name: always the same for the same thing.
    pub(super) name: &'static str,
    /// A priority of rules.
    pub(super) priority: &'static str,
    /// For people.
    pub(super) text: String,
    /// For programs.
    pub(super) fields: Value,
}

impl Telling {
    /// The lines of a notice, by the place of the output.
    pub(super) fn lines(&self, notice: &Notice, now: Timestamp) -> Vec<(u16, Vec<u8>)> {
        let outputs = (0..).zip(&self.forms);
        outputs.map(|(output, form)| (output, self.line(notice, *form, now).into_bytes())).collect()
    }

    fn line(&self, notice: &Notice, form: Form, now: Timestamp) -> String {
        let clock = now.strftime("%H:%M:%S%.9f");
        let text =
            format!("{clock}: {} {}: {}", notice.priority, notice.name, printable(&notice.text));
        let mut line = match form {
            Form::Text => text,
            Form::Json => json!({
                "time": format!("{now:.9}"),
                "rule": notice.name,
                "priority": notice.priority,
                "source": "sensor",
                "output": text,
                "tags": ["sensor"],
                "output_fields": notice.fields,
                "hostname": self.hostname,
            })
            .to_string(),
        };
        line.push('\n');
        line
    }
}
