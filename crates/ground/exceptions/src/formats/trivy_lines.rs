//! `.trivyignore`: an id a line, with `exp:2027-03-31` behind it where it ends; `#` begins a comment.

use super::{Reading, quoted};
use crate::{Exception, Expiry};

/// What stands before the day on which an entry ends.
const EXPIRY: &str = "exp:";

pub(super) fn read(text: &str, reading: &mut Reading) {
    // The comment above an entry is where people write why.
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
                reason: reason(&comment),
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
    let read = |day| Expiry::read(day).filter(|_| !day.contains(['T', 't', ' '])).ok_or(day);
    day.map(read).transpose()
}

fn reason(comment: &[&str]) -> Option<String> {
    let text = comment.join(" ").trim().to_owned();
    (!text.is_empty()).then_some(text)
}
