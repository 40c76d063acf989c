//! Names across databases: one may know a CVE for what another knows by another name only.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::build::{is_cve, rank};
use crate::{Database, DatabaseError};

/// How many names of one vulnerability are followed; nobody gives one so many.
const MOST_NAMES: usize = 256;

/// Resolves ids over all databases. Within one, the builder has done so already.
pub(super) struct Names<'d> {
    databases: &'d [&'d Database],
    known: FxHashMap<String, Vec<String>>,
}

impl<'d> Names<'d> {
    pub(super) fn new(databases: &'d [&'d Database]) -> Self {
        Self { databases, known: FxHashMap::default() }
    }

    /// Replaces ids by what they stand for in all databases together.
    pub(super) fn resolve(&mut self, ids: &mut Vec<String>) -> Result<(), DatabaseError> {
        if self.databases.len() < 2 || ids.iter().all(|id| is_cve(id)) {
            return Ok(());
        }
        let mut resolved = BTreeSet::new();
        for id in ids.iter() {
            if !self.known.contains_key(id) {
                let meaning = self.meaning(id)?;
                self.known.insert(id.clone(), meaning);
            }
            resolved.extend(self.known.get(id).into_iter().flatten().cloned());
        }
        *ids = resolved.into_iter().collect();
        Ok(())
    }

    fn meaning(&self, id: &str) -> Result<Vec<String>, DatabaseError> {
        let (mut cves, mut names) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![id.to_owned()];
        while let Some(name) = open.pop() {
            if is_cve(&name) {
                cves.insert(name);
                continue;
            }
            if names.len() >= MOST_NAMES || !names.insert(name.clone()) {
                continue;
            }
            for database in self.databases {
                if let Some(alias) = database.alias(&name)? {
                    open.extend(alias.vulnerabilities);
                    open.extend(alias.names);
                }
            }
        }
        if cves.is_empty() {
            let best = names.into_iter().min_by(|one, other| rank(one).cmp(&rank(other)));
            return Ok(vec![best.unwrap_or_else(|| id.to_owned())]);
        }
        Ok(cves.into_iter().collect())
    }
}
