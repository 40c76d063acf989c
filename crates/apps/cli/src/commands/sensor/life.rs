//! What the sinks say of their own accord: that the sign of life does not come through, and what a server did
//! not get.

use std::collections::BTreeMap;

use bulkhead_alerts::{Notice, Record};
use bulkhead_rules::Priority;
use bulkhead_sensor::{Delivery, Sign};
use serde_json::json;

use super::telling::Telling;

/// What to write, at a time in nanoseconds since 1970.
pub(super) fn deliveries(words: &[u8], sign: Sign, time: u64) -> Vec<Delivery> {
    let Ok(telling) = serde_json::from_slice::<Telling>(words) else { return Vec::new() };
    telling.deliveries(&Record::Notice(notice(sign, time))).collect()
}

/// The message that tells a syslog server how many it did not get.
pub(super) fn gap(words: &[u8], dropped: u64, time: u64) -> Vec<u8> {
    let telling = serde_json::from_slice::<Telling>(words).unwrap_or_default();
    let notice = Notice {
        time,
        name: "Sensor dropped messages".to_owned(),
        priority: Priority::Error,
        message: format!(
            "{dropped} messages were dropped before this one, because the server did not take them in time"
        ),
        fields: BTreeMap::from([("dropped".to_owned(), json!(dropped))]),
    };
    bulkhead_alerts::message(&Record::Notice(notice), &telling.node)
}

fn notice(sign: Sign, time: u64) -> Notice {
    match sign {
        Sign::Silent { missing, .. } => {
            let missing: Vec<&str> = missing.iter().map(|way| way.title()).collect();
            Notice {
                time,
                name: "Sensor is blind".to_owned(),
                priority: Priority::Critical,
                message: format!(
                    "the sign of life of the sensor does not come through any more, so that nothing is seen of {}; \
                     it may have been tampered with, or the machine is overloaded",
                    missing.join(", ")
                ),
                fields: BTreeMap::from([
                    ("sensor.alive".to_owned(), json!(false)),
                    ("sensor.blind_to".to_owned(), json!(missing)),
                ]),
            }
        }
        Sign::Back { after } => Notice {
            time,
            name: "Sensor sees again".to_owned(),
            priority: Priority::Notice,
            message: format!(
                "the sign of life of the sensor comes through again, after {:.1} seconds; what happened meanwhile may \
                 not have been seen",
                after.as_secs_f64()
            ),
            fields: BTreeMap::from([
                ("sensor.alive".to_owned(), json!(true)),
                ("sensor.silent_seconds".to_owned(), json!(after.as_secs_f64())),
            ]),
        },
    }
}
