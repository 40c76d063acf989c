//! Which control judges what a rule judges: `benches/agreement`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use bulkhead_posture::control;
use serde::Deserialize;

/// The rules of a library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) rules: BTreeMap<String, Row>,
}

/// A rule of others: controls, or the reason why there are none.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Row {
    control: Option<String>,
    controls: Vec<String>,
    pub(super) none: Option<String>,
    /// JSON pointers to files of nodes, with their kinds.
    pub(super) files: BTreeMap<String, String>,
    /// Cases whose answers differ on purpose, or that we cannot judge, with the reason.
    pub(super) differs: BTreeMap<String, String>,
}

impl Table {
    /// The table of a library. Every row names controls that exist, or a reason.
    pub(super) fn read(library: &str) -> anyhow::Result<Self> {
        let path = bulkhead_testing::repository().join(format!("benches/agreement/{library}.yaml"));
        let table: Self = serde_saphyr::from_str(&fs_err::read_to_string(&path)?)
            .with_context(|| path.display().to_string())?;
        for (rule, row) in &table.rules {
            let ids = row.ids();
            ensure!(
                ids.is_empty() == row.none.is_some(),
                "{rule} needs controls or a reason why there are none"
            );
            for id in ids {
                ensure!(control(id).is_some(), "{rule}: there is no control {id}");
            }
        }
        Ok(table)
    }
}

impl Row {
    /// The controls that judge the same; the rule fails a case when any of them does.
    pub(super) fn ids(&self) -> BTreeSet<&str> {
        self.control.iter().chain(&self.controls).map(String::as_str).collect()
    }
}
