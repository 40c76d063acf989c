//! From what was written to what the database takes.

use std::str::FromStr as _;

use bulkhead_model::{FixState, KnownExploitation};
use jiff::civil::Date;
use serde_saphyr::Spanned;

use super::document::{Advisory, AffectedPackage, Exploitation};
use super::versions::Versions;
use super::{FEED, package};
use crate::feeds::names::is_cve;
use crate::feeds::scores::score;
use crate::{Affected, Exploited, Item, Record};

/// Something that its author has to change.
pub(super) struct Mistake {
    /// The line, counted as in the document that was parsed.
    pub(super) line: u64,
    /// What is wrong, and what to write.
    pub(super) what: String,
}

/// The record that an advisory makes, and the entry of exploitation where it has one; or every
/// mistake in it.
pub(super) fn items(advisory: &Advisory) -> Result<Vec<Item>, Vec<Mistake>> {
    let mut mistakes = Mistakes(Vec::new());
    let record = Record {
        id: mistakes.id(&advisory.id),
        aliases: advisory.aliases.iter().map(|alias| mistakes.id(alias)).collect(),
        covers: Vec::new(),
        published: advisory.published.as_ref().map(|day| mistakes.day(day)),
        modified: advisory.modified.as_ref().map(|day| mistakes.day(day)),
        title: advisory.title.clone(),
        description: None,
        severity: advisory.severity,
        cvss: advisory
            .cvss
            .iter()
            .filter_map(|(source, vector)| mistakes.take(vector, score(source, &vector.value)))
            .collect(),
        cwes: advisory.cwes.clone(),
        references: advisory.references.clone(),
        affected: advisory
            .affected
            .value
            .iter()
            .filter_map(|affected| mistakes.affected(affected))
            .map(|affected| Affected { severity: advisory.severity, ..affected })
            .collect(),
    };
    if advisory.affected.value.is_empty() {
        mistakes
            .add(&advisory.affected, "affected names no package: write at least one".to_owned());
    }
    let cves = advisory.aliases.iter().chain([&advisory.id]);
    if cves.filter(|id| id.value.starts_with("CVE-")).count() > 1 {
        mistakes.add(
            &advisory.id,
            "names several CVEs, which are different vulnerabilities: give each an advisory"
                .to_owned(),
        );
    }
    let exploited = advisory.exploited.as_ref().map(|exploited| Exploited {
        id: advisory.id.value.clone(),
        entry: mistakes.exploitation(exploited),
    });
    if !mistakes.0.is_empty() {
        return Err(mistakes.0);
    }
    let record = Item::Record(Box::new(record));
    Ok([record].into_iter().chain(exploited.map(Item::Exploited)).collect())
}

/// The mistakes of one advisory. Its methods convert a piece and note what is wrong with it.
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add<T>(&mut self, at: &Spanned<T>, what: String) {
        self.0.push(Mistake { line: at.referenced.line(), what });
    }

    fn take<T, P>(&mut self, at: &Spanned<P>, result: Result<T, String>) -> Option<T> {
        result.map_err(|what| self.add(at, what)).ok()
    }

    fn id(&mut self, id: &Spanned<String>) -> String {
        if !is_id(&id.value) {
            let what = format!(
                "{:?} is no id: write CVE-2026-12345, or letters, a hyphen and digits as in ACME-2026-1",
                id.value
            );
            self.add(id, what);
        }
        id.value.clone()
    }

    fn day(&mut self, day: &Spanned<String>) -> String {
        let is_full = day.value.len() == "2026-01-31".len();
        if !is_full || Date::from_str(&day.value).is_err() {
            self.add(day, format!("{:?} is no day: write it as 2026-01-31", day.value));
        }
        day.value.clone()
    }

    fn exploitation(&mut self, exploited: &Exploitation) -> KnownExploitation {
        KnownExploitation {
            source: exploited.source.clone().unwrap_or_else(|| FEED.to_owned()),
            added: self.day(&exploited.since),
            due: None,
            ransomware: exploited.ransomware,
        }
    }

    fn affected(&mut self, affected: &AffectedPackage) -> Option<Affected> {
        let (key, scheme) = self.take(&affected.package, package::read(&affected.package.value))?;
        let mut versions = Versions::default();
        for entry in &affected.versions.value {
            let read = versions.add(&entry.value, scheme);
            self.take(entry, read);
        }
        if affected.versions.value.is_empty() {
            self.add(
                &affected.versions,
                "versions is empty: write \"*\" for all of them".to_owned(),
            );
        }
        let is_fixed = !affected.fixed.is_empty() || versions.names_a_fix();
        let state = if is_fixed { FixState::Fixed } else { FixState::Affected };
        Some(Affected {
            key,
            scheme,
            state: affected.state.unwrap_or(state),
            versions: versions.into_set(),
            fixed: affected.fixed.clone(),
            architectures: affected.architectures.clone(),
            module: None,
            severity: None,
        })
    }
}

/// Letters, digits and dots in at least two parts with hyphens between, as every publisher's ids.
fn is_id(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    };
    let is_plain = id.starts_with(|first: char| first.is_ascii_alphabetic())
        && id.contains('-')
        && id.split('-').all(is_part);
    is_plain && (is_cve(id) || !id.starts_with("CVE-"))
}
