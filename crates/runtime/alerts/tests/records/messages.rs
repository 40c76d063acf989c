//! Messages of syslog, read by a parser of their own that shares nothing with what wrote them.

use bulkhead_alerts::{Facility, LONGEST_MESSAGE, message};

use super::{OPENED, events, node, record};

/// A message of RFC 5424, taken apart by its grammar (section 6).
#[derive(Debug, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) priority: u8,
    pub(crate) header: Vec<String>,
    pub(crate) id: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) has_order_mark: bool,
}

/// Takes a message apart; why it is none.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let rest = text.strip_prefix('<').ok_or("no priority")?;
    let (priority, rest) = rest.split_once('>').ok_or("no end of the priority")?;
    let priority: u8 = priority.parse().map_err(|_| "the priority is no number")?;
    let rest = rest.strip_prefix("1 ").ok_or("not version 1")?;
    let mut words = rest.splitn(6, ' ');
    let header: Vec<String> = words.by_ref().take(5).map(str::to_owned).collect();
    let limits = [32, 255, 48, 128, 32];
    for (word, most) in header.iter().zip(limits) {
        let is_word =
            (1..=most).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_word {
            return Err(format!("{word:?} is no word of the header"));
        }
    }
    let rest = words.next().ok_or("the header ends early")?;
    let rest = rest.strip_prefix('[').ok_or("no structured data")?;
    let end = rest.find([' ', ']']).ok_or("no end of the element's name")?;
    let (id, mut rest) = rest.split_at(end);
    let mut parameters = Vec::new();
    while let Some(parameter) = rest.strip_prefix(' ') {
        let (name, quoted) = parameter.split_once("=\"").ok_or("no value")?;
        if name.is_empty() || name.len() > 32 || name.contains(['=', ' ', ']', '"']) {
            return Err(format!("{name:?} is no name of a parameter"));
        }
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next().ok_or("a value does not end")? {
                (position, '"') => break position + 1,
                (_, '\\') => value.push(characters.next().ok_or("nothing is escaped")?.1),
                (_, ']') => return Err("a bracket that is not escaped".to_owned()),
                (_, character) => value.push(character),
            }
        };
        parameters.push((name.to_owned(), value));
        rest = &quoted[end..];
    }
    let rest = rest.strip_prefix(']').ok_or("the element does not end")?;
    let text = rest.strip_prefix(' ').ok_or("no text")?;
    let marked = text.strip_prefix('\u{feff}');
    if text.chars().any(char::is_control) {
        return Err("a control character in the text".to_owned());
    }
    Ok(Parsed {
        priority,
        header,
        id: id.to_owned(),
        parameters,
        text: marked.unwrap_or(text).to_owned(),
        has_order_mark: marked.is_some(),
    })
}

#[test]
fn a_message_says_what_the_alert_does() {
    let messages: Vec<_> = events(OPENED)
        .iter()
        .map(|event| parse(&message(&record(event), &node())).unwrap())
        .collect();
    let opened = &messages[0];
    // Section 6.2.1: ten times eight, and four for a warning; two for what is critical.
    assert_eq!((opened.priority, messages[1].priority), (84, 82));
    assert_eq!(
        opened.header,
        ["2023-11-14T22:13:20.123456Z", "node-1", "bulkhead", "4711", "alert"]
    );
    let value = |name: &str| {
        opened.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    for (name, expected) in [
        ("rule", "Account file read"),
        ("severity", "medium"),
        ("technique", "T1003.008"),
        ("executable", "/usr/bin/cat"),
        ("image", "docker.io/library/shop"),
        ("pod", "shop-1"),
        ("file", "/etc/shadow"),
    ] {
        assert_eq!(value(name), Some(expected), "{name}");
    }
    assert!(opened.text.starts_with("cat of root reads /etc/shadow"), "{}", opened.text);
    assert!(!opened.has_order_mark, "ASCII needs no order mark");
}

#[test]
fn facilities_are_those_of_the_standard() {
    for (name, number) in [("kern", 0), ("user", 1), ("auth", 4), ("authpriv", 10), ("local7", 23)]
    {
        assert_eq!(name.parse::<Facility>().unwrap().number(), number, "{name}");
    }
    assert!("security".parse::<Facility>().is_err());
}

#[test]
fn a_name_that_is_none_is_left_out() {
    let record = record(&events(OPENED)[0]);
    for hostname in ["", "two words", "knöten", "line\nbreak"] {
        let mut node = node();
        node.hostname = hostname.into();
        let parsed = parse(&message(&record, &node)).unwrap();
        assert_eq!(parsed.header[1], "-");
    }
    let longest = message(&record, &node());
    assert!(longest.len() <= LONGEST_MESSAGE);
}
