//! The data of Debian's security tracker: one JSON object of source packages, in each the
//! vulnerabilities, in each the releases (<https://security-tracker.debian.org/tracker/data/json>).
//!
//! A release is `resolved` in a version, where version `0` means that it was never affected; `open`,
//! with a remark where the security team will not hurry (`nodsa_reason`); or `undetermined`. Urgencies
//! with two stars were taken over from elsewhere and are no word of Debian's.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use bulkhead_model::{FixState, PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reading::Reading;
use super::{elements, names, texts};
use crate::{Affected, FeedError, Format, Record};

/// The version that stands for "never affected".
const NEVER: &str = "0";

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    releases: BTreeMap<String, Release<'a>>,
}

#[derive(Deserialize)]
struct Release<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    fixed_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    urgency: Option<Cow<'a, str>>,
    /// `ignored`, `postponed`, or empty for "no advisory of its own".
    #[serde(borrow, default)]
    nodsa_reason: Option<Cow<'a, str>>,
}

pub(super) fn read(input: impl Read, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let mut unknown = BTreeSet::new();
    elements::read(input, Format::DebianTracker, &[], &mut |element| {
        let package = element.member.trim();
        let found: BTreeMap<String, &RawValue> = match serde_json::from_str(element.value.get()) {
            Ok(found) if !package.is_empty() => found,
            Ok(_) => {
                reading.problem("a package", "without a name");
                return Ok(());
            }
            Err(error) => {
                reading.problem(package, error);
                return Ok(());
            }
        };
        for (name, value) in found {
            reading.budget.charge_entry()?;
            match record(package, &name, value, reading, &mut unknown) {
                Ok(record) => reading.record(record),
                Err(cause) => reading.problem(&format!("{package} {name}"), cause),
            }
        }
        Ok(())
    })?;
    for release in unknown {
        reading.problem("releases", format_args!("{} is no known release", texts::quote(&release)));
    }
    Ok(())
}

fn record(
    package: &str,
    name: &str,
    value: &RawValue,
    reading: &mut Reading<'_>,
    unknown: &mut BTreeSet<String>,
) -> Result<Record, String> {
    let id = names::canonical(name).ok_or("the name of no vulnerability")?;
    let vulnerability: Vulnerability<'_> =
        serde_json::from_str(value.get()).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for (codename, release) in &vulnerability.releases {
        let Some(number) = reading.source.releases.get(codename) else {
            unknown.insert(codename.clone());
            continue;
        };
        let key = PackageKey::new(Scope::distribution("debian", number), package);
        match release.row(key) {
            Ok(row) => rows.push(row),
            Err(cause) => {
                reading.problem(&format!("{package} {name}"), format_args!("{codename}: {cause}"));
            }
        }
    }
    Ok(Record {
        references: vec![format!("https://security-tracker.debian.org/tracker/{id}")],
        description: vulnerability.description.as_deref().and_then(texts::description),
        affected: rows,
        id,
        ..Record::default()
    })
}

impl Release<'_> {
    fn row(&self, key: PackageKey) -> Result<Affected, String> {
        let fixed = self.fixed_version.as_deref().map(str::trim).filter(|fix| !fix.is_empty());
        let urgency = self.urgency.as_deref().unwrap_or_default();
        let row = match (&*self.status, fixed) {
            ("resolved", Some(NEVER)) => Affected::every(key, Scheme::Dpkg, FixState::NotAffected),
            ("resolved", Some(version)) => Affected::below(key, Scheme::Dpkg, version),
            ("resolved", None) => return Err("resolved in no version".to_owned()),
            ("undetermined", _) => Affected::every(key, Scheme::Dpkg, FixState::UnderInvestigation),
            ("open", _) => {
                let given_up =
                    urgency == "end-of-life" || self.nodsa_reason.as_deref() == Some("ignored");
                let state = if given_up { FixState::WillNotFix } else { FixState::Affected };
                Affected::every(key, Scheme::Dpkg, state)
            }
            (status, _) => return Err(format!("the status {}", texts::quote(status))),
        };
        Ok(Affected { severity: texts::severity(urgency), ..row })
    }
}
