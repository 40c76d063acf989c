//! What a database has about a name, in whichever scope.

use bulkhead_model::{PackageKey, Scope};

use super::section::Section;
use super::{AffectedRow, Database, DatabaseError, keys};

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
    pub fn packages(
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

    /// The keys under which an installed package is looked up: in each of the scopes that it may be
    /// of, by the name that the scope's publishers use.
    pub fn keys_of(&self, package: &bulkhead_model::Package, scopes: &[Scope]) -> Vec<PackageKey> {
        let key = |scope: &Scope| {
            let (name, _) = crate::scope::NameRule::of(scope).coordinates(package);
            PackageKey::new(scope.clone(), name)
        };
        scopes.iter().map(key).collect()
    }
}
