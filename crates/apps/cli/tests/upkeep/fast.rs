//! Containers that are gone as soon as they are there are told by their names all the same.

use serde_json::{Value, json};

use crate::container::Container;
use crate::sensor::Sensor;

const RULES: &str = "- rule: Mark read
  desc: by the first and only program of a container
  condition: evt.type in (open, openat) and fd.name startswith /mark/
  output: '%fd.name %container.id %user.name'
  priority: WARNING
";

/// Containers that come and go, one after the other.
const CONTAINERS: usize = 10;

/// How often all is done again where the sensor itself says that it lost something.
const ATTEMPTS: usize = 5;

#[test]
fn containers_that_come_and_go_at_once_are_known() {
    for _ in 0..ATTEMPTS {
        let Some(sensor) = Sensor::start(RULES, &["--canary", "0"]) else { return };
        let run = std::process::id();
        let mut expected = Vec::new();
        for number in 0..CONTAINERS {
            let mark = format!("/mark/{run}-{number}");
            // The file is not there; that it was asked for is enough.
            let words = ["sh", "-c", &format!("cat {mark} || true")];
            let prepared = Container::prepare(&format!("f{number}-"), &words, &json!({}));
            let Some(container) = prepared else { return };
            container.run(&["run", &container.name]);
            let id: String = container.name.chars().take(12).collect();
            expected.push((mark, id));
        }
        let told = |(mark, _): &(String, String)| -> Option<Value> {
            let mut all = sensor.alerts("Mark read").into_iter();
            all.find(|alert| alert["output_fields"]["fd.name"] == **mark)
        };
        let is_told = Sensor::until(|| told(expected.last()?));
        if sensor.alerts("Sensor lost events").is_empty() {
            assert!(is_told.is_some(), "{}", sensor.said());
            for expected in &expected {
                let alert = told(expected).unwrap();
                assert_eq!(alert["output_fields"]["container.id"], *expected.1, "{alert}");
            }
            return;
        }
    }
    panic!("the sensor lost something in each of {ATTEMPTS} attempts");
}
