//! CISA's catalogue of known exploited vulnerabilities: one JSON document
//! (`known_exploited_vulnerabilities_schema.json` of the publisher).

use bulkhead_model::KnownExploitation;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reading::Reading;
use super::{names, texts};
use crate::{Exploited, FeedError, Format};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    date_released: Option<String>,
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "cveID")]
    id: String,
    #[serde(rename = "dateAdded")]
    added: String,
    #[serde(rename = "dueDate", default)]
    due: Option<String>,
    /// `Known` or `Unknown`; absent in rows of 2023 and before.
    #[serde(rename = "knownRansomwareCampaignUse", default)]
    ransomware: Option<String>,
}

pub(super) fn read(document: &[u8], reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let document: Document<'_> = serde_json::from_slice(document).map_err(|error| {
        FeedError::Malformed { format: Format::Kev.name(), cause: error.to_string() }
    })?;
    for (position, row) in document.vulnerabilities.iter().enumerate() {
        reading.budget.charge_entry()?;
        match serde_json::from_str(row.get()).map_err(|error| error.to_string()) {
            Ok(row) => deliver(&row, reading),
            Err(cause) => reading.problem(&format!("row {position}"), cause),
        }
    }
    reading.dated(document.date_released.as_deref());
    Ok(())
}

fn deliver(row: &Row, reading: &mut Reading<'_>) {
    let Some(id) = names::canonical(&row.id) else {
        return reading.problem(&row.id, "the name of no vulnerability");
    };
    let Some(added) = texts::day(&row.added) else {
        return reading.problem(&id, "added on no day");
    };
    let entry = KnownExploitation {
        source: reading.source.id.clone(),
        added,
        due: row.due.as_deref().and_then(texts::day),
        ransomware: row
            .ransomware
            .as_deref()
            .is_some_and(|use_| use_.eq_ignore_ascii_case("known")),
    };
    reading.exploited(Exploited { id, entry });
}
