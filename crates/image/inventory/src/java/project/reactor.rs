//! The projects of one target together: inheritance, properties and managed versions (Maven's
//! "Introduction to the POM" and "Introduction to the Dependency Mechanism").

use std::collections::BTreeSet;

use bulkhead_model::{EntryPath, Location};
use rustc_hash::FxHashMap;

use crate::java::pom::{Coordinates, Dependency, Parent, Pom};
use crate::locked::Locked;

/// Generations of parents.
const GENERATIONS: usize = 32;
/// Properties that one text may lead to, and bytes that may come of it.
const STEPS: usize = 256;
const LENGTH: usize = 1 << 10;
/// Entries of one project that are looked at where names of artifacts are properties.
const MOST_VARIABLE: usize = 64;
/// Bills of materials that are looked into for one dependency.
const MOST_BILLS: usize = 256;
/// Dependencies of one project, what it inherits included.
const MOST_DEPENDENCIES: usize = 10_000;

/// What a project asks for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Without version where nothing in the target gives a single one.
    pub(super) packages: Vec<Locked>,
    /// Parents and bills of materials that are not in the target.
    pub(super) missing: Vec<String>,
}

/// All projects, by their places and names.
pub(super) struct Reactor<'p> {
    poms: &'p [(Location, Pom)],
    by_path: FxHashMap<&'p EntryPath, usize>,
    by_artifact: FxHashMap<&'p str, Vec<usize>>,
    /// Of each project, what it manages by the name of the artifact; under an empty name what a
    /// property names.
    managed: Vec<FxHashMap<&'p str, Vec<&'p Dependency>>>,
    properties: Vec<FxHashMap<&'p str, &'p str>>,
}

/// A project with its parents, the nearest first.
struct Lineage<'r, 'p> {
    reactor: &'r Reactor<'p>,
    poms: Vec<&'p Pom>,
    numbers: Vec<usize>,
    /// The parent that the target does not have.
    missing: Option<&'p Parent>,
}

impl<'p> Reactor<'p> {
    pub(super) fn new(poms: &'p [(Location, Pom)]) -> Self {
        let mut reactor = Self {
            poms,
            by_path: FxHashMap::default(),
            by_artifact: FxHashMap::default(),
            managed: Vec::with_capacity(poms.len()),
            properties: Vec::with_capacity(poms.len()),
        };
        for (number, (location, pom)) in poms.iter().enumerate() {
            reactor.by_path.insert(&location.path, number);
            let artifact = pom.coordinates.artifact.as_str();
            reactor.by_artifact.entry(artifact).or_default().push(number);
            let mut managed: FxHashMap<&str, Vec<&Dependency>> = FxHashMap::default();
            for dependency in &pom.managed {
                let artifact = dependency.coordinates.artifact.as_str();
                let key = if artifact.contains("${") { "" } else { artifact };
                managed.entry(key).or_default().push(dependency);
            }
            reactor.managed.push(managed);
            let properties = pom.properties.iter();
            let properties = properties.map(|(name, value)| (name.as_str(), value.as_str()));
            reactor.properties.push(properties.collect());
        }
        reactor
    }

    /// The project itself. Without a version where that is a property nothing sets.
    pub(super) fn project(&self, number: usize) -> Locked {
        let lineage = self.lineage(number);
        let text = |name: &str| lineage.interpolate(name).unwrap_or_default();
        let (group, name) = (text("${project.groupId}"), text("${project.artifactId}"));
        let version = text("${project.version}");
        if name.is_empty() {
            return Locked::default();
        }
        let name = if group.is_empty() { name } else { format!("{group}:{name}") };
        let mut project = Locked { name, version, ..Locked::default() };
        project.property("java:evidence", "pom.xml");
        project
    }

    /// What a project asks for, what it inherits included.
    pub(super) fn asked(&self, number: usize) -> Asked {
        let lineage = self.lineage(number);
        let mut asked = Asked::default();
        asked.missing.extend(lineage.missing.map(|parent| written(&parent.coordinates)));
        let mut known = BTreeSet::new();
        let dependencies = lineage.poms.iter().flat_map(|pom| &pom.dependencies);
        for dependency in dependencies.take(MOST_DEPENDENCIES) {
            let Some(wanted) = lineage.wanted(dependency) else { continue };
            if !known.insert(wanted.clone()) {
                continue;
            }
            let managed =
                self.managed(&lineage, &wanted, &mut asked.missing, &mut MOST_BILLS.clone());
            let own = Managed {
                version: lineage.interpolate(&dependency.coordinates.version),
                scope: lineage.interpolate(&dependency.scope),
            };
            let said = |own: Option<String>, managed: Option<String>| {
                own.filter(|own| !own.is_empty()).or(managed).unwrap_or_default()
            };
            let written = !dependency.coordinates.version.is_empty();
            let (version, scope) = match managed {
                // A property that nothing sets is no reason to take the managed version.
                Some(managed) if !written => {
                    (said(None, managed.version), said(own.scope, managed.scope))
                }
                Some(managed) => (said(own.version, None), said(own.scope, managed.scope)),
                None => (said(own.version, None), said(own.scope, None)),
            };
            asked.packages.push(package(&wanted, single(&version), &scope, dependency));
        }
        asked
    }

    fn lineage(&self, number: usize) -> Lineage<'_, 'p> {
        let mut lineage =
            Lineage { reactor: self, poms: Vec::new(), numbers: Vec::new(), missing: None };
        let mut next = Some(number);
        while let Some((number, (location, pom))) =
            next.take().and_then(|number| Some((number, self.poms.get(number)?)))
        {
            lineage.poms.push(pom);
            lineage.numbers.push(number);
            let Some(parent) = &pom.parent else { break };
            let found = self.parent(&location.path, parent);
            let found = found.filter(|found| !lineage.numbers.contains(found));
            next = found.filter(|_| lineage.numbers.len() < GENERATIONS);
            if next.is_none() {
                lineage.missing = Some(parent);
            }
        }
        lineage
    }

    /// The parent at its path, else the one of its name.
    fn parent(&self, child: &EntryPath, parent: &Parent) -> Option<usize> {
        let relative = parent.relative_path.as_deref().unwrap_or("../pom.xml");
        let beside = || {
            let folder = child.parent().unwrap_or_default();
            let path = folder.join(relative);
            let found = self.by_path.get(&path).or_else(|| self.by_path.get(&path.join("pom.xml")));
            found.copied().filter(|number| self.is(*number, &parent.coordinates))
        };
        let named = || self.named(&parent.coordinates);
        if relative.is_empty() { named() } else { beside().or_else(named) }
    }

    fn named(&self, coordinates: &Coordinates) -> Option<usize> {
        let candidates = self.by_artifact.get(coordinates.artifact.as_str())?;
        let candidates = candidates.iter().take(MOST_VARIABLE).copied();
        candidates.into_iter().find(|number| self.is(*number, coordinates))
    }

    /// Whether a project has these coordinates, as far as they are written out.
    fn is(&self, number: usize, coordinates: &Coordinates) -> bool {
        let Some((_, pom)) = self.poms.get(number) else { return false };
        let inherited = pom.parent.as_ref().map(|parent| &parent.coordinates);
        let agree = |pick: fn(&Coordinates) -> &str| {
            let own = Some(pick(&pom.coordinates)).filter(|own| !own.is_empty());
            let own = own.or(inherited.map(pick)).unwrap_or_default();
            let asked = pick(coordinates);
            own == asked || own.contains("${") || asked.contains("${")
        };
        pom.coordinates.artifact == coordinates.artifact
            && agree(|coordinates| &coordinates.group)
            && agree(|coordinates| &coordinates.version)
    }

    /// What is said of a dependency where versions are managed: by the project, its parents, and the
    /// bills of materials that these import.
    fn managed(
        &self,
        lineage: &Lineage<'_, 'p>,
        wanted: &Wanted,
        missing: &mut Vec<String>,
        bills: &mut usize,
    ) -> Option<Managed> {
        let of = |number: &usize, name: &str| -> Vec<&'p Dependency> {
            let managed = self.managed.get(*number).and_then(|managed| managed.get(name));
            managed.into_iter().flatten().take(MOST_VARIABLE).copied().collect()
        };
        for number in &lineage.numbers {
            let mut candidates = of(number, &wanted.artifact);
            candidates.extend(of(number, ""));
            let found = candidates.iter().find(|managed| {
                managed.scope != "import" && lineage.wanted(managed).as_ref() == Some(wanted)
            });
            if let Some(found) = found {
                return Some(Managed {
                    version: lineage.interpolate(&found.coordinates.version),
                    scope: lineage.interpolate(&found.scope).filter(|scope| !scope.is_empty()),
                });
            }
        }
        *bills = bills.checked_sub(1)?;
        let imports = lineage.poms.iter().flat_map(|pom| &pom.managed);
        for import in imports.filter(|managed| managed.scope == "import").take(MOST_VARIABLE) {
            let Coordinates { group, artifact, version } = &import.coordinates;
            let text = |text: &str| lineage.interpolate(text).unwrap_or_else(|| text.to_owned());
            let coordinates = Coordinates {
                group: text(group),
                artifact: text(artifact),
                version: text(version),
            };
            let Some(number) = self.named(&coordinates) else {
                let written = written(&coordinates);
                if !missing.contains(&written) && missing.len() < MOST_VARIABLE {
                    missing.push(written);
                }
                continue;
            };
            let bill = self.lineage(number);
            if let Some(found) = self.managed(&bill, wanted, missing, bills) {
                return Some(found);
            }
        }
        None
    }
}

/// What a managed entry says.
struct Managed {
    version: Option<String>,
    scope: Option<String>,
}

/// What makes two dependencies the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    group: String,
    artifact: String,
    kind: String,
    classifier: String,
}

impl Lineage<'_, '_> {
    fn wanted(&self, dependency: &Dependency) -> Option<Wanted> {
        let artifact = self.interpolate(&dependency.coordinates.artifact)?;
        let kind = self.interpolate(&dependency.kind)?;
        Some(Wanted {
            group: self.interpolate(&dependency.coordinates.group)?,
            kind: if kind.is_empty() { "jar".to_owned() } else { kind },
            classifier: self.interpolate(&dependency.classifier)?,
            artifact: Some(artifact).filter(|artifact| !artifact.is_empty())?,
        })
    }

    /// A text with its properties replaced; none where one of them is set nowhere.
    fn interpolate(&self, text: &str) -> Option<String> {
        let mut interpolated = String::new();
        self.append(text, &mut interpolated, &mut STEPS.clone())?;
        Some(interpolated)
    }

    fn append(&self, mut text: &str, to: &mut String, steps: &mut usize) -> Option<()> {
        while let Some((before, rest)) = text.split_once("${") {
            let (name, after) = rest.split_once('}')?;
            *steps = steps.checked_sub(1)?;
            to.push_str(before);
            self.append(self.property(name.trim())?, to, steps)?;
            text = after;
        }
        to.push_str(text);
        (to.len() <= LENGTH).then_some(())
    }

    fn property(&self, name: &str) -> Option<&str> {
        let own = *self.poms.first()?;
        let parent = own.parent.as_ref().map(|parent| &parent.coordinates);
        let inherited = |pick: fn(&Coordinates) -> &str| {
            let said = Some(pick(&own.coordinates)).filter(|own| !own.is_empty());
            said.or(parent.map(pick)).filter(|said| !said.is_empty())
        };
        let of_project = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."));
        match of_project {
            Some("version") => inherited(|coordinates| &coordinates.version),
            Some("groupId") => inherited(|coordinates| &coordinates.group),
            Some("artifactId") => Some(own.coordinates.artifact.as_str()),
            Some("parent.version") => parent.map(|parent| parent.version.as_str()),
            Some("parent.groupId") => parent.map(|parent| parent.group.as_str()),
            Some("parent.artifactId") => parent.map(|parent| parent.artifact.as_str()),
            _ => {
                let mut sets =
                    self.numbers.iter().filter_map(|at| self.reactor.properties.get(*at));
                sets.find_map(|set| set.get(name).copied())
            }
        }
    }
}

/// The one version that a text allows: a plain one, or a range of one version. Empty for all else.
fn single(version: &str) -> &str {
    let exact = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = exact.unwrap_or(version).trim();
    let open =
        version.contains([',', '[', ']', '(', ')', '$']) || matches!(version, "LATEST" | "RELEASE");
    if open { "" } else { version }
}

fn package(wanted: &Wanted, version: &str, scope: &str, dependency: &Dependency) -> Locked {
    let mut package = Locked {
        name: format!("{}:{}", wanted.group, wanted.artifact),
        version: version.to_owned(),
        development: scope == "test",
        ..Locked::default()
    };
    package.property("java:evidence", "pom.xml");
    if scope != "compile" {
        package.property("java:scope", scope);
    }
    if dependency.optional == "true" {
        package.property("java:optional", "true");
    }
    package
}

/// Coordinates as people write them.
fn written(coordinates: &Coordinates) -> String {
    let Coordinates { group, artifact, version } = coordinates;
    format!("{group}:{artifact}:{version}")
}
