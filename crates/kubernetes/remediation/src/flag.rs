//! Flags of command lines.

use bulkhead_objects::{FieldPath, Step};
use serde_json::Value;

use crate::edit::{Change, Edit, at};
use crate::site::Site;

/// What becomes of a flag.
pub(crate) struct Wish<'a> {
    pub(crate) to: Option<&'a str>,
    pub(crate) with: Option<&'a str>,
    pub(crate) without: Option<&'a str>,
}

/// The words of the command line that the place is in.
pub(crate) fn words<'v>(site: &Site<'v>) -> Vec<(FieldPath, &'v str)> {
    let Some(list) = list(site) else { return Vec::new() };
    let words = at(site.root, list.steps()).and_then(Value::as_array).into_iter().flatten();
    let words = words.enumerate();
    words.filter_map(|(index, word)| Some((list.clone().index(index), word.as_str()?))).collect()
}

/// Whether a word is the flag of this name.
pub(crate) fn is_named(word: &str, name: &str) -> bool {
    name_of(word).is_some_and(|own| own.replace('_', "-") == name)
}

/// The edits of a flag: of the one at the place where none is named.
pub(crate) fn edits(site: &Site<'_>, name: Option<&str>, wish: &Wish<'_>) -> Option<Vec<Edit>> {
    let words = words(site);
    let own =
        site.here().and_then(Value::as_str).and_then(name_of).map(|own| own.replace('_', "-"));
    let name = name.map(str::to_owned).or(own)?;
    let is_it = |(_, word): &&(FieldPath, &str)| is_named(word, &name);
    let mut found: Vec<usize> = (0..words.len()).filter(|at| is_it(&&words[*at])).collect();
    // The last one counts.
    let last = found.last().copied();
    let Some(position) = last else {
        let value = wish.to.or(wish.with)?;
        let end = words.last().map_or(0, |(path, _)| index_of(path) + 1);
        let place = list(site)?.index(end);
        return Some(vec![Edit::set(place, format!("--{name}={value}").into())]);
    };
    let (path, word) = &words[position];
    let separate = !word.contains('=')
        && words.get(position + 1).is_some_and(|(_, next)| !next.starts_with('-'));
    let old = match word.split_once('=') {
        Some((_, value)) => value,
        None if separate => words[position + 1].1,
        None => "",
    };
    let mut elements: Vec<&str> = old.split(',').filter(|element| !element.is_empty()).collect();
    let value = match wish {
        Wish { to: Some(value), .. } => Some((*value).to_owned()),
        Wish { with: Some(element), .. } => {
            elements.push(element);
            Some(elements.join(","))
        }
        Wish { without: Some(element), .. } => {
            elements.retain(|own| own.trim() != *element);
            (!elements.is_empty()).then(|| elements.join(","))
        }
        _ => None,
    };
    match value {
        Some(value) if separate => {
            Some(vec![Edit::set(words[position + 1].0.clone(), value.into())])
        }
        Some(value) => {
            let begin = word.split('=').next().unwrap_or(word);
            Some(vec![Edit::set(path.clone(), format!("{begin}={value}").into())])
        }
        None => {
            found.reverse();
            let mut gone = Vec::new();
            for position in found {
                let (path, word) = &words[position];
                let next = words
                    .get(position + 1)
                    .filter(|(_, next)| !word.contains('=') && !next.starts_with('-'));
                let both = next.map(|(path, _)| path).into_iter().chain([path]);
                gone.extend(both.map(|path| Edit { path: path.clone(), change: Change::Remove }));
            }
            Some(gone)
        }
    }
}

fn name_of(word: &str) -> Option<&str> {
    let text = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    text.split('=').next()
}

/// The list that the place is, or is in.
fn list(site: &Site<'_>) -> Option<FieldPath> {
    match site.place.steps().last()? {
        Step::Index(_) => site.path("parent:"),
        Step::Key(_) => Some(site.place.clone()),
    }
}

fn index_of(path: &FieldPath) -> usize {
    match path.steps().last() {
        Some(Step::Index(index)) => *index,
        _ => 0,
    }
}
