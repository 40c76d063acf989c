//! What a database has about a package, in whichever scope.

use bulkhead_model::{Inventory, Package, PackageKey, PackageType, Scope};
use bulkhead_versions::Scheme;

use super::section::Section;
use super::{AffectedRow, Database, DatabaseError, keys};
use crate::scope::{NameRule, scheme_of};

impl Database {
    /// Every scope that it speaks about, sorted.
    pub fn scopes(&self) -> Result<Vec<Scope>, DatabaseError> {
        let mut scopes = Vec::new();
        self.visit(Section::Scopes, b"", &mut |key, _| {
            // A scope of a later version of this program has no packages that this one could name.
            let text = keys::split(key).map(|([text], _)| text);
            scopes.extend(text.and_then(|text| text.parse::<Scope>().ok()));
            Ok(())
        })?;
        Ok(scopes)
    }

    /// The rows about packages of this name in any of the scopes, each in the form of the name that
    /// the scope has.
    pub fn rows_named(
        &self,
        name: &str,
        scopes: &[Scope],
    ) -> Result<Vec<(PackageKey, AffectedRow)>, DatabaseError> {
        let mut found = Vec::new();
        for scope in scopes {
            let key = PackageKey::new(scope.clone(), name);
            let rows = self.affected(&key)?;
            found.extend(rows.into_iter().map(|row| (key.clone(), row)));
        }
        Ok(found)
    }

    /// The rows about the packages of an inventory, of those with a version the ones about that
    /// version. A package of a distribution that the inventory does not name is looked for in every
    /// distribution of its kind.
    pub fn rows_about(
        &self,
        inventory: &Inventory,
        scopes: &[Scope],
    ) -> Result<Vec<(PackageKey, AffectedRow)>, DatabaseError> {
        let mut found = Vec::new();
        for (_, package) in inventory.iter() {
            let system = inventory.operating_system.as_ref();
            let named = system.and_then(|system| system.scope.as_ref());
            for scope in scopes.iter().filter(|scope| may_be_of(package, scope, named)) {
                let (name, version) = NameRule::of(scope).coordinates(package);
                let mut rows = self.rows_named(name, std::slice::from_ref(scope))?;
                let concerns = |row: &AffectedRow| {
                    version.is_empty() || row.versions.contains(row.scheme, version.as_bytes())
                };
                rows.retain(|(_, row)| concerns(row));
                found.extend(rows);
            }
        }
        Ok(found)
    }
}

fn may_be_of(package: &Package, scope: &Scope, named: Option<&Scope>) -> bool {
    let scheme = match package.package_type {
        PackageType::Language(ecosystem) => return *scope == Scope::Language(ecosystem),
        PackageType::Deb => Scheme::Dpkg,
        PackageType::Apk => Scheme::Apk,
        PackageType::Rpm => Scheme::Rpm,
        PackageType::Alpm => Scheme::Pacman,
        // Nobody publishes advisories of its packages.
        PackageType::Opkg => return false,
    };
    match named {
        Some(named) => scope == named,
        None => matches!(scope, Scope::Distribution { .. }) && scheme_of(scope) == Some(scheme),
    }
}
