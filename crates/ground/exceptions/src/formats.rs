//! The files that are read, and how one is told from another.

mod entry;
mod grype;
mod osv;
mod own;
mod trivy;
mod trivy_lines;

use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, FindingKind, Location, Problem, ProblemKind};

use crate::{Exception, ExceptionFile, ExceptionsError};
use bulkhead_yaml::{self as yaml, Node, Value};

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `.trivyignore`: an id a line.
    TrivyLines,
    /// `.trivyignore.yaml`.
    TrivyYaml,
    /// `.grype.yaml`, of which the list `ignore` is read.
    Grype,
    /// `osv-scanner.toml`.
    Osv,
    /// The project's own: a YAML file with a list `exceptions`.
    Own,
}

/// Reads an ignore file. `name` is the file's as the user gave it: it is part of messages, and its
/// end tells notations apart.
pub fn read(name: &str, bytes: &[u8], budget: &Budget) -> Result<ExceptionFile, ExceptionsError> {
    let limit = |source| ExceptionsError::Limit { file: name.to_owned(), source };
    budget.check_file(bytes.len() as u64).map_err(limit)?;
    budget.charge_bytes(bytes.len() as u64).map_err(limit)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ExceptionsError::Encoding { file: name.to_owned() })?;
    let mut reading = Reading::new(name, budget.limits().problems);
    match notation(name, text) {
        Notation::Lines => trivy_lines::read(text, &mut reading),
        Notation::Toml => osv::read(text, &mut reading)?,
        Notation::Yaml => {
            let root = yaml::parse(text).map_err(|error| ExceptionsError::Syntax {
                file: name.to_owned(),
                line: error.line,
                notation: "YAML",
                cause: error.cause,
            })?;
            read_yaml(&root, &mut reading)?;
        }
    }
    reading.file.exceptions.iter().try_for_each(|_| budget.charge_entry()).map_err(limit)?;
    Ok(reading.finish())
}

fn read_yaml(root: &Node, reading: &mut Reading) -> Result<(), ExceptionsError> {
    let unknown = || ExceptionsError::Unknown { file: reading.file.name.clone() };
    let pairs = match &root.value {
        // A file in which everything is commented out.
        Value::Nothing => return Ok(()),
        Value::Map(pairs) => pairs,
        _ => return Err(unknown()),
    };
    let has = |names: &[&str]| pairs.iter().any(|(key, _)| names.contains(&key.value.as_str()));
    if has(&[own::KEY]) {
        own::read(pairs, reading);
    } else if has(&[grype::KEY]) {
        grype::read(pairs, reading);
    } else if has(&trivy::SECTIONS) {
        trivy::read(pairs, reading);
    } else if !reading.file.name.ends_with(".grype.yaml") {
        return Err(unknown());
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Lines,
    Yaml,
    Toml,
}

/// By the end of the name, else by the first line that says something.
fn notation(name: &str, text: &str) -> Notation {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref() {
        Some("yaml" | "yml") => return Notation::Yaml,
        Some("toml") => return Notation::Toml,
        _ => {}
    }
    let first = text
        .lines()
        .map(|line| line.trim_end().trim_start_matches("---"))
        .find(|line| !line.is_empty() && !line.trim_start().starts_with('#'));
    let key = first.and_then(|line| line.split_once(':')).map_or("", |(key, _)| key);
    let known = trivy::SECTIONS.iter().chain([&grype::KEY, &own::KEY]);
    if known.into_iter().any(|known| *known == key) {
        Notation::Yaml
    } else if first.is_some_and(|line| line.starts_with("[[")) {
        Notation::Toml
    } else {
        Notation::Lines
    }
}

/// What kind of finding an id names, by its form: those of controls are words of lower-case letters,
/// and databases of vulnerabilities begin theirs with their own name or write digits. None for what
/// may be either.
fn kind_of(id: &str) -> Option<FindingKind> {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    if id.contains('-') && id.split('-').all(is_word) {
        return Some(FindingKind::Configuration);
    }
    let (name, rest) = id.split_once('-')?;
    let is_name = name.len() > 1 && name.bytes().all(|it| it.is_ascii_alphabetic());
    let year = rest.bytes().take_while(u8::is_ascii_digit).count() >= 4;
    let is_vulnerability = (is_name && year) || name.eq_ignore_ascii_case("GHSA");
    is_vulnerability.then_some(FindingKind::Vulnerability)
}

/// A text of the file as messages quote it.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(100).collect();
    format!("{short:?}")
}

/// A file while it is read.
struct Reading {
    file: ExceptionFile,
    location: Location,
    most_problems: usize,
    further_problems: u64,
}

impl Reading {
    fn new(name: &str, most_problems: usize) -> Self {
        let location = Location::of(EntryPath::new(name));
        let file = ExceptionFile { name: name.to_owned(), ..ExceptionFile::default() };
        Self { file, location, most_problems, further_problems: 0 }
    }

    fn add(&mut self, exception: Exception) {
        self.file.exceptions.push(exception);
    }

    /// Something that was left out; `what` says what to do about it.
    fn problem(&mut self, line: u64, what: &str) {
        if self.file.problems.len() >= self.most_problems {
            self.further_problems = self.further_problems.saturating_add(1);
            return;
        }
        let message = format!("line {line}: {what}");
        let location = self.location.clone();
        self.file.problems.push(Problem::new(ProblemKind::Malformed, location, message));
    }

    fn finish(mut self) -> ExceptionFile {
        if self.further_problems > 0 {
            let message = format!("{} further problems", self.further_problems);
            let location = self.location;
            self.file.problems.push(Problem::new(ProblemKind::LimitReached, location, message));
        }
        self.file
    }
}
