//! Names of ports.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::problem::nearest;

/// Names and the number that they stand for, with blanks between; `#` begins a comment.
const NAMES: &str = include_str!("../../../../../content/port-names.txt");

static NUMBERS: LazyLock<BTreeMap<&str, u16>> = LazyLock::new(|| {
    let mut numbers = BTreeMap::default();
    let mut waiting = Vec::new();
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    for word in lines.flat_map(str::split_whitespace) {
        match word.parse() {
            Ok(number) => numbers.extend(waiting.drain(..).map(|name| (name, number))),
            Err(_) => waiting.push(word),
        }
    }
    numbers
});

/// The number of a port that is called so.
pub(super) fn number(name: &str) -> Option<u16> {
    NUMBERS.get(name).copied()
}

/// What to write where a text is no port.
pub(super) fn hint(text: &str) -> String {
    match nearest(text, NUMBERS.keys().copied()) {
        Some(near) => format!("write a number, or a name; is `{near}` meant?"),
        None => "write a number, or a name such as `https`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_numbers() {
        for (name, port) in [("http", 80), ("www", 80), ("mysql", 3306), ("csync2", 30865)] {
            assert_eq!(number(name), Some(port), "{name}");
        }
        assert_eq!(number("#"), None);
        assert!(hint("htttps").contains("`https`"), "{}", hint("htttps"));
    }

    /// Each name is there once, and none waits for a number.
    #[test]
    fn the_list_is_whole() {
        let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
        let words: Vec<_> = lines.flat_map(str::split_whitespace).collect();
        let names = words.iter().filter(|word| word.parse::<u32>().is_err());
        assert_eq!(names.count(), NUMBERS.len());
        assert!(words.last().is_some_and(|word| word.parse::<u16>().is_ok()));
    }
}
