//! Lists, which stand for their items wherever their name stands in a condition.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::collection::{Object, Objects};
use super::keys::ITEMS;
use crate::problem::Problem;
use crate::text::Text;

/// How many items a list may have once the lists that it names are replaced.
const MOST_ITEMS: usize = 100_000;
/// How many bytes all conditions together may have once their lists are replaced.
const MOST_BYTES: usize = 64 << 20;

/// The lists of all files, each with its items; those that were lists are replaced by theirs.
#[derive(Debug, Default)]
pub(crate) struct Lists<'collection> {
    items: HashMap<&'collection str, Vec<&'collection Text>, FxBuildHasher>,
    /// Names that are more than one word.
    phrases: Vec<&'collection str>,
    used: RefCell<HashSet<String, FxBuildHasher>>,
    bytes: Cell<usize>,
}

impl<'collection> Lists<'collection> {
    pub(crate) fn resolve(lists: &'collection Objects, problems: &mut Vec<Problem>) -> Self {
        let mut resolved = Self::default();
        for list in lists.iter() {
            if let Err(problem) = resolved.flatten(lists, list, &mut Vec::new()) {
                problems.push(problem);
            }
        }
        resolved
    }

    /// The items of a list and of those that it names. Its own name among them is a value.
    fn flatten(
        &mut self,
        lists: &'collection Objects,
        list: &'collection Object,
        path: &mut Vec<&'collection str>,
    ) -> Result<(), Problem> {
        if self.items.contains_key(list.name.as_str()) {
            return Ok(());
        }
        path.push(&list.name);
        let mut items = Vec::new();
        for word in list.words(ITEMS) {
            match lists.get(word.as_str()).filter(|inner| inner.name != list.name) {
                None => items.push(word),
                Some(inner) if path.contains(&inner.name.as_str()) => {
                    let names = path.join(", ");
                    // Said once: whoever names this one finds it empty.
                    self.items.insert(&list.name, Vec::new());
                    return Err(Problem::error(
                        word.start(),
                        format!("lists name each other: {names}, {}", inner.name),
                    )
                    .hint("take one of the names out"));
                }
                Some(inner) => {
                    self.used.get_mut().insert(inner.name.clone());
                    self.flatten(lists, inner, path)?;
                    items.extend(self.items.get(inner.name.as_str()).into_iter().flatten());
                }
            }
            if items.len() > MOST_ITEMS {
                return Err(Problem::error(word.start(), "the list grows too long")
                    .hint("lists that name lists multiply"));
            }
        }
        path.pop();
        if list.name.contains(is_delimiter) {
            self.phrases.push(&list.name);
        }
        self.items.insert(&list.name, items);
        Ok(())
    }

    /// A text with every list replaced by its items, as text: `in (a, list)` is `in (a, x, y)`.
    pub(crate) fn substitute(&self, text: &Text) -> Result<Text, Problem> {
        let source = text.as_str();
        let mut result = Text::empty();
        let (mut copied, mut position) = (0, 0);
        while let Some(rest) = source.get(position..).filter(|rest| !rest.is_empty()) {
            let length = self.phrase(rest).unwrap_or_else(|| token(rest));
            let start = position;
            position = start.saturating_add(length);
            let word = rest.get(..length).unwrap_or(rest);
            let Some(items) = self.items.get(word) else { continue };
            self.used.borrow_mut().insert(word.to_owned());
            result.push_part(text, copied, start);
            if items.is_empty() {
                position = skip_comma(source, position, &mut result);
            }
            copied = position;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    result.push_for(", ", text.place(start));
                }
                // Mistakes in an item show where the item stands.
                push_element(&mut result, item);
            }
            if self.bytes.get().saturating_add(result.as_str().len()) > MOST_BYTES {
                return Err(Problem::error(text.start(), "the conditions grow too long")
                    .hint("a list is copied to wherever it is named"));
            }
        }
        result.push_part(text, copied, source.len());
        self.bytes.set(self.bytes.get().saturating_add(result.as_str().len()));
        Ok(result)
    }

    /// The bytes of the longest name of more than one word that a text begins with.
    fn phrase(&self, rest: &str) -> Option<usize> {
        let begins = |name: &&&str| {
            rest.strip_prefix(**name)
                .is_some_and(|after| after.is_empty() || after.starts_with(is_delimiter))
        };
        self.phrases.iter().filter(begins).map(|name| name.len()).max()
    }

    /// Whether some condition or list names it.
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.used.borrow().contains(name)
    }
}

/// The bytes of the next word, of a text in quotes, or of one delimiter.
fn token(rest: &str) -> usize {
    let mut characters = rest.char_indices();
    let Some((_, first)) = characters.next() else { return 0 };
    if matches!(first, '"' | '\'') {
        while let Some((index, character)) = characters.next() {
            if character == '\\' {
                characters.next();
            } else if character == first {
                return index.saturating_add(1);
            }
        }
        return rest.len();
    }
    if is_delimiter(first) {
        return first.len_utf8();
    }
    rest.find(is_delimiter).unwrap_or(rest.len())
}

/// What ends a word.
pub(crate) fn is_delimiter(inner: char) -> bool {
    matches!(inner, '(' | ')' | ',' | '=' | '"' | '\'') || inner.is_ascii_whitespace()
}

/// Whether a value needs no quotes.
pub(crate) fn is_bare(value: &str) -> bool {
    !value.is_empty() && !value.contains(is_delimiter)
}

/// An empty list takes a comma with it, from its left or its right; where the text goes on.
fn skip_comma(source: &str, end: usize, result: &mut Text) -> usize {
    let before = result.as_str().trim_end();
    if before.ends_with(',') {
        result.trim_end();
        result.pop(',');
        return end;
    }
    let rest = source.get(end..).unwrap_or("");
    let after = rest.trim_start();
    match after.strip_prefix(',') {
        Some(after) => source.len().saturating_sub(after.len()),
        None => end,
    }
}

/// An element of a list. One with commas and without blanks is several, as Falco reads it.
pub(crate) fn push_element(result: &mut Text, item: &Text) {
    if item.as_str().split(',').all(is_bare) {
        result.push_part(item, 0, item.as_str().len());
    } else {
        push_item(result, item);
    }
}

/// A value as the language reads it: one that has quotes stays, one that needs them gets them.
pub(crate) fn push_item(result: &mut Text, item: &Text) {
    let text = item.as_str();
    if is_bare(text) || text.starts_with(['"', '\'']) {
        result.push_part(item, 0, text.len());
        return;
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let escaped = escaped.replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
    result.push_for(&format!("\"{escaped}\""), item.start());
}
