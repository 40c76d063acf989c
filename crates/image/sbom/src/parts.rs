//! What the documents of every form have in common: parts with properties, and links between them.
//!
//! A form brings its documents to a [`Statement`], and what a form has no field for it carries as
//! properties by the names in the `names` module.

pub(crate) mod foreign;
mod gathered;
pub(crate) mod names;
pub(crate) mod packages;
pub(crate) mod targets;

use std::collections::{BTreeMap, HashMap};

use bulkhead_model::{
    Digest, Inventory, Location, NotAssessed, NotAssessedReason, OperatingSystem, PackageId,
    Problem, Relation, RelationKind, SourcePackage, Target,
};

use crate::Bom;
use crate::purl::Purl;
use gathered::Gathered;

/// The kind of a part that is an image.
pub(crate) const CONTAINER: &str = "container";
/// The kind of a part that is an operating system.
pub(crate) const OPERATING_SYSTEM: &str = "operating-system";

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Property {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Something that a document names. Texts are empty where it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// As CycloneDX names kinds: `library`, `application`, `operating-system`, `file`…
    pub(crate) kind: String,
    /// The name by which other parts of the document point to it.
    pub(crate) reference: String,
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) purl: String,
    pub(crate) licences: Vec<String>,
    /// Files, in the readable form of the model; properties tell more of each by its index.
    pub(crate) occurrences: Vec<String>,
    /// Files that the form states by means of its own. Layers have no index yet.
    pub(crate) locations: Vec<Location>,
    /// The source package, where the form has a field for it.
    pub(crate) source: Option<SourcePackage>,
    pub(crate) properties: Vec<Property>,
}

impl Part {
    /// The first property of that name.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        self.properties().find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// All properties by name, for those who look up as many as there may be.
    pub(crate) fn property_map(&self) -> BTreeMap<&str, &str> {
        self.properties().collect()
    }

    pub(crate) fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.iter().map(|property| (property.name.as_str(), property.value.as_str()))
    }
}

/// How two parts hang together, by their references.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: String,
    pub(crate) kind: RelationKind,
    pub(crate) to: String,
}

/// What a document states.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    /// Whether it is one of our own, which says everything.
    pub(crate) own: bool,
    pub(crate) target: Option<Target>,
    /// Where the form has a field for it; else a part or a package names it.
    pub(crate) operating_system: Option<OperatingSystem>,
    pub(crate) parts: Vec<Part>,
    pub(crate) links: Vec<Link>,
    /// What had not been assessed when the document was made.
    pub(crate) not_assessed: Vec<NotAssessed>,
    pub(crate) problems: Vec<Problem>,
}

impl Statement {
    /// The document in nouns of the model.
    pub(crate) fn into_bom(mut self) -> Bom {
        let system = self.parts.iter().find(|part| part.kind == OPERATING_SYSTEM);
        let operating_system = self
            .operating_system
            .take()
            .or_else(|| system.map(targets::system))
            .or_else(|| distribution(&self.parts));
        let mut gathered = Gathered::of(&self.parts, self.own);
        if !self.own {
            gathered.leave_out_others(operating_system.as_ref());
            let layers = self.layers();
            for (package, _) in &mut gathered.packages {
                foreign::set_layers(&mut package.locations, &layers);
            }
        }
        let mut not_assessed = self.not_assessed;
        not_assessed.extend(losses(&gathered));
        not_assessed.sort();
        let mut problems = self.problems;
        problems.extend(gathered.doubts(self.own));
        let (packages, by_reference) = gathered.sorted();
        let relations = relations(&self.links, &by_reference);
        Bom {
            target: self.target,
            inventory: Inventory { operating_system, packages, relations },
            not_assessed,
            problems,
        }
    }

    /// The position of each layer of the image.
    fn layers(&self) -> BTreeMap<Digest, u32> {
        let image = self.target.iter().filter_map(|target| target.image.as_ref());
        image
            .flat_map(|image| (0_u32..).zip(&image.layers))
            .filter_map(|(index, layer)| Some((layer.diff_id.clone()?, index)))
            .collect()
    }
}

/// The distribution that the packages' own URLs name, where no part does.
fn distribution(parts: &[Part]) -> Option<OperatingSystem> {
    parts.iter().find_map(|part| Purl::parse(&part.purl).ok()?.operating_system())
}

/// What of the document could not be made packages.
fn losses(gathered: &Gathered) -> Vec<NotAssessed> {
    let mut parts = Vec::new();
    let mut add = |count: u64, cause: String, hint: &str| {
        if count > 0 {
            let reason = NotAssessedReason::Document { cause };
            parts.push(NotAssessed { reason, count, hint: Some(hint.to_owned()) });
        }
    };
    add(
        gathered.without_url,
        "components without a package URL".to_owned(),
        "let the tool that makes the document write a purl for each component",
    );
    for (kind, count) in &gathered.unknown_types {
        add(
            *count,
            format!("package URLs of type {kind:?}, which this version does not know"),
            "no advisories for them are known here; use another source for these packages",
        );
    }
    add(
        gathered.without_version,
        "packages without a version".to_owned(),
        "let the tool that makes the document write the installed versions",
    );
    add(
        gathered.of_other_systems,
        "packages of another distribution, or of another release of it, than the document"
            .to_owned(),
        "give the packages of each system in a document of their own",
    );
    parts
}

/// The links of which both ends are packages.
fn relations(links: &[Link], by_reference: &HashMap<String, PackageId>) -> Vec<Relation> {
    let relation = |Link { from, kind, to }: &Link| {
        let (from, to) = (*by_reference.get(from)?, *by_reference.get(to)?);
        Some(Relation { from, kind: *kind, to })
    };
    let mut relations: Vec<Relation> = links.iter().filter_map(relation).collect();
    relations.sort();
    relations.dedup();
    relations
}
