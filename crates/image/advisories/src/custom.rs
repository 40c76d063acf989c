//! Advisories in the project's own format: what users write by hand, and the starter set.
//!
//! `docs/advisories.md` describes the format, `content/advisories/advisory.schema.json` is its
//! schema, made from the types of [`document`] by [`schema`].

mod compiled;
mod conversion;
mod document;
mod files;
mod outline;
mod package;
mod versions;

use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};
use serde_saphyr::{Error, UserMessageFormatter};

use crate::Item;

pub use compiled::compile;
pub(crate) use compiled::{add, compile_as};
pub use document::schema;
pub use files::{NamedText, files};

/// The id of the feed that users' own advisories make up.
pub const FEED: &str = "custom";

/// Reads a file of advisories. `name` is the file's, for messages.
///
/// An advisory that is wrong is left out whole; each of its mistakes is a problem that names the
/// line, the advisory and what to write instead. The other advisories stand. Only where the file is
/// no YAML, or no list of advisories, nothing is read.
pub fn read(name: &str, text: &str, budget: &Budget) -> (Vec<Item>, Vec<Problem>) {
    let mut file = File { name, items: Vec::new(), problems: Vec::new() };
    if let Err(exceeded) = budget.check_file(text.len() as u64) {
        file.problem(ProblemKind::LimitReached, exceeded.to_string());
    } else {
        file.read(text);
    }
    let most = budget.limits().problems;
    if file.problems.len() > most {
        let further = file.problems.len().saturating_sub(most);
        file.problems.truncate(most);
        file.problem(ProblemKind::LimitReached, format!("{further} further problems"));
    }
    (file.items, file.problems)
}

/// A file while it is read.
struct File<'a> {
    name: &'a str,
    items: Vec<Item>,
    problems: Vec<Problem>,
}

impl File<'_> {
    fn read(&mut self, text: &str) {
        let whole = match serde_saphyr::from_str_with_options(text, options()) {
            Ok(document::Document { advisories }) => {
                for advisory in &advisories {
                    self.add(advisory, 0);
                }
                return;
            }
            Err(error) => error,
        };
        // One mistake ends the reading of a whole document, so the advisories are read one by one.
        let Some(entries) = outline::entries(text) else { return self.malformed(&whole, 0, "") };
        let before = self.problems.len();
        for entry in entries {
            match serde_saphyr::from_str_with_options(entry.text, options()) {
                Ok((advisory,)) => self.add(&advisory, entry.lines_before),
                Err(error) => {
                    let id = outline::id(entry.text).unwrap_or("an advisory without id");
                    self.malformed(&error, entry.lines_before, &format!("{id}: "));
                }
            }
        }
        if self.problems.len() == before {
            self.malformed(&whole, 0, "");
        }
    }

    fn add(&mut self, advisory: &document::Advisory, lines_before: u64) {
        match conversion::items(advisory) {
            Ok(items) => self.items.extend(items),
            Err(mistakes) => {
                for mistake in mistakes {
                    let line = mistake.line.saturating_add(lines_before);
                    let message = format!("line {line}: {}: {}", advisory.id.value, mistake.what);
                    self.problem(ProblemKind::Malformed, message);
                }
            }
        }
    }

    fn malformed(&mut self, error: &Error, lines_before: u64, id: &str) {
        let error = error.without_snippet();
        let text = error.render_with_formatter(&UserMessageFormatter);
        // The reader ends its messages with the place, counted from the start of what it was given.
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let line = error.location().map_or(1, |location| location.line());
        let line = line.saturating_add(lines_before);
        self.problem(ProblemKind::Malformed, format!("line {line}: {id}{what}"));
    }

    fn problem(&mut self, kind: ProblemKind, message: String) {
        let location = Location::of(EntryPath::new(self.name));
        self.problems.push(Problem::new(kind, location, message));
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { with_snippet: false }
}
