//! Sorting the parts of a document into packages and others.

use std::collections::{BTreeMap, HashMap};

use bulkhead_model::{OperatingSystem, Package, PackageId, Problem, ProblemKind};

use super::packages::{self, Unusable};
use super::{Part, foreign};
use crate::purl::Purl;

/// The packages among the parts, each with its reference, and what the others were.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) packages: Vec<(Package, String)>,
    pub(super) without_url: u64,
    pub(super) unknown_types: BTreeMap<String, u64>,
    pub(super) without_version: u64,
    pub(super) of_other_systems: u64,
    system_packages: u64,
    system_sources: u64,
}

impl Gathered {
    pub(super) fn of(parts: &[Part], own: bool) -> Self {
        let mut gathered = Self::default();
        for part in parts {
            gathered.add(part, own);
        }
        gathered
    }

    fn add(&mut self, part: &Part, own: bool) {
        match packages::from_part(part) {
            Ok(mut package) => {
                if !own && is_range(&package) {
                    package.version.clear();
                }
                let count = |condition: bool| u64::from(condition);
                let system = package.package_type.is_system();
                self.without_version =
                    self.without_version.saturating_add(count(!own && package.version.is_empty()));
                self.system_packages = self.system_packages.saturating_add(count(system));
                self.system_sources =
                    self.system_sources.saturating_add(count(system && package.source.is_some()));
                self.packages.push((package, part.reference.clone()));
            }
            Err(Unusable::NoPackageUrl) => {
                let is_software = matches!(&*part.kind, "library" | "framework" | "application");
                if is_software && !foreign::is_list(part) {
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

    /// Leaves out the packages that say themselves that they belong to another system: an inventory is
    /// one of a single system, and its release would speak about them.
    pub(super) fn leave_out_others(&mut self, system: Option<&OperatingSystem>) {
        let Some(scope) = system.and_then(|system| system.scope.as_ref()) else { return };
        let all = self.packages.len();
        self.packages.retain(|(package, _)| {
            let own = Purl::parse(&package.purl).ok().and_then(|purl| purl.operating_system());
            own.and_then(|own| own.scope).is_none_or(|own| own == *scope)
        });
        let left_out = all.saturating_sub(self.packages.len());
        self.of_other_systems = u64::try_from(left_out).unwrap_or(u64::MAX);
    }

    /// What makes results doubtful without keeping packages from being assessed.
    pub(super) fn doubts(&self, own: bool) -> Vec<Problem> {
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
    pub(super) fn sorted(mut self) -> (Vec<Package>, HashMap<String, PackageId>) {
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

/// By type, name, version and first location, as [`bulkhead_model::Inventory`] says.
fn order(package: &Package) -> impl Ord + '_ {
    (
        package.package_type,
        package.name.as_str(),
        package.version.as_str(),
        package.locations.first(),
    )
}

/// Whether a package of a manifest has a requirement in the place of a version: `^1.2.0`, `>= 1, < 2`.
fn is_range(package: &Package) -> bool {
    const SIGNS: [char; 9] = ['^', '<', '>', '=', '*', '|', ',', ' ', '['];
    let version = &package.version;
    !package.package_type.is_system() && (version.contains(SIGNS) || version.starts_with('~'))
}
