//! `.trivyignore`: an id a line, with `exp:2027-03-31` behind it where it ends; `#` begins a comment.

use super::{Reading, kind_of, quoted};
use crate::{Exception, Expiry};

/// What stands before the day on which an entry ends.
const EXPIRY: &str = "exp:";

pub(super) fn read(text: &str, reading: &mut Reading) {
    // People write why above an entry, or behind it.
    let mut comment: Vec<&str> = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim_start_matches('#').trim());
            continue;
        }
        let Some(id) = line.split_whitespace().next() else {
            comment.clear();
            continue;
        };
        match expiry(line) {
            Ok(expiry) => reading.add(Exception {
                line: number,
                id: Some(id.to_owned()),
                kind: kind_of(id),
                reason: behind(line).or_else(|| above(&comment)),
                expiry,
                ..Exception::default()
            }),
            Err(day) => {
                let (id, day) = (quoted(id), quoted(day));
                let what =
                    format!("{id} is left out: {day} is no day; write it as {EXPIRY}2027-03-31");
                reading.problem(number.into(), &what);
            }
        }
        comment.clear();
    }
}

/// The first word that gives one; other words mean nothing to Trivy.
fn expiry(line: &str) -> Result<Option<Expiry>, &str> {
    let day = line.split_whitespace().skip(1).find_map(|word| word.strip_prefix(EXPIRY));
    // Trivy reads days alone here, no instants.
    let is_day = |day: &str| day.len() == "2027-03-31".len();
    day.map(|day| Expiry::read(day).filter(|_| is_day(day)).ok_or(day)).transpose()
}

/// The comment behind an entry.
fn behind(line: &str) -> Option<String> {
    let (_, text) = line.split_once(" #")?;
    above(&[text.trim_start_matches('#').trim()])
}

/// The lines of a comment as one text.
fn above(comment: &[&str]) -> Option<String> {
    let text = comment.join(" ").trim().to_owned();
    (!text.is_empty()).then_some(text)
}
