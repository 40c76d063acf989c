//! The starter set: widely exploited vulnerabilities of language packages, inside the binary.

use bulkhead_model::Problem;

use crate::{BuildError, Database, DatabaseError, FeedDescription, custom};

/// The id of the feed that the starter set makes up.
pub const STARTER: &str = "starter";

/// The files of `content/advisories`, by name.
pub const STARTER_FILES: [(&str, &str); 10] = [
    ("cargo.yaml", include_str!("../../../../content/advisories/cargo.yaml")),
    ("composer.yaml", include_str!("../../../../content/advisories/composer.yaml")),
    ("gem.yaml", include_str!("../../../../content/advisories/gem.yaml")),
    ("golang.yaml", include_str!("../../../../content/advisories/golang.yaml")),
    ("maven-apache.yaml", include_str!("../../../../content/advisories/maven-apache.yaml")),
    ("maven.yaml", include_str!("../../../../content/advisories/maven.yaml")),
    ("npm.yaml", include_str!("../../../../content/advisories/npm.yaml")),
    ("nuget.yaml", include_str!("../../../../content/advisories/nuget.yaml")),
    ("pypi.yaml", include_str!("../../../../content/advisories/pypi.yaml")),
    ("several.yaml", include_str!("../../../../content/advisories/several.yaml")),
];

/// The database of those files: compiled beforehand, since reading YAML would take longer than a scan of a
/// known image. A test holds it to be what [`compile_starter`] gives.
const COMPILED: &[u8] = include_bytes!("../../../../content/advisories/starter.db");

/// The database that scans use where the user has none.
///
/// It speaks of the language ecosystems only, of a few hundred vulnerabilities in them, and says so
/// in its statement.
pub fn starter() -> Result<Database, DatabaseError> {
    Database::from_bytes(STARTER, COMPILED)
}

/// Compiles the starter set anew, by the path that users' own files take.
pub fn compile_starter() -> Result<(Vec<u8>, Vec<Problem>), BuildError> {
    let feed = FeedDescription {
        id: STARTER.to_owned(),
        terms: "Apache-2.0".to_owned(),
        silent_about: vec!["famous-only".to_owned()],
        ..FeedDescription::default()
    };
    custom::compile_as(feed, &STARTER_FILES)
}
