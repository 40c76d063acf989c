//! The notation of Yarn 1: indented lines of words, of which keys may be many and any may be quoted.

use super::{Entry, Yarn, real_name, repository, split};
use crate::address::without_user;
use crate::npm::specifier::named_by;
use crate::reading::{Fault, Parsed};

pub(super) fn parse(text: &str) -> Parsed<Option<Yarn>> {
    let mut reader = Reader::default();
    for (number, line) in (1_usize..).zip(text.lines()) {
        if reader.line(line).is_none() {
            reader.odd.get_or_insert(number);
        }
    }
    let Reader { entries, odd, .. } = reader;
    let mut faults: Vec<Fault> = odd
        .map(|line| Fault::malformed(format!("line {line} is none of a yarn.lock")))
        .into_iter()
        .collect();
    let (whole, partial): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| !entry.package.version.is_empty());
    if !partial.is_empty() {
        faults.push(Fault::malformed(format!("{} entries have no version", partial.len())));
    }
    if whole.is_empty() && !faults.is_empty() {
        return Parsed { value: None, faults };
    }
    let entries = whole.into_iter().map(named).collect();
    Parsed { value: Some(Yarn::new(entries, vec![String::new()])), faults }
}

/// The package of an entry by its real name: the address of its archive knows it best, because a
/// project can have a request answered by another package.
fn named(mut entry: Entry) -> Entry {
    let package = &mut entry.package;
    let resolved = package.properties.get("npm:resolved").cloned().unwrap_or_default();
    package.repository = repository(&resolved);
    let requested = entry.requests.first().and_then(|request| split(request));
    let requested = requested.map(|(name, range)| real_name(name, range).to_owned());
    package.name = named_by(&resolved).or(requested).unwrap_or_default();
    entry
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// Whether the lines of the third level are dependencies.
    in_dependencies: bool,
    /// The first line that made no sense.
    odd: Option<usize>,
}

impl Reader {
    /// None where the line makes no sense.
    fn line(&mut self, line: &str) -> Option<()> {
        let words = line.trim_start_matches(' ');
        if words.trim().is_empty() || words.starts_with('#') {
            return Some(());
        }
        match line.len().saturating_sub(words.len()) {
            0 => {
                let requests = keys(words.trim_end().strip_suffix(':')?)?;
                self.in_dependencies = false;
                self.entries.push(Entry { requests, ..Entry::default() });
                Some(())
            }
            2 => self.field(words.trim_end()),
            _ if self.in_dependencies => {
                let (name, rest) = word(words)?;
                let (range, _) = word(rest.trim_start())?;
                self.entries.last_mut()?.dependencies.push((name, range));
                Some(())
            }
            _ => Some(()),
        }
    }

    fn field(&mut self, words: &str) -> Option<()> {
        if let Some(block) = words.strip_suffix(':') {
            self.in_dependencies = matches!(block, "dependencies" | "optionalDependencies");
            return Some(());
        }
        self.in_dependencies = false;
        let package = &mut self.entries.last_mut()?.package;
        let (name, rest) = word(words)?;
        let (value, _) = word(rest.trim_start())?;
        match name.as_str() {
            "version" => package.version = value,
            "resolved" => package.property("npm:resolved", without_user(&value)),
            "integrity" => package.property("npm:integrity", value),
            _ => {}
        }
        Some(())
    }
}

/// `a@^1, "b c@2"`.
fn keys(mut words: &str) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    loop {
        let (key, rest) = word(words)?;
        keys.push(key);
        match rest.trim_start().strip_prefix(',') {
            Some(rest) => words = rest.trim_start(),
            None => return rest.trim().is_empty().then_some(keys),
        }
    }
}

/// The first word and what follows it: a JSON string, or everything up to a space or comma.
fn word(words: &str) -> Option<(String, &str)> {
    if words.starts_with('"') {
        let mut strings = serde_json::Deserializer::from_str(words).into_iter::<String>();
        let word = strings.next()?.ok()?;
        return Some((word, words.get(strings.byte_offset()..)?));
    }
    let end = words.find([' ', ',']).unwrap_or(words.len());
    let (word, rest) = words.split_at_checked(end)?;
    (!word.is_empty()).then(|| (word.to_owned(), rest))
}
