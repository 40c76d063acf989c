//! Reading a document, of any tool.

use std::collections::{BTreeMap, HashMap};

use bulkhead_limits::Budget;
use bulkhead_model::{
    Digest, Inventory, NotAssessed, NotAssessedReason, Package, PackageId, Problem, ProblemKind,
    Relation, RelationKind, Target,
};

use super::lenient::{Component, Document, Metadata, Object, pairs};
use super::packages::Unusable;
use super::{foreign, names, packages, targets};
use crate::purl::Purl;
use crate::SbomError;

/// Every object costs memory whatever its text is, so their number is bounded apart from the bytes.
const MAXIMUM_OBJECTS: usize = 2_000_000;

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bom {
    /// What it describes, where it says so. Its kind is the one that it was made of.
    pub target: Option<Target>,
    /// The packages in it.
    pub inventory: Inventory,
    /// What it cannot say, and what had not been assessed when it was made.
    pub not_assessed: Vec<NotAssessed>,
    /// What in it is broken or doubtful.
    pub problems: Vec<Problem>,
}

/// Reads a CycloneDX JSON document of version 1.2 to 1.7. Its own writer's documents give back what
/// they were made of; of others whatever names a package is taken.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    let document = parse(bytes, budget)?;
    let mut problems = Vec::new();
    let version = document.spec_version.as_str();
    if !matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") {
        let message = format!("CycloneDX version {version:?} is not known; read as 1.7");
        problems.push(Problem::general(ProblemKind::Ambiguous, message));
    }
    let metadata = document.metadata.0.unwrap_or_default();
    let own = pairs(&metadata.properties).any(|(name, _)| name == names::FORMAT);
    let target = metadata.component.0.as_ref().map(targets::from_component);

    let mut components = flatten(document.components.0, budget)?;
    // A foreign document may list its subject's own package, such as the project, only there.
    if !own && let Some(subject) = &metadata.component.0 {
        components.extend(flatten(vec![Object(Some(shallow(subject)))], budget)?);
    }
    let system = components.iter().find(|part| part.kind.as_str() == "operating-system");
    let operating_system = system.map(targets::system).or_else(|| distribution(&components));

    let mut gathered = Gathered::default();
    for component in &components {
        gathered.add(component);
    }
    let layers: BTreeMap<Digest, u32> = target
        .iter()
        .filter_map(|target| target.image.as_ref())
        .flat_map(|image| (0_u32..).zip(&image.layers))
        .filter_map(|(index, layer)| Some((layer.diff_id.clone()?, index)))
        .collect();
    if !own {
        for (package, _) in &mut gathered.packages {
            foreign::set_layers(&mut package.locations, &layers);
        }
    }
    let mut not_assessed = not_assessed(&metadata, &gathered, own);
    not_assessed.sort();
    problems.extend(gathered.doubts(own));
    let (packages, by_reference) = gathered.sorted();
    let mut relations: Vec<Relation> = declared(&components, &by_reference).collect();
    relations.extend(depends_on(document.dependencies.0, &by_reference));
    relations.sort();
    relations.dedup();
    Ok(Bom {
        target,
        inventory: Inventory { operating_system, packages, relations },
        not_assessed,
        problems,
    })
}

fn parse(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let size = bytes.len() as u64;
    budget.check_file(size)?;
    budget.charge_bytes(size)?;
    let count = bytes.iter().filter(|&&byte| byte == b'{').count();
    if count > MAXIMUM_OBJECTS {
        return Err(SbomError::Objects { count, limit: MAXIMUM_OBJECTS });
    }
    // Tools on Windows put a byte order mark before the document.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Object<Document> =
        serde_json::from_slice(bytes).map_err(|error| SbomError::Syntax {
            cause: cause(&error),
            line: error.line(),
            column: error.column(),
        })?;
    let document = document.0.ok_or(SbomError::Format { found: "no JSON object" })?;
    match (document.bom_format.as_str(), document.spdx_version.as_str()) {
        ("CycloneDX", _) => Ok(document),
        (_, "") => Err(SbomError::Format { found: "a JSON object without bomFormat" }),
        _ => Err(SbomError::Format { found: "an SPDX document" }),
    }
}

/// The JSON reader's message without the place, which the error has apart.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.as_str(), |(cause, _)| cause).to_owned()
}

/// All components at any depth, outer ones before those inside them. Nesting says how a product is
/// assembled, which is no relation between installed packages.
fn flatten(
    components: Vec<Object<Component>>,
    budget: &Budget,
) -> Result<Vec<Component>, SbomError> {
    let mut flat = Vec::new();
    let mut stack: Vec<Component> = components.into_iter().rev().filter_map(|part| part.0).collect();
    while let Some(mut component) = stack.pop() {
        budget.charge_entry()?;
        let inner = std::mem::take(&mut component.components.0);
        stack.extend(inner.into_iter().rev().filter_map(|part| part.0));
        flat.push(component);
    }
    Ok(flat)
}

/// The subject of a document as a component among others: only what makes a package.
fn shallow(subject: &Component) -> Component {
    let text = |text: &super::lenient::Text| super::lenient::Text(text.0.clone());
    Component {
        kind: text(&subject.kind),
        reference: text(&subject.reference),
        group: text(&subject.group),
        name: text(&subject.name),
        version: text(&subject.version),
        purl: text(&subject.purl),
        ..Component::default()
    }
}

/// The distribution that the packages' own URLs name, where no component does.
fn distribution(components: &[Component]) -> Option<bulkhead_model::OperatingSystem> {
    components.iter().find_map(|part| Purl::parse(part.purl.as_str()).ok()?.operating_system())
}

/// The packages among the components, each with its `bom-ref`, and what the others were.
#[derive(Default)]
struct Gathered {
    packages: Vec<(Package, String)>,
    without_url: u64,
    unknown_types: BTreeMap<String, u64>,
    without_version: u64,
    system_packages: u64,
    system_sources: u64,
}

impl Gathered {
    fn add(&mut self, component: &Component) {
        match packages::from_component(component) {
            Ok(package) => {
                let count = |condition: bool| u64::from(condition);
                let system = package.package_type.is_system();
                self.without_version =
                    self.without_version.saturating_add(count(package.version.is_empty()));
                self.system_packages = self.system_packages.saturating_add(count(system));
                self.system_sources =
                    self.system_sources.saturating_add(count(system && package.source.is_some()));
                self.packages.push((package, component.reference.as_str().to_owned()));
            }
            Err(Unusable::NoPackageUrl) => {
                let kind = component.kind.as_str();
                if matches!(kind, "library" | "framework" | "application") {
                    self.without_url = self.without_url.saturating_add(1);
                }
            }
            // An image in a document about images is no package.
            Err(Unusable::UnknownType(kind)) if matches!(kind.as_str(), "oci" | "docker") => {}
            Err(Unusable::UnknownType(kind)) => {
                let count = self.unknown_types.entry(kind).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// What makes results doubtful without keeping packages from being assessed.
    fn doubts(&self, own: bool) -> Vec<Problem> {
        if own || self.system_packages == 0 || self.system_sources > 0 {
            return Vec::new();
        }
        let message = format!(
            "none of the {} system packages names its source package: advisories of distributions \
             go by source packages, so each is taken to have the name of its source",
            self.system_packages
        );
        vec![Problem::general(ProblemKind::Ambiguous, message)]
    }

    /// The packages in the order of an inventory, equal ones once, and where each reference went.
    fn sorted(mut self) -> (Vec<Package>, HashMap<String, PackageId>) {
        self.packages.sort_by(|(left, _), (right, _)| order(left).cmp(&order(right)));
        let mut packages: Vec<Package> = Vec::with_capacity(self.packages.len());
        let mut by_reference = HashMap::with_capacity(self.packages.len());
        for (package, reference) in self.packages {
            if packages.last() != Some(&package) {
                packages.push(package);
            }
            if let Ok(index) = u32::try_from(packages.len().saturating_sub(1)) {
                by_reference.entry(reference).or_insert(PackageId(index));
            }
        }
        (packages, by_reference)
    }
}

/// By type, name, version and first location, as [`Inventory`] says.
fn order(package: &Package) -> impl Ord + '_ {
    (
        package.package_type,
        package.name.as_str(),
        package.version.as_str(),
        package.locations.first(),
    )
}

fn not_assessed(metadata: &Metadata, gathered: &Gathered, own: bool) -> Vec<NotAssessed> {
    let mut parts = targets::not_assessed(metadata);
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
    if !own {
        add(
            gathered.without_version,
            "packages without a version".to_owned(),
            "let the tool that makes the document write the installed versions",
        );
    }
    parts
}

/// The relations that components carry as properties.
fn declared<'a>(
    components: &'a [Component],
    by_reference: &'a HashMap<String, PackageId>,
) -> impl Iterator<Item = Relation> + use<'a> {
    components.iter().flat_map(move |component| {
        component.properties().filter_map(move |(name, value)| {
            let kind = match name {
                names::OWNED_BY => RelationKind::OwnedBy,
                names::CONTAINED_IN => RelationKind::ContainedIn,
                _ => return None,
            };
            let from = *by_reference.get(component.reference.as_str())?;
            Some(Relation { from, kind, to: *by_reference.get(value)? })
        })
    })
}

fn depends_on<'a>(
    dependencies: Vec<Object<super::lenient::Dependency>>,
    by_reference: &'a HashMap<String, PackageId>,
) -> impl Iterator<Item = Relation> + use<'a> {
    dependencies.into_iter().filter_map(|dependency| dependency.0).flat_map(move |dependency| {
        let from = by_reference.get(dependency.reference.as_str()).copied();
        dependency.depends_on.0.into_iter().filter_map(move |reference| {
            let to = *by_reference.get(reference.as_str())?;
            Some(Relation { from: from?, kind: RelationKind::DependsOn, to })
        })
    })
}
