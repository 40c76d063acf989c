//! Messages of syslog as RFC 5424 has them, read strictly: section 6, and nothing beside it.

use std::collections::BTreeMap;

/// What a message holds.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) kind: String,
    /// The parameters of the one element.
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Message {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let whole = std::str::from_utf8(bytes).unwrap();
        assert!(!whole.contains(char::is_control), "{whole:?}");
        let shows = |c: char| !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(whole.chars().all(shows), "{whole:?}");
        let mut head = whole.splitn(7, ' ');
        let mut word = || head.next().unwrap();
        let version = word();
        let value = version.strip_prefix('<').unwrap().strip_suffix(">1").unwrap();
        assert!(value.parse::<u8>().unwrap() < 192, "{whole}");
        word().parse::<jiff::Timestamp>().unwrap();
        let [_hostname, program, _process, kind] = [word(), word(), word(), word()];
        assert_eq!(program, "bulkhead");
        let rest = word();
        let mut characters = rest.strip_prefix('[').unwrap().chars();
        assert_eq!(until(&mut characters, ' '), "bulkhead@32473");
        let mut parameters = BTreeMap::new();
        loop {
            let name = until(&mut characters, '=');
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.'),
                "{name}"
            );
            assert_eq!(characters.next(), Some('"'), "{rest}");
            parameters.insert(name, value_of(&mut characters));
            match characters.next() {
                Some(' ') => {}
                Some(']') => break,
                other => panic!("{other:?}: {rest}"),
            }
        }
        assert_eq!(characters.next(), Some(' '), "{rest}");
        let text = characters.as_str();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        Self { kind: kind.to_owned(), parameters, text }
    }
}

fn until(characters: &mut std::str::Chars<'_>, end: char) -> String {
    characters.take_while(|c| *c != end).collect()
}

/// Up to the quote that ends it; a quote, a backslash and a bracket inside have a backslash in front (section
/// 6.3.3).
fn value_of(characters: &mut std::str::Chars<'_>) -> String {
    let mut value = String::new();
    loop {
        match characters.next().unwrap() {
            '"' => return value,
            ']' => panic!("a bracket ends the element: {value}"),
            '\\' => value.push(characters.next().filter(|c| "\"\\]".contains(*c)).unwrap()),
            other => value.push(other),
        }
    }
}
