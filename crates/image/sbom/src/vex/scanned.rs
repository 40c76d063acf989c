//! What was scanned, as statements may name it.

use std::collections::{BTreeSet, HashMap};

use bulkhead_model::{
    ImageStatement, Inventory, OperatingSystem, Package, PackageId, RelationKind, Scope, Target,
};

use super::identity::{Fit, is_of_module, of_package};
use super::image::{ImageName, of_image};
use super::statement::{Identity, Product};
use crate::purl::Purl;

/// What is known elsewhere about names in documents.
pub trait Knowledge {
    /// Takes a reference to an image apart, with what its registry adds where it says less.
    fn image(&self, reference: &str) -> Option<ImageName>;

    /// The release of a distribution that a platform is, by its name and its platform name (CPE).
    fn platform(&self, name: &str, cpe: Option<&str>) -> Option<Scope>;
}

/// What was scanned.
pub struct Scanned<'a> {
    inventory: &'a Inventory,
    image: Option<&'a ImageStatement>,
    names: Vec<ImageName>,
    digests: BTreeSet<String>,
    /// The packages that contain a package or depend on it.
    parents: HashMap<PackageId, Vec<PackageId>>,
    knowledge: &'a dyn Knowledge,
}

impl<'a> Scanned<'a> {
    /// The target of a report, with its inventory.
    pub fn new(target: &'a Target, inventory: &'a Inventory, knowledge: &'a dyn Knowledge) -> Self {
        let image = target.image.as_ref();
        let mut names = Vec::new();
        // A document of another tool's knows its image by the name alone.
        if image.is_some() && matches!(target.kind.as_str(), "registry" | "sbom") {
            let name = target.name.strip_prefix("registry:").unwrap_or(&target.name);
            names.extend(knowledge.image(name));
        }
        for tag in image.into_iter().flat_map(|image| &image.tags) {
            // The tag alone is all that a layout need know.
            if tag.contains(['/', ':']) {
                names.extend(knowledge.image(tag));
            } else {
                names.push(ImageName { tag: Some(tag.clone()), ..ImageName::default() });
            }
        }
        let known = image.into_iter().flat_map(|image| [&image.manifest, &image.configuration]);
        let digests = known
            .flatten()
            .map(ToString::to_string)
            .chain(names.iter().filter_map(|name| name.digest.clone()))
            .collect();
        let mut parents: HashMap<PackageId, Vec<PackageId>> = HashMap::new();
        for relation in &inventory.relations {
            let (child, parent) = match relation.kind {
                RelationKind::ContainedIn => (relation.from, relation.to),
                RelationKind::DependsOn => (relation.to, relation.from),
                RelationKind::OwnedBy => continue,
            };
            parents.entry(child).or_default().push(parent);
        }
        Self { inventory, image, names, digests, parents, knowledge }
    }

    /// Whether a product is this image, a package, or something that the package is in.
    pub(super) fn fit(&self, product: &Product, id: PackageId) -> Fit {
        let Some(package) = self.inventory.package(id) else { return Fit::Other };
        if product.parts.is_empty() {
            let whole = product.wholes.first();
            return whole.map_or(Fit::Other, |whole| self.fit_alone(whole, id, package));
        }
        let parts = product.parts.iter().map(|part| of_package(part, package, self.system()));
        let part = Fit::best(parts);
        // What it is said of is told before where that is.
        product
            .wholes
            .iter()
            .map(|whole| self.fit_around(whole, id, package))
            .find(|fit| *fit != Fit::Same)
            .filter(|_| part != Fit::Other)
            .unwrap_or(part)
    }

    /// A product without parts: the image, or a package with everything that it brings.
    fn fit_alone(&self, whole: &Identity, id: PackageId, package: &Package) -> Fit {
        let fit = Fit::best([of_package(whole, package, self.system()), of_image(whole, self)]);
        if fit != Fit::Same && self.always_inside(whole, id) { Fit::Same } else { fit }
    }

    /// What a part comes with.
    fn fit_around(&self, whole: &Identity, id: PackageId, package: &Package) -> Fit {
        let image = of_image(whole, self);
        if image == Fit::Same
            || of_package(whole, package, self.system()) == Fit::Same
            || self.always_inside(whole, id)
        {
            return Fit::Same;
        }
        Fit::best([image, module(whole, package), self.platform(whole, package)])
    }

    /// A release of a distribution, whose own packages these are.
    fn platform(&self, whole: &Identity, package: &Package) -> Fit {
        if !whole.purls.is_empty() || (whole.cpes.is_empty() && whole.name.is_none()) {
            return Fit::Other;
        }
        let name = whole.name.as_deref().unwrap_or_default();
        match self.knowledge.platform(name, whole.cpes.first().map(String::as_str)) {
            None => Fit::NotJudged(whole.shown()),
            Some(scope) => {
                let own = self.system().and_then(|system| system.scope.as_ref());
                let is_own = own == Some(&scope) && package.package_type.is_system();
                if is_own { Fit::Same } else { Fit::Other }
            }
        }
    }

    /// Whether every way from a package to what nothing else brings leads through a package of this
    /// identity: only then is all of it covered by a statement about that one.
    fn always_inside(&self, whole: &Identity, id: PackageId) -> bool {
        if whole.purls.is_empty() || !self.parents.contains_key(&id) {
            return false;
        }
        let mut met = false;
        let mut seen = BTreeSet::from([id]);
        let mut pending = vec![id];
        while let Some(next) = pending.pop() {
            let Some(parents) = self.parents.get(&next) else { return false };
            for parent in parents {
                let is_whole = self
                    .inventory
                    .package(*parent)
                    .is_some_and(|package| of_package(whole, package, self.system()) == Fit::Same);
                met |= is_whole;
                if !is_whole && seen.insert(*parent) {
                    pending.push(*parent);
                }
            }
        }
        met
    }

    fn system(&self) -> Option<&'a OperatingSystem> {
        self.inventory.operating_system.as_ref()
    }

    pub(super) fn knowledge(&self) -> &'a dyn Knowledge {
        self.knowledge
    }

    pub(super) const fn is_image(&self) -> bool {
        self.image.is_some()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &ImageName> {
        self.names.iter()
    }

    /// Whether more than a tag is known.
    pub(super) fn has_name(&self) -> bool {
        self.names.iter().any(|name| !name.repository.is_empty())
    }

    /// Whether a reference without regard to its tag names the image.
    pub(super) fn is_named(&self, reference: &str) -> bool {
        let name = self.knowledge.image(reference);
        name.is_some_and(|name| self.has_repository(&name.repository))
    }

    pub(super) fn has_repository(&self, repository: &str) -> bool {
        !repository.is_empty() && self.names.iter().any(|name| name.repository == repository)
    }

    pub(super) fn has_tag(&self, tag: &str) -> bool {
        self.names.iter().any(|name| name.tag.as_deref() == Some(tag))
    }

    pub(super) fn has_digest(&self, digest: &str) -> bool {
        self.digests.contains(&digest.to_ascii_lowercase())
    }

    pub(super) fn tags(&self) -> String {
        let tags: BTreeSet<&str> =
            self.names.iter().filter_map(|name| name.tag.as_deref()).collect();
        tags.into_iter().collect::<Vec<_>>().join(", ")
    }

    pub(super) fn digests(&self) -> String {
        self.digests.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn architecture(&self) -> Option<&'a str> {
        self.image?.platform.split('/').nth(1)
    }

    pub(super) fn system_name(&self) -> Option<&'a str> {
        self.image?.platform.split('/').next()
    }
}

/// A module of rpm's: `pkg:rpmmod/redhat/nodejs@18:…`.
fn module(whole: &Identity, package: &Package) -> Fit {
    let is_own = |purl: &Purl| {
        let module = match &purl.version {
            Some(version) => format!("{}:{version}", purl.name),
            None => purl.name.clone(),
        };
        purl.kind == "rpmmod" && is_of_module(&module, package)
    };
    let mut purls = whole.purls.iter().filter_map(|text| Purl::parse(text).ok());
    if purls.any(|purl| is_own(&purl)) { Fit::Same } else { Fit::Other }
}
