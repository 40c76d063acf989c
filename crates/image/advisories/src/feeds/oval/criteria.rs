//! Trees of criteria, and what they say of packages.
//!
//! A tree is brought into alternatives, each a conjunction of demands on packages and modules. The
//! system is taken to be the release that the definition is about. What no list of packages tells
//! (which kernel runs, whether a live patch is loaded) may hold or not, and is taken to hold either
//! way. Alternatives that demand nothing of any package say nothing about packages.

use std::collections::BTreeSet;

use bulkhead_versions::{Interval, Scheme};

use super::definition::Definition;
use super::document::Document;
use super::test::{Kind, Test, architectures};

/// Alternatives of one definition; no publisher's come near.
const MOST_ALTERNATIVES: usize = 50_000;

/// Definitions that extend one another.
const MOST_EXTENSIONS: u32 = 8;

/// A node of the tree, or a leaf.
#[derive(Debug)]
pub(super) enum Criteria {
    /// All of the children hold; or any of them.
    Node { is_any: bool, is_negated: bool, children: Vec<Criteria> },
    /// A test, by its identifier.
    Test { id: String, is_negated: bool },
    /// All that another definition says.
    Extended { id: String, is_negated: bool },
}

impl Default for Criteria {
    fn default() -> Self {
        Self::Node { is_any: false, is_negated: false, children: Vec::new() }
    }
}

impl Criteria {
    /// The definitions that are extended anywhere in the tree.
    pub(super) fn extended(&self) -> Vec<&str> {
        match self {
            Self::Node { children, .. } => children.iter().flat_map(Self::extended).collect(),
            Self::Test { .. } => Vec::new(),
            Self::Extended { id, .. } => vec![id],
        }
    }
}

/// What is demanded of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) package: String,
    pub(super) versions: Interval,
    /// Empty for all.
    pub(super) architectures: BTreeSet<String>,
}

/// Demands that hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conjunction {
    pub(super) demands: Vec<Demand>,
    /// `nodejs:18`.
    pub(super) modules: BTreeSet<String>,
    /// Architectures of packages on the systems that are meant; empty for all.
    architectures: BTreeSet<String>,
}

impl Document {
    /// The alternatives under which a definition holds, without those that say nothing about a
    /// package, and what is wrong with others that cannot be read; or why none can.
    pub(super) fn conjunctions(
        &self,
        definition: &Definition,
        scheme: Scheme,
    ) -> Result<(Vec<Conjunction>, Vec<String>), String> {
        let mut expansion = Expansion { document: self, scheme, problems: Vec::new() };
        let alternatives = expansion.of(&definition.criteria, false, MOST_EXTENSIONS)?;
        let mut limited: Vec<Conjunction> =
            alternatives.into_iter().filter_map(Conjunction::limited).collect();
        limited.retain(|one| !one.demands.is_empty());
        Ok((limited, expansion.problems))
    }
}

impl Conjunction {
    /// The same with the architectures of the system put to every package; none where a package is
    /// meant that no such system has.
    fn limited(mut self) -> Option<Self> {
        for demand in &mut self.demands {
            demand.architectures = common(&demand.architectures, &self.architectures)?;
        }
        Some(self)
    }
}

struct Expansion<'d> {
    document: &'d Document,
    scheme: Scheme,
    problems: Vec<String>,
}

impl Expansion<'_> {
    fn of(
        &mut self,
        criteria: &Criteria,
        negated: bool,
        extensions: u32,
    ) -> Result<Vec<Conjunction>, String> {
        match criteria {
            Criteria::Node { is_any, is_negated, children } => {
                let negated = negated != *is_negated;
                // The opposite of "all of them" is "the opposite of any".
                if *is_any == negated {
                    self.all(children, negated, extensions)
                } else {
                    self.any(children, negated, extensions)
                }
            }
            Criteria::Test { id, is_negated } => self.test(id, negated != *is_negated),
            Criteria::Extended { id, is_negated } => {
                let extended =
                    self.document.definition(id).ok_or_else(|| format!("no definition {id}"))?;
                let negated = negated != *is_negated;
                if extended.class == "inventory" {
                    return Ok(certain(!negated));
                }
                let extensions = extensions
                    .checked_sub(1)
                    .ok_or_else(|| "definitions that extend one another without end".to_owned())?;
                self.of(&extended.criteria, negated, extensions)
            }
        }
    }

    /// Every combination of the alternatives of each part.
    fn all(
        &mut self,
        parts: &[Criteria],
        negated: bool,
        extensions: u32,
    ) -> Result<Vec<Conjunction>, String> {
        let mut combined = certain(true);
        for part in parts {
            let part = self.of(part, negated, extensions)?;
            if combined.len().saturating_mul(part.len()) > MOST_ALTERNATIVES {
                return Err(too_many());
            }
            let mut next = Vec::with_capacity(combined.len().saturating_mul(part.len()));
            for one in &combined {
                next.extend(part.iter().filter_map(|other| self.both(one, other)));
            }
            without_repetition(&mut next);
            combined = next;
        }
        Ok(combined)
    }

    /// The alternatives of any part. Those that can be read stand beside one that cannot.
    fn any(
        &mut self,
        parts: &[Criteria],
        negated: bool,
        extensions: u32,
    ) -> Result<Vec<Conjunction>, String> {
        let (mut alternatives, mut refused) = (Vec::new(), Vec::new());
        for part in parts {
            match self.of(part, negated, extensions) {
                Ok(part) => alternatives.extend(part),
                Err(problem) => refused.push(problem),
            }
            if alternatives.len() > MOST_ALTERNATIVES {
                return Err(too_many());
            }
        }
        if refused.len() == parts.len()
            && let Some(problem) = refused.pop()
        {
            return Err(problem);
        }
        self.problems.extend(refused);
        without_repetition(&mut alternatives);
        Ok(alternatives)
    }

    /// Both together; none where they contradict each other.
    fn both(&self, one: &Conjunction, other: &Conjunction) -> Option<Conjunction> {
        let mut both = one.clone();
        both.modules.extend(other.modules.iter().cloned());
        both.architectures = common(&one.architectures, &other.architectures)?;
        for demand in &other.demands {
            match both.demands.iter_mut().find(|known| known.package == demand.package) {
                None => both.demands.push(demand.clone()),
                Some(known) => {
                    known.versions = known.versions.intersect(&demand.versions, self.scheme)?;
                    known.architectures = common(&known.architectures, &demand.architectures)?;
                }
            }
        }
        Some(both)
    }

    fn test(&self, id: &str, negated: bool) -> Result<Vec<Conjunction>, String> {
        let test = self.document.test(id).ok_or_else(|| format!("no test {id}"))?;
        let negated = negated != test.is_inverse;
        match (test.kind, test.module()) {
            (Kind::Package, _) => self.package_test(test, negated),
            (Kind::Release, _) => Ok(certain(!negated)),
            (Kind::Other, None) => Ok(certain(true)),
            (Kind::Other, Some(_)) if negated => Err("a module that is not enabled".to_owned()),
            (Kind::Other, Some(module)) => {
                let modules = BTreeSet::from([module.to_owned()]);
                Ok(vec![Conjunction { modules, ..Conjunction::default() }])
            }
        }
    }

    fn package_test(&self, test: &Test, negated: bool) -> Result<Vec<Conjunction>, String> {
        let Some(names) = self.document.names(&test.object)? else { return Ok(certain(true)) };
        let (versions, pattern) = match &test.state {
            // That a package is not there says nothing of one that is.
            None if negated => return Ok(certain(true)),
            None => (Interval::EVERYTHING, ""),
            Some(id) => {
                let state = self.document.state(id).ok_or_else(|| format!("no state {id}"))?;
                match &state.version {
                    None if !negated && names.iter().all(|name| name.ends_with("-release")) => {
                        return system(&state.architectures);
                    }
                    // Who signed a package, or which release its version tells.
                    None => return Ok(certain(true)),
                    Some(comparison) => (comparison.versions(negated)?, &*state.architectures),
                }
            }
        };
        let architectures = architectures(pattern)?;
        let demands = names.iter().map(|name| Demand {
            package: name.clone(),
            versions: versions.clone(),
            architectures: architectures.clone(),
        });
        let single = |demands| Conjunction { demands, ..Conjunction::default() };
        // The test holds where any of the packages is so; the opposite where all are not.
        Ok(if negated {
            vec![single(demands.collect())]
        } else {
            demands.map(|demand| single(vec![demand])).collect()
        })
    }
}

/// What always holds is one alternative that demands nothing; what never does is none.
fn certain(holds: bool) -> Vec<Conjunction> {
    if holds { vec![Conjunction::default()] } else { Vec::new() }
}

/// What the architecture of the package that names the release tells of the others: 64-bit systems
/// of Intel's have 32-bit packages, too.
fn system(pattern: &str) -> Result<Vec<Conjunction>, String> {
    let mut architectures = architectures(pattern)?;
    if architectures.contains("x86_64") {
        architectures.insert("i686".to_owned());
    }
    Ok(vec![Conjunction { architectures, ..Conjunction::default() }])
}

/// Architectures of both; none where both are limited and to others.
fn common(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    if one.is_empty() || other.is_empty() {
        return Some(one.union(other).cloned().collect());
    }
    let common: BTreeSet<String> = one.intersection(other).cloned().collect();
    (!common.is_empty()).then_some(common)
}

/// Demands on nothing are many and alike (the running kernel, the one of the next boot): one will do.
fn without_repetition(alternatives: &mut Vec<Conjunction>) {
    let mut is_known = false;
    alternatives.retain(|one| {
        let is_plain = *one == Conjunction::default();
        !(is_plain && std::mem::replace(&mut is_known, true))
    });
}

fn too_many() -> String {
    format!("more than {MOST_ALTERNATIVES} alternatives in its criteria")
}
