//! What is said where the sensor's sign of life does not come through.

use bulkhead_sensor::{Delivery, Sign};
use jiff::Timestamp;
use serde_json::json;

use super::notice::{Notice, Telling};

/// The lines for each output.
pub(super) fn lines(words: &[u8], sign: Sign, now: Timestamp) -> Vec<Delivery> {
    let Ok(telling) = serde_json::from_slice::<Telling>(words) else { return Vec::new() };
    let lines = telling.lines(&notice(sign), now).into_iter();
    lines.map(|(output, bytes)| Delivery { output, bytes }).collect()
}

fn notice(sign: Sign) -> Notice {
    match sign {
        Sign::Silent { .. } => Notice {
            name: "Sensor is blind",
            priority: "Critical",
            text:
                "its sign of life does not come through any more, so that nothing is seen of what \
                   happens; it may have been tampered with, or the machine is overloaded"
                    .to_owned(),
            fields: json!({"sensor.alive": false}),
        },
        Sign::Back { after } => Notice {
            name: "Sensor sees again",
            priority: "Notice",
            text: format!(
                "its sign of life comes through again, after {:.1} seconds; what happened meanwhile may \
                 not have been seen",
                after.as_secs_f64()
            ),
            fields: json!({"sensor.alive": true, "sensor.silent_seconds": after.as_secs_f64()}),
        },
    }
}
