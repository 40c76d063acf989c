//! Feeds that were not whole when the database was built of them.

use std::collections::BTreeSet;

use bulkhead_model::{
    DatabaseStatement, FeedStatement, Inventory, NotAssessed, NotAssessedReason, PackageType, Scope,
};

const HINT: &str = "fetch the feed again (`bulkhead db update`, or a new copy in the mirror folder) and build the \
                    database anew";

/// What was not assessed because a feed that speaks about the target broke off. One that speaks about
/// no scope, of vulnerabilities in general or because nothing of it could be read, concerns every
/// target.
pub(crate) fn of(databases: &[DatabaseStatement], inventory: &Inventory) -> Vec<NotAssessed> {
    let scopes = scopes(inventory);
    let concerns = |feed: &&FeedStatement| {
        feed.scopes.is_empty() || feed.scopes.iter().any(|scope| scopes.contains(scope))
    };
    let feeds = databases.iter().flat_map(|database| &database.feeds).filter(concerns);
    feeds
        .flat_map(|feed| feed.incomplete.iter().map(move |cause| (feed, cause)))
        .map(|(feed, cause)| NotAssessed {
            reason: NotAssessedReason::Database {
                cause: format!("the feed {} is not whole: {cause}", feed.id),
            },
            count: 0,
            hint: Some(HINT.to_owned()),
        })
        .collect()
}

/// The scopes that the target's packages belong to.
fn scopes(inventory: &Inventory) -> BTreeSet<String> {
    let system = inventory.operating_system.iter().filter_map(|system| system.scope.as_ref());
    let languages = inventory.packages.iter().filter_map(|package| match package.package_type {
        PackageType::Language(ecosystem) => Some(Scope::Language(ecosystem)),
        _ => None,
    });
    let languages: BTreeSet<Scope> = languages.collect();
    system.chain(&languages).map(ToString::to_string).collect()
}
