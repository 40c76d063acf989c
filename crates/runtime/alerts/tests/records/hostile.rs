//! Whatever a program calls itself: one alert is one line of each form, and says the same.

use std::sync::Arc;

use bulkhead_alerts::{Document, LONGEST_MESSAGE, json, message, text};
use bulkhead_events::{Container, Event, Text};
use proptest::prelude::*;
use serde_json::Value;

use super::messages::parse;
use super::{OPENED, event, node, record};

/// What breaks lines, frames, quotes, terminals and readers.
const NASTY: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\0",
    b"\x1b[2J\x1b]0;title\x07",
    b"\x7f",
    b"\x85",
    b"\xc2\x85",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xa9",
    b"\xe2\x80\xae",
    b"\xe2\x81\xa6",
    b"\xef\xbb\xbf",
    b"\xef\xbf\xbf",
    b"\"",
    b"\\",
    b"]",
    b"[x y=\"z\"]",
    b"'",
    b"<34>1 - - - - - -",
    b"\n<0>1 2023-11-14T22:13:20Z h a - - - forged",
    b"%n%s",
    b"\\n",
    b"{\"rule\":\"forged\"}",
    b"</script>",
    b"\xf3\xa0\x80\x81",
    b"a b",
    b"\xcc\x81",
];

fn hostile() -> impl Strategy<Value = Text> {
    let piece = prop_oneof![
        3 => prop::sample::select(NASTY).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => "[a-z/]{1,9}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat().into())
}

/// An event all of whose words a program chose.
fn poisoned(words: &[Text], long: usize) -> Event {
    let mut event = event(OPENED);
    let mut words = words.iter().cycle().cloned();
    let mut next = || words.next().unwrap_or_default();
    let process = Arc::make_mut(&mut event.process);
    process.name = next();
    process.executable.path = next();
    process.directory = next();
    process.user.name = Some(next());
    let mut arguments = vec![next(), next()];
    arguments.push(vec![b'A'; long].into());
    arguments.extend(std::iter::repeat_n(Text::from("\n"), long / 1000));
    process.arguments = arguments.into();
    process.container = Some(Arc::new(Container {
        id: next(),
        name: Some(next()),
        image: bulkhead_events::Image { repository: Some(next()), ..Default::default() },
        ..Container::default()
    }));
    Arc::make_mut(event.file.as_mut().unwrap()).name = next();
    event
}

/// The longest line: a few values of an output that are cut at 32 KiB each, and evidence.
const LONGEST_LINE: usize = 512 << 10;

fn check(event: &Event) -> Result<(), TestCaseError> {
    let record = record(event);
    let line = text(&record);
    let is_harmless = |text: &str| !text.chars().any(bulkhead_model::is_unsafe);
    prop_assert!(is_harmless(&line), "{line:?}");
    let document = Document::new(&record, Some("node"));
    let document = json(&document);
    prop_assert!(is_harmless(&document), "{document:?}");
    prop_assert!(document.len() < LONGEST_LINE);
    let value: Value = serde_json::from_str(&document).unwrap();
    prop_assert_eq!(&value["output"], &Value::from(line.as_str()));
    // Nothing is lost by escaping: what was UTF-8 comes back as it was.
    let name = String::from_utf8_lossy(&event.file.as_ref().unwrap().name).into_owned();
    prop_assert_eq!(&value["output_fields"]["fd.name"], &Value::from(name));
    let message = message(&record, &node());
    prop_assert!(message.len() <= LONGEST_MESSAGE);
    let parsed = parse(&message).map_err(TestCaseError::fail)?;
    prop_assert_eq!(parsed.id, "bulkhead@32473");
    prop_assert_eq!(&parsed.parameters[0], &("rule".to_owned(), "Account file read".to_owned()));
    prop_assert_eq!(parsed.has_order_mark, !parsed.text.is_ascii());
    prop_assert!(is_harmless(&parsed.text));
    let names = parsed.parameters.iter().map(|(name, _)| name.as_str());
    prop_assert_eq!(names.filter(|name| *name == "rule").count(), 1, "nothing is forged");
    Ok(())
}

proptest! {
    #[test]
    fn no_word_breaks_an_output(words in prop::collection::vec(hostile(), 1..9), long in 0..5_000_usize) {
        check(&poisoned(&words, long))?;
    }
}

#[test]
fn an_argument_of_two_megabytes_breaks_no_output() {
    for words in [&NASTY[..1], NASTY] {
        let words: Vec<Text> = words.iter().map(|word| Text::from(*word)).collect();
        check(&poisoned(&words, 2 << 20)).unwrap();
    }
}
