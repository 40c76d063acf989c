//! One package against all rows of its key.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{AdvisoryMatch, Confidence, FixState, Package, PackageId, PackageKey};
use bulkhead_versions::Scheme;
use rustc_hash::FxHashMap;

use super::plan::{Installed, Wanted};
use crate::{AffectedRow, builds, modules};

/// That a package has a vulnerability, and the rows that say so or otherwise.
#[derive(Debug, Clone)]
pub(super) struct Judgement<'i> {
    pub(super) id: PackageId,
    pub(super) package: &'i Package,
    pub(super) vulnerability: String,
    /// The rows about the vulnerability: those that the version lies in first.
    pub(super) rows: Vec<AdvisoryMatch>,
    pub(super) state: FixState,
    /// The versions to move to, smallest first.
    pub(super) fixed: Vec<String>,
    pub(super) confidence: Confidence,
    /// The owner of the package's files, where its vendor was asked.
    pub(super) owner: Option<String>,
    pub(super) overruling: Option<Overruling>,
}

/// Why a judgement is not a finding.
#[derive(Debug, Clone)]
pub(super) enum Overruling {
    /// A statement about this very package says that it is not affected.
    NotAffected,
    /// The vendor of the package that owns the files speaks about the vulnerability.
    Vendor(AdvisoryMatch),
}

/// What the rows of one key give.
#[derive(Default)]
pub(super) struct Judged<'i> {
    pub(super) affected: Vec<Judgement<'i>>,
    /// For packages that own others: everything that is said of them.
    pub(super) statements: Vec<(PackageId, Vec<Statement>)>,
}

/// A row about an owner, whether its version lies in it or not.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) vulnerabilities: Vec<String>,
    pub(super) verdict: AdvisoryMatch,
}

/// A row of a wanted key.
pub(super) struct Candidate {
    pub(super) row: AffectedRow,
    /// Whether it is about the source of the packages, not about them by their own name.
    pub(super) of_source: bool,
}

/// A row held against one package.
#[derive(Clone, Copy)]
struct Held<'r> {
    row: &'r AffectedRow,
    of_source: bool,
    key: &'r PackageKey,
    /// What the row's versions are compared with.
    version: &'r str,
    /// Whether it lies in them.
    inside: bool,
}

impl Held<'_> {
    fn evidence(&self) -> AdvisoryMatch {
        self.row.evidence(self.key, self.version)
    }
}

/// Judges the packages of a key by its rows.
pub(super) fn judge<'i>(
    wanted: &Wanted<'i>,
    candidates: &[Candidate],
    is_owner: &dyn Fn(PackageId) -> bool,
) -> Judged<'i> {
    let mut judged = Judged::default();
    // Binary packages of one source mostly share its version.
    let mut compared: FxHashMap<[&str; 2], Vec<bool>> = FxHashMap::default();
    for installed in &wanted.packages {
        let inside =
            compared.entry([false, true].map(|it| installed.version(it))).or_insert_with(|| {
                let inside = candidates
                    .iter()
                    .map(|one| contains(&one.row, installed.version(one.of_source)));
                inside.collect()
            });
        let rows: Vec<Held<'_>> = candidates
            .iter()
            .zip(inside.iter().copied())
            .filter(|(candidate, _)| applies(&candidate.row, installed.package))
            .map(|(Candidate { row, of_source }, inside)| Held {
                row,
                of_source: *of_source,
                key: wanted.key(*of_source),
                version: installed.version(*of_source),
                inside,
            })
            .collect();
        judged.affected.extend(judge_one(*installed, &rows));
        if is_owner(installed.id) {
            let statements = rows.iter().map(|held| Statement {
                vulnerabilities: held.row.vulnerabilities.clone(),
                verdict: held.evidence(),
            });
            judged.statements.push((installed.id, statements.collect()));
        }
    }
    judged
}

fn contains(row: &AffectedRow, version: &str) -> bool {
    row.versions.contains(row.scheme, version.as_bytes())
}

fn judge_one<'i>(installed: Installed<'i>, rows: &[Held<'_>]) -> Vec<Judgement<'i>> {
    let is_hit = |held: &Held<'_>| held.inside && held.row.state != FixState::NotAffected;
    let vulnerable = rows.iter().filter(|held| is_hit(held));
    let hit: BTreeSet<&str> =
        vulnerable.flat_map(|held| held.row.vulnerabilities.iter().map(String::as_str)).collect();
    if hit.is_empty() {
        return Vec::new();
    }
    let mut about: BTreeMap<&str, Vec<Held<'_>>> = BTreeMap::new();
    for held in rows {
        for id in held.row.vulnerabilities.iter().filter(|id| hit.contains(id.as_str())) {
            about.entry(id).or_default().push(*held);
        }
    }
    about
        .into_iter()
        .filter_map(|(vulnerability, mut rows)| {
            // What is said of a package by its own name is nearer than what is said of its source.
            if rows.iter().any(|held| !held.of_source) {
                rows.retain(|held| !held.of_source);
            }
            // What decided stands first; the order is that of databases, feeds and records else.
            rows.sort_by_key(|held| !held.inside);
            rows.iter().any(is_hit).then(|| verdict(installed, vulnerability, &rows))
        })
        .collect()
}

fn verdict<'i>(installed: Installed<'i>, vulnerability: &str, rows: &[Held<'_>]) -> Judgement<'i> {
    let deciding = || rows.iter().copied().filter(|held| held.inside);
    let not_affected = deciding().any(|held| held.row.state == FixState::NotAffected);
    let fixed = fixes(deciding());
    Judgement {
        id: installed.id,
        package: installed.package,
        vulnerability: vulnerability.to_owned(),
        rows: rows.iter().map(Held::evidence).collect(),
        state: if not_affected { FixState::NotAffected } else { state(deciding(), &fixed) },
        fixed,
        confidence: Confidence::Confirmed,
        owner: None,
        overruling: not_affected.then_some(Overruling::NotAffected),
    }
}

/// What the rows in which the version lies say of a fix, the best news first.
fn state<'r>(rows: impl Iterator<Item = Held<'r>>, fixed: &[String]) -> FixState {
    let states = rows.map(|held| match held.row.state {
        // Fixed in other lines than the installed one: nothing to move to.
        FixState::Fixed if fixed.is_empty() && names_a_fix(held.row) => FixState::Affected,
        state => state,
    });
    let rank = |state: &FixState| match state {
        FixState::Fixed => 0,
        FixState::WillNotFix => 1,
        FixState::Affected => 2,
        FixState::UnderInvestigation => 3,
        FixState::NotAffected => 4,
    };
    states.min_by_key(rank).unwrap_or(FixState::Affected)
}

fn names_a_fix(row: &AffectedRow) -> bool {
    !row.fixed.is_empty() || row.versions.upper_bounds().next().is_some()
}

/// The smallest version above the installed one that each row calls fixed.
fn fixes<'r>(rows: impl Iterator<Item = Held<'r>>) -> Vec<String> {
    let mut fixes: Vec<(Scheme, &str)> = rows
        .filter(|held| held.row.state == FixState::Fixed)
        .filter_map(|held| smallest_fix(held).map(|fix| (held.row.scheme, fix)))
        .collect();
    fixes.sort_by(|(scheme, one), (_, other)| {
        scheme.compare(one.as_bytes(), other.as_bytes()).then_with(|| one.cmp(other))
    });
    fixes.dedup();
    fixes.into_iter().map(|(_, fix)| fix.to_owned()).collect()
}

fn smallest_fix(held: Held<'_>) -> Option<&str> {
    let Held { row, version, .. } = held;
    let ends = row.versions.upper_bounds();
    let above = |fix: &&str| {
        row.scheme.compare(fix.as_bytes(), version.as_bytes()).is_gt() && !contains(row, fix)
    };
    ends.chain(row.fixed.iter().map(String::as_str)).filter(above).min_by(|one, other| {
        row.scheme.compare(one.as_bytes(), other.as_bytes()).then_with(|| one.cmp(other))
    })
}

/// Whether the row is about a package of this architecture, module and kind of build.
fn applies(row: &AffectedRow, package: &Package) -> bool {
    built_for(&row.architectures, package.architecture.as_deref())
        && modules::concerns(row.module.as_deref(), package)
        && builds::concerns(row, package)
}

/// Whether a statement limited to these architectures is about a package of this one. A package that
/// names none, or was built for all, may run on each of them; only what is said of the source package
/// alone is not said of any other.
fn built_for(limits: &[String], own: Option<&str>) -> bool {
    let is_source = |one: &String| matches!(one.as_str(), "src" | "nosrc" | "source");
    limits.is_empty()
        || match own {
            None | Some("" | "all" | "noarch") => !limits.iter().all(is_source),
            Some(own) => limits.iter().any(|one| same(one, own)),
        }
}

/// Debian's and the kernel's names of one architecture.
fn same(one: &str, other: &str) -> bool {
    let canonical = |name| match name {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "i386" | "i486" | "i586" | "i686" | "386" => "x86",
        "ppc64el" => "ppc64le",
        name => name,
    };
    canonical(one) == canonical(other)
}
