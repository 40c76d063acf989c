//! Findings by package, as people upgrade them.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{
    Finding, FixState, Location, Package, PackageType, Report, Severity, VulnerabilityDetail,
};

/// The packages that one upgrade concerns: installed copies of one package, or the packages that
/// were built from one source and have the same vulnerabilities.
pub(super) struct Group<'a> {
    /// The names of the packages.
    pub(super) names: Vec<&'a str>,
    /// Their common version.
    pub(super) version: &'a str,
    /// Their common type, where the inventory has the package.
    pub(super) package_type: Option<PackageType>,
    /// Their common source package, where it is not the only name.
    pub(super) source: Option<&'a str>,
    /// Where they are, each place once.
    pub(super) locations: BTreeSet<&'a Location>,
    /// What concerns them, worst first.
    pub(super) rows: Vec<Row<'a>>,
}

/// One vulnerability of a group.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) finding: &'a Finding,
    pub(super) detail: &'a VulnerabilityDetail,
}

impl Row<'_> {
    /// Whether there is little to do about it: it may share a line with others.
    pub(super) fn is_minor(&self) -> bool {
        self.detail.state != FixState::Fixed
            && self.detail.exploited.is_none()
            && self.finding.rating.severity <= Severity::Low
    }

    fn urgency(&self) -> (bool, Severity, bool) {
        let exploited = self.detail.exploited.is_some();
        (exploited, self.finding.rating.severity, self.detail.state == FixState::Fixed)
    }
}

/// The groups of a report, most urgent first.
pub(super) fn of(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for group in by_package(report) {
        let same = |other: &&mut Group<'_>| {
            other.source == group.source
                && other.version == group.version
                && other.package_type == group.package_type
                && statements(&other.rows).eq(statements(&group.rows))
        };
        // Most packages name no source: looking for their like would only cost time.
        let like = group.source.is_some().then(|| groups.iter_mut().find(same)).flatten();
        if let Some(other) = like {
            other.names.extend(group.names);
            other.locations.extend(group.locations);
        } else {
            groups.push(group);
        }
    }
    for group in &mut groups {
        group.rows.sort_by(|left, right| {
            right
                .urgency()
                .cmp(&left.urgency())
                .then_with(|| left.finding.rule.cmp(&right.finding.rule))
        });
        if group.names.len() == 1 && group.names.first().copied() == group.source {
            group.source = None;
        }
    }
    // Stable: equal ones stay in the order of the inventory.
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows.first().map(Row::urgency)));
    groups
}

/// One group for each package by type, name and version, however often it is installed.
fn by_package(report: &Report) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(Option<PackageType>, &str, &str), Group<'_>> = BTreeMap::new();
    for finding in &report.findings {
        let Some(detail) = finding.vulnerability() else { continue };
        let (name, version) = (finding.subject.name(), finding.subject.version());
        let package: Option<&Package> = report.inventory.package(detail.package);
        let package_type = package.map(|package| package.package_type);
        let group = groups.entry((package_type, name, version)).or_insert_with(|| Group {
            names: vec![name],
            version,
            package_type,
            source: package.and_then(|package| package.source.as_ref()).map(|it| it.name.as_str()),
            locations: BTreeSet::new(),
            rows: Vec::new(),
        });
        group.locations.insert(&finding.location);
        if !group.rows.iter().any(|row| row.finding.rule == finding.rule) {
            group.rows.push(Row { finding, detail });
        }
    }
    groups.into_values().collect()
}

/// What two packages must have in common to be shown as one.
fn statements<'a>(
    rows: &'a [Row<'a>],
) -> impl Iterator<Item = (&'a str, Severity, FixState, &'a [String])> {
    rows.iter().map(|row| {
        let fixed = row.detail.fixed_versions.as_slice();
        (row.finding.rule.as_str(), row.finding.rating.severity, row.detail.state, fixed)
    })
}
