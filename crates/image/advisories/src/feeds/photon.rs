//! Photon OS's list of vulnerabilities: one JSON list per release
//! (<https://packages.vmware.com/photon/photon_cve_metadata/>).
//!
//! The release is not named but by the distribution tag of the versions, `1.10.8-1.ph4`. Rows without
//! a version, which say that a package is not affected or that a fix has no version yet, belong to the
//! release of the others.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;

use bulkhead_model::{FixState, PackageKey, Scope, Severity};
use bulkhead_versions::Scheme;
use serde::Deserialize;

use super::reading::Reading;
use super::{elements, names, texts};
use crate::{Affected, FeedError, Format, Record};

/// Instead of a version.
const NO_VERSION: &str = "NA";

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(rename = "cve_id", borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "pkg", borrow)]
    package: Cow<'a, str>,
    #[serde(rename = "cve_score", default)]
    score: Option<f64>,
    /// `all versions before 1.10.8-2.ph1 are vulnerable`.
    #[serde(rename = "aff_ver", borrow, default)]
    affected: Option<Cow<'a, str>>,
    #[serde(rename = "res_ver", borrow, default)]
    resolved: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
}

/// A statement without a version.
struct Waiting {
    id: String,
    package: String,
    state: FixState,
    severity: Option<Severity>,
}

pub(super) fn read(input: impl Read, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let mut releases = BTreeSet::new();
    let mut waiting = Vec::new();
    elements::read(input, Format::PhotonCve, &[], &mut |element| {
        reading.budget.charge_entry()?;
        let row: Row<'_> = match serde_json::from_str(element.value.get()) {
            Ok(row) => row,
            Err(error) => {
                reading.problem(&format!("row {}", element.position), error);
                return Ok(());
            }
        };
        match statement(&row) {
            Ok(Statement::Below { id, release, version }) => {
                let scope = Scope::distribution("photon", &release);
                releases.insert(scope.clone());
                let key = PackageKey::new(scope, row.package.trim());
                let severity = row.severity();
                let affected = Affected { severity, ..Affected::below(key, Scheme::Rpm, version) };
                reading.record(record(id, affected));
            }
            Ok(Statement::Every { id, state }) => waiting.push(Waiting {
                id,
                package: row.package.trim().to_owned(),
                state,
                severity: row.severity(),
            }),
            Err(cause) => {
                reading.problem(&format!("row {} {}", element.position, row.id), cause);
            }
        }
        Ok(())
    })?;
    let mut releases = releases.into_iter();
    match (releases.next(), releases.next()) {
        (Some(only), None) => {
            for row in waiting {
                let key = PackageKey::new(only.clone(), &row.package);
                let affected = Affected::every(key, Scheme::Rpm, row.state);
                reading.record(record(row.id, Affected { severity: row.severity, ..affected }));
            }
        }
        _ if waiting.is_empty() => {}
        _ => reading.problem(
            "rows without a version",
            format_args!("{} rows are about no certain release", waiting.len()),
        ),
    }
    Ok(())
}

enum Statement<'a> {
    /// Fixed in a version.
    Below { id: String, release: String, version: &'a str },
    /// About every version.
    Every { id: String, state: FixState },
}

fn statement<'a>(row: &'a Row<'_>) -> Result<Statement<'a>, String> {
    let id = names::canonical(&row.id)
        .ok_or_else(|| format!("{} is the name of no vulnerability", texts::quote(&row.id)))?;
    if row.package.trim().is_empty() {
        return Err("without a package".to_owned());
    }
    let version = row.resolved.as_deref().map(str::trim).filter(|version| *version != NO_VERSION);
    let version = version.or_else(|| row.first_unaffected()).filter(|text| !text.is_empty());
    match (row.status.as_deref().unwrap_or("Fixed"), version) {
        ("Not Affected", _) => Ok(Statement::Every { id, state: FixState::NotAffected }),
        (_, Some(version)) => {
            let release = release(version)
                .ok_or_else(|| format!("{} names no release", texts::quote(version)))?;
            Ok(Statement::Below { id, release, version })
        }
        (_, None) => Ok(Statement::Every { id, state: FixState::Affected }),
    }
}

impl Row<'_> {
    fn first_unaffected(&self) -> Option<&str> {
        let text = self.affected.as_deref()?.trim();
        text.strip_prefix("all versions before ")?.strip_suffix(" are vulnerable").map(str::trim)
    }

    /// The score stands without a vector: it is the publisher's word for the severity and no more.
    fn severity(&self) -> Option<Severity> {
        self.score.filter(|score| (0.1..=10.0).contains(score)).map(Severity::from_score)
    }
}

/// `4.0` of `8.16.0-1.ph4`.
fn release(version: &str) -> Option<String> {
    let (_, tag) = version.rsplit_once(".ph")?;
    let plain = (1..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("{tag}.0"))
}

fn record(id: String, affected: Affected) -> Record {
    Record { id, affected: vec![affected], ..Record::default() }
}
