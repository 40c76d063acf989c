//! The national vulnerability database: pages of version 2.0 of its interface, and the yearly files,
//! which are written alike (<https://nvd.nist.gov/developers/vulnerabilities>).
//!
//! Vectors, weaknesses and texts are taken. The configurations name products of vendors (CPE), not
//! packages, and are never matched with packages.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::reading::Reading;
use super::{elements, names, scores, texts};
use crate::{FeedError, Format, Record};

/// How the database calls itself.
const ITSELF: &str = "nvd@nist.gov";

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    cve: Cve<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    vuln_status: Cow<'a, str>,
    #[serde(borrow, default)]
    published: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    last_modified: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    descriptions: Vec<Text<'a>>,
    /// By the version of the standard: `cvssMetricV31`.
    #[serde(borrow, default)]
    metrics: BTreeMap<Cow<'a, str>, Vec<Metric<'a>>>,
    #[serde(borrow, default)]
    weaknesses: Vec<Weakness<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    lang: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric<'a> {
    #[serde(borrow, default)]
    source: Option<Cow<'a, str>>,
    /// Absent in metrics that are no CVSS.
    #[serde(borrow, default)]
    cvss_data: Option<Vector<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector<'a> {
    #[serde(borrow)]
    vector_string: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default)]
    description: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    url: Cow<'a, str>,
}

pub(super) fn read(input: impl Read, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let mut found = false;
    elements::read(input, Format::NvdCve, &["vulnerabilities"], &mut |element| {
        match element.member {
            "vulnerabilities" => {
                reading.budget.charge_entry()?;
                found = true;
                match serde_json::from_str::<Entry<'_>>(element.value.get()) {
                    Ok(entry) => deliver(&entry.cve, reading),
                    Err(error) => reading.problem(&format!("entry {}", element.position), error),
                }
            }
            "timestamp" => {
                let moment: Option<String> = serde_json::from_str(element.value.get()).ok();
                reading.dated(moment.as_deref());
            }
            "totalResults" => found = true,
            _ => {}
        }
        Ok(())
    })?;
    if found {
        return Ok(());
    }
    let cause = "it has no list of vulnerabilities".to_owned();
    Err(FeedError::Malformed { format: Format::NvdCve.name(), cause })
}

fn deliver(cve: &Cve<'_>, reading: &mut Reading<'_>) {
    if cve.vuln_status == "Rejected" {
        return reading.dropped();
    }
    let Some(id) = names::canonical(&cve.id).filter(|id| names::is_cve(id)) else {
        let cause = format!("{} is no number of a CVE", texts::quote(&cve.id));
        return reading.problem("an entry", cause);
    };
    let mut cvss = Vec::new();
    for metric in cve.metrics.values().flatten() {
        let Some(vector) = &metric.cvss_data else { continue };
        let maker = match metric.source.as_deref() {
            Some(ITSELF) | None => reading.source.id.as_str(),
            Some(other) => other,
        };
        match scores::score(maker, &vector.vector_string) {
            Ok(scored) if cvss.contains(&scored) => {}
            Ok(scored) => cvss.push(scored),
            Err(problem) => reading.problem(&id, problem),
        }
    }
    let english = cve.descriptions.iter().find(|text| text.lang.starts_with("en"));
    let weaknesses = cve.weaknesses.iter().flat_map(|weakness| &weakness.description);
    reading.record(Record {
        published: cve.published.as_deref().and_then(texts::day),
        modified: cve.last_modified.as_deref().and_then(texts::day),
        description: english.and_then(|text| texts::description(&text.value)),
        cwes: names::weaknesses(weaknesses.map(|text| &text.value)),
        references: texts::references(cve.references.iter().map(|reference| &reference.url)),
        cvss,
        id,
        ..Record::default()
    });
}
