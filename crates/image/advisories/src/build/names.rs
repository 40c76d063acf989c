//! Which ids name the same vulnerability. The reasoning stands in `docs/adr/0010-aliases.md`.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::database::rows::{AliasValue, RecordReference};

/// What one record says of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) feed: Box<str>,
    pub(crate) id: Box<str>,
    pub(crate) aliases: Box<[Box<str>]>,
    pub(crate) covers: Box<[Box<str>]>,
}

impl Claim {
    /// The record's id and its other names.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(AsRef::as_ref)
    }

    fn cves(&self) -> BTreeSet<&str> {
        self.names().filter(|name| is_cve(name)).collect()
    }

    fn covers(&self) -> impl Iterator<Item = &str> {
        self.covers.iter().map(AsRef::as_ref)
    }

    /// Whether the record is about vulnerabilities without being a name of one: it covers some, or
    /// names several CVEs.
    fn is_bulletin(&self) -> bool {
        !self.covers.is_empty() || self.cves().len() > 1
    }
}

/// Whether the id is a CVE, in its canonical form.
pub(crate) fn is_cve(id: &str) -> bool {
    let Some((year, number)) = id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && digits(number)
}

/// The names of all vulnerabilities of a database.
///
/// Names other than CVEs that one record gives to one vulnerability form a group; a group stands
/// for the CVEs that its records name. A CVE is in no group, so that two never become one.
pub(crate) struct Names<'c> {
    claims: &'c [Claim],
    index: FxHashMap<&'c str, usize>,
    /// The group of each name.
    group: Vec<usize>,
    /// What each group stands for.
    canonical: Vec<Vec<&'c str>>,
}

impl<'c> Names<'c> {
    pub(crate) fn of(claims: &'c [Claim]) -> Self {
        let mut index = FxHashMap::default();
        let mut names = Vec::new();
        for name in claims.iter().flat_map(Claim::names).filter(|name| !is_cve(name)) {
            index.entry(name).or_insert_with(|| {
                names.push(name);
                names.len().saturating_sub(1)
            });
        }
        let mut groups = Groups::new(names.len());
        for claim in claims.iter().filter(|claim| !claim.is_bulletin()) {
            let mut own = claim.names().filter_map(|name| index.get(name).copied());
            if let Some(first) = own.next() {
                own.for_each(|other| groups.join(first, other));
            }
        }
        let group: Vec<usize> = (0..names.len()).map(|name| groups.of(name)).collect();
        let canonical = canonical(claims, &names, &index, &group);
        Self { claims, index, group, canonical }
    }

    /// The vulnerabilities that a record is about, canonical and sorted.
    pub(crate) fn vulnerabilities(&self, claim: &'c Claim) -> Vec<&'c str> {
        let mut own = claim.cves();
        own.extend(claim.covers().flat_map(|id| self.resolve(id)));
        if own.is_empty() { self.resolve(&claim.id) } else { own.into_iter().collect() }
    }

    /// What an id stands for.
    fn resolve(&self, id: &'c str) -> Vec<&'c str> {
        match self.group_of(id).and_then(|group| self.canonical.get(group)) {
            Some(canonical) if !canonical.is_empty() => canonical.clone(),
            _ => vec![id],
        }
    }

    fn group_of(&self, id: &str) -> Option<usize> {
        self.index.get(id).and_then(|&name| self.group.get(name)).copied()
    }

    /// The rows of section `aliases`: every id of which more is known than its own record.
    pub(crate) fn rows(&self) -> BTreeMap<&'c str, AliasValue> {
        let mut rows: BTreeMap<&str, AliasValue> = BTreeMap::new();
        for claim in self.claims {
            let vulnerabilities = self.vulnerabilities(claim);
            let bulletin = claim.is_bulletin() || vulnerabilities.len() > 1;
            for &one in vulnerabilities.iter().filter(|one| ***one != *claim.id) {
                let record = claim.id.to_string();
                let reference = RecordReference { record, feed: claim.feed.to_string(), bulletin };
                rows.entry(one).or_default().records.push(reference);
            }
            for name in claim.names().filter(|name| !is_cve(name)) {
                let meaning = self.resolve(name);
                for &one in meaning.iter().filter(|one| **one != name) {
                    rows.entry(name).or_default();
                    if !claim.is_bulletin() {
                        rows.entry(one).or_default().names.push(name.to_owned());
                    }
                }
            }
        }
        for (id, row) in &mut rows {
            row.vulnerabilities = self.resolve(id).into_iter().map(str::to_owned).collect();
            row.names.sort_unstable();
            row.names.dedup();
            row.records.sort_unstable();
            row.records.dedup();
        }
        rows
    }
}

/// What each group stands for: the CVEs of its records; where they have none, the CVEs of bulletins
/// that name a member; where there are none either, its best name.
fn canonical<'c>(
    claims: &'c [Claim],
    names: &[&'c str],
    index: &FxHashMap<&'c str, usize>,
    group: &[usize],
) -> Vec<Vec<&'c str>> {
    let group_of = |name: &str| index.get(name).and_then(|&name| group.get(name)).copied();
    let mut best: Vec<Option<&str>> = vec![None; names.len()];
    for (&name, &group) in names.iter().zip(group) {
        if let Some(best) = best.get_mut(group) {
            *best = best
                .take()
                .into_iter()
                .chain([name])
                .min_by(|one, other| rank(one).cmp(&rank(other)));
        }
    }
    let mut stated = vec![BTreeSet::new(); names.len()];
    for claim in claims.iter().filter(|claim| !claim.is_bulletin()) {
        let group = claim.names().find_map(group_of);
        if let Some(cves) = group.and_then(|group| stated.get_mut(group)) {
            cves.extend(claim.cves());
        }
    }
    // A covered id that is no CVE stands for its group's CVEs or best name.
    let meaning = |id: &'c str| -> Vec<&'c str> {
        let group = group_of(id);
        let cves = group.and_then(|group| stated.get(group)).filter(|cves| !cves.is_empty());
        match cves {
            Some(cves) => cves.iter().copied().collect(),
            None => vec![group.and_then(|group| *best.get(group)?).unwrap_or(id)],
        }
    };
    let mut covered = vec![BTreeSet::new(); names.len()];
    for claim in claims.iter().filter(|claim| claim.is_bulletin()) {
        let mut about = claim.cves();
        about.extend(claim.covers().flat_map(meaning));
        for group in claim.names().filter_map(group_of) {
            if let Some(covered) = covered.get_mut(group) {
                covered.extend(about.iter().copied());
            }
        }
    }
    let by_group = stated.into_iter().zip(covered).zip(best);
    by_group
        .map(|((stated, covered), best)| match (stated.is_empty(), covered.is_empty()) {
            (false, _) => stated.into_iter().collect(),
            (true, false) => covered.into_iter().collect(),
            (true, true) => best.into_iter().collect(),
        })
        .collect()
}

/// The order of preference of names for a vulnerability without a CVE: the most widely used data
/// source first, then the order of texts.
pub(crate) fn rank(name: &str) -> (usize, &str) {
    const SOURCES: [&str; 5] = ["GHSA-", "PYSEC-", "GO-", "RUSTSEC-", "OSV-"];
    let source = SOURCES.iter().position(|source| name.starts_with(source));
    (source.unwrap_or(SOURCES.len()), name)
}

/// Disjoint sets of names.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn of(&mut self, name: usize) -> usize {
        let mut at = name;
        while let Some(&parent) = self.0.get(at)
            && parent != at
        {
            // Halving the way keeps later ones short.
            let grandparent = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(at) {
                *slot = grandparent;
            }
            at = grandparent;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        if let Some(slot) = self.0.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
}

#[cfg(test)]
mod tests;
