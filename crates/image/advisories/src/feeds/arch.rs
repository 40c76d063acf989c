//! Arch Linux's vulnerability groups: one JSON list (<https://security.archlinux.org/all.json>).
//!
//! A group is about some issues of packages that are built together. `affected` is the version in
//! which the issues were confirmed, not the first one that has them: everything before the fix counts.

use std::borrow::Cow;
use std::io::Read;

use bulkhead_model::{FixState, PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde::Deserialize;

use super::reading::Reading;
use super::{elements, names, texts};
use crate::{Affected, FeedError, Format, Record};

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    packages: Vec<String>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    severity: Option<Cow<'a, str>>,
    /// `arbitrary code execution`.
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fixed: Option<Cow<'a, str>>,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    advisories: Vec<String>,
}

pub(super) fn read(input: impl Read, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let scope =
        reading.source.only_scope().unwrap_or_else(|| Scope::distribution("arch", "rolling"));
    elements::read(input, Format::ArchSecurity, &[], &mut |element| {
        reading.budget.charge_entry()?;
        let group: Group<'_> = match serde_json::from_str(element.value.get()) {
            Ok(group) => group,
            Err(error) => {
                reading.problem(&format!("group {}", element.position), error);
                return Ok(());
            }
        };
        match record(&group, &scope) {
            Ok((record, problems)) => {
                for problem in problems {
                    reading.problem(&group.name, problem);
                }
                reading.record(record);
            }
            Err(cause) => reading.problem(&group.name, cause),
        }
        Ok(())
    })
}

fn record(group: &Group<'_>, scope: &Scope) -> Result<(Record, Vec<String>), String> {
    let id = names::canonical(&group.name).ok_or("the name of no group")?;
    let mut problems = Vec::new();
    let mut covers = Vec::new();
    for issue in &group.issues {
        match names::canonical(issue) {
            Some(issue) => covers.push(issue),
            None => problems.push(format!("{} is the name of no issue", texts::quote(issue))),
        }
    }
    let fixed = group.fixed.as_deref().map(str::trim).filter(|fix| !fix.is_empty());
    let row = |package: &str| {
        let key = PackageKey::new(scope.clone(), package);
        let every = |state| Affected::every(key.clone(), Scheme::Pacman, state);
        Ok(match (&*group.status, fixed) {
            ("Not affected", _) => every(FixState::NotAffected),
            // A fix that is still being tested is one that can be installed.
            (_, Some(version)) => Affected::below(key, Scheme::Pacman, version),
            ("Vulnerable" | "Fixed" | "Testing", None) => every(FixState::Affected),
            ("Unknown", None) => every(FixState::UnderInvestigation),
            (status, None) => return Err(format!("the status {}", texts::quote(status))),
        })
    };
    let packages = group.packages.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let affected = packages.map(row).collect::<Result<Vec<_>, String>>()?;
    if affected.is_empty() {
        return Err("without a package".to_owned());
    }
    let of_advisory = |name: &String| format!("https://security.archlinux.org/{name}");
    let record = Record {
        references: texts::references(
            std::iter::once(of_advisory(&id)).chain(group.advisories.iter().map(of_advisory)),
        ),
        title: group.kind.as_deref().and_then(texts::title),
        severity: group.severity.as_deref().and_then(texts::severity),
        covers,
        affected,
        id,
        ..Record::default()
    };
    Ok((record, problems))
}
