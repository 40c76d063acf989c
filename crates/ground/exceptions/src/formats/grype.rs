//! `.grype.yaml`: rules that list what must hold together.

use bulkhead_model::{FindingKind, Void};
use bulkhead_yaml::{Node, Pair};

use super::entry::{self, Entry};
use super::{Reading, quoted};
use crate::criterion::is_pattern;
use crate::{Criterion, Dialect, Exception, Glob, Name, Regex};

/// The list of rules. Whatever else stands in the file are settings of Grype's.
pub(super) const KEY: &str = "ignore";

/// States of a fix that Grype knows.
const STATES: [&str; 4] = ["fixed", "not-fixed", "wont-fix", "unknown"];

/// Kinds of matches that Grype knows.
const MATCH_TYPES: [&str; 3] = ["exact-direct-match", "exact-indirect-match", "cpe-match"];

pub(super) fn read(pairs: &[Pair], reading: &mut Reading) {
    for (key, node) in pairs.iter().filter(|(key, _)| key.value == KEY) {
        for element in entry::list(&key.value, node, reading) {
            if let Some(exception) = exception(element, reading) {
                reading.add(exception);
            }
        }
    }
}

fn exception(node: &Node, reading: &mut Reading) -> Option<Exception> {
    let mut entry = Entry::new(node, "vulnerability", reading)?;
    let mut exception = Exception {
        line: entry::line(node.line),
        id: entry.text("vulnerability"),
        kind: Some(FindingKind::Vulnerability),
        reason: entry.text("reason"),
        ..Exception::default()
    };
    // Here a finding is one under all its names, so any of them is meant whatever this says.
    entry.text("include-aliases");
    for key in ["namespace", "vex-status", "vex-justification"] {
        if let Some(value) = entry.text(key) {
            let criterion = format!("{key}: {value}");
            exception.void.get_or_insert(Void::NotJudged { criterion });
        }
    }
    let state = one_of(&mut entry, "fix-state", &STATES).map(Criterion::FixState);
    let kind = one_of(&mut entry, "match-type", &MATCH_TYPES).map(Criterion::MatchType);
    exception.criteria.extend(state.into_iter().chain(kind));
    if let Some(package) = entry.take("package")
        && let Some(mut inner) = Entry::new(package, "name", reading)
    {
        exception.criteria.extend(package_criteria(&mut inner));
        if !inner.finish(reading) {
            return None;
        }
    }
    let says_nothing =
        exception.id.is_none() && exception.criteria.is_empty() && exception.void.is_none();
    if says_nothing && entry.is_understood() {
        entry.mistake(node.line, "it asks for nothing, so it would mean everything".to_owned());
    }
    entry.finish(reading).then_some(exception)
}

fn package_criteria(entry: &mut Entry<'_>) -> Vec<Criterion> {
    let mut criteria = Vec::new();
    criteria.extend(name(entry, "name").map(Criterion::PackageName));
    criteria.extend(entry.text("version").map(Criterion::PackageVersion));
    criteria.extend(entry.text("language").map(Criterion::Language));
    criteria.extend(entry.text("type").map(Criterion::PackageType));
    if let Some((text, line)) = entry.text_at("location") {
        match Glob::read(&text, Dialect::Absolute) {
            Ok(glob) => criteria.push(Criterion::Paths(vec![glob])),
            Err(error) => {
                entry.mistake(line, format!("{} is no pattern of paths: {error}", quoted(&text)));
            }
        }
    }
    criteria.extend(name(entry, "upstream-name").map(Criterion::UpstreamName));
    criteria
}

/// A name, or a regular expression where it has a character that only those have.
fn name(entry: &mut Entry<'_>, key: &str) -> Option<Name> {
    let (text, line) = entry.text_at(key)?;
    if !is_pattern(&text) {
        return Some(Name::Exactly(text));
    }
    match Regex::whole(&text) {
        Ok(pattern) => Some(Name::Pattern(pattern)),
        Err(error) => {
            entry.mistake(line, format!("{} is no regular expression: {error}", quoted(&text)));
            None
        }
    }
}

fn one_of(entry: &mut Entry<'_>, key: &str, known: &[&str]) -> Option<String> {
    let (text, line) = entry.text_at(key)?;
    if !known.contains(&text.as_str()) {
        entry.mistake(line, format!("`{key}` is none of {}", known.join(", ")));
        return None;
    }
    Some(text)
}
