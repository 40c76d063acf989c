//! The starter set: widely exploited vulnerabilities of language packages, inside the binary.

use bulkhead_model::Problem;

use crate::{BuildError, Database, FeedDescription, custom};

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

/// The database that scans use where the user has none.
///
/// It speaks of the language ecosystems only, of a few hundred vulnerabilities in them, and says so
/// in its statement. It is made anew by each call, by the path that users' own files take.
pub fn starter() -> Result<Database, BuildError> {
    let (database, problems) = starter_with_problems()?;
    debug_assert_eq!(problems, [], "the tests hold the embedded files to be right");
    Ok(database)
}

pub(crate) fn starter_with_problems() -> Result<(Database, Vec<Problem>), BuildError> {
    let feed = FeedDescription {
        id: STARTER.to_owned(),
        terms: "Apache-2.0".to_owned(),
        silent_about: vec!["famous-only".to_owned()],
        ..FeedDescription::default()
    };
    custom::compile_as(feed, &STARTER_FILES)
}
