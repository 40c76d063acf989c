//! `osv-scanner.toml`: ignored vulnerabilities, each with an end and a reason.

use bulkhead_model::{FindingKind, Void};
use toml::Spanned;
use toml::de::DeTable;

use super::{Reading, entry, quoted};
use crate::{Exception, ExceptionsError, Expiry};

/// The list of vulnerabilities.
const VULNERABILITIES: &str = "IgnoredVulns";

/// Settings of OSV-Scanner's that ignore more than it says of vulnerabilities.
const OVERRIDES: &str = "PackageOverrides";

pub(super) fn read(text: &str, reading: &mut Reading) -> Result<(), ExceptionsError> {
    let line_of = |offset: usize| {
        let before = text.get(..offset).unwrap_or(text);
        (before.matches('\n').count() as u64).saturating_add(1)
    };
    let document = DeTable::parse(text).map_err(|error| ExceptionsError::Syntax {
        file: reading.file.name.clone(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        notation: "TOML",
        cause: error.message().to_owned(),
    })?;
    for (key, value) in document.get_ref() {
        let line = line_of(key.span().start);
        let tables = value.get_ref().as_array();
        match (key.get_ref().as_ref(), tables) {
            (VULNERABILITIES, Some(tables)) => {
                for table in tables {
                    vulnerability(table, line_of(table.span().start), reading);
                }
            }
            (OVERRIDES, Some(tables)) => {
                for table in tables {
                    let line = entry::line(line_of(table.span().start));
                    let void = Some(Void::NotJudged { criterion: OVERRIDES.to_owned() });
                    let kind = Some(FindingKind::Vulnerability);
                    reading.add(Exception { line, kind, void, ..Exception::default() });
                }
            }
            (VULNERABILITIES | OVERRIDES, None) => {
                reading.problem(line, &format!("write it as [[{}]]", key.get_ref()));
            }
            // Other settings of OSV-Scanner's.
            _ => {}
        }
    }
    Ok(())
}

fn vulnerability(table: &Spanned<toml::de::DeValue<'_>>, line: u64, reading: &mut Reading) {
    let Some(table) = table.get_ref().as_table() else {
        return reading.problem(line, &format!("no table: write it as [[{VULNERABILITIES}]]"));
    };
    let kind = Some(FindingKind::Vulnerability);
    let mut exception = Exception { line: entry::line(line), kind, ..Exception::default() };
    let mut mistakes = Vec::new();
    for (key, value) in table {
        let value = value.get_ref();
        match (key.get_ref().as_ref(), value.as_str()) {
            ("id", Some(id)) if !id.is_empty() => exception.id = Some(id.to_owned()),
            ("reason", Some(reason)) => exception.reason = Some(reason.to_owned()),
            ("ignoreUntil", _) => {
                let text = value.as_datetime().map(ToString::to_string);
                exception.expiry = text.as_deref().and_then(Expiry::read);
                if exception.expiry.is_none() {
                    mistakes.push("`ignoreUntil` is no day: write it as 2027-03-31".to_owned());
                }
            }
            (key, _) => {
                mistakes.push(format!("the key {} is not known, or no text", quoted(key)));
            }
        }
    }
    if exception.id.is_none() {
        mistakes.push("it has no id".to_owned());
    }
    let name = exception.id.as_deref().map_or_else(|| "an entry".to_owned(), quoted);
    for mistake in &mistakes {
        reading.problem(line, &format!("{name}: {mistake}; the entry is left out"));
    }
    if mistakes.is_empty() {
        reading.add(exception);
    }
}
